//! Where sessions stand: the folder of all of them, and their names. The list of
//! folders is the list of sessions; nothing else says which there are. A session's folder appears
//! whole: it is prepared beside, under a name with a dot, and renamed.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::clock;
use super::error::StoreError;
use super::folder::{SessionFolder, make_folder, remove_folder, sync_folder};
use super::head::{self, Listed, SessionState};
use super::line::hex;
use super::lock::{ProjectLock, SessionLock};
use super::mailbox::INBOX;
use crate::engine::event::Outcome;

/// The locks of projects, which hold nothing else.
const PROJECTS: &str = ".projects";
const STAGING: &str = ".staging-";
const DELETING: &str = ".deleting-";
/// A folder under preparation that is older was left behind by a process that died.
const LEFT_BEHIND: Duration = Duration::from_secs(600);

/// How many sessions, of whatever project, a start looks at for the last one of its project.
const LOOKED_AT: usize = 400;

/// The folder of all sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    root: PathBuf,
}

impl Sessions {
    /// The sessions in that folder, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where they stand.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// An id that no session has.
    pub fn free_id(&self) -> String {
        loop {
            let id = new_id(Timestamp::now(), RandomState::new().hash_one(0));
            if !self.root.join(&id).exists() {
                return id;
            }
        }
    }

    /// Every session, newest first. Those whose journal cannot be read are listed as damaged.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        Ok(self.folders()?.into_iter().map(head::look).collect())
    }

    /// The session whose id is that, or contains it while no other does.
    pub fn find(&self, part: &str) -> Result<SessionFolder, StoreError> {
        let part = part.trim();
        let mut matching: Vec<_> = self
            .folders()?
            .into_iter()
            .filter(|folder| !part.is_empty() && folder.id.contains(part))
            .collect();
        if let Some(exact) = matching.iter().position(|folder| folder.id == part) {
            return Ok(matching.swap_remove(exact));
        }
        match (matching.pop(), matching.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(StoreError::UnknownSession {
                wanted: part.to_owned(),
            }),
            (Some(last), false) => Err(StoreError::AmbiguousSession {
                wanted: part.to_owned(),
                ids: matching
                    .into_iter()
                    .chain([last])
                    .map(|folder| folder.id)
                    .collect(),
            }),
        }
    }

    /// The newest session of that project, if it is not too long ago.
    pub fn newest(&self, project: &Path) -> Result<Option<SessionFolder>, StoreError> {
        Ok(self
            .folders()?
            .into_iter()
            .take(LOOKED_AT)
            .find(|folder| head::is_of(folder, project)))
    }

    /// The newest session of that project that is not over.
    pub fn newest_unfinished(&self, project: &Path) -> Result<Option<SessionFolder>, StoreError> {
        Ok(self
            .folders()?
            .into_iter()
            .filter(|folder| head::is_of(folder, project))
            .find(|folder| match head::look(folder.clone()) {
                Listed::Readable(head) => !matches!(head.state, SessionState::Finished(_)),
                Listed::Damaged { .. } => false,
            }))
    }

    /// The newest session of that project, if it ended with a ticket blocked: a person may decide
    /// about that later.
    pub fn newest_if_blocked(&self, project: &Path) -> Result<Option<SessionFolder>, StoreError> {
        let newest = self.newest(project)?;
        Ok(newest.filter(|folder| match head::look(folder.clone()) {
            Listed::Readable(head) => head.state == SessionState::Finished(Outcome::Blocked),
            Listed::Damaged { .. } => false,
        }))
    }

    /// Removes a session for good. One that runs is refused.
    pub fn delete(&self, folder: &SessionFolder) -> Result<(), StoreError> {
        let _lock = SessionLock::acquire(&folder.path, &folder.id)?;
        // Renamed first, so that no half of it is ever listed.
        let doomed = self.root.join(format!("{DELETING}{}", folder.id));
        fs::rename(&folder.path, &doomed).map_err(StoreError::io("delete", &folder.path))?;
        remove_folder(&doomed).map_err(StoreError::io("delete", &doomed))
    }

    /// The right of that session to work in a project, as long as no other does.
    pub fn claim(&self, project: &Path, id: &str) -> Result<ProjectLock, StoreError> {
        let folder = self.root.join(PROJECTS);
        make_folder(&folder)?;
        let name = hex(&Sha256::digest(project.as_os_str().as_encoded_bytes()));
        ProjectLock::acquire(&folder.join(name), project, id)
    }

    /// A folder for a session that is not there yet; [`Self::publish`] makes it appear.
    pub(super) fn stage(&self, id: &str) -> Result<PathBuf, StoreError> {
        make_folder(&self.root)?;
        self.sweep();
        let path = self.root.join(format!("{STAGING}{id}"));
        make_folder(&path)?;
        make_folder(&path.join("artifacts"))?;
        make_folder(&path.join(INBOX))?;
        Ok(path)
    }

    /// Gives a prepared folder its name.
    pub(super) fn publish(&self, staged: &Path, id: &str) -> Result<SessionFolder, StoreError> {
        let path = self.root.join(id);
        sync_folder(staged)?;
        fs::rename(staged, &path).map_err(StoreError::io("create", &path))?;
        sync_folder(&self.root)?;
        Ok(SessionFolder {
            id: id.to_owned(),
            path,
        })
    }

    /// Removes a prepared folder that is not to appear.
    pub(super) fn give_up(staged: &Path) {
        // silent-ok: it stays unseen, and a later session tries again.
        let _ = remove_folder(staged);
    }

    /// The folder of every session, newest first.
    pub fn folders(&self) -> Result<Vec<SessionFolder>, StoreError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &self.root)(error)),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &self.root))?;
            let path = entry.path();
            let id = entry.file_name().to_string_lossy().into_owned();
            if !id.starts_with('.') && path.is_dir() {
                folders.push(SessionFolder { id, path });
            }
        }
        folders.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(folders)
    }

    /// Removes what a process that was killed left half made or half deleted.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let ours = name.starts_with(STAGING) || name.starts_with(DELETING);
            let old = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_BEHIND));
            if ours && old && !SessionLock::is_held(&entry.path()) {
                // silent-ok: it stays unseen, and the next session tries again.
                let _ = remove_folder(&entry.path());
            }
        }
    }
}

/// An id from a moment and a random number: `20260131-120000-k3x9`.
pub fn new_id(moment: Timestamp, mut random: u64) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut id = clock::id_stamp(moment);
    id.push('-');
    for _ in 0..4 {
        id.push(char::from(
            LETTERS[usize::try_from(random % 36).unwrap_or(0)],
        ));
        random /= 36;
    }
    id
}
