//! The text of a file as the tools see it: what counts as text, line endings, the byte order
//! mark, and how sizes are shown. Pure; opens nothing.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The byte order mark at the start of some files.
const MARK: char = '\u{feff}';
/// Where a NUL is looked for to tell a binary file.
const BINARY_PROBE: usize = 8192;

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Unix,
    Windows,
}

/// The bytes as text, or why they are none.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.iter().take(BINARY_PROBE).any(|byte| *byte == 0) {
        return Err("is a binary file");
    }
    String::from_utf8(bytes).map_err(|_| "is not valid UTF-8 text")
}

/// The text without its byte order mark.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The line end that most lines of a text have.
pub(super) fn dominant(text: &str) -> LineEnd {
    let windows = text.matches("\r\n").count();
    if windows * 2 > text.matches('\n').count() {
        LineEnd::Windows
    } else {
        LineEnd::Unix
    }
}

/// The text with plain line ends.
pub(super) fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The text with line ends of that kind.
pub(super) fn with_line_end(text: &str, line_end: LineEnd) -> String {
    match line_end {
        LineEnd::Unix => unix(text),
        LineEnd::Windows => unix(text).replace('\n', "\r\n"),
    }
}

/// A whole new text in the manner of the old one: byte order mark, line ends, and a newline at the
/// end if the old one had it. A newline that is new is kept: a model may want exactly that.
pub(super) fn in_the_manner_of(old: &str, new: &str) -> String {
    let mut text = with_line_end(without_mark(new), dominant(old));
    if old.ends_with('\n') && !text.is_empty() && !text.ends_with('\n') {
        text.push_str(match dominant(old) {
            LineEnd::Unix => "\n",
            LineEnd::Windows => "\r\n",
        });
    }
    if old.starts_with(MARK) {
        text.insert(0, MARK);
    }
    text
}

/// The byte position in a text that position `at` in its [`unix`] form stands for.
pub(super) fn original_position(text: &str, at: usize) -> usize {
    let mut left = at;
    let mut position = 0;
    for part in text.split_inclusive("\r\n") {
        let plain = if part.ends_with("\r\n") {
            part.len() - 1
        } else {
            part.len()
        };
        if left < plain {
            return position + left;
        }
        left -= plain;
        position += part.len();
    }
    position + left
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let mut hexadecimal = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // silent-ok: writing to a string can not fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

/// A size in words.
pub(super) fn kilobytes(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{}.{} KB", bytes / 1024, bytes % 1024 * 10 / 1024),
        _ => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
    }
}

/// The first `max_chars` characters.
pub(super) fn head(text: &str, max_chars: usize) -> &str {
    text.char_indices()
        .nth(max_chars)
        .map_or(text, |(end, _)| &text[..end])
}

/// The last `max_chars` characters.
pub(super) fn tail(text: &str, max_chars: usize) -> &str {
    let skip = text.chars().count().saturating_sub(max_chars);
    text.char_indices()
        .nth(skip)
        .map_or("", |(start, _)| &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manner_of_the_old_text_is_kept() {
        let check = |old: &str, new: &str, expected: &str| {
            assert_eq!(in_the_manner_of(old, new), expected, "{old:?} {new:?}");
        };
        check("a\nb\n", "c", "c\n");
        check("a\r\nb\r\n", "c\nd\n", "c\r\nd\r\n");
        check("a\r\nb\r\n", "c\r\nd", "c\r\nd\r\n");
        check("a\r\nb\nc\n", "d\r\ne\n", "d\ne\n");
        check("\u{feff}a\n", "b\n", "\u{feff}b\n");
        check("\u{feff}a\n", "\u{feff}b\n", "\u{feff}b\n");
        check("a", "b\n", "b\n");
        check("a\n", "", "");
    }

    #[test]
    fn positions_map_back_over_mixed_line_ends() {
        let text = "a\r\nbc\nd\r\n";
        let plain = unix(text);
        for (at, character) in plain.char_indices() {
            let there = original_position(text, at);
            let expected = if character == '\n' && text[there..].starts_with('\r') {
                '\r'
            } else {
                character
            };
            assert_eq!(text[there..].chars().next(), Some(expected), "at {at}");
        }
        assert_eq!(original_position(text, plain.len()), text.len());
    }

    #[test]
    fn text_is_told_from_bytes() {
        assert_eq!(decode(b"a\0b".to_vec()), Err("is a binary file"));
        assert_eq!(decode(vec![0xff, b'a']), Err("is not valid UTF-8 text"));
        assert_eq!(decode("ä".into()), Ok("ä".to_owned()));
    }

    #[test]
    fn sizes_and_ends() {
        assert_eq!(kilobytes(1023), "1023 bytes");
        assert_eq!(kilobytes(1536), "1.5 KB");
        assert_eq!(kilobytes(3 * 1_048_576), "3.0 MB");
        assert_eq!((head("äöü", 2), tail("äöü", 2)), ("äö", "öü"));
        assert_eq!((head("a", 5), tail("a", 5)), ("a", "a"));
    }
}
