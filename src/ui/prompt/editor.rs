//! The line that is being typed, and how it stands on the screen. Pure: keys in, rows out.
//! Refuses to read or write anything (`prompt/person.rs`).

use super::keys::Key;
use crate::ui::surface::Drawing;
use crate::ui::text::{char_width, clean, width};

/// What a key has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Typed {
    /// The line goes on.
    Going,
    /// The line is complete.
    Complete,
    /// The person wants to leave.
    Leave,
}

/// One line of input; a paste may have put line breaks into it.
#[derive(Debug, Default)]
pub(in crate::ui) struct Editor {
    text: Vec<char>,
    cursor: usize,
}

impl Editor {
    pub(in crate::ui) fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub(in crate::ui) fn press(&mut self, key: Key) -> Typed {
        match key {
            Key::Text(ch) => self.insert(&ch.to_string()),
            Key::Paste(text) => self.insert(&text),
            Key::Enter => return Typed::Complete,
            Key::Interrupt => return Typed::Leave,
            Key::EndOfFile if self.text.is_empty() => return Typed::Leave,
            Key::EndOfFile | Key::Delete => self.remove(self.cursor, self.after(self.cursor)),
            Key::Backspace => self.remove(self.before(self.cursor), self.cursor),
            Key::Left => self.cursor = self.before(self.cursor),
            Key::Right => self.cursor = self.after(self.cursor),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::WordLeft => self.cursor = self.word_before(),
            Key::WordRight => self.cursor = self.word_after(),
            Key::DeleteWord => self.remove(self.word_before(), self.cursor),
            Key::DeleteToStart => self.remove(0, self.cursor),
            Key::DeleteToEnd => self.remove(self.cursor, self.text.len()),
            Key::Tab => self.insert(" "),
            Key::Redraw
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::BackTab
            | Key::Escape => {}
        }
        Typed::Going
    }

    fn insert(&mut self, text: &str) {
        let new: Vec<char> = clean(text).chars().collect();
        let after = self.cursor + new.len();
        self.text.splice(self.cursor..self.cursor, new);
        self.cursor = after;
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.drain(from..to);
        self.cursor = from;
    }

    /// Characters without a width belong to the one before them.
    fn before(&self, at: usize) -> usize {
        (0..at)
            .rev()
            .find(|index| stands_alone(self.text[*index]))
            .unwrap_or(0)
    }

    fn after(&self, at: usize) -> usize {
        let end = self.text.len();
        (at + 1..end)
            .find(|index| stands_alone(self.text[*index]))
            .unwrap_or(end)
    }

    fn word_before(&self) -> usize {
        let mut at = self.cursor;
        while at > 0 && self.text[at - 1].is_whitespace() {
            at -= 1;
        }
        while at > 0 && !self.text[at - 1].is_whitespace() {
            at -= 1;
        }
        at
    }

    fn word_after(&self) -> usize {
        let mut at = self.cursor;
        while at < self.text.len() && self.text[at].is_whitespace() {
            at += 1;
        }
        while at < self.text.len() && !self.text[at].is_whitespace() {
            at += 1;
        }
        at
    }

    /// The line behind its prompt in so many columns; of a long one, the rows around the cursor.
    pub(in crate::ui) fn draw(&self, prompt: &str, columns: usize, most_rows: usize) -> Drawing {
        let columns = columns.max(8);
        let indent = width(prompt).min(columns / 2);
        let mut rows = vec![prompt.to_owned()];
        let mut column = width(prompt);
        let mut cursor = (0, column);
        for (index, ch) in self.text.iter().enumerate() {
            // The last column stays free, so that no terminal wraps on its own.
            if *ch == '\n' || column + char_width(*ch) >= columns {
                rows.push(" ".repeat(indent));
                column = indent;
            }
            if index == self.cursor {
                cursor = (rows.len() - 1, column);
            }
            if *ch != '\n' {
                column += char_width(*ch);
                if let Some(row) = rows.last_mut() {
                    row.push(*ch);
                }
            }
        }
        if self.cursor == self.text.len() {
            cursor = (rows.len() - 1, column);
        }
        let first = (cursor.0 + 1).saturating_sub(most_rows.max(1));
        let rows = rows
            .into_iter()
            .skip(first)
            .take(most_rows.max(1))
            .collect();
        Drawing {
            rows,
            cursor: (cursor.0 - first, cursor.1),
        }
    }
}

fn stands_alone(ch: char) -> bool {
    ch == '\n' || char_width(ch) > 0
}

#[cfg(test)]
mod tests {
    use super::super::keys::Decoder;
    use super::*;

    /// Types the bytes; `|` in what is expected marks the cursor.
    fn check(bytes: &str, expected: &str) {
        let mut decoder = Decoder::default();
        let mut editor = Editor::default();
        for key in bytes.bytes().filter_map(|byte| decoder.push(byte)) {
            editor.press(key);
        }
        let mut text: Vec<char> = editor.text.clone();
        text.insert(editor.cursor, '|');
        assert_eq!(text.into_iter().collect::<String>(), expected);
    }

    #[test]
    fn keys_edit_the_line() {
        check("todo", "todo|");
        check("todo\x1b[D\x1b[DX", "toX|do");
        check("todo\x01a \x05!", "a todo!|");
        check("one two  \x17", "one |");
        check("one two\x1b[D\x15", "|o");
        check("one two\x01\x1b[C\x0b", "o|");
        check("ab\x7f\x7f\x7fc", "c|");
        check("ab\x01\x1b[3~\x04", "|");
        check("e\u{301}x\x1b[D\x7f", "|x");
        check("one two\x1bb\x1bb\x1bf-", "one-| two");
    }

    #[test]
    fn a_paste_keeps_its_lines_and_loses_its_escapes() {
        check(
            "\x1b[200~one\rtwo\x1b[31m\x1b[201~",
            "one\ntwo\u{fffd}[31m|",
        );
    }

    #[test]
    fn leaving_needs_an_empty_line_or_an_interrupt() {
        let mut editor = Editor::default();
        assert_eq!(editor.press(Key::EndOfFile), Typed::Leave);
        assert_eq!(editor.press(Key::Text('a')), Typed::Going);
        assert_eq!(editor.press(Key::EndOfFile), Typed::Going);
        assert_eq!(editor.press(Key::Interrupt), Typed::Leave);
        assert_eq!(editor.press(Key::Enter), Typed::Complete);
    }

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.insert(text);
        editor
    }

    #[test]
    fn long_lines_wrap_before_the_last_column() {
        let drawing = typed("abcdefghij").draw("> ", 8, 9);
        assert_eq!(drawing.rows, ["> abcde", "  fghij"]);
        assert_eq!(drawing.cursor, (1, 7));
        let wide = typed("日本語").draw("> ", 8, 9);
        assert_eq!(wide.rows, ["> 日本", "  語"]);
        assert_eq!(wide.cursor, (1, 4));
        assert_eq!(typed("a\nb").draw("> ", 8, 9).rows, ["> a", "  b"]);
    }

    #[test]
    fn only_the_rows_around_the_cursor_are_drawn() {
        let drawing = typed("a\nb\nc\nd").draw("> ", 20, 2);
        assert_eq!(drawing.rows, ["  c", "  d"]);
        assert_eq!(drawing.cursor, (1, 3));
    }
}
