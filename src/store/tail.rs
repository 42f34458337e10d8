//! A journal that is read while somebody else writes it: all of it first, then what was added. A
//! line that is not complete yet is left for later. Checks every line as a reader of the whole
//! does, and changes nothing.

use std::path::PathBuf;

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal::read_from;
use super::line::{Chain, LineFault};
use crate::engine::event::Record;

/// So much is read at once.
const PIECE: u64 = 4 << 20;

/// How far a journal was read.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    offset: u64,
    chain: Chain,
}

impl Tail {
    /// From the beginning of that session's journal.
    pub fn of(folder: &SessionFolder) -> Self {
        Self {
            path: folder.journal(),
            offset: 0,
            chain: Chain::default(),
        }
    }

    /// Gives every line that was added, in order. A bad one is an error that names it; so is a
    /// journal that has become shorter than what was read of it.
    pub fn follow(&mut self, mut each: impl FnMut(Record)) -> Result<(), StoreError> {
        let mut room = PIECE;
        loop {
            let bytes = read_from(&self.path, self.offset, room)?;
            let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
                if (bytes.len() as u64) < room {
                    return self.check_length();
                }
                // A line that is longer than a piece.
                room *= 4;
                continue;
            };
            for line in bytes[..last].split(|byte| *byte == b'\n') {
                each(self.chain.next(line).map_err(|fault| self.bad(fault))?);
            }
            self.offset += last as u64 + 1;
        }
    }

    fn check_length(&self) -> Result<(), StoreError> {
        let length = std::fs::metadata(&self.path)
            .map_err(StoreError::io("read", &self.path))?
            .len();
        if length >= self.offset {
            return Ok(());
        }
        Err(StoreError::BadLine {
            path: self.path.clone(),
            line: self.chain.seq,
            reason: "the journal has become shorter".to_owned(),
        })
    }

    fn bad(&self, fault: LineFault) -> StoreError {
        let path = self.path.clone();
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
