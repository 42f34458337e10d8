//! The only writer of journals, and their reader. A journal only ever grows; the one exception is
//! a torn last line, which is cut off before anything is added. Refuses to interpret events.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::clock;
use super::error::StoreError;
use super::line::{self, Chain, LineFault};
use super::redact::Redactor;
use crate::engine::event::{Event, Record};

/// What is to be written; the journal adds number, time and checksum.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The phase in which it happened.
    pub phase: Option<String>,
    /// The ticket that was being worked on.
    pub ticket: Option<String>,
    /// What happened.
    pub event: Event,
}

/// How sure a line has to be before the program goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// With the operating system: survives a kill of the program.
    Buffered,
    /// On the disk: survives a power cut as well.
    Synced,
}

/// A line that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// What happened, unchanged: what the running session goes on with.
    pub record: Record,
    /// What stands in the journal, if a secret was taken out of it.
    redacted: Option<Record>,
    /// The line as it stands in the journal, without its newline.
    pub line: String,
}

impl Appended {
    /// The record as it may be shown: without secrets.
    pub fn shown(&self) -> &Record {
        self.redacted.as_ref().unwrap_or(&self.record)
    }
}

/// A journal open for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    chain: Chain,
    length: u64,
    redactor: Redactor,
    health: Health,
}

#[derive(Debug, PartialEq, Eq)]
enum Health {
    Whole,
    /// A failed write could not be taken back.
    Broken,
}

impl Journal {
    /// A new, empty journal that only its owner can read.
    pub fn create(path: &Path, redactor: Redactor) -> Result<Self, StoreError> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(StoreError::io("create", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            chain: Chain::default(),
            length: 0,
            redactor,
            health: Health::Whole,
        })
    }

    /// An existing journal, with what it holds. A torn last line is cut off; the warnings say so.
    pub fn open(path: &Path, redactor: Redactor) -> Result<(Self, ReadJournal), StoreError> {
        let content = read(path)?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(StoreError::io("open", path))?;
        let length = file.metadata().map_err(StoreError::io("read", path))?.len();
        if length > content.good_bytes {
            file.set_len(content.good_bytes)
                .and_then(|()| file.sync_data())
                .map_err(StoreError::io("cut the torn last line of", path))?;
        }
        let journal = Self {
            path: path.to_owned(),
            file,
            chain: content.chain.clone(),
            length: content.good_bytes,
            redactor,
            health: Health::Whole,
        };
        Ok((journal, content))
    }

    /// Adds one line with a single write. On an error nothing of it stays behind.
    pub fn append(&mut self, entry: Entry, durability: Durability) -> Result<Appended, StoreError> {
        if self.health == Health::Broken {
            return Err(StoreError::Broken {
                path: self.path.clone(),
            });
        }
        let record = Record {
            seq: self.chain.seq + 1,
            at: clock::now(),
            phase: entry.phase,
            ticket: entry.ticket,
            event: entry.event,
        };
        let body = line::body(&record).map_err(StoreError::Encode)?;
        let (body, redacted) = match self.redactor.body(&body) {
            Some((body, record)) => (body, Some(record)),
            None => (body, None),
        };
        let mut chain = self.chain.clone();
        let mut line = chain.seal(body);
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.take_back();
            return Err(StoreError::io("write", &self.path)(error));
        }
        self.chain = chain;
        self.length += line.len() as u64;
        if durability == Durability::Synced {
            self.sync()?;
        }
        line.pop();
        Ok(Appended {
            record,
            redacted,
            line,
        })
    }

    /// Writes lines of another journal as the first ones of this one: with their numbers and times,
    /// and checksums of their own.
    pub(super) fn begin_with(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut text = String::new();
        let mut chain = self.chain.clone();
        for record in records {
            let body = line::body(record).map_err(StoreError::Encode)?;
            let body = self.redactor.body(&body).map_or(body, |(body, _)| body);
            text.push_str(&chain.seal(body));
        }
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            self.take_back();
            return Err(StoreError::io("write", &self.path)(error));
        }
        self.chain = chain;
        self.length += text.len() as u64;
        self.sync()
    }

    /// Waits until everything written so far is on the disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.file
            .sync_data()
            .map_err(StoreError::io("write", &self.path))
    }

    /// What takes the secrets out of what is written here.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// From now on takes these secrets out.
    pub fn leave_out(&mut self, redactor: Redactor) {
        self.redactor = redactor;
    }

    /// The number of the last line; 0 if there is none.
    pub fn last_seq(&self) -> u64 {
        self.chain.seq
    }

    /// The folder it stands in was renamed.
    pub(super) fn moved_to(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Half a line may stand there after a failed write (a full disk): the next line must not
    /// follow it.
    fn take_back(&mut self) {
        if self.file.set_len(self.length).is_err() {
            self.health = Health::Broken;
        }
    }
}

