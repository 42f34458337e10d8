//! Lines and titles on a screen of cells. Everything that is drawn passes here, so nothing can be
//! drawn outside its place, and no text acts on the terminal: a [`Line`] cleans whatever is in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::ui::text::{Colour, Glyphs, Line, Look, Tone};

/// A screen of cells, and how things look on it.
pub(super) struct Canvas<'a> {
    pub(super) buffer: &'a mut Buffer,
    pub(super) colour: Colour,
    pub(super) glyphs: Glyphs,
}

/// Whether a part of the screen is the one that keys speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// It is.
    Focused,
    /// Another one is.
    Quiet,
}

impl Canvas<'_> {
    pub(super) fn look(&self, area: Rect) -> Look {
        Look {
            columns: usize::from(area.width),
            colour: self.colour,
            glyphs: self.glyphs,
        }
    }

    /// A line in that row of the area; outside of it nothing is drawn.
    pub(super) fn line(&mut self, area: Rect, row: u16, line: &Line) {
        let area = area.intersection(*self.buffer.area());
        if row >= area.height {
            return;
        }
        let (mut x, y) = (area.x, area.y + row);
        let line = sure(line).fit(&self.look(area));
        for (tone, text) in line.pieces() {
            let room = usize::from(area.right().saturating_sub(x));
            (x, _) = self.buffer.set_stringn(x, y, text, room, self.style(tone));
        }
    }

    /// Lines from the top of the area on.
    pub(super) fn lines(&mut self, area: Rect, lines: &[Line]) {
        for (row, line) in (0..area.height).zip(lines) {
            self.line(area, row, line);
        }
    }

    /// `── words ─────── more ──` in the first row of the area.
    pub(super) fn title(&mut self, area: Rect, words: &str, more: &str, emphasis: Emphasis) {
        let rule = self.glyphs.rule();
        let tone = match emphasis {
            Emphasis::Focused => Tone::Accent,
            Emphasis::Quiet => Tone::Bold,
        };
        let head = Line::new(Tone::Dim, &rule.repeat(2)).with(tone, &format!(" {words} "));
        let tail = match more {
            "" => Line::default(),
            more => Line::new(Tone::Dim, &format!(" {more} ")).with(Tone::Dim, &rule.repeat(2)),
        };
        let columns = usize::from(area.width);
        let rest = columns.saturating_sub(head.width() + tail.width());
        let line = head.with(Tone::Dim, &rule.repeat(rest));
        let line = tail
            .pieces()
            .fold(line, |line, (tone, text)| line.with(tone, text));
        self.line(area, 0, &line);
    }

    /// The row stands out: it is the chosen one.
    pub(super) fn choose(&mut self, area: Rect, row: u16) {
        let area = area.intersection(*self.buffer.area());
        if row < area.height {
            let row = Rect::new(area.x, area.y + row, area.width, 1);
            self.buffer
                .set_style(row, Style::default().add_modifier(Modifier::REVERSED));
        }
    }

    /// A line from top to bottom at the left edge of the area.
    pub(super) fn edge(&mut self, area: Rect) {
        let bar = Line::new(Tone::Dim, self.glyphs.pick("│", "|"));
        for row in 0..area.height {
            self.line(area, row, &bar);
        }
    }

    const fn style(&self, tone: Tone) -> Style {
        let style = match tone {
            Tone::Plain => return Style::new(),
            Tone::Dim => return Style::new().add_modifier(Modifier::DIM),
            Tone::Bold => return Style::new().add_modifier(Modifier::BOLD),
            Tone::Good => Style::new().fg(Color::Green),
            Tone::Bad => Style::new().fg(Color::Red),
            Tone::Warn => Style::new().fg(Color::Yellow),
            Tone::Accent => Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
        };
        match self.colour {
            Colour::On => style,
            Colour::Off => Style::new().add_modifier(style.add_modifier),
        }
    }
}

/// The first rows of an area, which it loses.
pub(super) const fn top(area: &mut Rect, rows: u16) -> Rect {
    let rows = least(rows, area.height);
    let taken = Rect {
        height: rows,
        ..*area
    };
    area.y += rows;
    area.height -= rows;
    taken
}

/// The last rows of an area, which it loses.
pub(super) const fn bottom(area: &mut Rect, rows: u16) -> Rect {
    let rows = least(rows, area.height);
    area.height -= rows;
    Rect {
        y: area.y + area.height,
        height: rows,
        ..*area
    }
}

/// The first columns of an area, which it loses.
pub(super) const fn left(area: &mut Rect, columns: u16) -> Rect {
    let columns = least(columns, area.width);
    let taken = Rect {
        width: columns,
        ..*area
    };
    area.x += columns;
    area.width -= columns;
    taken
}

const fn least(one: u16, other: u16) -> u16 {
    if one < other { one } else { other }
}

/// The line without what terminals draw in different widths: several code points that are one sign
/// for some of them and several for others. A flag becomes its two letters, a family stands side by
/// side, and what only changes the look of a sign goes.
fn sure(line: &Line) -> Line {
    let ch = |ch: char| match ch {
        '\u{1f1e6}'..='\u{1f1ff}' => {
            let place = u32::from(ch) - 0x1f1e6;
            char::from_u32(u32::from('A') + place)
        }
        // Joiners and other signs without a width, forms of the sign before, colours of skin.
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{20e3}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e01ef}' => None,
        other => Some(other),
    };
    let pieces = line.pieces();
    pieces.fold(Line::default(), |sure, (tone, text)| {
        sure.with(tone, &text.chars().filter_map(ch).collect::<String>())
    })
}

/// Two lines in one row: the second at its end, the first cut to what is left. Where both do not
/// fit with some room for the first, the second goes.
pub(super) fn spread(first: &Line, second: &Line, look: &Look) -> Line {
    let (first, second) = (&sure(first), &sure(second));
    let gap = 2;
    let needed = second.width() + gap;
    if second.width() == 0 || look.columns < needed + first.width().min(look.columns / 3) {
        return first.clone().fit(look);
    }
    let first = first.clone().fit(&Look {
        columns: look.columns - needed,
        ..*look
    });
    let padding = look.columns - first.width() - second.width();
    let line = first.with(Tone::Plain, &" ".repeat(padding));
    second
        .pieces()
        .fold(line, |line, (tone, text)| line.with(tone, text))
}

/// Where a window of so many rows stands in a longer list so that one row is seen, with a row
/// around it where there is one.
pub(super) fn window(rows: usize, total: usize, seen: usize) -> usize {
    let last = total.saturating_sub(rows);
    (seen + 2).saturating_sub(rows).min(last).min(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_of_a_row_gives_way_before_its_beginning() {
        let row = |columns| {
            let look = Look {
                columns,
                colour: Colour::Off,
                glyphs: Glyphs::Unicode,
            };
            let (first, second) = ("Build a todo app", "running 0:42");
            spread(
                &Line::new(Tone::Bold, first),
                &Line::new(Tone::Plain, second),
                &look,
            )
            .plain()
        };
        assert_eq!(row(32), "Build a todo app    running 0:42");
        assert_eq!(row(24), "Build a t…  running 0:42");
        assert_eq!(row(18), "Build a todo app");
    }

    proptest! {
        #[test]
        fn the_chosen_row_is_always_seen(rows in 1..40_usize, total in 1..100_usize, seen in 0..100_usize) {
            let seen = seen.min(total - 1);
            let first = window(rows, total, seen);
            prop_assert!((first..first + rows).contains(&seen), "{first}");
            prop_assert!(first == 0 || first + rows <= total);
        }
    }
}
