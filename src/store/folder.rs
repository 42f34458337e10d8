//! The folder of one session: what stands where in it, and how folders are made and kept.

use std::fs;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
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

    /// What a run without a terminal writes.
    pub fn log(&self) -> PathBuf {
        self.path.join("run.log")
    }

    /// The same, open at its end.
    pub fn open_log(&self) -> Result<fs::File, StoreError> {
        let path = self.log();
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.seek(SeekFrom::End(0)).map(|_| file))
            .map_err(StoreError::io("open", &path))
    }

    /// What commands see as `/tmp`.
    pub fn tmp(&self) -> PathBuf {
        self.path.join(TMP)
    }

    /// Removes what commands left in `/tmp`: the session is over.
    pub fn remove_tmp(&self) -> Result<(), StoreError> {
        self.remove(TMP)
    }

    /// Removes a folder of the session's, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let folder = self.path.join(name);
        match remove_folder(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("remove", &folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// The snapshots of its project.
    pub fn snapshots(&self) -> PathBuf {
        self.path.join("snapshots.git")
    }

    /// Whether a process works on it now.
    pub fn is_running(&self) -> bool {
        SessionLock::is_held(&self.path)
    }

    /// The process that works on it, or did last, if it has said so.
    pub fn process(&self) -> Option<u32> {
        SessionLock::process(&self.path)
    }
}

/// Below a session's folder: what commands see as `/tmp`.
pub const TMP: &str = "tmp";

/// Removes a folder with everything in it, also where a command has left folders that nobody may
/// enter or change.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path)
        }
        other => other,
    }
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_folders_are_opened_and_links_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let (inside, outside) = (root.path().join("tmp"), root.path().join("outside"));
        for folder in [&inside.join("a/b"), &outside] {
            fs::create_dir_all(folder).unwrap();
        }
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        let close =
            |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        close(&outside);
        close(&inside.join("a/b"));
        close(&inside.join("a"));
        open_up(&inside).unwrap();
        assert_eq!((mode(&inside.join("a/b")), mode(&outside)), (0o700, 0));
        remove_folder(&inside).unwrap();
        assert!(!inside.exists() && outside.exists());
    }
}
