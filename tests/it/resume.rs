//! A session can be killed at any instant and resumed with nothing lost and nothing done twice.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod compactions;
mod criticised;
mod in_process;
mod kills;
mod properties;
mod same_end;
mod server_gone;
pub(crate) mod stage;
mod unwatched;
