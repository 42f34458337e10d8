//! Markdown lightly dressed for a terminal: headings, marks and code stand out, tables stand in
//! columns, the text stays as it is. Without colour its own marks do that. Refuses to be a Markdown
//! renderer.

use super::text::{Colour, Line, Look, Tone, clean, width, wrap};

/// The text as lines. A command that stands by itself is never broken: it is there to be copied.
pub(super) fn lines(text: &str, look: &Look) -> Vec<Line> {
    let text = clean(text);
    let sources: Vec<&str> = text.lines().collect();
    let mut lines = Vec::new();
    let mut in_fence = false;
    let mut index = 0;
    while let Some(source) = sources.get(index) {
        index += 1;
        let fence = source.trim_start().starts_with("```");
        if fence || in_fence {
            in_fence ^= fence;
            lines.push(Line::new(Tone::Accent, source).fit(look));
        } else if source.starts_with('|') {
            let rest = &sources[index - 1..];
            let rows = rest.iter().take_while(|row| row.starts_with('|')).count();
            lines.extend(table(&rest[..rows], look));
            index += rows - 1;
        } else if is_command(&sources, index - 1) {
            lines.push(Line::new(Tone::Accent, source));
        } else if !(source.trim().is_empty() && is_idle(&sources, index - 1)) {
            lines.extend(dressed(source, look));
        }
    }
    lines
}

/// An empty line that parts what belongs together: a heading or a label and its list.
fn is_idle(sources: &[&str], empty: usize) -> bool {
    let before = empty.checked_sub(1).map_or("", |index| sources[index]);
    let after = sources.get(empty + 1).copied().unwrap_or_default();
    before.starts_with('#') || (before.ends_with(':') && after.starts_with("- "))
}

/// An indented line below an empty one, as Markdown has code.
fn is_command(sources: &[&str], index: usize) -> bool {
    let above = index.checked_sub(1).map_or("", |above| sources[above]);
    sources[index].starts_with("    ") && (above.trim().is_empty() || above.starts_with("    "))
}

fn dressed(source: &str, look: &Look) -> Vec<Line> {
    let heading = source.trim_start_matches('#');
    let is_heading = heading.len() < source.len() && heading.starts_with(' ');
    let toned = |tone, text: &str| {
        let rows = wrap(text, look.columns);
        rows.iter().map(|row| Line::new(tone, row)).collect()
    };
    match look.colour {
        Colour::Off => toned(Tone::Plain, source),
        Colour::On if is_heading => toned(Tone::Bold, heading.trim()),
        Colour::On => wrap(source, look.columns)
            .iter()
            .map(|row| spans(row))
            .collect(),
    }
}

/// Cells in columns: words to the left, numbers to the right.
fn table(rows: &[&str], look: &Look) -> Vec<Line> {
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .filter(|row| row.contains(|ch| !matches!(ch, '|' | '-' | ':' | ' ')))
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cell =
        |row: &[&str], column: usize| row.get(column).copied().unwrap_or_default().to_owned();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| width(&cell(row, column))).max())
        .map(Option::unwrap_or_default)
        .collect();
    let line = |(number, row): (usize, &Vec<&str>)| {
        let cells = widths.iter().enumerate().map(|(column, widest)| {
            let text = cell(row, column);
            let blank = " ".repeat(widest - width(&text));
            match column {
                0 => text + &blank,
                _ => blank + &text,
            }
        });
        let text = format!("  {}", cells.collect::<Vec<_>>().join("  "));
        let tone = if number == 0 { Tone::Dim } else { Tone::Plain };
        Line::new(tone, text.trim_end()).fit(look)
    };
    rows.iter().enumerate().map(line).collect()
}

/// A row with its `code` and **strong** pieces toned. A pair that a wrap has parted stays as it is.
fn spans(row: &str) -> Line {
    let mut line = Line::default();
    let mut rest = row;
    while let Some(at) = rest.find(['`', '*']) {
        let mark = if rest[at..].starts_with("**") {
            "**"
        } else {
            &rest[at..=at]
        };
        let tone = if mark == "`" {
            Tone::Accent
        } else {
            Tone::Bold
        };
        let inner = &rest[at + mark.len()..];
        let closing = inner.find(mark).filter(|length| *length > 0 && mark != "*");
        if let Some(length) = closing {
            line = line
                .with(Tone::Plain, &rest[..at])
                .with(tone, &inner[..length]);
            rest = &inner[length + mark.len()..];
        } else {
            line = line.with(Tone::Plain, &rest[..at + mark.len()]);
            rest = inner;
        }
    }
    line.with(Tone::Plain, rest)
}

#[cfg(test)]
mod tests {
    use super::super::text::Glyphs;
    use super::*;

    #[test]
    fn marks_become_tones_and_nothing_is_lost() {
        let look = Look {
            columns: 40,
            colour: Colour::On,
            glyphs: Glyphs::Unicode,
        };
        let text = "# Title\n- a `b` **c** * d\n```\n# no heading\n```\n#hash";
        let shown: Vec<String> = lines(text, &look)
            .iter()
            .map(|line| line.paint(look.colour))
            .collect();
        assert_eq!(
            shown,
            [
                "\x1b[1mTitle\x1b[0m",
                "- a \x1b[36mb\x1b[0m \x1b[1mc\x1b[0m * d",
                "\x1b[36m```\x1b[0m",
                "\x1b[36m# no heading\x1b[0m",
                "\x1b[36m```\x1b[0m",
                "#hash",
            ]
        );
        let look = Look {
            colour: Colour::Off,
            ..look
        };
        let shown: Vec<String> = lines(text, &look).iter().map(Line::plain).collect();
        assert_eq!(shown.join("\n"), text);
    }
}
