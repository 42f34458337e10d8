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
