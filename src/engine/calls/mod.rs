//! From a model's reply to tool calls. Owns what counts as a call, how it may be written, which
//! repairs are made, and the sentence that goes back when nothing may run. Never guesses: what
//! has two readings is rejected.

mod arguments;
mod blocks;
mod fences;
mod lines;
mod names;
mod noise;
mod payload;
mod problem;
mod python;
mod quotes;
mod react;
mod read;
mod reasoning;
mod reject;
mod scan;
mod scan_elements;
mod scan_quotes;
mod scan_reasoning;
mod shape;
mod tags;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

pub use read::{Meant, ParsedCall, Reading, Source, read, read_as};
