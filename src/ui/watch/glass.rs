//! The terminal under the live screen: its size, its keys, and the cells that differ from what
//! stands there. Takes the terminal as a whole and gives it back; knows nothing of sessions.

use std::io::{self, BufWriter, IsTerminal as _, Stdout};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use ratatui::backend::{Backend as _, ClearType, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::cursor::{Hide, MoveTo, Show};
use ratatui::crossterm::queue;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use rustix::termios::tcgetwinsize;

use super::act::Act;
use super::draw::draw;
use super::state::Watch;
use crate::ui::prompt::{RawMode, Taken, TypedAhead, more, watch};
use crate::ui::surface::size_or_usual;
use crate::ui::text::Colour;

/// What belongs to an Escape comes with it, or at most so much later over a slow line.
const ESCAPE: Duration = Duration::from_millis(50);

/// A terminal that was taken as a whole.
pub struct Glass {
    input: OwnedFd,
    backend: CrosstermBackend<BufWriter<Stdout>>,
    shown: Buffer,
    _raw: RawMode,
}

impl Glass {
    /// Takes the terminal of the standard streams; none if there is no terminal.
    pub fn take() -> io::Result<Option<Self>> {
        if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
            return Ok(None);
        }
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let raw = RawMode::take(input.as_fd(), TypedAhead::Keep, Taken::Screen)?;
        Ok(Some(Self {
            input,
            backend: CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())),
            shown: Buffer::empty(Rect::ZERO),
            _raw: raw,
        }))
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let (columns, rows) = match tcgetwinsize(&self.input) {
            Ok(size) => (size.ws_col, size.ws_row),
            Err(_) => (0, 0),
        };
        let (columns, rows) = size_or_usual(columns.into(), rows.into());
        let narrow = |number| u16::try_from(number).unwrap_or(u16::MAX);
        (narrow(columns), narrow(rows))
    }

    /// Waits for keys and gives them to the screen: what has to be done then. None: the terminal is
    /// gone. Dropping this loses no key.
    pub async fn typed(&mut self, screen: &mut Watch) -> Option<Vec<Act>> {
        let terminal = watch(self.input.as_fd()).ok()?; // silent-ok: the same as gone
        let read = more(&terminal);
        let bytes = if screen.is_at_escape() {
            match tokio::time::timeout(ESCAPE, read).await {
                Ok(bytes) => bytes,
                Err(_) => return Some(screen.escaped()),
            }
        } else {
            read.await
        };
        match bytes {
            Ok(bytes) if !bytes.is_empty() => Some(screen.typed(&bytes)),
            Ok(_) | Err(_) => None,
        }
    }

    /// Draws what differs from what stands there, between the two marks by which a terminal that
    /// knows them (mode 2026) shows a frame as a whole; the others pass over them.
    pub fn show(&mut self, watch: &Watch) -> io::Result<()> {
        let area = watch.size();
        let is_new = self.shown.area != area;
        if is_new {
            self.shown = Buffer::empty(area);
        }
        let mut next = Buffer::empty(area);
        let cursor = draw(&mut next, watch);
        let updates = self.shown.diff(&next);
        if updates.is_empty() && cursor.is_none() && !is_new {
            self.shown = next;
            return Ok(());
        }
        queue!(self.backend, BeginSynchronizedUpdate, Hide)?;
        if is_new {
            self.backend.clear_region(ClearType::All)?;
        }
        self.backend.draw(updates.into_iter())?;
        if let Some(Position { x, y }) = cursor {
            queue!(self.backend, MoveTo(x, y), Show)?;
        }
        queue!(self.backend, EndSynchronizedUpdate)?;
        self.shown = next;
        io::Write::flush(&mut self.backend)
    }

    /// Forgets what stands there, so that all of it is drawn anew.
    pub fn forget(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
    }
}

/// A screen as text, for scripts and pictures: rows without blanks at their ends.
pub fn text(watch: &Watch, colour: Colour) -> String {
    let area = watch.size();
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, watch);
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut row = String::new();
        let mut code = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell((x, y)) else {
                continue;
            };
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = cell.symbol();
            skip = crate::ui::text::width(symbol).saturating_sub(1);
            let wanted = match colour {
                Colour::On => codes(cell.fg, cell.modifier),
                Colour::Off => String::new(),
            };
            if wanted != code {
                row.push_str("\x1b[0m");
                row.push_str(&wanted);
                code = wanted;
            }
            row.push_str(symbol);
        }
        if !code.is_empty() {
            row.push_str("\x1b[0m");
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn codes(colour: Color, modifier: Modifier) -> String {
    let colour = match colour {
        Color::Red => "\x1b[31m",
        Color::Green => "\x1b[32m",
        Color::Yellow => "\x1b[33m",
        Color::Cyan => "\x1b[36m",
        _ => "",
    };
    let mut codes = colour.to_owned();
    for (flag, code) in [
        (Modifier::BOLD, "\x1b[1m"),
        (Modifier::DIM, "\x1b[2m"),
        (Modifier::REVERSED, "\x1b[7m"),
    ] {
        if modifier.contains(flag) {
            codes.push_str(code);
        }
    }
    codes
}
