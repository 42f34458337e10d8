//! The guard over what decides whether work is done: tests, their configuration, the scripts and
//! targets behind checks. It compares the project before the work with the project now and says
//! what is not accepted, with the reason. Pure; what is compared is read by `run/guard.rs`, and
//! what a model says about it is never asked.
//!
//! Rules, in short: new tests are always welcome, and tests may be added to a file that was there.
//! What was there may be changed if the ticket or its plan names the file, or a person's words name it
//! or the test for a change, and then it is told.
//! Even so no test may go (unless the ticket names it, its file, or what its tests are of) or move
//! to where nothing runs it, be switched off, or lose its assertions, and no check may execute
//! fewer tests. What a check runs must be able to fail. Where a language is not known, nothing is
//! guessed.

mod asserts;
mod beside;
mod changed;
mod commands;
mod copies;
mod files;
mod finding;
mod gate;
mod judge;
mod language;
mod red;
mod rigs;
mod scene;
mod seen;
mod source;
mod tested;
mod words;

pub use beside::{Share, is_of_checks, share};
pub use changed::{Changed, Content};
pub use commands::backing::stands_on;
pub use commands::committing::{may_commit, script_may_commit};
pub use commands::picked::{Picked, Place, not_there, picked};
pub use copies::hollow::{Way, besides_functions, has_new_tests, holds_tests, hollowed};
pub use copies::must_fail::{MustFail, Seeded, seeded};
pub use copies::set_back::{SetBack, set_back};
pub use copies::stubs::left_open;
pub use finding::{Finding, Rule, first_reason, is_refusal, refusal};
pub use judge::{Judgement, committed, executed, fewer, has_no_tool, hollow, judge};
pub use red::fitted;
pub use rigs::stand_in::hidden_places;
pub use scene::Scene;
pub use tested::unspoken::{Unspoken, expects_otherwise, was_red};
pub use words::announced::Announcement;

#[cfg(test)]
mod tests;
