//! What a shell command would do, as far as its text tells: refuse, ask, or let run. Explains and
//! asks; the wall around commands is elsewhere, and holds for what is let run here too.

mod argument;
mod code;
mod code_texts;
mod commands;
mod depth;
mod elsewhere;
mod files;
mod find;
mod findings;
mod forbidden;
mod git;
mod glob;
mod keys;
mod literal;
mod named;
mod outputs;
mod packages;
mod places;
mod programs;
mod runners;
mod scene;
mod screening;
mod shells;
#[cfg(test)]
mod tests;
mod variables;
mod verdict;
mod walk;
mod words;
mod wrappers;

pub use forbidden::Forbidden;
pub use places::SECRETS;
pub use screening::{screen, screen_in, unscreened};
pub use verdict::{Class, Reach, Screening, Stakes};
