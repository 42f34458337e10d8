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
}
