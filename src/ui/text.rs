//! Text that is safe to show: cleaned, measured, wrapped, toned. Owns the rule that no text from a
//! model, a tool or a file can move the cursor: a [`Line`] cleans whatever is put into it.
//! Refuses to know what the text is about (`ui/words`).

use std::fmt::Write as _;

use crate::engine::neutral::is_hostile;

pub(super) use crate::engine::summary::thousands;

/// A rule is not drawn longer than this.
const LONGEST_RULE: usize = 72;

/// Whether escape sequences for colour are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Which signs the terminal can draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// `✓ ✗ · …`
    Unicode,
    /// Plain letters and punctuation.
    Ascii,
}

impl Glyphs {
    pub(super) const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    pub(super) const fn good(self) -> &'static str {
        self.pick("✓", "+")
    }

    pub(super) const fn bad(self) -> &'static str {
        self.pick("✗", "x")
    }

    pub(super) const fn dot(self) -> &'static str {
        self.pick(" · ", " | ")
    }

    pub(super) const fn dots(self) -> &'static str {
        self.pick("…", "...")
    }

    pub(super) const fn arrow(self) -> &'static str {
        self.pick("→", "->")
    }

    pub(super) const fn minus(self) -> &'static str {
        self.pick("−", "-")
    }

    pub(super) const fn rule(self) -> &'static str {
        self.pick("─", "-")
    }
}

/// How things look: fixed but for the width, which a person may change at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Columns that may be used.
    pub(super) columns: usize,
    /// Colour or not.
    pub(super) colour: Colour,
    /// Which signs.
    pub(super) glyphs: Glyphs,
}

/// What a piece of text is, as far as the eye is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Dim,
    Bold,
    Good,
    Bad,
    Warn,
    Accent,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Warn => "\x1b[33m",
            Self::Accent => "\x1b[36m",
        }
    }
}

/// One line: pieces of clean text, without a line break.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(Vec<(Tone, String)>);

impl Line {
    pub(super) fn new(tone: Tone, text: &str) -> Self {
        Self::default().with(tone, text)
    }

    /// The line with this text at its end. Line breaks become spaces.
    #[must_use]
    pub(super) fn with(mut self, tone: Tone, text: &str) -> Self {
        let text = clean(text).replace('\n', " ");
        if !text.is_empty() {
            self.0.push((tone, text));
        }
        self
    }

    /// The line with another one at its end.
    #[must_use]
    pub(super) fn followed_by(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The pieces in their order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.0.iter().map(|(tone, text)| (*tone, text.as_str()))
    }

    pub(super) fn plain(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width(text)).sum()
    }

    /// The line cut to so many columns, with a sign that it was cut.
    #[must_use]
    pub(super) fn fit(self, look: &Look) -> Self {
        if self.width() <= look.columns {
            return self;
        }
        let sign = look.glyphs.dots();
        let mut room = look.columns.saturating_sub(width(sign));
        let mut cut = Self::default();
        for (tone, text) in self.0 {
            let kept = prefix(&text, room);
            room -= width(kept);
            let whole = kept.len() == text.len();
            cut.0.push((tone, kept.to_owned()));
            if !whole {
                break;
            }
        }
        if look.columns >= width(sign) {
            cut.0.push((Tone::Dim, sign.to_owned()));
        }
        cut
    }

    /// The line as it is written.
    pub(super) fn paint(&self, colour: Colour) -> String {
        match colour {
            Colour::Off => self.plain(),
            Colour::On => self.0.iter().fold(String::new(), |mut out, (tone, text)| {
                let code = tone.code();
                let end = if code.is_empty() { "" } else { "\x1b[0m" };
                // silent-ok: writing to a string cannot fail.
                let _ = write!(out, "{code}{text}{end}");
                out
            }),
        }
    }
}

/// Text as lines of that tone, wrapped to the width, each behind the indent.
pub(super) fn paragraph(tone: Tone, text: &str, indent: &str, look: &Look) -> Vec<Line> {
    let room = look.columns.saturating_sub(width(indent));
    clean(text)
        .lines()
        .flat_map(|line| wrap(line, room))
        .map(|row| Line::default().with(Tone::Plain, indent).with(tone, &row))
        .collect()
}

/// A line across the screen with words at its beginning.
pub(super) fn heading(words: &str, look: &Look) -> Line {
    let rule = look.glyphs.rule();
    let length = look.columns.min(LONGEST_RULE);
    let rest = length.saturating_sub(Line::new(Tone::Bold, words).width() + 4);
    Line::new(Tone::Dim, &rule.repeat(2))
        .with(Tone::Bold, &format!(" {words} "))
        .with(Tone::Dim, &rule.repeat(rest))
        .fit(look)
}

