//! A session in one file, to be run again without a model: its lines, the files of its project, and
//! which request each reply answered. Owns what is in it and what may differ between the recorded
//! run and the one that repeats it; refuses to read files (`store/recording.rs`) or to run (`run/`).

mod difference;
mod facts;
mod outside;
mod redact;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{Event, NoteKind, Record};

pub use difference::{Difference, Names, first_difference};
pub use facts::{as_recorded, receipt_as_recorded};
pub use outside::{Origin, origins};
pub use redact::{masked, private_words, redact};

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
    /// Home folders, names of machines and of variables: other characters stand in their place, so
    /// that everything is as long as before.
    Private,
    /// The same, and every letter of the project's files: to be looked at, not to be run again.
    Contents,
}

/// A file of the project at some moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Just before the line of this number; 1 is the project as the session found it.
    pub seq: u64,
    /// Below the project.
    pub path: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "FileKind::is_plain")]
    pub kind: FileKind,
    /// What is in it.
    pub content: Content,
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

impl Content {
    /// These bytes.
    pub fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => {
                let digits = |byte: &u8| format!("{byte:02x}");
                Self::Hex(error.as_bytes().iter().map(digits).collect())
            }
        }
    }

    /// The bytes; none if the file is gone, or if the digits are none.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Hex(digits) => digits
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()) // silent-ok: as said above
                .collect(),
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
