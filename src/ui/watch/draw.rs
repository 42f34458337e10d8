//! The whole screen, from what is known: pure, for any size. One part a file; here is only which of
//! them stand on which page, and the pages that are text.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::board::{board, checks};
use super::bottom::keys;
use super::canvas::{Canvas, Emphasis, top};
use super::gauges::gauges;
use super::header::{asks, header};
use super::list::list;
use super::state::{Page, Typing, Watch};
use super::stream::stream;
use super::{help, ticket};
use crate::ui::text::{Line, Look, Tone, paragraph};
use crate::ui::words::question;

/// Draws one part into its place.
type Part = fn(&mut Canvas<'_>, Rect, &Watch);

/// Draws the screen into a buffer of its size; the place of the cursor, if something is typed.
pub fn draw(buffer: &mut Buffer, watch: &Watch) -> Option<Position> {
    let layout = watch.layout();
    let mut canvas = Canvas {
        buffer,
        colour: watch.colour,
        glyphs: watch.glyphs,
    };
    let parts: [(Rect, Part); 8] = [
        (layout.header, header),
        (layout.asks, asks),
        (layout.list, list),
        (layout.board, board),
        (layout.checks, checks),
        (layout.stream, stream),
        (layout.text, text),
        (layout.gauges, gauges),
    ];
    for (area, part) in parts.into_iter().filter(|(area, _)| !area.is_empty()) {
        part(&mut canvas, area, watch);
    }
    for edge in layout.edges {
        canvas.edge(edge);
    }
    keys(&mut canvas, layout.keys, watch)
}

/// A page of text below its title.
fn text(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let mut rows = area;
    let title = top(&mut rows, 1);
    let look = canvas.look(rows);
    let lines = lines(watch, &look);
    let first = watch
        .first
        .min(lines.len().saturating_sub(usize::from(rows.height)));
    let below = lines.len().saturating_sub(first + usize::from(rows.height));
    let more = match (below, &watch.typing) {
        (0, Typing::Answer(answering)) => answering.ask.id.to_string(),
        (0, _) => String::new(),
        (1, Typing::Answer(_)) => "1 more line, PgDn".to_owned(),
        (1, _) => "1 more line".to_owned(),
        (below, Typing::Answer(_)) => format!("{below} more lines, PgDn"),
        (below, _) => format!("{below} more lines"),
    };
    canvas.title(title, &words(watch), &more, Emphasis::Focused);
    canvas.lines(rows, &lines[first..]);
}

fn words(watch: &Watch) -> String {
    let ticket = watch.ticket().unwrap_or("ticket");
    match watch.page() {
        Page::Ticket => ticket.to_owned(),
        Page::Diff => match &watch.diff_of {
            Some(ticket) => format!("what {ticket} changed"),
            None => "what the session changed".to_owned(),
        },
        Page::Help => "keys".to_owned(),
        Page::Ask => match &watch.typing {
            Typing::Answer(answering) => question::title(&answering.ask),
            Typing::Nothing | Typing::Tell(..) | Typing::Stop | Typing::Lost(_) => {
                "question".to_owned()
            }
        },
        Page::Sessions | Page::Session => String::new(),
    }
}

/// The lines of a page of text.
pub(super) fn lines(watch: &Watch, look: &Look) -> Vec<Line> {
    match watch.page() {
        Page::Help => help::lines(watch, look),
        Page::Ticket => match (watch.watched(), watch.ticket()) {
            (Some(watched), Some(id)) => ticket::lines(watched, id, look),
            _ => Vec::new(),
        },
        Page::Diff => match &watch.diff {
            Some(Ok(lines)) => lines.clone(),
            Some(Err(why)) => paragraph(Tone::Bad, why, "", look),
            None => vec![Line::new(Tone::Dim, "looking at the files")],
        },
        Page::Ask => match &watch.typing {
            Typing::Answer(answering) => answering.lines(look),
            Typing::Nothing | Typing::Tell(..) | Typing::Stop | Typing::Lost(_) => Vec::new(),
        },
        Page::Sessions | Page::Session => Vec::new(),
    }
}
