//! The wording on screen, one file a concern: events (`event`), tool calls (`tool`), questions and
//! prompts (`question`). Everything here is a function from facts to lines; nothing is printed.

pub(super) mod event;
mod facts;
pub(super) mod question;
pub(super) mod tool;

pub(super) use facts::{Facts, Speech};

#[cfg(test)]
mod tests;
