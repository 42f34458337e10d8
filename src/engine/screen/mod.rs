//! What a shell command would do, as far as its text tells: refuse, ask, or let run. Explains and
//! asks; the wall around commands is elsewhere, and holds for what is let run here too.

mod argument;
mod code;
mod commands;
mod elsewhere;
mod files;
mod findings;
mod forbidden;
mod git;
mod glob;
mod literal;
mod named;
mod places;
mod programs;
mod scene;
mod screening;
mod shells;
#[cfg(test)]
mod tests;
mod verdict;
mod walk;
mod words;
mod wrappers;

pub use forbidden::Forbidden;
pub use places::SECRETS;
pub use screening::{screen, screen_in, unscreened};
pub use verdict::{Class, Reach, Screening, Stakes};
