//! Replies that are text and yet say nothing: one token, one sentence or one line over and over.

/// A repeated unit at least this long is a sentence.
const SENTENCE: usize = 12;

/// What is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeated {
    /// A token or a few letters.
    Token,
    /// A sentence or a line.
    Sentence,
}

/// What the text repeats, if repetition to its very end is nearly all of it.
pub(super) fn repeated(text: &str) -> Option<Repeated> {
    let bytes: Vec<u8> = text.trim().bytes().rev().collect();
    let matches = self_matches(&bytes);
    for (period, &length) in matches.iter().enumerate().skip(1) {
        let covered = length + period;
        let times = covered / period;
        let needed = if period >= SENTENCE { 4 } else { 12 };
        if times >= needed && covered * 5 >= bytes.len() * 4 {
            return Some(if period >= SENTENCE {
                Repeated::Sentence
            } else {
                Repeated::Token
            });
        }
    }
    None
}

/// The Z function: how many bytes from each position on equal those from the start.
fn self_matches(bytes: &[u8]) -> Vec<usize> {
    let mut matches = vec![0; bytes.len()];
    let (mut left, mut right) = (0, 0);
    for at in 1..bytes.len() {
        let mut length = if at < right {
            matches[at - left].min(right - at)
        } else {
            0
        };
        while at + length < bytes.len() && bytes[length] == bytes[at + length] {
            length += 1;
        }
        if at + length > right {
            (left, right) = (at, at + length);
        }
        matches[at] = length;
    }
    matches
}
