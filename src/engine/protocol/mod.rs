//! How a model and the program talk about tools. Owns the text protocol: its blocks, its results
//! and what a model is told of them. Refuses to read replies: `calls` does.
//!
//! # The text protocol
//!
//! For models that have no tool calls of their own, and for those whose calls keep going wrong. A
//! call is a block of plain text. Its tags are the tool's name and the names of its arguments:
//!
//! ```text
//! <write_file>
//! <path>src/a.py</path>
//! <content>
//! print("whatever stands here is taken as it is: no escapes, no fence")
//! </content>
//! </write_file>
//! ```
//!
//! Small models have seen more elements than anything else, and a closing tag that repeats its
//! opening one is closed far more often than a bare bracket. Fences cannot serve: files have
//! fences in them. The rules:
//!
//! - A value on the line of its tag ends at the next closing tag. A value that begins on the next
//!   line ends at a line with nothing but its closing tag, indented like the opening one; it has no
//!   newline at its end, except `content`, which is whole lines.
//! - A line of a value that is itself such a tag, or a tag of a block, could end the value or not.
//!   Nothing is guessed: the reply is handed back. So is a closing tag that comes once too often.
//! - Only the last closing tag, that of the block, may be missing, and only at the end of a reply
//!   that was not cut.
//! - Several blocks are several calls. A block inside a fence, a quotation or inline code is text;
//!   where a fence with a block ends the reply, the model is told to send it without the fence.
//! - A model that falls back to the syntax it was trained on is understood as well.
//!
//! All results come back in one user message, each as
//!
//! ```text
//! <tool_result>
//! read_file src/a.py: ok
//! …
//! </tool_result>
//! ```
//!
//! What a model writes in that form itself is dropped, with all that follows.

mod choice;
mod form;
mod results;
#[cfg(test)]
mod tests;

pub use choice::Protocol;
pub use form::{describe, example, is_whole_lines, written};
pub use results::{Step, result, steps};
