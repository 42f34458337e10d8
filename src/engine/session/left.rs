//! How a step left the files that it changed: by this a file that somebody changed afterwards is
//! known. Refuses to look at files.

use crate::engine::event::FileMode;

/// What a step of the work has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Paths below the project.
    pub paths: Vec<String>,
    /// How they were left.
    pub left: Left,
    /// Who did it.
    pub by: By,
}

/// What a step was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A tool that wrote the file, and the SHA-256 of what it found there; none: no file.
    Tool {
        /// What it found.
        found: Option<String>,
    },
    /// A command, and what it printed.
    Command {
        /// The command.
        command: String,
        /// What the model was shown of its output.
        output: String,
    },
    /// The program itself: a result that was written back, or the hooks of a commit.
    Program,
}

/// What the tool that runs is about to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calling {
    /// The command that it runs.
    pub command: Option<String>,
    /// The SHA-256 of the file that it is about to write, as it is.
    pub found: Option<String>,
    /// And as it will be.
    pub after: Option<String>,
}

/// A check, and the project before and after it (git tree ids).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// What was run.
    pub command: String,
    /// What is kept of its output.
    pub output: String,
}

/// How a step left the files that it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// As the project was then (a git tree id).
    InTree(String),
    /// One file with this content.
    File {
        /// Its SHA-256.
        sha256: String,
        /// Its kind, if the journal tells.
        mode: Option<FileMode>,
    },
    /// An old journal does not say.
    Unknown,
}