/// What a journal holds.
#[derive(Clone, Debug)]
pub struct ReadJournal {
    /// Its lines.
    pub records: Vec<Record>,
    /// What is wrong with it and can be lived with.
    pub warnings: Vec<String>,
    /// How far it is good; what follows is a torn last line.
    pub good_bytes: u64,
    chain: Chain,
}

impl ReadJournal {
    /// Where it stands.
    pub(super) fn chain(&self) -> &Chain {
        &self.chain
    }
}

/// Reads a journal without changing it. An unterminated or torn last line is left out with a
/// warning; any other bad line is an error that names it.
pub fn read(path: &Path) -> Result<ReadJournal, StoreError> {
    let bytes = std::fs::read(path).map_err(StoreError::io("read", path))?;
    parse(&bytes, path)
}

/// Reads what follows after a point that was good before: for a view that stays up to date.
pub(super) fn read_from(path: &Path, offset: u64, limit: u64) -> Result<Vec<u8>, StoreError> {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let room = limit.min(file.metadata()?.len().saturating_sub(offset));
        let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(StoreError::io("read", path))
}

pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<ReadJournal, StoreError> {
    let mut content = ReadJournal {
        records: Vec::new(),
        warnings: Vec::new(),
        good_bytes: 0,
        chain: Chain::default(),
    };
    let mut rest = bytes;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let (line, ending, after) = next_line(rest);
        rest = after;
        let result = match ending {
            Ending::Newline => content.chain.next(line),
            Ending::None => Err(LineFault::Torn("the line is not complete".to_owned())),
        };
        let fault = match result {
            Ok(record) => {
                content.records.push(record);
                content.good_bytes += line.len() as u64 + 1;
                continue;
            }
            Err(fault) => fault,
        };
        // Without its first line a session is nothing, so that one is never cut.
        let is_last = rest.is_empty() && number > 1;
        let reason = match fault {
            LineFault::Newer { schema, version } => {
                return Err(StoreError::NewerSchema {
                    path: path.to_owned(),
                    schema,
                    version,
                });
            }
            LineFault::Torn(reason) if is_last => {
                content.warnings.push(format!(
                    "{}:{number}: the last line was torn and is left out ({} bytes: {reason})",
                    path.display(),
                    line.len()
                ));
                return Ok(content);
            }
            LineFault::Torn(reason) | LineFault::Wrong(reason) => reason,
        };
        return Err(StoreError::BadLine {
            path: path.to_owned(),
            line: number,
            reason,
        });
    }
    if content.records.is_empty() {
        return Err(StoreError::BadLine {
            path: path.to_owned(),
            line: 1,
            reason: "the journal is empty".to_owned(),
        });
    }
    Ok(content)
}

enum Ending {
    Newline,
    None,
}

/// The first line without its newline, how it ends, and what follows.
fn next_line(bytes: &[u8]) -> (&[u8], Ending, &[u8]) {
    let mut after = bytes;
    // Reading from memory cannot fail; this is the standard library's fast search for a byte.
    let length = after.skip_until(b'\n').unwrap_or(bytes.len());
    match bytes[..length].strip_suffix(b"\n") {
        Some(line) => (line, Ending::Newline, after),
        None => (&bytes[..length], Ending::None, after),
    }
}
