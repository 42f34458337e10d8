//! The list of sessions: state, age, place, task, one a row.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Emphasis, spread, top, window};
use super::head::Life;
use super::header::{now, one_line, tone};
use super::moment::{age, since};
use super::state::{Entry, Page, Watch};
use crate::engine::event::Outcome;
use crate::ui::text::{Line, Look, Tone, paragraph};

/// Draws the list.
pub(super) fn list(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let mut rows = area;
    let emphasis = if watch.page() == Page::Sessions {
        Emphasis::Focused
    } else {
        Emphasis::Quiet
    };
    let title = top(&mut rows, 1);
    canvas.title(title, "sessions", "", emphasis);
    let entries = watch.entries();
    if entries.is_empty() {
        let words =
            "There are no sessions yet. loop \"what you want\" begins one; it appears here.";
        let look = canvas.look(rows);
        canvas.lines(rows, &paragraph(Tone::Dim, words, "", &look));
        return;
    }
    let is_chosen = |entry: &Entry| watch.chosen.as_deref() == Some(entry.head.id.as_str());
    let seen = entries.iter().position(is_chosen).unwrap_or(0);
    let first = window(usize::from(rows.height.max(1)), entries.len(), seen);
    let look = canvas.look(rows);
    for (row, entry) in (0..rows.height).zip(entries.iter().skip(first)) {
        canvas.line(rows, row, &entry_line(entry, watch, &look));
        if is_chosen(entry) {
            canvas.line(
                rows,
                row,
                &Line::new(Tone::Accent, look.glyphs.pick("›", ">")),
            );
            canvas.choose(rows, row);
        }
    }
}

fn entry_line(entry: &Entry, watch: &Watch, look: &Look) -> Line {
    let head = &entry.head;
    let waits = watch.waits(entry);
    let tone = tone(head.life, waits);
    let sign = match head.life {
        _ if waits => "?",
        Life::Running => now(look.glyphs),
        Life::NeedsInput => "?",
        Life::Paused => look.glyphs.pick("‖", "="),
        Life::Over(Outcome::Completed) => look.glyphs.good(),
        Life::Over(_) | Life::Damaged => look.glyphs.bad(),
        Life::Gone => "-",
    };
    let words = if watch.is_held(entry) && head.life == Life::Running {
        "waits for you"
    } else {
        &head.words
    };
    let line = Line::new(Tone::Plain, " ").with(tone, sign);
    let line = if look.columns >= 48 {
        line.with(tone, &format!(" {words:<13}"))
    } else {
        line.with(Tone::Plain, " ")
    };
    let line = line.with(Tone::Plain, &format!(" {}", one_line(&head.task)));
    spread(&line, &end(entry, watch.now, look), look)
}

/// Where it stands, and how long ago it began.
fn end(entry: &Entry, now_at: i64, look: &Look) -> Line {
    let head = &entry.head;
    let place = match (&head.phase, &head.ticket) {
        _ if look.columns < 56 => String::new(),
        (Some(phase), Some(ticket)) => format!("{phase} {ticket}"),
        (Some(phase), None) => phase.clone(),
        (None, _) => String::new(),
    };
    let age = since(&head.started_at, now_at).map(age).unwrap_or_default();
    Line::new(Tone::Plain, &place).with(Tone::Dim, &format!("{age:>5}"))
}
