//! One process a session, and one session a project: no other works in it, around it or below it.
//! The locks are the kernel's and go with their holder, however that ends; the files only say who
//! it is, and where.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
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
        let words = std::process::id().to_string();
        let file = take(&folder.join(NAME), words.as_bytes(), |pid| {
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
        is_locked(&folder.join(NAME))
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
    /// Takes the lock of that name for a session, or says which session works in the project. What
    /// stands beside it are the locks of other projects.
    pub(super) fn acquire(path: &Path, project: &Path, id: &str) -> Result<Self, StoreError> {
        let mut words = format!("{id} (process {})\n", std::process::id()).into_bytes();
        words.extend(project.as_os_str().as_bytes());
        let file = take(path, &words, |words| StoreError::ProjectInUse {
            project: project.to_owned(),
            holder: holder(&words).to_owned(),
        })?;
        // Only after its own name stands there: of two that start at once, the later one sees the
        // other.
        match in_the_way(path, project)? {
            None => Ok(Self { _file: file }),
            Some((other, holder)) => Err(StoreError::ProjectOverlaps {
                project: project.to_owned(),
                other,
                holder,
            }),
        }
    }
}

/// The project around this one, or below it, in which a session works now, and which that is.
fn in_the_way(own: &Path, project: &Path) -> Result<Option<(PathBuf, String)>, StoreError> {
    let Some(folder) = own.parent() else {
        return Ok(None);
    };
    let failed = || StoreError::io("read", folder);
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        // silent-ok: one that cannot be read is nobody's of ours.
        let Ok(words) = std::fs::read(&path) else {
            continue;
        };
        let Some(end) = words.iter().position(|&byte| byte == b'\n') else {
            continue;
        };
        let other = PathBuf::from(OsString::from_vec(words[end + 1..].to_vec()));
        let overlaps = other.starts_with(project) || project.starts_with(&other);
        if path != own && other.is_absolute() && overlaps && is_locked(&path) {
            let words = String::from_utf8_lossy(&words[..end]);
            return Ok(Some((other, holder(&words).to_owned())));
        }
    }
    Ok(None)
}

/// The line that says who it is.
fn holder(words: &str) -> &str {
    words.lines().next().unwrap_or_default().trim()
}

/// Whether some process holds the lock of that file.
fn is_locked(path: &Path) -> bool {
    File::open(path)
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Locks the file and writes who did; if somebody else has it, the error is made of what they
/// wrote.
fn take(
    path: &Path,
    words: &[u8],
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
                let mut holder = Vec::new();
                // silent-ok: who cannot be named is another process.
                let _ = file.read_to_end(&mut holder);
                return Err(taken(String::from_utf8_lossy(&holder).trim().to_owned()));
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::io("lock", path)(source));
            }
        }
    }
    file.set_len(0)
        .and_then(|()| file.write_all(words))
        .map_err(StoreError::io("write", path))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(locks: &Path, name: &str, project: &str) -> Result<ProjectLock, String> {
        let lock = ProjectLock::acquire(&locks.join(name), Path::new(project), name);
        lock.map_err(|error| error.to_string())
    }

    #[test]
    fn no_project_around_or_below_one_in_use_is_worked_in() {
        let locks = tempfile::tempdir().unwrap();
        let claim = |name: &str, project: &str| claim(locks.path(), name, project);
        let held = claim("a", "/p/outer/middle").unwrap();
        for (name, project) in [
            ("b", "/p/outer"),
            ("c", "/p/outer/middle/inner"),
            ("d", "/"),
        ] {
            let refused = claim(name, project).unwrap_err();
            assert!(refused.contains("a (process "), "{refused}");
            assert!(refused.contains(project), "{refused}");
            assert!(refused.contains("/p/outer/middle"), "{refused}");
        }
        // Beside it, and of a name that only begins like it.
        let beside = claim("e", "/p/outer/other").unwrap();
        claim("f", "/p/outer/middle-fork").unwrap();
        drop(held);
        assert!(claim("b", "/p/outer").unwrap_err().contains("e (process "));
        drop(beside);
        claim("b", "/p/outer").unwrap();
    }

    #[test]
    fn of_two_that_start_at_once_not_both_run() {
        let locks = tempfile::tempdir().unwrap();
        for _ in 0..50 {
            let start = std::sync::Barrier::new(2);
            let running = std::thread::scope(|scope| {
                let both = [("outer", "/p"), ("inner", "/p/inner")];
                let both = both.map(|(name, project)| {
                    let (start, locks) = (&start, locks.path());
                    scope.spawn(move || {
                        start.wait();
                        claim(locks, name, project).ok()
                    })
                });
                both.map(|one| one.join().unwrap())
            });
            assert!(running.iter().flatten().count() < 2);
        }
    }
}
