//! The guard over what decides whether work is done: tests, their configuration, the scripts and
//! targets behind checks. It compares the project before the work with the project now and says
//! what is not accepted, with the reason. Pure; what is compared is read by `run/guard.rs`, and
//! what a model says about it is never asked.
//!
//! Rules, in short: new tests are always welcome, and tests may be added to a file that was there.
//! What was there may be changed if the ticket or its plan names the file, and then it is told.
//! Even so no test may go (unless the ticket says that something is to be removed), be switched
//! off, or lose its assertions, and no check may execute fewer tests. What a check runs must be
//! able to fail. Where a language is not known, nothing is guessed.

mod announced;
mod asserting;
mod assertion;
mod beside;
mod blocks;
mod called;
mod case;
mod cases;
mod changed;
mod code;
mod ended;
mod files;
mod finding;
mod functions;
mod gate;
mod gate_files;
mod gates;
mod indented;
mod judge;
mod language;
mod look;
mod losing;
mod off;
mod recipes;
mod rigged;
mod runners;
mod scene;
mod settings;
mod shell;
mod stand_in;
mod test_file;
mod tokens;

pub use announced::Announcement;
pub use beside::{Share, share};
pub use changed::{Changed, Content};
pub use finding::{Finding, Rule, is_refusal, refusal};
pub use judge::{Judgement, committed, fewer, judge, tests_something};
pub use scene::Scene;
pub use stand_in::hidden_places;

#[cfg(test)]
mod tests;
