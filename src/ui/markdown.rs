//! Markdown lightly dressed for a terminal: headings, marks and code stand out, the text stays as
//! it is. Without colour its own marks do that. Refuses to be a Markdown renderer.

use super::text::{Colour, Line, Look, Tone, clean, paragraph, wrap};

/// The text as lines.
pub(super) fn lines(text: &str, look: &Look) -> Vec<Line> {
    match look.colour {
        Colour::On => dressed(text, look),
        Colour::Off => paragraph(Tone::Plain, text, "", look),
    }
}

fn dressed(text: &str, look: &Look) -> Vec<Line> {
    let mut in_fence = false;
    let mut lines = Vec::new();
    for source in clean(text).lines() {
        let fence = source.trim_start().starts_with("```");
        if fence || in_fence {
            in_fence ^= fence;
            lines.push(Line::new(Tone::Accent, source).fit(look));
            continue;
        }
        let heading = source.trim_start_matches('#');
        if heading.len() < source.len() && heading.starts_with(' ') {
            let rows = wrap(heading.trim(), look.columns);
            lines.extend(rows.iter().map(|row| Line::new(Tone::Bold, row)));
            continue;
        }
        lines.extend(wrap(source, look.columns).iter().map(|row| spans(row)));
    }
    lines
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
