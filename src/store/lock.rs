//! One process a session, and one session a project. The locks are the kernel's and go with their
//! holder, however that ends; the files only say who it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::error::StoreError;

/// The name of the file in the session's folder.
pub(super) const NAME: &str = "lock";
/// Somebody who only looks whether a session runs holds the lock for an instant.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(10);

/// The right to write a session, for as long as this lives.
#[derive(Debug)]
pub struct SessionLock {
    _file: File,
}

/// The right to work in a project, for as long as this lives.
#[derive(Debug)]
pub struct ProjectLock {
    _file: File,
}

impl SessionLock {
    /// Takes the lock of the session in that folder, or says who has it.
    pub fn acquire(folder: &Path, id: &str) -> Result<Self, StoreError> {
        let file = take(&folder.join(NAME), &std::process::id().to_string(), |pid| {
            StoreError::Locked {
                id: id.to_owned(),
                holder: if pid.is_empty() {
                    "another process".to_owned()
                } else {
                    format!("process {pid}")
                },
            }
        })?;
        Ok(Self { _file: file })
    }

    /// Whether some process holds the lock of the session in that folder.
    pub fn is_held(folder: &Path) -> bool {
        // A session without a lock file was never run by anybody.
        File::open(folder.join(NAME))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

impl SessionLock {
    /// The process that took the lock last; only while the lock is held is it that process still.
    pub(super) fn process(folder: &Path) -> Option<u32> {
        let words = std::fs::read_to_string(folder.join(NAME)).ok()?; // silent-ok: nobody did
        words.trim().parse().ok() // silent-ok: not said yet
    }
}

impl ProjectLock {
    /// Takes the lock at that path for a session, or says which session works in the project.
    pub(super) fn acquire(path: &Path, project: &Path, id: &str) -> Result<Self, StoreError> {
        let words = format!("{id} (process {})", std::process::id());
        let file = take(path, &words, |holder| StoreError::ProjectInUse {
            project: project.to_owned(),
            holder,
        })?;
        Ok(Self { _file: file })
    }
}

/// Locks the file and writes who did; if somebody else has it, the error is made of what they
/// wrote.
fn take(
    path: &Path,
    words: &str,
    taken: impl FnOnce(String) -> StoreError,
) -> Result<File, StoreError> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(StoreError::io("open", path))?;
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if attempt < TRIES => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // silent-ok: who cannot be named is another process.
                let _ = file.read_to_string(&mut holder);
                return Err(taken(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::io("lock", path)(source));
            }
        }
    }
    file.set_len(0)
        .and_then(|()| write!(file, "{words}"))
        .map_err(StoreError::io("write", path))?;
    Ok(file)
}
