//! What a failed attempt leaves behind: what was tried, how it failed, what not to do again. Made
//! from the session by `engine/attempts`; only its form stands here.

use serde::{Deserialize, Serialize};

/// The note of one failed attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptNote {
    /// What ended the attempt.
    pub ended: Ended,
    /// Paths below the project that it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Commands that the model ran, each with the ending of its last run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ran: Vec<Ran>,
    /// The check that failed last, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Ran>,
    /// The first failing lines of that check's output.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<String>,
    /// What not to do again, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub avoid: String,
}

/// A command and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The command, on one line.
    pub command: String,
    /// Such as `exit code 1`.
    pub ended: String,
}

/// What ended an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The checks behind its last claim failed.
    Check,
    /// It went in circles.
    Circles,
    /// It neither used a tool nor said that it is done.
    Silent,
    /// Its replies could not be used.
    Unusable,
    /// Its conversation no longer fitted the window.
    Full,
    /// It reached a limit of turns or calls: no further attempt follows.
    Limit,
    /// The model said that it cannot be done.
    GaveUp,
    /// Something else.
    #[default]
    Other,
}

impl AttemptNote {
    /// Everything in it that was read or made in the project.
    pub fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let ran = self.ran.iter_mut().chain(&mut self.check);
        ran.flat_map(|ran| [&mut ran.command, &mut ran.ended])
            .chain(&mut self.output)
    }
}
