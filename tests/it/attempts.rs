//! A ticket that fails: its attempts, what is asked about it, and what a person finds afterwards.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod asks;
mod best;
mod blocked;
mod kills;
mod notes;
pub(crate) mod scenes;
mod terminal;
