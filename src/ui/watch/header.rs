//! The rows on top: what was asked for, where it stands, the phases; and the questions that wait
//! for somebody.

use ratatui::layout::Rect;

use super::canvas::{Canvas, spread};
use super::head::Life;
use super::moment::{clock, since};
use super::state::{Entry, Page, Watch};
use crate::engine::event::Outcome;
use crate::engine::session::{OpenAsk, Stage};
use crate::ui::text::{Glyphs, Line, Look, Tone};

/// Draws the header.
pub(super) fn header(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let look = canvas.look(area);
    let Some(entry) = watch.chosen().filter(|_| watch.page() != Page::Sessions) else {
        let line = Line::new(Tone::Bold, "loop watch");
        canvas.line(
            area,
            0,
            &spread(&line, &Line::new(Tone::Dim, &counts(watch)), &look),
        );
        return;
    };
    let task = one_line(&entry.head.task);
    let line = spread(
        &Line::new(Tone::Bold, &task),
        &standing(entry, watch),
        &look,
    );
    canvas.line(area, 0, &line);
    let id = Line::new(Tone::Dim, &entry.head.id);
    let room = match watch.page() {
        // Who answers must see whom.
        Page::Ask => look.columns.saturating_sub(2 + id.width()),
        _ => look.columns,
    };
    let place = Look {
        columns: room,
        ..look
    };
    let line = match phases(entry, &place) {
        None => id,
        Some(line) if line.width() + 2 + id.width() > look.columns => line,
        Some(line) => spread(&line, &id, &look),
    };
    canvas.line(area, 1, &line);
}

/// `12 sessions, 1 running, 1 question`.
fn counts(watch: &Watch) -> String {
    let count = |number: usize, one: &str, more: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {more}"),
    };
    let mut parts = vec![count(watch.entries().len(), "session", "sessions")];
    let running = watch.running().count();
    if running > 0 {
        parts.push(format!("{running} running"));
    }
    let asks = watch.asks();
    let asks = asks
        .iter()
        .filter(|(entry, open)| !watch.is_sent(entry, open));
    let asks = asks.count();
    if asks > 0 {
        parts.push(count(asks, "question", "questions"));
    }
    parts.join(", ")
}

/// Text of several lines as one.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `running 12:04`, `completed`, `waits for you 0:42`.
fn standing(entry: &Entry, watch: &Watch) -> Line {
    let waits = watch.is_held(entry);
    let spent = match (entry.head.life, &entry.watched) {
        (Life::Running, Some(watched)) if waits => since(&watched.last_at, watch.now),
        (Life::Running, _) => since(&entry.head.started_at, watch.now),
        _ => None,
    };
    let words = match (entry.head.life, waits) {
        (Life::Running, true) => "waits for you",
        _ => &entry.head.words,
    };
    let line = Line::new(tone(entry.head.life, waits), words);
    match spent {
        Some(spent) => line.with(Tone::Plain, &format!(" {}", clock(spent))),
        None => line,
    }
}

/// How a session's state looks.
pub(super) const fn tone(life: Life, waits: bool) -> Tone {
    match life {
        Life::Running if waits => Tone::Warn,
        Life::Running => Tone::Accent,
        Life::NeedsInput | Life::Paused => Tone::Warn,
        Life::Over(Outcome::Completed) => Tone::Good,
        Life::Over(Outcome::Blocked | Outcome::Refused) | Life::Damaged => Tone::Bad,
        Life::Over(Outcome::Skipped) | Life::Gone => Tone::Dim,
    }
}

/// `✓ prd  ✓ tickets  ▸ implement  · refactor`: with all names if there is room, else the current
/// one and its place.
fn phases(entry: &Entry, look: &Look) -> Option<Line> {
    let session = &entry.watched.as_ref()?.session;
    let names = session.pipeline.names();
    let current = match session.stage {
        Stage::In(place) => Some(place),
        Stage::Before(_) => None,
    };
    let piece = |place: usize, name: &str| {
        let (sign, tone) = match session.phase_outcomes.get(place).copied().flatten() {
            _ if current == Some(place) => (now(look.glyphs), Tone::Accent),
            Some(Outcome::Completed) => (look.glyphs.good(), Tone::Good),
            Some(Outcome::Blocked | Outcome::Refused) => (look.glyphs.bad(), Tone::Bad),
            Some(Outcome::Skipped) => ("-", Tone::Dim),
            None => (later(look.glyphs), Tone::Dim),
        };
        let name_tone = match tone {
            Tone::Good => Tone::Plain,
            other => other,
        };
        (sign, tone, name.to_owned(), name_tone)
    };
    let all = |gap: &str| {
        let mut line = Line::default();
        for (place, name) in names.iter().enumerate() {
            let (sign, tone, name, name_tone) = piece(place, name);
            let before = if place == 0 { "" } else { gap };
            line = line
                .with(Tone::Plain, before)
                .with(tone, sign)
                .with(name_tone, &format!(" {name}"));
        }
        line
    };
    let fitting = ["   ", "  ", " "].into_iter().map(all);
    let fitting = fitting
        .into_iter()
        .find(|line| line.width() <= look.columns);
    fitting.or_else(|| {
        let (Stage::In(place) | Stage::Before(place)) = session.stage;
        let place = place.min(names.len().checked_sub(1)?);
        let (sign, tone, name, _) = piece(place, names[place]);
        let words = format!(" {name} {}/{}", place + 1, names.len());
        Some(Line::new(tone, sign).with(Tone::Bold, &words))
    })
}

/// The sign of what is under way.
pub(super) const fn now(glyphs: Glyphs) -> &'static str {
    glyphs.pick("▸", ">")
}

/// The sign of what is to come.
pub(super) const fn later(glyphs: Glyphs) -> &'static str {
    glyphs.pick("·", ".")
}

/// Draws the questions that wait, one a row; what has no row is counted.
pub(super) fn asks(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let look = canvas.look(area);
    let asks = watch.asks();
    for (row, (entry, open)) in (0..area.height).zip(&asks) {
        let more = asks.len() - usize::from(row) - 1;
        let end = match (row + 1 == area.height, more) {
            (true, 1..) => format!("and {more} more"),
            _ if watch.is_sent(entry, open) => "answer sent".to_owned(),
            _ => open.ask.id.to_string(),
        };
        let line = asked(watch, entry, open);
        let end = Line::new(Tone::Dim, &end);
        canvas.line(area, row, &spread(&line, &end, &look));
    }
}

fn asked(watch: &Watch, entry: &Entry, open: &OpenAsk) -> Line {
    let (sign, tone) = if watch.is_sent(entry, open) {
        (watch.glyphs.arrow(), Tone::Dim)
    } else {
        ("?", Tone::Bold)
    };
    let line = Line::new(Tone::Warn, sign).with(Tone::Plain, " ");
    let line = if watch.is_chosen(entry) && watch.page() != Page::Sessions {
        line
    } else {
        let task: String = one_line(&entry.head.task).chars().take(24).collect();
        line.with(Tone::Dim, &format!("{}: ", task.trim_end()))
    };
    line.with(tone, &one_line(&open.ask.text))
}