/// Wrapped text whose first line begins with a label.
pub(super) fn labelled(tone: Tone, label: &str, text: &str, look: &Look) -> Vec<Line> {
    paragraph(tone, format!("{label}{}", text.trim()).trim(), "", look)
}

/// One line broken between words into rows of at most so many columns; what leads it is repeated.
pub(super) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let line = line.trim_end();
    let columns = columns.max(8);
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let lead: String = line.chars().take_while(|ch| *ch == ' ').collect();
    let hang = if ["- ", "* ", "• "]
        .iter()
        .any(|mark| line[lead.len()..].starts_with(mark))
    {
        format!("{lead}  ")
    } else {
        lead.clone()
    };
    let (lead, hang) = if hang.len() * 2 > columns {
        (String::new(), String::new())
    } else {
        (lead, hang)
    };
    let mut rows = Vec::new();
    let mut row = lead;
    let mut has_word = false;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        if has_word && width(&row) + 1 + width(word) > columns {
            rows.push(std::mem::replace(&mut row, hang.clone()));
            has_word = false;
        }
        if has_word {
            row.push(' ');
        }
        while width(&row) + width(word) > columns {
            let head = prefix(word, columns - width(&row));
            if head.is_empty() {
                break;
            }
            row.push_str(head);
            word = &word[head.len()..];
            rows.push(std::mem::replace(&mut row, hang.clone()));
        }
        row.push_str(word);
        has_word = true;
    }
    rows.push(row);
    rows
}

/// The text without anything that a terminal would obey or a reader could not see. Only line
/// breaks stay; a tab becomes four spaces.
pub(super) fn clean(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\r' | '\u{feff}' => {}
            '\u{2028}' | '\u{2029}' => out.push(' '),
            ch if is_hostile(ch) => out.push('\u{fffd}'),
            ch => out.push(ch),
        }
    }
    out
}

/// Columns of one character.
pub(super) fn char_width(ch: char) -> usize {
    if ch.is_ascii() {
        usize::from(!ch.is_ascii_control())
    } else {
        console::measure_text_width(ch.encode_utf8(&mut [0; 4]))
    }
}

/// Columns of a clean text.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The longest beginning that takes at most so many columns.
pub(super) fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, ch) in text.char_indices() {
        used += char_width(ch);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Milliseconds as a person says them: `0.8 s`, `42 s`, `3:07 min`.
pub(super) fn spent(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..60_000 => format!("{} s", ms / 1000),
        _ => format!("{}:{:02} min", ms / 60_000, ms / 1000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NARROW: Look = Look {
        columns: 12,
        colour: Colour::Off,
        glyphs: Glyphs::Unicode,
    };

    #[test]
    fn hostile_text_cannot_move_the_cursor_or_hide() {
        assert_eq!(
            clean("a\x1b[2Jb\r\tc\u{202e}d\u{9b}1A"),
            "a\u{fffd}[2Jb    c\u{fffd}d\u{fffd}1A"
        );
    }

    #[test]
    fn lines_are_cut_by_columns_not_by_characters() {
        assert_eq!(
            Line::new(Tone::Plain, "日本語日本語日本語")
                .fit(&NARROW)
                .plain(),
            "日本語日本…"
        );
        assert_eq!(
            Line::new(Tone::Plain, "twelve chars").fit(&NARROW).plain(),
            "twelve chars"
        );
    }

    #[test]
    fn rows_keep_what_leads_them() {
        assert_eq!(wrap("  - one two three", 12), ["  - one two", "    three"]);
        assert_eq!(wrap("abcdefghijklmnop", 10), ["abcdefghij", "klmnop"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(
            [thousands(7), thousands(2310), thousands(1_234_567)],
            ["7", "2,310", "1,234,567"]
        );
        assert_eq!(
            [spent(812), spent(42_300), spent(187_000)],
            ["0.8 s", "42 s", "3:07 min"]
        );
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_asked(text in "\\PC{0,200}", columns in 8usize..100) {
            for row in wrap(&clean(&text), columns) {
                prop_assert!(width(&row) <= columns, "{row:?}");
            }
        }

        #[test]
        fn clean_text_has_no_control_characters(text in any::<String>()) {
            prop_assert!(clean(&text).chars().all(|ch| ch == '\n' || !ch.is_control()));
        }
    }
}
