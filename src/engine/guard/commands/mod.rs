//! What the commands that count run of the project, down to the test tool, and whether a failure
//! reaches their end.

pub(super) mod backing;
pub(super) mod collected;
pub(super) mod committing;
pub(super) mod gate_files;
pub(super) mod gates;
pub(super) mod left_behind;
mod losing;
mod makefiles;
pub(super) mod options;
pub(super) mod picked;
mod recipes;
pub(super) mod redirected;
pub(super) mod runner;
pub(super) mod runners;
pub(super) mod shell;
