//! The surface that is written on: finished lines, and below them the live rows that are drawn
//! again and again. Owns every cursor movement of the display and how often it redraws; refuses to
//! know what the lines say.

use std::io::Write;
use std::time::Duration;

use super::text::{Colour, Line, Look, Tone, char_width, clean};

/// At most ten redraws a second.
pub(super) const FRAME: Duration = Duration::from_millis(100);
/// What a terminal that does not know its size is taken for.
const USUAL: (usize, usize) = (80, 24);

/// The rows of a prompt, and where the cursor goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) rows: Vec<String>,
    pub(super) cursor: (usize, usize),
}

/// Where lines go.
pub(super) struct Surface {
    pub(super) out: Box<dyn Write + Send>,
    pub(super) err: Box<dyn Write + Send>,
    pub(super) kind: Kind,
    pub(super) drawn_at: Option<Duration>,
    finished: String,
    live_rows: usize,
    stream: String,
    stream_width: usize,
    prompt: Option<Drawing>,
}

/// Whether there is a bottom line that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines are written as they come.
    Lines,
    /// Finished lines scroll away above the live rows.
    Live,
    /// The same while a question is open: nothing is drawn but the prompt.
    Asking,
}

/// Columns and rows, with zero for "unknown" made into something usual.
pub(super) const fn size_or_usual(columns: usize, rows: usize) -> (usize, usize) {
    (
        if columns == 0 { USUAL.0 } else { columns },
        if rows == 0 { USUAL.1 } else { rows },
    )
}

impl Surface {
    pub(super) fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, kind: Kind) -> Self {
        Self {
            out,
            err,
            kind,
            drawn_at: None,
            finished: String::new(),
            live_rows: 0,
            stream: String::new(),
            stream_width: 0,
            prompt: None,
        }
    }

    /// Lines for the person.
    pub(super) fn notice(&mut self, lines: &[Line], colour: Colour) {
        self.end_stream(colour);
        for line in lines {
            self.finished.push_str(line.paint(colour).trim_end());
            self.finished.push('\n');
        }
        if self.kind == Kind::Lines {
            self.write_finished();
        }
    }

    /// Lines that are a result: they go to standard output.
    pub(super) fn result(&mut self, text: &str) {
        self.clear();
        // silent-ok: a reader that has gone away must not stop the work.
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }

    /// A piece of the model's text; rows that are full are finished.
    pub(super) fn stream(&mut self, piece: &str, look: &Look) {
        for ch in clean(piece).chars() {
            let ends_row = ch == '\n' || self.stream_width + char_width(ch) > look.columns;
            if ends_row {
                let at_word = self
                    .stream
                    .rfind(' ')
                    .filter(|at| ch != '\n' && ch != ' ' && *at > 0);
                let rest = at_word
                    .map(|at| self.stream.split_off(at))
                    .unwrap_or_default();
                self.finish_stream_row(look.colour);
                rest.trim_start().clone_into(&mut self.stream);
                self.stream_width = self.stream.chars().map(char_width).sum();
                if ch == '\n' || (ch == ' ' && self.stream.is_empty()) {
                    continue;
                }
            }
            self.stream.push(ch);
            self.stream_width += char_width(ch);
        }
    }

    fn finish_stream_row(&mut self, colour: Colour) {
        let row = Line::new(Tone::Dim, self.stream.trim_end());
        self.finished.push_str(&row.paint(colour));
        self.finished.push('\n');
        self.stream.clear();
        self.stream_width = 0;
    }

    /// What was streamed is complete.
    pub(super) fn end_stream(&mut self, colour: Colour) {
        if !self.stream.trim().is_empty() {
            self.finish_stream_row(colour);
        }
        self.stream.clear();
        self.stream_width = 0;
    }

    /// Draws what is new, with the status below it, in one write.
    pub(super) fn draw(&mut self, status: Option<&Line>, look: &Look, now: Duration) {
        let mut text = self.eraser();
        text.push_str(&std::mem::take(&mut self.finished));
        let streamed = (!self.stream.is_empty()).then(|| Line::new(Tone::Dim, &self.stream));
        let rows: Vec<String> = [streamed.as_ref(), status]
            .into_iter()
            .flatten()
            .map(|line| line.paint(look.colour))
            .collect();
        text.push_str(&rows.join("\r\n"));
        self.live_rows = rows.len();
        self.drawn_at = Some(now);
        self.write(&text);
    }

    /// Takes the live rows and a prompt away and writes what is finished.
    pub(super) fn clear(&mut self) {
        let eraser = self.prompt_eraser() + &self.eraser();
        self.prompt = None;
        self.live_rows = 0;
        self.write(&eraser);
        self.write_finished();
    }

    fn eraser(&self) -> String {
        eraser(self.live_rows.checked_sub(1))
    }

    fn write_finished(&mut self) {
        let text = std::mem::take(&mut self.finished);
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        // silent-ok: a screen that has gone away must not stop the work.
        let _ = self
            .err
            .write_all(text.as_bytes())
            .and_then(|()| self.err.flush());
    }

    /// From now on only the prompt is drawn.
    pub(super) fn begin_prompt(&mut self, colour: Colour) {
        self.end_stream(colour);
        self.clear();
        self.kind = match self.kind {
            Kind::Live | Kind::Asking => Kind::Asking,
            Kind::Lines => Kind::Lines,
        };
    }

    /// The prompt goes; what was typed and not sent is taken away.
    pub(super) fn end_prompt(&mut self) {
        let eraser = self.prompt_eraser();
        self.prompt = None;
        self.write(&eraser);
        if self.kind == Kind::Asking {
            self.kind = Kind::Live;
        }
    }

    /// Lines of the conversation with the person, at once.
    pub(super) fn say(&mut self, lines: &[Line], colour: Colour) {
        let text: String = lines.iter().map(|line| line.paint(colour) + "\n").collect();
        self.write(&text);
    }

    pub(super) fn bell(&mut self) {
        self.write("\x07");
    }

    /// A sequence that draws nothing and moves nothing.
    pub(super) fn send(&mut self, sequence: &str) {
        self.write(sequence);
    }

    pub(super) fn draw_prompt(&mut self, drawing: Drawing) {
        let mut text = self.prompt_eraser();
        text.push_str(&drawing.rows.join("\r\n"));
        let up = drawing.rows.len().saturating_sub(drawing.cursor.0 + 1);
        text.push_str(&movement(up, 'A'));
        text.push('\r');
        text.push_str(&movement(drawing.cursor.1, 'C'));
        self.prompt = Some(drawing);
        self.write(&text);
    }

    /// The line was sent: it stays where it is.
    pub(super) fn finish_prompt(&mut self) {
        if let Some(drawing) = self.prompt.take() {
            let down = drawing.rows.len().saturating_sub(drawing.cursor.0);
            self.write(&format!("\r{}", "\n".repeat(down)));
        }
    }

    fn prompt_eraser(&self) -> String {
        eraser(self.prompt.as_ref().map(|drawing| drawing.cursor.0))
    }
}

/// Takes away everything from so many rows above the cursor.
fn eraser(rows_above: Option<usize>) -> String {
    rows_above.map_or_else(String::new, |rows| movement(rows, 'A') + "\r\x1b[J")
}

/// The sequence that moves the cursor so many places, or nothing.
fn movement(places: usize, direction: char) -> String {
    match places {
        0 => String::new(),
        places => format!("\x1b[{places}{direction}"),
    }
}
