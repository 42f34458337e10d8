//! What is kept of a command's output: the first part, the last part, a mark between them, the
//! number of bytes and their hash. Memory stays bounded however much is written.

use std::collections::VecDeque;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Collects output.
#[derive(Debug)]
pub(super) struct Output {
    head: Vec<u8>,
    head_limit: usize,
    tail: VecDeque<u8>,
    tail_limit: usize,
    bytes: u64,
    hash: Sha256,
}

/// What was collected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Collected {
    /// Head, mark and tail, as text.
    pub(super) text: String,
    /// Bytes there were in all.
    pub(super) bytes: u64,
    /// SHA-256 of all of them, in hexadecimal.
    pub(super) sha256: String,
}

impl Output {
    /// Keeps at most `limit` bytes: 40 % from the beginning, the rest from the end, where
    /// errors stand.
    pub(super) fn new(limit: usize) -> Self {
        let head_limit = limit / 5 * 2;
        Self {
            head: Vec::new(),
            head_limit,
            tail: VecDeque::new(),
            tail_limit: limit - head_limit,
            bytes: 0,
            hash: Sha256::new(),
        }
    }

    /// Bytes seen so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        let (first, rest) = piece.split_at(piece.len().min(self.head_limit - self.head.len()));
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len().saturating_sub(self.tail_limit)..];
        let excess = (self.tail.len() + rest.len()).saturating_sub(self.tail_limit);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    /// The text, the count and the hash.
    pub(super) fn finish(self) -> Collected {
        let kept = self.head.len() + self.tail.len();
        let cut = self.bytes - kept as u64;
        let tail = Vec::from(self.tail);
        let text = if cut == 0 {
            String::from_utf8_lossy(&[self.head, tail].concat()).into_owned()
        } else {
            let (head, tail) = (whole_end(&self.head), whole_start(&tail));
            let cut = self.bytes - (head.len() + tail.len()) as u64;
            format!(
                "{}\n[… {cut} bytes of output left out …]\n{}",
                String::from_utf8_lossy(head),
                String::from_utf8_lossy(tail)
            )
        };
        Collected {
            text,
            bytes: self.bytes,
            sha256: hexadecimal(&self.hash.finalize()),
        }
    }
}

/// Adds what the program itself did after the command, a line each.
pub(super) fn note(text: &mut String, notes: &[String]) {
    for note in notes {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        // silent-ok: writing to a string cannot fail.
        let _ = writeln!(text, "[sandbox: {note}]");
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // silent-ok: writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Without the first bytes of a character whose last ones were cut.
fn whole_end(bytes: &[u8]) -> &[u8] {
    let trailing = bytes
        .iter()
        .rev()
        .take(3)
        .position(|byte| *byte & 0xC0 == 0xC0);
    let Some(back) = trailing else { return bytes };
    let start = bytes.len() - 1 - back;
    let length = match bytes[start] {
        0xF0.. => 4,
        0xE0.. => 3,
        _ => 2,
    };
    if bytes.len() - start < length {
        &bytes[..start]
    } else {
        bytes
    }
}

/// Without the last bytes of a character whose first ones were cut.
fn whole_start(bytes: &[u8]) -> &[u8] {
    let continuing = bytes
        .iter()
        .take(3)
        .take_while(|byte| **byte & 0xC0 == 0x80)
        .count();
    &bytes[continuing..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(limit: usize, pieces: &[&str]) -> Collected {
        let mut output = Output::new(limit);
        for piece in pieces {
            output.push(piece.as_bytes());
        }
        output.finish()
    }

    #[test]
    fn short_output_is_kept_whole() {
        let collected = collect(10, &["ab", "cdef", "ghij"]);
        assert_eq!(collected.text, "abcdefghij");
        assert_eq!(collected.bytes, 10);
        assert_eq!(
            collected.sha256,
            "72399361da6a7754fec986dca5b7cbaf1c810a28ded4abaf56b2106d06cb78b0"
        );
    }

    #[test]
    fn long_output_keeps_head_and_tail_and_says_so() {
        for pieces in [
            vec!["abcdefghijklmnopqrstuvwxyz"],
            vec!["abc", "defghijklmnopq", "rstuvwxy", "z"],
        ] {
            let collected = collect(10, &pieces);
            assert_eq!(
                collected.text,
                "abcd\n[… 16 bytes of output left out …]\nuvwxyz"
            );
            assert_eq!(collected.bytes, 26);
        }
    }

    #[test]
    fn characters_are_not_cut_in_two() {
        // 4 bytes of head would end inside "ö", 6 of tail would begin inside "ä".
        let collected = collect(10, &["abcöXXXXXXäbcdef"]);
        assert_eq!(
            collected.text,
            "abc\n[… 10 bytes of output left out …]\nbcdef"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        let mut output = Output::new(100);
        output.push(b"a\xff");
        assert_eq!(output.finish().text, "a\u{fffd}");
    }
}
