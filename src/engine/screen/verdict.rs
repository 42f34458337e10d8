//! The verdict on a command: what is to happen with it, and why. How it is reached is elsewhere.

use serde::{Deserialize, Serialize};

/// What is to happen with a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It runs.
    #[default]
    Ok,
    /// A person is asked.
    Suspicious,
    /// It is refused.
    Dangerous,
}

/// A verdict and its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// What is to happen.
    pub class: Class,
    /// Why, as words that go on from "it"; empty if it runs.
    pub why: String,
    /// What a person is asked about, one name for each program and reason: the same again needs
    /// no second question. Empty if not enough is known for that.
    pub patterns: Vec<String>,
    /// Whether what it does could be put back.
    #[serde(default, skip_serializing_if = "Stakes::is_usual")]
    pub stakes: Stakes,
    /// Whether it needs other machines.
    #[serde(default, skip_serializing_if = "Reach::is_own")]
    pub reach: Reach,
    /// Why an administrator does not allow it, as words that go on from "it"; the class is then
    /// dangerous, and nobody's yes counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forbidden: Option<String>,
}

/// Whether a command needs other machines, as far as its text tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// It stays on its own, or does not say.
    #[default]
    Own,
    /// It does.
    Elsewhere,
}

impl Reach {
    /// True for the usual case, which is not written out.
    pub fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

/// Whether what a command does could be put back from the session's copies of the project. Those
/// hold neither git's own files nor what git ignores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stakes {
    /// It could, or nothing is lost.
    #[default]
    Usual,
    /// It could not: a wall around the project does not help, only a person can allow it.
    Lost,
}

impl Stakes {
    /// True for the usual case, which is not written out.
    pub fn is_usual(&self) -> bool {
        *self == Self::Usual
    }
}
