//! What can go wrong with sessions on disk, and the words, hint and exit code it becomes.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::event::SCHEMA;
use crate::error::{Error, ErrorKind};

/// What can go wrong with sessions on disk.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb: `read`, `write`, `create`.
        action: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of a journal that is not the last one cannot be used.
    #[error("{}:{line}: {reason}", path.display())]
    BadLine {
        /// The journal.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A later version of the program wrote the journal.
    #[error(
        "{}: written by version {version} in format {schema}; this program reads up to format {SCHEMA}",
        path.display()
    )]
    NewerSchema {
        /// The journal.
        path: PathBuf,
        /// Its format.
        schema: u32,
        /// The version that wrote it.
        version: String,
    },
    /// Another process works on the session.
    #[error("session {id} is in use by {holder}")]
    Locked {
        /// The session.
        id: String,
        /// `process 1234`, or words if that is not known.
        holder: String,
    },
    /// Another session works in the project.
    #[error("another session works in {}: {holder}", project.display())]
    ProjectInUse {
        /// The project.
        project: PathBuf,
        /// `ID (process 1234)`.
        holder: String,
    },
    /// Another session works in a project around this one, or below it.
    #[error(
        "another session works in {}, which {} {}: {holder}",
        other.display(),
        if project.starts_with(other) { "contains" } else { "lies in" },
        project.display()
    )]
    ProjectOverlaps {
        /// The project that is wanted.
        project: PathBuf,
        /// The other one.
        other: PathBuf,
        /// `ID (process 1234)`.
        holder: String,
    },
    /// No session has that in its id.
    #[error("no session matches '{wanted}'")]
    UnknownSession {
        /// What was looked for.
        wanted: String,
    },
    /// Several sessions have that in their ids.
    #[error("'{wanted}' matches {} sessions: {}", ids.len(), ids.join(", "))]
    AmbiguousSession {
        /// What was looked for.
        wanted: String,
        /// The ids that match.
        ids: Vec<String>,
    },
    /// A journal could not be written any more, and an earlier error said why.
    #[error("{} is not written any more after an earlier error", path.display())]
    Broken {
        /// The journal.
        path: PathBuf,
    },
    /// An event has no form as JSON: a bug.
    #[error("an event cannot be written as JSON: {0}")]
    Encode(serde_json::Error),
}

impl StoreError {
    /// Something the operating system refused, for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let stop;
        let (kind, hint) = match &error {
            StoreError::Io { source, .. } => (ErrorKind::Session, io_hint(source)),
            StoreError::BadLine { .. } => (
                ErrorKind::Session,
                Some(
                    "the journal was damaged or edited; restore it from a backup, or remove the session with: loop sessions delete ID",
                ),
            ),
            StoreError::NewerSchema { .. } => {
                (ErrorKind::Session, Some("use that version or a later one"))
            }
            StoreError::Locked { id, .. } => {
                stop =
                    format!("look at it with: loop watch {id}; or end it with: loop stop -s {id}");
                (ErrorKind::Session, Some(stop.as_str()))
            }
            StoreError::ProjectInUse { holder, .. }
            | StoreError::ProjectOverlaps { holder, .. } => {
                let id = holder.split_whitespace().next().unwrap_or("ID");
                stop = format!(
                    "two sessions would undo each other's work: wait until it ends, or end it with: loop stop -s {id}"
                );
                (ErrorKind::Session, Some(stop.as_str()))
            }
            StoreError::UnknownSession { .. } => (
                ErrorKind::Usage,
                Some("see what there is with: loop sessions list"),
            ),
            StoreError::AmbiguousSession { .. } => (ErrorKind::Usage, Some("give more of the id")),
            StoreError::Broken { .. } => (
                ErrorKind::Session,
                Some("free some disk space, then: loop resume"),
            ),
            StoreError::Encode(_) => (ErrorKind::Bug, None),
        };
        let words = Self::new(kind, error.to_string());
        match hint {
            Some(hint) => words.hint(hint),
            None => words,
        }
    }
}

fn io_hint(source: &io::Error) -> Option<&'static str> {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
            "give yourself the right to write there, or choose another folder with LOOP_HOME or session.folder",
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("free some disk space, then: loop resume")
        }
        io::ErrorKind::NotADirectory => Some(
            "a file stands where a folder is needed; move it, or choose another folder with LOOP_HOME or session.folder",
        ),
        _ => None,
    }
}
