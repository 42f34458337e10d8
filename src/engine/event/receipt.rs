//! What a check leaves behind, and whether a ticket is shown to work. Judges nothing; `gate` does.

use serde::{Deserialize, Serialize};

use crate::engine::artifact::Judged;

/// What a check that the program ran has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What the check was for.
    pub gate: Gate,
    /// The command as it was run; for a check without a command, what was looked at, and for a
    /// critic's verdict, the model that judged.
    pub command: String,
    /// Folder below the project, `.` for the project itself.
    pub cwd: String,
    /// Exit code; none if a signal ended it or it did not start.
    pub exit: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether its time ran out.
    #[serde(default)]
    pub timed_out: bool,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// How many tests its output says were executed; none if the output does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<u64>,
    /// The tests that failed, by name, as far as the output names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failing: Vec<String>,
    /// Head and tail of its output.
    pub output: String,
    /// SHA-256 of the whole output.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output_sha256: String,
    /// The project's content before (a git tree id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_before: Option<String>,
    /// The project's content after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_after: Option<String>,
    /// How the command was confined.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sandbox: String,
    /// A critic's verdict on each acceptance criterion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<Judged>,
    /// Whether the check passed; a critic's passes unless a criterion is not met.
    pub passed: bool,
}

/// What a check is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// One command of the open ticket, or of the repair.
    Verify,
    /// The same before the ticket is begun: to tell what the work shows, and what it breaks.
    Before,
    /// The same, with the ticket's tests on the project as it was before the ticket: what passes
    /// there as well shows nothing.
    Without,
    /// The same, in a copy with tests beside the ticket's own that must fail: where they pass, the
    /// test tool says yes to anything.
    MustFail,
    /// The same, on the work with the tests as they were before the ticket and nothing beside them
    /// that it has added: what passed before has to pass.
    OldTests,
    /// The same, on the work with every function that the ticket added or changed made to fail, or
    /// to return nothing, with its own tests: what passes there as well shows nothing. Which of the
    /// two it was stands in the first line of the output.
    Hollow,
    /// Did the project's content change?
    Changed,
    /// Do the paths that a text names exist?
    Paths,
    /// Are the plan's packages there?
    Packages,
    /// Does the result start?
    Run,
    /// Does a commit hook of the person's agree to a commit?
    Hook,
    /// Is what decides about the work left alone? The files of tests that were changed as announced
    /// stand in `command`, one a line.
    Guard,
    /// The gate as a whole: the last line of a series of checks.
    Verdict,
    /// Are the ticket's criteria met, in the eyes of a critic? Outranked by the gate.
    Critic,
}

/// Whether a finished ticket is shown to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A command executed tests and exited 0.
    Shown,
    /// Nothing that was run shows it.
    #[default]
    NotShown,
}

/// How much a ticket changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffStat {
    /// Files that differ, binary ones too.
    pub files: u64,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

impl std::fmt::Display for DiffStat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = if self.files == 1 { "file" } else { "files" };
        write!(
            f,
            "{} {files}, +{} −{}",
            self.files, self.added, self.removed
        )
    }
}
