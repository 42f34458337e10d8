//! What can go wrong with git, and the words, hint and exit code it becomes.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// What can go wrong with git.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It is not installed.
    #[error("git was not found on PATH")]
    Missing,
    /// It could not be started or listened to.
    #[error("git could not be run: {0}")]
    Start(io::Error),
    /// The folder to run it in is not there any more.
    #[error("the folder {} is gone", .0.display())]
    Gone(PathBuf),
    /// It ended with an error.
    #[error("git {what} failed: {detail}")]
    Failed {
        /// Its subcommand.
        what: String,
        /// What it said.
        detail: String,
    },
    /// Two branches changed the same lines.
    #[error("these files conflict: {}", files.join(", "))]
    Conflicts {
        /// Below the repository's top folder.
        files: Vec<String>,
    },
    /// It said something that makes no sense.
    #[error("git {what} answered something unexpected")]
    Unexpected {
        /// Its subcommand.
        what: String,
    },
    /// A file of the snapshots could not be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl GitError {
    /// Something the operating system refused, for `map_err`.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl From<GitError> for Error {
    fn from(error: GitError) -> Self {
        let hint = match &error {
            GitError::Missing => {
                "install git: apt install git, dnf install git, pacman -S git or brew install git"
            }
            GitError::Gone(_) => "put it back where it was, then: loop resume",
            GitError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some disk space, then: loop resume"
            }
            _ => "see whether git and the folder of the sessions are in order with: loop doctor",
        };
        let kind = match &error {
            GitError::Missing => ErrorKind::Usage,
            _ => ErrorKind::Incomplete,
        };
        Self::new(kind, error.to_string()).hint(hint)
    }
}
