//! Text that acts on nobody: the one list of characters that move a terminal's cursor, reorder
//! what is read or hide it, and what stands in their place. Knows no terminal and no file.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character acts on a terminal or deceives the eye. Line breaks and tabs do not.
pub const fn is_hostile(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_ascii_control() || matches!(other, '\u{80}'..='\u{9f}'),
    }
}

/// The text with a sign in the place of each such character. Carriage returns and byte order marks
/// just go: they stand in honest files.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter_map(|character| match character {
        '\r' | '\u{feff}' => None,
        hostile if is_hostile(hostile) => Some('\u{fffd}'),
        other => Some(other),
    });
    Cow::Owned(kept.collect())
}

/// JSON that says the same without such a character: inside its strings they are written as
/// escapes, and elsewhere JSON has none.
pub fn neutral_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_hostile) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_hostile(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // silent-ok: writing to a String cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signs_stand_for_what_acts() {
        let check = |given: &str, expected: &str| assert_eq!(neutral(given), expected, "{given:?}");
        check("plain ä\t→\n", "plain ä\t→\n");
        check("\u{feff}a\r\nb", "a\nb");
        check("\x1b[31mred\x07", "\u{fffd}[31mred\u{fffd}");
        check("a\u{202e}b\u{9b}c\u{e0041}", "a\u{fffd}b\u{fffd}c\u{fffd}");
    }

    proptest! {
        #[test]
        fn json_says_the_same_without_them(text in "(\\PC|[\x7f\u{80}\u{202e}\u{e0041}\u{1b}\n\t]){0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            let neutral = neutral_json(&json);
            prop_assert!(!neutral.chars().any(is_hostile));
            prop_assert_eq!(serde_json::from_str::<String>(&neutral).unwrap(), text);
        }

        #[test]
        fn nothing_is_left(text in any::<String>()) {
            let once = neutral(&text).into_owned();
            prop_assert!(!once.chars().any(is_hostile));
            prop_assert_eq!(neutral(&once), once.as_str());
        }
    }
}
