//! Asking a person at a terminal: keys (`keys`), the line that is typed (`editor`), raw mode and
//! its restoring (`raw`), reading lines (`person`), what an answer means (`answer`), approvals
//! (`document`), the course of each kind of question (`ask`), and what the person says
//! unasked (`words`). The wording is in `ui/words/question.rs`.

mod answer;
mod ask;
mod document;
mod editor;
mod keys;
mod person;
mod raw;
mod words;

pub(super) use answer::{Reading, read};
pub(super) use ask::{ask, decided, permit};
pub(super) use editor::{Editor, Typed};
pub(super) use keys::{Decoder, Key};
pub use person::{Bell, Person, ReadBack};
pub(super) use person::{more, watch};
pub use raw::restore_terminal;
pub(super) use raw::{RawMode, Taken, TypedAhead};
pub use words::Teller;
pub(super) use words::{Keyboard, take_words};
