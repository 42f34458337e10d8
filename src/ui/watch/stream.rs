//! What happens: the last lines of the journal in words, and below them what is under way.

use ratatui::layout::Rect;

use super::canvas::{Canvas, bottom, top};
use super::head::Life;
use super::header::now;
use super::moment::{clock, since};
use super::state::{Entry, Part, Watch};
use crate::engine::session::Tail;
use crate::ui::text::{Line, Look, Tone, paragraph};

/// Draws the stream.
pub(super) fn stream(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let mut rest = area;
    let Some(entry) = watch.chosen() else {
        return;
    };
    let more = match watch.back {
        0 => String::new(),
        1 => "1 line below, G goes there".to_owned(),
        back => format!("{back} lines below, G goes there"),
    };
    let title = top(&mut rest, 1);
    canvas.title(title, "live", &more, watch.emphasis(Part::Stream));
    let Some(watched) = &entry.watched else {
        let words = match entry.head.life {
            Life::Damaged => format!("This session cannot be read. {}", entry.head.task),
            Life::Gone => "This session was deleted.".to_owned(),
            _ => "reading the journal".to_owned(),
        };
        let look = canvas.look(rest);
        canvas.lines(rest, &paragraph(Tone::Dim, &words, "", &look));
        return;
    };
    let look = canvas.look(rest);
    let under_way = under_way(entry, watch.now, &look);
    let mut place = rest;
    if under_way.is_some() {
        bottom(&mut rest, 1);
    }
    let lines = watched.lines(&look);
    let back = watch.back.min(furthest(lines.len(), rest));
    let end = lines.len() - back;
    let begin = end.saturating_sub(usize::from(rest.height));
    canvas.lines(rest, &lines[begin..end]);
    if let Some(line) = under_way {
        // Right below what happened last.
        let shown = u16::try_from(end - begin).unwrap_or(rest.height);
        top(&mut place, shown);
        canvas.line(place, 0, &line);
    }
}

/// How far back a stream of so many lines can be scrolled.
pub(super) fn furthest(lines: usize, area: Rect) -> usize {
    lines.saturating_sub(usize::from(area.height.max(1)))
}

/// `▸ running python3 -m unittest  0:12`.
fn under_way(entry: &Entry, now_at: i64, look: &Look) -> Option<Line> {
    let watched = entry.watched.as_ref()?;
    if entry.head.life != Life::Running {
        return None;
    }
    let (words, at) = if let Some(ask) = watched.session.open_ask() {
        let words = format!("waits for the answer to {}", ask.id);
        (words, &watched.last_at)
    } else if let Some((what, at)) = &watched.running {
        (format!("running {what}"), at)
    } else {
        let open = watched.session.conversation.as_ref();
        let words = match open.map(|open| &open.tail) {
            Some(Tail::ModelNext) => "the model is at work",
            Some(Tail::Claim { .. }) => "checking what the model says",
            _ => "working",
        };
        (words.to_owned(), &watched.last_at)
    };
    let spent = since(at, now_at).map(clock).unwrap_or_default();
    let end = Line::new(Tone::Dim, &format!("  {spent}"));
    let sign = Line::new(Tone::Accent, now(look.glyphs)).with(Tone::Plain, " ");
    let room = look.columns.saturating_sub(sign.width() + end.width());
    let words = Line::new(Tone::Plain, &words).fit(&Look {
        columns: room,
        ..*look
    });
    let line = sign.with(Tone::Accent, &words.plain());
    Some(line.with(Tone::Dim, &format!("  {spent}")))
}
