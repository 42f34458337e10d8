//! A session in one file, to be run again without a model: its lines, the files of its project, and
//! which request each reply answered. Owns what is in it and what may differ between the recorded
//! run and the one that repeats it; refuses to read files (`store/recording.rs`) or to run (`run/`).

mod contents;
mod difference;
mod facts;
mod mask;
mod outside;
mod redact;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::event::{Event, NoteKind, Record};

pub use difference::{Difference, Names, first_difference};
pub use facts::{as_recorded, receipt_as_recorded, with_recorded_ids};
pub use mask::masked;
pub use outside::{
    HOOK_CHANGED, NOT_COMMITTED, Origin, TAKEN_BACK, is_a_call, is_of_a_commit, origins,
};
pub use redact::{Known, private_words, redact};

/// The format that this program writes. A reader refuses any other.
pub const FORMAT: u32 = 1;

/// A recorded session.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What it is.
    pub head: Head,
    /// The journal's lines.
    pub records: Vec<Record>,
    /// By the number of a reply: the SHA-256 of the request that it answered.
    pub requests: BTreeMap<u64, String>,
    /// What the project's files became other than by the session's own file tools, in order.
    pub files: Vec<File>,
}

/// The first line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always [`FORMAT`] when written by this program.
    pub replay: u32,
    /// The program's version.
    pub version: String,
    /// The session's id.
    pub session: String,
    /// The session's folder when it was recorded: the summary names it.
    pub folder: String,
    /// What was taken out.
    #[serde(default)]
    pub redacted: Redacted,
}

/// What was taken out of a recording, besides secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redacted {
    /// Nothing.
    #[default]
    Nothing,
    /// Folders, names of machines and people, variables and their values: other characters stand in their place, so
    /// that everything is as long as before.
    Private,
    /// The same, and every letter that somebody wrote: to be looked at, not to be run again.
    Contents,
}

/// A file of the project at some moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Just before the line of this number; 1 is the project as the session found it.
    pub seq: u64,
    /// Below the project.
    pub path: String,
    /// The bytes of the path in hexadecimal, if they are no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Who made it so.
    #[serde(default, skip_serializing_if = "By::is_a_command")]
    pub by: By,
    /// What it is.
    #[serde(default, skip_serializing_if = "FileKind::is_plain")]
    pub kind: FileKind,
    /// What is in it.
    pub content: Content,
}

/// Who made a file what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// What the line tells of: a command, a check, a later process that found it so.
    #[default]
    Command,
    /// Somebody else, while the session was at work.
    Other,
}

impl By {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_a_command(&self) -> bool {
        matches!(self, Self::Command)
    }
}

/// The sorts of file that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A file.
    #[default]
    Plain,
    /// A file that can be executed.
    Executable,
    /// A symbolic link; the content is where it leads.
    Link,
}

impl FileKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text.
    Text(String),
    /// Anything else, in hexadecimal.
    Hex(String),
    /// The file is not there any more.
    Gone,
}

/// Bytes in hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}"); // silent-ok: writing to a String
        digits
    })
}

/// The bytes of these digits; none if they are none.
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok()?; // silent-ok: as said above
        u8::from_str_radix(digits, 16).ok() // silent-ok: as said above
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

impl Content {
    /// These bytes.
    pub fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Hex(to_hex(error.as_bytes())),
        }
    }

    /// The bytes; none if the file is gone, or if the digits are none.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Hex(digits) => from_hex(digits),
            Self::Gone => None,
        }
    }
}

/// The project's content (git tree ids) as a line tells of it, in the order in which it was so.
pub fn trees(event: &Event) -> Vec<&str> {
    match event {
        Event::TicketStarted { tree, .. }
        | Event::TicketFinished { tree, .. }
        | Event::ToolFinished { tree, .. } => tree.iter().map(String::as_str).collect(),
        Event::Checked(receipt) => [&receipt.tree_before, &receipt.tree_after]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect(),
        Event::Note(note) => match note.kind {
            NoteKind::Snapshot => note.data.as_str().into_iter().collect(),
            _ => ["/undo/from", "/undo/to", "/redo/to"]
                .into_iter()
                .filter_map(|place| note.data.pointer(place)?.as_str())
                .collect(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
