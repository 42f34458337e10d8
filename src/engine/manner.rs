//! How a model is talked to: thinking, sampling, the form of calls and edits, how much of the
//! window an answer gets, how much patience it needs. Chosen once, when a session starts, and frozen
//! there, so that every request and every resume sends the same. Who chooses is `run/health`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::protocol::Protocol;
use super::settings::{ModelSettings, ThinkSetting};

/// How one model is talked to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manner {
    /// Whether it thinks; never [`ThinkSetting::Auto`].
    pub think: ThinkSetting,
    /// How it picks its words.
    #[serde(skip_serializing_if = "Tuning::is_empty")]
    pub tuning: Tuning,
    /// How it calls tools.
    pub tools: Protocol,
    /// How it changes files.
    pub edits: EditForm,
    /// The part of the window that is kept for an answer.
    pub answer: AnswerPart,
    /// Patience beyond the configured one, from measured speed.
    #[serde(skip_serializing_if = "Patience::is_empty")]
    pub patience: Patience,
}

impl Manner {
    /// What the settings alone say: for sessions from before manners were frozen.
    pub fn of_settings(settings: &ModelSettings) -> Self {
        Self {
            think: settings.think.or(ThinkSetting::Off),
            tuning: Tuning {
                temperature: settings.temperature,
                ..Tuning::default()
            },
            ..Self::default()
        }
    }
}

/// Sampling. Only what is set is sent; the rest is the model's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// From 0 to 2; never 0 unless a person says so: greedy decoding repeats itself without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// From 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// A count of tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u64>,
    /// From 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_p: Option<f64>,
    /// 1 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_penalty: Option<f64>,
}

impl Tuning {
    /// The names of its fields, which are those of the wire and of a model's own parameters.
    pub const NAMES: [&'static str; 5] =
        ["temperature", "top_p", "top_k", "min_p", "repeat_penalty"];

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How files are changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditForm {
    /// A passage is replaced.
    #[default]
    Replace,
    /// The file is written whole; `edit_file` is not offered.
    WholeFile,
}

/// The part of the window that is kept for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerPart {
    /// A quarter.
    #[default]
    Quarter,
    /// A third: whole files are long answers.
    Third,
}

impl AnswerPart {
    /// Tokens of a window.
    pub const fn of(self, window: u64) -> u64 {
        match self {
            Self::Quarter => window / 4,
            Self::Third => window / 3,
        }
    }
}

/// The least patience that a slow model needs; the configured one holds where it is longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Patience {
    /// Seconds until the first byte.
    pub first_byte_seconds: u64,
    /// Seconds between two bytes: a whole call is one piece.
    pub idle_seconds: u64,
}

impl Patience {
    /// Whether the configured patience is enough.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The manners of a session's models, and why its window is as large as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manners {
    /// A sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub window: String,
    /// By the model's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, Manner>,
}

impl Manners {
    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
