//! The difference an edit made, as lines. Owns nothing but the look of it.

use similar::{ChangeTag, TextDiff};

use super::text::{Line, Look, Tone, thousands};

/// Lines that did not change, around those that did.
const CONTEXT: usize = 2;
/// More lines than this are counted, not shown.
const MOST_LINES: usize = 60;
/// Comparing stops at this size: a screen must not hold up the work.
const MOST_BYTES: usize = 400_000;

/// Lines added and removed.
pub(super) fn counts(before: &str, after: &str) -> (usize, usize) {
    let diff = TextDiff::from_lines(before, after);
    diff.iter_all_changes()
        .fold((0, 0), |(added, removed), change| match change.tag() {
            ChangeTag::Insert => (added + 1, removed),
            ChangeTag::Delete => (added, removed + 1),
            ChangeTag::Equal => (added, removed),
        })
}

/// The changed lines, with numbers, inside their surroundings.
pub(super) fn lines(before: Option<&str>, after: &str, look: &Look) -> Vec<Line> {
    let old = before.unwrap_or_default();
    if old.len() + after.len() > MOST_BYTES {
        let text = format!(
            "    (too long to compare: {} bytes)",
            thousands(after.len() as u64)
        );
        return vec![Line::new(Tone::Dim, &text)];
    }
    let diff = TextDiff::from_lines(old, after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(Line::new(
                Tone::Dim,
                &format!("        {}", look.glyphs.dots()),
            ));
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let (tone, sign, number) = match change.tag() {
                ChangeTag::Insert => (Tone::Good, '+', change.new_index()),
                ChangeTag::Delete => (Tone::Bad, '-', change.old_index()),
                ChangeTag::Equal => (Tone::Dim, ' ', change.new_index()),
            };
            let number = number.map_or(0, |index| index + 1);
            let text = format!("{sign} {}", change.value().trim_end_matches(['\r', '\n']));
            let line = Line::new(Tone::Dim, &format!("{number:>6} ")).with(tone, &text);
            lines.push(line.fit(look));
        }
    }
    if lines.len() > MOST_LINES {
        let more = thousands((lines.len() - MOST_LINES) as u64);
        lines.truncate(MOST_LINES);
        lines.push(Line::new(Tone::Dim, &format!("       ({more} more lines)")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::text::{Colour, Glyphs};
    use super::*;

    const LOOK: Look = Look {
        columns: 30,
        colour: Colour::Off,
        glyphs: Glyphs::Unicode,
    };

    #[test]
    fn a_change_stands_in_its_surroundings() {
        let shown = lines(Some("a\nb\nc\nd\ne\n"), "a\nb\nC\nd\ne\n", &LOOK);
        let shown: Vec<String> = shown.iter().map(Line::plain).collect();
        assert_eq!(
            shown,
            [
                "     1   a",
                "     2   b",
                "     3 - c",
                "     3 + C",
                "     4   d",
                "     5   e"
            ]
        );
        assert_eq!(counts("a\nb\n", "a\nc\nd\n"), (2, 1));
    }

    #[test]
    fn escapes_in_a_file_stay_harmless_and_long_diffs_end() {
        let long = "\x1b[2J\n".repeat(100);
        let shown = lines(None, &long, &LOOK);
        assert_eq!(shown.len(), 61);
        assert_eq!(shown[0].plain(), "     1 + \u{fffd}[2J");
        assert_eq!(shown[60].plain(), "       (40 more lines)");
    }
}
