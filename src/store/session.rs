//! A session open for work: its folder, its lock and its journal, which belong together.

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal::{Appended, Durability, Entry, Journal, ReadJournal};
use super::layout::Sessions;
use super::lock::SessionLock;
use super::redact::Redactor;
use crate::engine::event::{Event, Record, SessionStarted};

/// A session that this process works on, and no other.
#[derive(Debug)]
pub struct OpenSession {
    /// Where it stands.
    pub folder: SessionFolder,
    /// Its journal.
    pub journal: Journal,
    _lock: SessionLock,
}

impl OpenSession {
    /// Makes a new session whose id is in its first line (see [`Sessions::free_id`]). It appears
    /// with that line written and on the disk, or not at all.
    pub fn create(
        sessions: &Sessions,
        started: SessionStarted,
        redactor: Redactor,
    ) -> Result<(Self, Appended), StoreError> {
        let id = started.id.clone();
        let staged = sessions.stage(&id)?;
        let lock = SessionLock::acquire(&staged, &id)?;
        let mut journal = Journal::create(&staged.join("journal.jsonl"), redactor)?;
        let entry = Entry {
            phase: None,
            ticket: None,
            event: Event::SessionStarted(Box::new(started)),
        };
        let first = journal.append(entry, Durability::Synced)?;
        let folder = sessions.publish(&staged, &id)?;
        journal.moved_to(folder.journal());
        let session = Self {
            folder,
            journal,
            _lock: lock,
        };
        Ok((session, first))
    }

    /// Makes a session of another one's first lines. `prepare` puts into its folder what belongs
    /// there besides; the folder appears with all of that, or not at all.
    pub async fn create_from<E: From<StoreError>>(
        sessions: &Sessions,
        id: &str,
        records: &[Record],
        prepare: impl AsyncFnOnce(&SessionFolder) -> Result<(), E>,
    ) -> Result<Self, E> {
        let staged = SessionFolder {
            id: id.to_owned(),
            path: sessions.stage(id)?,
        };
        let lock = SessionLock::acquire(&staged.path, id)?;
        let mut journal = Journal::create(&staged.journal(), Redactor::default())?;
        journal.begin_with(records)?;
        if let Err(error) = prepare(&staged).await {
            Sessions::give_up(&staged.path);
            return Err(error);
        }
        let folder = sessions.publish(&staged.path, id)?;
        journal.moved_to(folder.journal());
        Ok(Self {
            folder,
            journal,
            _lock: lock,
        })
    }

    /// Opens a session for more work, with what its journal holds.
    pub fn open(
        folder: SessionFolder,
        redactor: Redactor,
    ) -> Result<(Self, ReadJournal), StoreError> {
        let lock = SessionLock::acquire(&folder.path, &folder.id)?;
        let (journal, content) = Journal::open(&folder.journal(), redactor)?;
        let session = Self {
            folder,
            journal,
            _lock: lock,
        };
        Ok((session, content))
    }
}
