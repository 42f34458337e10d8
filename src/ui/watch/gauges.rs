//! One row of numbers about the chosen session: how full the context is, how fast the model writes,
//! what had to be repaired, how much is left. What has no room is left out from the end.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::moment::about;
use super::state::Watch;
use super::watched::Watched;
use crate::ui::text::{Glyphs, Line, Look, Tone, thousands};

/// Cells of the bar.
const BAR: usize = 10;

/// Draws the row.
pub(super) fn gauges(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let Some(watched) = watch.watched() else {
        return;
    };
    let look = canvas.look(area);
    canvas.line(area, 0, &line(watched, &look));
}

fn line(watched: &Watched, look: &Look) -> Line {
    let parts = [
        context(watched, look),
        watched
            .work_left()
            .map(|ms| Line::new(Tone::Plain, &format!("about {} left", about(ms)))),
        watched
            .pace()
            .map(|pace| Line::new(Tone::Plain, &format!("{pace} tok/s"))),
        count(watched.sent_back, "check sent back", "checks sent back"),
        count(watched.repaired, "reply repaired", "replies repaired"),
        count(watched.session.loops.values().sum(), "loop", "loops"),
        tokens(watched),
    ];
    let dot = Line::new(Tone::Dim, look.glyphs.dot());
    let mut line = Line::default();
    for part in parts.into_iter().flatten() {
        let gap = if line.width() == 0 { 0 } else { dot.width() };
        if line.width() + gap + part.width() > look.columns {
            continue;
        }
        if gap > 0 {
            line = join(line, &dot);
        }
        line = join(line, &part);
    }
    line
}

fn join(line: Line, more: &Line) -> Line {
    more.pieces()
        .fold(line, |line, (tone, text)| line.with(tone, text))
}

/// `context ███░░░░░░░ 31% of 16,384`.
fn context(watched: &Watched, look: &Look) -> Option<Line> {
    let (used, window) = watched.context()?;
    let percent = used.saturating_mul(100).checked_div(window)?.min(100);
    let tone = match percent {
        0..70 => Tone::Good,
        70..90 => Tone::Warn,
        _ => Tone::Bad,
    };
    let line = Line::new(Tone::Plain, "context ");
    let line = if look.columns >= 50 {
        let cells = usize::try_from(percent).unwrap_or(100) * BAR / 100;
        let (filled, empty) = bar(look.glyphs);
        line.with(tone, &filled.repeat(cells))
            .with(Tone::Dim, &empty.repeat(BAR - cells))
            .with(Tone::Plain, " ")
    } else {
        line
    };
    let words = format!("{percent}% of {}", thousands(window));
    Some(line.with(Tone::Plain, &words))
}

const fn bar(glyphs: Glyphs) -> (&'static str, &'static str) {
    (glyphs.pick("█", "#"), glyphs.pick("░", "."))
}

fn count(number: u64, one: &str, more: &str) -> Option<Line> {
    let words = match number {
        0 => return None,
        1 => format!("1 {one}"),
        number => format!("{} {more}", thousands(number)),
    };
    Some(Line::new(Tone::Warn, &words))
}

fn tokens(watched: &Watched) -> Option<Line> {
    let totals = &watched.session.totals;
    (totals.calls > 0).then(|| {
        let (read, wrote) = (
            thousands(totals.prompt_tokens),
            thousands(totals.eval_tokens),
        );
        Line::new(Tone::Dim, &format!("{read} tokens read, {wrote} written"))
    })
}
