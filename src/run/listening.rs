//! Waits until some session asks something. Each journal is read once and followed from there; the
//! kernel says when to look again. Changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::post::{Question, Read};
use crate::engine::event::{Event, Record};
use crate::engine::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Follower, SessionFolder, Sessions, Watch, Woken};

/// One session, or all that are not over.
#[derive(Clone, Debug)]
pub enum Scope {
    /// This one.
    One(SessionFolder),
    /// All of them, and those to come.
    All(Sessions),
}

/// Listens to sessions.
#[derive(Debug)]
pub struct Listener {
    scope: Scope,
    watch: Watch,
    known: BTreeMap<String, Known>,
    left: Option<Vec<Question>>,
}

#[derive(Debug)]
enum Known {
    Followed(Box<(Follower, Read)>),
    /// It was over, with a journal of that length: nothing is asked there until it goes on.
    Silent(Option<u64>),
}

/// What a look has found.
#[derive(Debug)]
pub enum Heard {
    /// The first question that nobody has answered; of all sessions, one that runs asks it, or it
    /// was asked since the first look.
    Question(Box<Question>),
    /// None yet.
    Nothing,
    /// None, and no process is there that could ask any.
    Nobody,
}

impl Listener {
    /// Listens from now on.
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            watch: Watch::new(),
            known: BTreeMap::new(),
            left: None,
        }
    }

    /// What sessions had left open that did not run at the first look at all of them: it is not
    /// waited for, unless one of them goes on.
    pub fn left(&self) -> &[Question] {
        self.left.as_deref().unwrap_or_default()
    }

    /// What is asked at this moment.
    pub fn look(&mut self) -> Result<Heard> {
        let folders = match &self.scope {
            Scope::One(folder) => vec![folder.clone()],
            Scope::All(sessions) => {
                self.watch.add(sessions.root());
                sessions.folders()?
            }
        };
        let is_all = matches!(self.scope, Scope::All(_));
        let is_first = self.left.is_none();
        self.left.get_or_insert_default();
        let mut is_running = false;
        let mut heard = None;
        for folder in folders {
            let running = self.follow(&folder)?;
            is_running |= running;
            let Some(Known::Followed(followed)) = self.known.get(&folder.id) else {
                continue;
            };
            let mut waiting = followed.1.questions()?;
            waiting.retain(Question::is_waiting);
            if is_all && !running {
                let left = self.left.get_or_insert_default();
                if is_first {
                    left.extend(waiting);
                    continue;
                }
                waiting.retain(|question| !left.iter().any(|left| left.is_same(question)));
            }
            heard = heard.or(waiting.into_iter().next());
        }
        Ok(match heard {
            Some(question) => Heard::Question(Box::new(question)),
            None if is_running => Heard::Nothing,
            None => Heard::Nobody,
        })
    }

    /// Waits until it is worth to look again, at most so long.
    pub fn wait(&mut self, most: Option<Duration>) -> Result<Woken> {
        self.watch
            .wait(most)
            .map_err(|error| Error::new(ErrorKind::Incomplete, format!("cannot wait: {error}")))
    }

    /// Reads on in a session; whether a process has it.
    fn follow(&mut self, folder: &SessionFolder) -> Result<bool> {
        // Watched before anything is looked at, or what comes in between would be missed.
        if !self.known.contains_key(&folder.id) {
            self.watch.add(&folder.path);
        }
        let is_running = folder.is_running();
        let is_only = matches!(self.scope, Scope::One(_));
        match self.known.get_mut(&folder.id) {
            Some(Known::Silent(length)) if !is_running && *length == journal_length(folder) => {
                return Ok(false);
            }
            Some(Known::Followed(followed)) => {
                let (journal, read) = &mut **followed;
                match journal.news() {
                    Ok(news) => {
                        for record in news {
                            read.session.apply(&record);
                            keep(&mut read.records, record);
                        }
                        return Ok(is_running);
                    }
                    Err(error) if is_only => return Err(error.into()),
                    // Read from the start below, and at the next look if that fails too.
                    Err(_) => {}
                }
            }
            Some(Known::Silent(_)) | None => {}
        }
        let length = journal_length(folder);
        let known = match open(folder) {
            Ok(read) if is_only || is_running || read.1.session.finished.is_none() => {
                Known::Followed(Box::new(read))
            }
            Ok(_) => Known::Silent(length),
            Err(error) if is_only => return Err(error),
            Err(_) => {
                self.known.remove(&folder.id);
                return Ok(false);
            }
        };
        let followed = matches!(known, Known::Followed(_));
        self.known.insert(folder.id.clone(), known);
        Ok(followed && is_running)
    }
}

/// None: it cannot be told now.
fn journal_length(folder: &SessionFolder) -> Option<u64> {
    // silent-ok: whoever reads it says why it cannot be read.
    std::fs::metadata(folder.journal())
        .map(|data| data.len())
        .ok()
}

fn open(folder: &SessionFolder) -> Result<(Follower, Read)> {
    let (follower, all) = Follower::open(folder.clone())?;
    let session = Session::fold(&all).map_err(|error| {
        Error::new(
            ErrorKind::Session,
            format!("{}: {error}", folder.journal().display()),
        )
    })?;
    let mut records = Vec::new();
    for record in all {
        keep(&mut records, record);
    }
    let read = Read {
        folder: folder.clone(),
        session,
        records,
    };
    Ok((follower, read))
}

/// Only what questions are told from.
fn keep(records: &mut Vec<Record>, record: Record) {
    if matches!(record.event, Event::Asked { .. } | Event::Answered { .. }) {
        records.push(record);
    }
}
