//! A journal as it grows: the lines that were added since the last look, each checked against the
//! one before. Owns nothing of the session and changes nothing; a line that is half written is
//! left for the next look.

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal::{read, read_from};
use super::line::{Chain, LineFault};
use crate::engine::event::Record;

/// The most bytes of one look; the rest comes with the next.
const AT_ONCE: u64 = 64 * 1024 * 1024;

/// Follows the journal of one session.
#[derive(Clone, Debug)]
pub struct Follower {
    /// Which session.
    pub folder: SessionFolder,
    chain: Chain,
    good_bytes: u64,
}

impl Follower {
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
        let path = self.folder.journal();
        let bytes = read_from(&path, self.good_bytes, AT_ONCE)?;
        let mut records = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else {
                break;
            };
            let mut chain = self.chain.clone();
            match chain.next(line) {
                Ok(record) => records.push(record),
                // A torn line of a killed process: whoever opens the session cuts it off.
                Err(LineFault::Torn(_)) => break,
                Err(LineFault::Wrong(reason)) => {
                    return Err(StoreError::BadLine {
                        path,
                        line: self.chain.seq + 1,
                        reason,
                    });
                }
                Err(LineFault::Newer { schema, version }) => {
                    return Err(StoreError::NewerSchema {
                        path,
                        schema,
                        version,
                    });
                }
            }
            self.chain = chain;
            self.good_bytes += line.len() as u64 + 1;
        }
        Ok(records)
    }
}
