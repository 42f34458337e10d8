//! A screen on the process's own standard streams. The only place of the screen that touches them.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::termios::tcgetwinsize;

use super::attention::Attention;
use super::display::{Mode, Output, Reader, Ticks};
use super::markdown;
use super::prompt::{Bell, Person, ReadBack};
use super::screen::Screen;
use super::surface::size_or_usual;
use super::text::{Colour, Glyphs, Look};
use super::words::event::Detail;
use crate::engine::neutral::neutral;

/// What flags, configuration and environment have decided.
pub struct Choices {
    /// How a run is shown; [`Mode::Terminal`] becomes [`Mode::Plain`] where there is no terminal.
    pub mode: Mode,
    /// How much is told.
    pub detail: Detail,
    /// Whether there is colour; `None` decides by whether there is a terminal.
    pub colour: Option<Colour>,
    /// Which signs can be drawn.
    pub glyphs: Glyphs,
    /// How a person is reached who looks elsewhere, if there is a terminal.
    pub attention: Attention,
    /// Whether a person may be asked.
    pub input: Input,
}

/// Whether a person may be asked.
pub enum Input {
    /// If there is a terminal: whether it rings, the editor's command line, and how an edited
    /// document is read back.
    Person(Bell, Option<String>, ReadBack),
    /// Never.
    Nobody,
}

/// A screen on the standard streams.
pub fn standard(choices: Choices) -> Screen {
    let err_is_terminal = io::stderr().is_terminal();
    let mode = match choices.mode {
        Mode::Terminal if !err_is_terminal => Mode::Plain,
        mode => mode,
    };
    let person = match choices.input {
        Input::Person(bell, editor, read_back) if err_is_terminal && io::stdin().is_terminal() => {
            // silent-ok: without a descriptor of our own there is nobody to ask.
            io::stdin()
                .as_fd()
                .try_clone_to_owned()
                .ok()
                .map(|input| Person {
                    input,
                    bell,
                    editor,
                    read_back,
                })
        }
        Input::Person(..) | Input::Nobody => None,
    };
    let reader = if io::stdout().is_terminal() {
        Reader::Person
    } else {
        Reader::Program
    };
    let by_terminal = if err_is_terminal {
        Colour::On
    } else {
        Colour::Off
    };
    let start = Instant::now();
    let output = Output {
        mode,
        detail: choices.detail,
        colour: choices.colour.unwrap_or(by_terminal),
        glyphs: choices.glyphs,
        out: (Box::new(io::stdout()), reader),
        err: Box::new(io::stderr()),
        attention: match (choices.attention, mode) {
            (wanted, Mode::Terminal) => wanted,
            (Attention::Bell | Attention::BellAndTitle, Mode::Quiet) if err_is_terminal => {
                Attention::Bell
            }
            (_, Mode::Plain | Mode::Quiet | Mode::Json) => Attention::None,
        },
        size: Box::new(size),
        clock: Box::new(move || start.elapsed()),
        ticks: Ticks::Thread,
    };
    Screen::new(output, person)
}

/// A text in Markdown as a reader of standard output wants it: dressed for a person, as it stands
/// for a program; acting on no terminal for either.
pub fn dressed(text: &str, colour: Option<Colour>) -> String {
    let Some(columns) = results_width() else {
        return neutral(text).into_owned();
    };
    let look = Look {
        columns: columns.saturating_sub(1).max(1),
        colour: colour.unwrap_or(Colour::On),
        glyphs: Glyphs::Unicode,
    };
    let lines = markdown::lines(text.trim_end(), &look);
    lines
        .iter()
        .map(|line| line.paint(look.colour) + "\n")
        .collect()
}

/// Columns of standard output, if it is a terminal.
pub fn results_width() -> Option<usize> {
    let size = io::stdout()
        .is_terminal()
        .then(|| tcgetwinsize(io::stdout()));
    let (columns, rows) = match size? {
        Ok(size) => (usize::from(size.ws_col), usize::from(size.ws_row)),
        Err(_) => (0, 0),
    };
    Some(size_or_usual(columns, rows).0)
}

/// The terminal's size; a pipe is as wide as its lines are long.
fn size() -> (usize, usize) {
    match tcgetwinsize(io::stderr()) {
        Ok(size) => (usize::from(size.ws_col), usize::from(size.ws_row)),
        Err(_) => (usize::MAX, 0),
    }
}
