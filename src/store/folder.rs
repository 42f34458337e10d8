//! The folder of one session: what stands where in it, and how folders are made and kept.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::lock::SessionLock;

/// The folder of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFolder {
    /// The session's id.
    pub id: String,
    /// Where it stands.
    pub path: PathBuf,
}

impl SessionFolder {
    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// The folder of the artifacts.
    pub fn artifacts(&self) -> PathBuf {
        self.path.join("artifacts")
    }

    /// The snapshots of its project.
    pub fn snapshots(&self) -> PathBuf {
        self.path.join("snapshots.git")
    }

    /// Whether a process works on it now.
    pub fn is_running(&self) -> bool {
        SessionLock::is_held(&self.path)
    }
}

/// Makes a folder that only its owner can enter, with the folders above it.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(StoreError::io("create", path))
}

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::io("write", path))
}
