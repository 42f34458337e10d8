//! What to do next: a pure function of the session. It names no phase and does nothing itself;
//! `run/perform.rs` carries effects out and appends what came of them.

mod ahead;
mod attempts;
mod critic;
mod document;
mod effect;
mod interview;
mod next;
mod repair;
mod tickets;
mod work;

pub use effect::{Effect, GateKind};
pub use interview::question_ask as interview_ask;
pub use next::decide;
