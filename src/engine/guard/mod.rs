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

mod announced;
mod apart;
mod asked;
mod asserting;
mod assertion;
mod backing;
mod bent;
mod beside;
mod blocks;
mod bodies;
mod bound;
mod called;
mod case;
mod cases;
mod changed;
mod code;
mod collected;
mod committing;
mod disguised;
mod disguised_in_javascript;
mod elsewhere;
mod ended;
mod exchanged;
mod exchanged_in_rust;
mod files;
mod finding;
mod functions;
mod gate;
mod gate_files;
mod gates;
mod grown;
mod hollow;
mod idle;
mod imports;
mod indented;
mod judge;
mod language;
mod leaving_out;
mod look;
mod losing;
mod makefiles;
mod merged;
mod moved;
mod must_fail;
mod named;
mod never;
mod off;
mod plugins;
mod printed;
mod put_together;
mod recipes;
mod red;
mod redirected;
mod removal;
mod rigged;
mod runner;
mod runners;
mod scene;
mod seen;
mod set_back;
mod settings;
mod shell;
mod stand_in;
mod stubs;
mod test_file;
mod tokens;
mod went;

pub use announced::Announcement;
pub use backing::stands_on;
pub use beside::{Share, share};
pub use changed::{Changed, Content};
pub use committing::{may_commit, script_may_commit};
pub use finding::{Finding, Rule, first_reason, is_refusal, refusal};
pub use hollow::{Way, besides_functions, has_new_tests, holds_tests, hollowed};
pub use judge::{Judgement, committed, executed, fewer, has_no_tool, hollow, judge};
pub use must_fail::{MustFail, Seeded, seeded};
pub use red::fitted;
pub use scene::Scene;
pub use set_back::{SetBack, set_back};
pub use stand_in::hidden_places;
pub use stubs::left_open;

#[cfg(test)]
mod tests;
