//! The rows at the bottom: keys, what came of the last act, or what is being typed.

use ratatui::layout::{Position, Rect};

use super::canvas::{Canvas, bottom};
use super::help::hints;
use super::state::{Typing, Watch, noticed};
use crate::engine::event::Audience;
use crate::ui::surface::Drawing;
use crate::ui::text::{Line, Tone};

/// Draws them; the place of the cursor, if something is typed.
pub(super) fn keys(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) -> Option<Position> {
    let look = canvas.look(area);
    match &watch.typing {
        Typing::Nothing => {
            let lines = match &watch.notice {
                Some(notice) => noticed(notice, &look),
                None => vec![hints(watch, &look)],
            };
            canvas.lines(area, &lines);
            None
        }
        Typing::Stop => {
            let words = "Stop this session? It is saved and can be resumed. y/N ";
            canvas.line(area, 0, &Line::new(Tone::Warn, words));
            None
        }
        Typing::Tell(editor, to) => {
            let whom = match to {
                None => "tell the model (Tab: whom) > ".to_owned(),
                Some(Audience::Ticket(id)) => format!("tell {id} > "),
                Some(Audience::All) => "tell all from here on > ".to_owned(),
            };
            let drawing = editor.draw(&whom, look.columns, 1);
            Some(typed(canvas, area, &drawing))
        }
        Typing::Answer(answering) | Typing::Lost(answering) => {
            let drawing = answering.drawing(&look);
            let mut remarks = area;
            let rows = u16::try_from(drawing.rows.len()).unwrap_or(1);
            let line = bottom(&mut remarks, rows);
            canvas.lines(remarks, &answering.remarks(&look));
            Some(typed(canvas, line, &drawing))
        }
    }
}

fn typed(canvas: &mut Canvas<'_>, area: Rect, drawing: &Drawing) -> Position {
    let lines: Vec<Line> = drawing
        .rows
        .iter()
        .map(|row| Line::new(Tone::Plain, row))
        .collect();
    canvas.lines(area, &lines);
    let (row, column) = drawing.cursor;
    let whole = *canvas.buffer.area();
    let within = |start: u16, offset: usize, end: u16| {
        let offset = u16::try_from(offset).unwrap_or(u16::MAX);
        start.saturating_add(offset).min(end.saturating_sub(1))
    };
    Position::new(
        within(area.x, column, whole.right()),
        within(area.y, row, whole.bottom()),
    )
}
