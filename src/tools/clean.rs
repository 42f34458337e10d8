//! Makes text from outside harmless for a screen and a prompt: no terminal escapes, no control
//! characters, nothing that reorders or hides what is read. It refuses nothing; from text it
//! removes, in file names it escapes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::text::head;
use crate::engine::neutral::is_hostile;

/// The longest string sequence (title, link) that is taken for one; an endless one would swallow
/// all the text after it.
const MAX_STRING: usize = 4096;

/// The text without anything that acts on a terminal or deceives the eye. Lines and tabs stay; a
/// lone carriage return becomes a new line.
pub fn clean(text: &str) -> String {
    if is_clean(text) {
        return text.to_owned();
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut harmless = String::with_capacity(lines.len());
    // The stripper drops tabs along with other control characters.
    for (index, part) in without_strings(&lines).split('\t').enumerate() {
        if index > 0 {
            harmless.push('\t');
        }
        let stripped = strip_ansi_escapes::strip_str(part);
        harmless.extend(stripped.chars().filter(|c| !is_hostile(*c)));
    }
    harmless
}

/// Whether [`clean`] would leave the text as it is.
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(is_hostile)
}

/// A file name for the eye: control characters and what is no UTF-8 are escaped.
pub(super) fn escape_name(name: &OsStr) -> String {
    match name.to_str() {
        Some(text) if is_clean(text) && !text.contains('\n') => text.to_owned(),
        _ => name.as_bytes().escape_ascii().to_string(),
    }
}

/// Without the sequences that carry a string up to a terminator. One that never ends loses only
/// its introducer.
fn without_strings(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c| matches!(c, '\x1b' | '\u{80}'..='\u{9f}')) {
        kept.push_str(&rest[..start]);
        let sequence = &rest[start..];
        let Some(after) = sequence
            .strip_prefix('\x1b')
            .and_then(|inner| inner.strip_prefix([']', 'P', 'X', '^', '_']))
        else {
            // Eight-bit controls go; a plain escape is left to the stripper.
            let mut characters = sequence.chars();
            if characters.next() == Some('\x1b') {
                kept.push('\x1b');
            }
            rest = characters.as_str();
            continue;
        };
        let near = head(after, MAX_STRING);
        let end = near
            .find('\x07')
            .map(|at| at + 1)
            .into_iter()
            .chain(near.find("\x1b\\").map(|at| at + 2))
            .min();
        rest = end.map_or(after, |end| &after[end..]);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_acts_on_a_terminal_is_gone() {
        let check = |input: &str, expected: &str| assert_eq!(clean(input), expected, "{input:?}");
        check("plain ä\tx\n", "plain ä\tx\n");
        check("\x1b[31mred\x1b[0m\tgreen", "red\tgreen");
        check("a\r\nb\rc", "a\nb\nc");
        check("\x1b]0;title\x07after", "after");
        check("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link");
        check(
            "\x1b]never ends, but this stays",
            "never ends, but this stays",
        );
        check("\x1bPdevice\x1b\\x", "x");
        check("\u{9b}31mred", "31mred");
        check("a\u{202e}b\u{2066}c\u{e0041}d\u{7f}e\x08f", "abcdef");
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for input in ["\x1b\x1b[[31m", "\x1b]\x1b]x\x07\x07", "\x1b\u{202e}[31mx"] {
            let once = clean(input);
            assert_eq!(clean(&once), once);
            assert!(super::is_clean(&once), "{input:?} -> {once:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_what_goes_out_is_clean(
            input in "([a-z\\[\\];\\\\\r\n\t\x07\x1b\u{9b}\u{9d}\u{202e}0-9m]|\\PC){0,60}"
        ) {
            let once = clean(&input);
            proptest::prop_assert!(super::is_clean(&once));
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}
