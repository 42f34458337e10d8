//! A journal that is read while somebody else writes it: what it holds, then the lines that were
//! added since the last look, each checked against the one before. Changes nothing; a line that is
//! half written is left for the next look.

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal::{read, read_from};
use super::line::{Chain, LineFault};
use crate::engine::event::Record;

/// So many bytes are read at once.
const PIECE: u64 = 4 << 20;

/// Follows the journal of one session.
#[derive(Clone, Debug)]
pub struct Follower {
    /// Which session.
    pub folder: SessionFolder,
    chain: Chain,
    good_bytes: u64,
}

impl Follower {
    /// Begins before the first line.
    pub fn at_start(folder: SessionFolder) -> Self {
        Self {
            folder,
            chain: Chain::default(),
            good_bytes: 0,
        }
    }

    /// Begins with what the journal holds now.
    pub fn open(folder: SessionFolder) -> Result<(Self, Vec<Record>), StoreError> {
        let content = read(&folder.journal())?;
        let follower = Self {
            folder,
            chain: content.chain().clone(),
            good_bytes: content.good_bytes,
        };
        Ok((follower, content.records))
    }

    /// The lines that were added since.
    pub fn news(&mut self) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        self.follow(|record| records.push(record))?;
        Ok(records)
    }

    /// Gives the lines that were added since, one by one, without keeping them.
    pub fn follow(&mut self, mut each: impl FnMut(Record)) -> Result<(), StoreError> {
        let path = self.folder.journal();
        let mut room = PIECE;
        loop {
            let bytes = read_from(&path, self.good_bytes, room)?;
            let is_end = (bytes.len() as u64) < room;
            let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
            let mut taken = 0;
            while let Some(line) = lines.next() {
                let Some(text) = line.strip_suffix(b"\n") else {
                    break;
                };
                match self.chain.next(text) {
                    Ok(record) => each(record),
                    // The torn last line of a killed process: whoever opens the session cuts it off.
                    Err(LineFault::Torn(_)) if is_end && lines.peek().is_none() => return Ok(()),
                    Err(fault) => return Err(self.bad(fault)),
                }
                taken += line.len();
                self.good_bytes += line.len() as u64;
            }
            if is_end {
                return Ok(());
            }
            // Nothing whole is in it: the line is longer than a piece.
            if taken == 0 {
                room *= 4;
            }
        }
    }

    fn bad(&self, fault: LineFault) -> StoreError {
        let path = self.folder.journal();
        match fault {
            LineFault::Torn(reason) | LineFault::Wrong(reason) => StoreError::BadLine {
                path,
                line: self.chain.seq + 1,
                reason,
            },
            LineFault::Newer { schema, version } => StoreError::NewerSchema {
                path,
                schema,
                version,
            },
        }
    }
}
