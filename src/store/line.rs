//! One line of a journal as text: how a record is written, how it is read back, and the chain of
//! checksums that ties each line to the one before. Touches no file.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::engine::event::{Event, Record, SCHEMA};
use crate::engine::neutral::neutral_json;

/// How many hexadecimal digits of the checksum a line carries.
const SUM_DIGITS: usize = 16;
/// What stands between a line's content and its checksum.
const SUM_KEY: &str = ",\"sum\":\"";
/// How long `,"sum":"…"}` is.
const TAIL: usize = SUM_KEY.len() + SUM_DIGITS + 2;

/// Where a journal stands: what the next line has to follow.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// The number of the last line; 0 before the first.
    pub(super) seq: u64,
    /// The checksum of the last line; empty before the first.
    sum: String,
}

/// Why a line cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineFault {
    /// It is not what was written: cut off, or changed.
    Torn(String),
    /// It is whole, but does not belong here or means nothing to this program.
    Wrong(String),
    /// It opens a journal of a later format.
    Newer {
        /// The format.
        schema: u32,
        /// The version that wrote it.
        version: String,
    },
}

/// The record as JSON, without its checksum.
pub(super) fn body(record: &Record) -> serde_json::Result<String> {
    let mut text = String::with_capacity(256);
    let quoted = serde_json::to_string::<str>;
    // silent-ok: writing to a String cannot fail.
    let _ = write!(
        text,
        "{{\"seq\":{},\"at\":{}",
        record.seq,
        quoted(&record.at)?
    );
    for (key, value) in [("phase", &record.phase), ("ticket", &record.ticket)] {
        if let Some(value) = value {
            // silent-ok: as above.
            let _ = write!(text, ",\"{key}\":{}", quoted(value)?);
        }
    }
    text.push(',');
    text.push_str(&record.event.written()?);
    Ok(text)
}

/// A record from JSON, whatever its checksum.
pub(super) fn parse(text: &str) -> serde_json::Result<Record> {
    #[derive(Deserialize)]
    struct Envelope {
        seq: u64,
        at: String,
        phase: Option<String>,
        ticket: Option<String>,
    }
    // As written here, the envelope comes first and the event is the rest of the line: then neither
    // is read twice. Inside a string the quotation marks would be escaped.
    let parts = text.find(",\"event\":");
    let parts = parts.and_then(|end| Some((&text[..end], Event::read(&text[end + 1..])?)));
    let (envelope, event): (Envelope, Event) = match parts {
        Some((envelope, event)) => (serde_json::from_str(&[envelope, "}"].concat())?, event?),
        None => (serde_json::from_str(text)?, serde_json::from_str(text)?),
    };
    Ok(Record {
        seq: envelope.seq,
        at: envelope.at,
        phase: envelope.phase,
        ticket: envelope.ticket,
        event,
    })
}

impl Chain {
    /// Closes a body with its checksum and a newline, and moves on.
    pub(super) fn seal(&mut self, body: String) -> String {
        // A journal is looked at in terminals: what acts on one stands in it as an escape.
        let mut body = match neutral_json(&body) {
            Cow::Borrowed(_) => body,
            Cow::Owned(escaped) => escaped,
        };
        let sum = checksum(&self.sum, &[&body]);
        body.pop();
        body.push_str(SUM_KEY);
        body.push_str(&sum);
        body.push_str("\"}\n");
        self.seq += 1;
        self.sum = sum;
        body
    }

    /// Reads the next line, given without its newline, and moves on if it is good.
    pub(super) fn next(&mut self, line: &[u8]) -> Result<Record, LineFault> {
        let torn = |what: &str| LineFault::Torn(what.to_owned());
        let text = std::str::from_utf8(line).map_err(|_| torn("not valid UTF-8"))?;
        let Some((content, tail)) = text
            .len()
            .checked_sub(TAIL)
            .and_then(|at| text.split_at_checked(at))
        else {
            return Err(torn("too short for a journal line"));
        };
        let sum = tail
            .strip_prefix(SUM_KEY)
            .and_then(|rest| rest.strip_suffix("\"}"))
            .ok_or_else(|| torn("does not end in a checksum"))?;
        if checksum(&self.sum, &[content, "}"]) != sum {
            return Err(torn(
                "the checksum does not match: this line or the one before it was changed",
            ));
        }
        if self.seq == 0 {
            check_opening(text)?;
        }
        let record = parse(text).map_err(|error| LineFault::Wrong(error.to_string()))?;
        if record.seq != self.seq + 1 {
            return Err(LineFault::Wrong(format!(
                "carries number {} where {} has to follow",
                record.seq,
                self.seq + 1
            )));
        }
        sum.clone_into(&mut self.sum);
        self.seq = record.seq;
        Ok(record)
    }
}

/// The first line opens a session in a format that is understood.
fn check_opening(line: &str) -> Result<(), LineFault> {
    #[derive(Deserialize)]
    struct Opening {
        event: String,
        schema: Option<u32>,
        #[serde(default)]
        version: String,
    }
    let opening: Opening =
        serde_json::from_str(line).map_err(|error| LineFault::Wrong(error.to_string()))?;
    match opening.schema {
        Some(schema) if schema > SCHEMA => Err(LineFault::Newer {
            schema,
            version: opening.version,
        }),
        Some(_) if opening.event == "session_started" => Ok(()),
        _ => Err(LineFault::Wrong(
            "the first line has to be session_started".to_owned(),
        )),
    }
}

fn checksum(before: &str, body: &[&str]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(before.as_bytes());
    for part in body {
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize()[..SUM_DIGITS / 2])
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests;
