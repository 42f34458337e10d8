//! The inbox of a session: letters as files, each of which appears whole and never replaces
//! another. An answer is named after the `asked` line that it answers, so the file system itself
//! lets the first one win; it stays there as the claim. Refuses to know what letters mean.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::artifacts::write_whole;
use super::error::StoreError;
use super::folder::{SessionFolder, make_folder, sync_folder};
use super::journal::Durability;
use super::letter::{AnswerLetter, StopLetter, TellLetter};
use super::lock;
use super::redact::Redactor;

/// The folder below that of a session.
pub(super) const INBOX: &str = "inbox";
const TELL: &str = "tell-";
const ENDING: &str = ".json";
const STOP: &str = "stop.json";

/// The letters of one session.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folder: PathBuf,
    lock: PathBuf,
    redactor: Redactor,
}

/// What became of an answer that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is the answer.
    First,
    /// Another one was there before.
    Late(Box<Found>),
}

/// What stands in the place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A letter.
    Letter(AnswerLetter),
    /// Something that is none, and why.
    Unreadable(String),
}

impl SessionFolder {
    /// The letters of the session. What is written there loses its secrets.
    pub fn mailbox(&self, redactor: Redactor) -> Mailbox {
        Mailbox {
            folder: self.path.join(INBOX),
            lock: self.path.join(lock::NAME),
            redactor,
        }
    }
}

impl Mailbox {
    /// Where letters appear.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder, which sessions of earlier versions do not have.
    pub fn make(&self) -> Result<(), StoreError> {
        make_folder(&self.folder)
    }

    /// Puts an answer to the question of that `asked` line, unless there is one.
    pub fn answer(
        &self,
        asked: u64,
        letter: &AnswerLetter,
        durability: Durability,
    ) -> Result<Delivered, StoreError> {
        loop {
            if self.put(&answer_name(asked), letter, durability)? {
                return Ok(Delivered::First);
            }
            // It may have been moved aside in between.
            if let Some(found) = self.find_answer(asked)? {
                return Ok(Delivered::Late(Box::new(found)));
            }
        }
    }

    /// The answer to the question of that `asked` line, if there is one.
    pub fn find_answer(&self, asked: u64) -> Result<Option<Found>, StoreError> {
        let read = read(&self.folder.join(answer_name(asked)))?;
        Ok(read.map(|read| match read {
            Ok(letter) => Found::Letter(letter),
            Err(why) => Found::Unreadable(why),
        }))
    }

    /// Moves an answer aside, so that another can come; the reason is kept with it.
    pub fn refuse_answer(&self, asked: u64, why: &str) -> Result<(), StoreError> {
        let from = self.folder.join(answer_name(asked));
        let aside = format!("refused-{asked:06}-{}{ENDING}", stamp());
        let to = self.folder.join(&aside);
        fs::rename(&from, &to).map_err(StoreError::io("move aside", &from))?;
        let letter = fs::read_to_string(&to).unwrap_or_default();
        let kept = json!({"why": why, "letter": letter});
        write_whole(&self.folder, &aside, &format!("{kept:#}\n"))
    }

    /// Puts a word for the model; gives the name of the letter.
    pub fn tell(&self, letter: &TellLetter) -> Result<String, StoreError> {
        loop {
            let name = format!("{TELL}{}{ENDING}", stamp());
            if self.put(&name, letter, Durability::Synced)? {
                return Ok(name);
            }
        }
    }

    /// The words for the model that nobody has taken yet, in the order in which they were written.
    /// What cannot be read is moved aside.
    pub fn tells(&self) -> Result<Vec<(String, TellLetter)>, StoreError> {
        let mut found = Vec::new();
        for name in self.names()? {
            if !name.starts_with(TELL) || !name.ends_with(ENDING) {
                continue;
            }
            match read(&self.folder.join(&name))? {
                Some(Ok(letter)) => found.push((name, letter)),
                Some(Err(_)) => self.set_aside(&name)?,
                None => {}
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Takes a letter away.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::io("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Asks the process that has the session now to stop.
    pub fn stop(&self, letter: &StopLetter) -> Result<(), StoreError> {
        self.make()?;
        let draft = self.draft(letter, Durability::Buffered)?;
        let path = self.folder.join(STOP);
        draft
            .persist(&path)
            .map(drop)
            .map_err(|error| StoreError::io("write", &path)(error.error))
    }

    /// Whether somebody waits for the process to stop.
    pub fn is_stop_waiting(&self) -> bool {
        self.folder.join(STOP).exists()
    }

    /// Takes the wish to stop, if there is one. What was meant for a process before this one,
    /// which is older than the session's lock, does not count.
    pub fn take_stop(&self) -> Result<Option<StopLetter>, StoreError> {
        let path = self.folder.join(STOP);
        let letter = read::<StopLetter>(&path)?;
        if letter.is_none() {
            return Ok(None);
        }
        let is_for_me = changed(&path) >= changed(&self.lock);
        self.remove(STOP)?;
        Ok(letter.filter(|_| is_for_me).map(|letter| {
            letter.unwrap_or_else(|_| StopLetter {
                at: String::new(),
                from: "somebody".to_owned(),
            })
        }))
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &self.folder)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &self.folder))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn set_aside(&self, name: &str) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        fs::rename(&path, self.folder.join(format!("refused-{name}")))
            .map_err(StoreError::io("move aside", &path))
    }

    /// Makes a letter appear whole under that name; false if there is something already.
    fn put(
        &self,
        name: &str,
        letter: &impl Serialize,
        durability: Durability,
    ) -> Result<bool, StoreError> {
        self.make()?;
        let draft = self.draft(letter, durability)?;
        let path = self.folder.join(name);
        match draft.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(StoreError::io("write", &path)(error.error)),
        }
        if durability == Durability::Synced {
            sync_folder(&self.folder)?;
        }
        Ok(true)
    }

    fn draft(
        &self,
        letter: &impl Serialize,
        durability: Durability,
    ) -> Result<tempfile::NamedTempFile, StoreError> {
        let value = serde_json::to_value(letter).map_err(StoreError::Encode)?;
        let text = format!("{:#}\n", self.without_secrets(&value));
        let write = || -> io::Result<_> {
            let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
            draft.write_all(text.as_bytes())?;
            if durability == Durability::Synced {
                draft.as_file().sync_all()?;
            }
            Ok(draft)
        };
        write().map_err(StoreError::io("write", &self.folder))
    }

    /// Only what people wrote may hold a secret; words of the format itself stay.
    fn without_secrets(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => map
                .iter()
                .map(|(key, item)| (key.clone(), self.without_secrets(item)))
                .collect(),
            Value::String(text) if is_a_word(text) => value.clone(),
            other => self.redactor.value(other),
        }
    }
}

fn is_a_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn answer_name(asked: u64) -> String {
    format!("answer-{asked:06}{ENDING}")
}

/// Milliseconds, process and a random number: no two letters share it, and it sorts by time.
fn stamp() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!(
        "{:013}-{}-{:08x}",
        Timestamp::now().as_millisecond(),
        std::process::id(),
        RandomState::new().hash_one(0) >> 32
    )
}

/// What stands in a file; none if there is no such file, words if it cannot be understood.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<Result<T, String>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(
            serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path)(error)),
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok() // silent-ok: a file that is not there is older than any other
}
