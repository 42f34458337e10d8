//! What is on display at a moment and how it changes with every update. Owns the choice of what is
//! shown in which mode and when it is drawn; the words are in `ui/words`, the drawing in
//! `ui/surface.rs`. Refuses to ask anybody anything.

use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attention::{Attention, Standing, Title};
use super::blocks::Blocks;
use super::status::Status;
use super::surface::{FRAME, Kind, Surface, size_or_usual};
use super::text::{Colour, Glyphs, Line, Look, Tone, clean, labelled};
use super::words::event::{self, Detail};
use super::words::{Facts, Speech, tool};
use super::{diff, markdown};
use crate::engine::event::{Event, Record};
use crate::engine::ports::{Progress, Update};

/// How a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Lines, and a status below them that is drawn again and again.
    Terminal,
    /// Lines only.
    Plain,
    /// Results and questions only.
    Quiet,
    /// The journal's lines on standard output.
    Json,
}

/// What a display needs; nothing is taken from the environment.
pub struct Output {
    /// How a run is shown.
    pub mode: Mode,
    /// How much is told.
    pub detail: Detail,
    /// Whether there is colour on `err`.
    pub colour: Colour,
    /// Which signs can be drawn.
    pub glyphs: Glyphs,
    /// Where results go, and whether people look at it.
    pub out: (Box<dyn Write + Send>, Reader),
    /// Where everything else goes.
    pub err: Box<dyn Write + Send>,
    /// Columns and rows of `err` at this moment; zero where unknown.
    pub size: Box<dyn Fn() -> (usize, usize) + Send>,
    /// Time since some fixed moment.
    pub clock: Box<dyn Fn() -> Duration + Send>,
    /// How a person is reached who looks elsewhere.
    pub attention: Attention,
    /// Whether a thread of its own redraws while nothing is told.
    pub ticks: Ticks,
}

/// Who reads the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person at a terminal.
    Person,
    /// A file or another program.
    Program,
}

/// Whether time passes on screen while nothing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticks {
    /// A thread draws it.
    Thread,
    /// It does not.
    None,
}

/// The display, shared with the thread that lets time pass.
pub(super) struct Shared {
    display: Mutex<Display>,
    changed: Condvar,
}

/// The display's state.
pub(super) struct Display {
    pub(super) surface: Surface,
    mode: Mode,
    detail: Detail,
    colour: Colour,
    glyphs: Glyphs,
    reader: Reader,
    attention: Attention,
    title: Title,
    size: Box<dyn Fn() -> (usize, usize) + Send>,
    clock: Box<dyn Fn() -> Duration + Send>,
    pub(super) facts: Facts,
    status: Status,
    streamed: Streamed,
    blocks: Blocks,
    held: Vec<Line>,
    tool: ToolState,
    pub(super) news: News,
}

/// Whether the current reply has been seen while it came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Streamed {
    Yes,
    No,
}

/// Differences of a running tool wait for its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToolState {
    Running,
    None,
}

/// What the ticking thread has to know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Drawn,
    Waiting,
    Closed,
}

impl Shared {
    pub(super) fn new(display: Display) -> Self {
        Self {
            display: Mutex::new(display),
            changed: Condvar::new(),
        }
    }

    /// Ends the thread that lets time pass.
    pub(super) fn close(&self) {
        self.with(|display| {
            display.settle();
            let title = display.title.ends();
            display.surface.send(title);
            display.news = News::Closed;
        });
        self.changed.notify_all();
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Display) -> T) -> T {
        act(&mut self.lock())
    }

    /// Makes the ticking thread look again.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Display> {
        self.display.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tick_until_closed(&self) {
        let mut display = self.lock();
        while display.news != News::Closed {
            let wait = match (display.surface.kind, display.news) {
                (Kind::Live, News::Waiting) => FRAME,
                (Kind::Live, News::Drawn | News::Closed) => Duration::from_secs(1),
                (Kind::Asking | Kind::Lines, _) => {
                    display = self
                        .changed
                        .wait(display)
                        .unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
            };
            let waited = self.changed.wait_timeout(display, wait);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            display = next;
            if timeout.timed_out() && display.news != News::Closed {
                display.draw();
            }
        }
    }
}

impl Display {
    /// A display that has shown nothing yet.
    pub(super) fn new(output: Output, kind: Kind) -> Self {
        let (out, reader) = output.out;
        Self {
            surface: Surface::new(out, output.err, kind),
            mode: output.mode,
            detail: output.detail,
            colour: output.colour,
            glyphs: output.glyphs,
            reader,
            attention: output.attention,
            title: Title::default(),
            size: output.size,
            clock: output.clock,
            facts: Facts::default(),
            status: Status::default(),
            streamed: Streamed::No,
            blocks: Blocks::default(),
            held: Vec::new(),
            tool: ToolState::None,
            news: News::Drawn,
        }
    }

    pub(super) fn size(&self) -> (usize, usize) {
        let (columns, rows) = (self.size)();
        size_or_usual(columns, rows)
    }

    pub(super) fn look(&self) -> Look {
        Look {
            // The last column stays free, so that no terminal wraps on its own.
            columns: self.size().0.saturating_sub(1).max(1),
            colour: self.colour,
            glyphs: self.glyphs,
        }
    }

    pub(super) fn begin_prompt(&mut self) {
        self.surface.begin_prompt(self.colour);
        self.news = News::Drawn;
    }

    pub(super) fn says_that_it_asks(&mut self) {
        self.name_terminal(Standing::Asking);
    }

    /// Whether the model or a command is at work, and the screen shows it.
    pub(super) fn is_working(&self) -> bool {
        self.surface.kind == Kind::Live && self.status.is_busy()
    }

    pub(super) fn settle(&mut self) {
        self.surface.end_stream(self.colour);
        self.surface.clear();
        self.news = News::Drawn;
    }

    pub(super) fn draw(&mut self) {
        if self.surface.kind == Kind::Live {
            self.name_terminal(Standing::Working);
            let (now, look) = ((self.clock)(), self.look());
            let status = self.status.line(&self.facts, now, &look);
            self.surface.draw(status.as_ref(), &look, now);
            self.news = News::Drawn;
        }
    }

    fn name_terminal(&mut self, standing: Standing) {
        if self.attention == Attention::BellAndTitle {
            let sequence = self.title.says(standing, &self.facts, self.glyphs);
            self.surface.send(&sequence);
        }
    }

    /// Draws now, or leaves it to the next moment that may.
    fn draw_in_time(&mut self) -> News {
        if self.surface.kind != Kind::Live {
            return News::Drawn;
        }
        let now = (self.clock)();
        if self
            .surface
            .drawn_at
            .is_none_or(|last| now.saturating_sub(last) >= FRAME)
        {
            self.draw();
            return News::Drawn;
        }
        match std::mem::replace(&mut self.news, News::Waiting) {
            // The thread has been told already.
            News::Waiting => News::Drawn,
            News::Drawn | News::Closed => News::Waiting,
        }
    }

    pub(super) fn learn(&mut self, record: &Record) {
        self.facts.learn(record);
    }

    pub(super) fn show_asked(&mut self, record: &Record) {
        if self.mode != Mode::Json {
            let lines = event::lines(record, &self.facts, self.detail, &self.look());
            self.surface.notice(&lines, self.colour);
        }
    }

    pub(super) fn show(&mut self, update: &Update<'_>) -> News {
        match self.mode {
            Mode::Json => {
                match update {
                    Update::Written(line) => self.surface.result(&format!("{line}\n")),
                    Update::Recorded(record) => self.learn(record),
                    _ => {}
                }
                return News::Drawn;
            }
            Mode::Quiet => {
                if let Update::Recorded(record) = update {
                    self.record_quietly(record);
                }
                return News::Drawn;
            }
            Mode::Terminal | Mode::Plain => {}
        }
        let now = (self.clock)();
        match update {
            Update::Written(_) => return News::Drawn,
            Update::Recorded(record) => self.record(record, now),
            Update::Model(progress) => self.progress(progress, now),
            Update::Turn { turn, max, .. } => {
                self.streamed = Streamed::No;
                self.blocks = Blocks::default();
                self.status.turn(*turn, *max, now);
            }
            Update::ToolRunning(call) => {
                self.tool = ToolState::Running;
                self.status.running(tool::activity(call), now);
            }
            Update::Diff {
                path,
                before,
                after,
            } => self.difference(path, *before, after),
            Update::Say(text) => {
                let lines = markdown::lines(text, &self.look());
                self.surface.notice(&lines, self.colour);
            }
            Update::Waiting(what) => {
                self.status.waiting(what, now);
                if self.mode == Mode::Plain {
                    let lines = labelled(Tone::Dim, "waiting: ", what, &self.look());
                    self.surface.notice(&lines, self.colour);
                }
            }
        }
        self.draw_in_time()
    }

    fn record(&mut self, record: &Record, now: Duration) {
        self.facts.learn(record);
        let look = self.look();
        let mut lines = Vec::new();
        match &record.event {
            Event::Replied(replied) if self.streamed == Streamed::Yes => {
                self.streamed = Streamed::No;
                let rest = self.blocks.rest();
                self.surface.stream(&rest, &look);
                self.surface.end_stream(self.colour);
                if self.detail == Detail::Verbose {
                    lines = event::cost(replied, &look);
                }
            }
            _ => lines = event::lines(record, &self.facts, self.detail, &look),
        }
        match &record.event {
            Event::ToolFinished { .. } => {
                self.tool = ToolState::None;
                lines.append(&mut self.held);
                self.status.rest(now);
            }
            Event::ToolStarted { call, .. } => {
                self.tool = ToolState::Running;
                self.status.running(tool::activity(call), now);
            }
            Event::Replied(_) | Event::Checked(_) => self.status.rest(now),
            Event::PhaseEntered { .. }
            | Event::PhaseFinished { .. }
            | Event::TicketStarted { .. }
            | Event::TicketFinished { .. }
            | Event::Interrupted { .. }
            | Event::SessionFinished { .. } => self.status.leave_turn(now),
            _ => {}
        }
        self.tell(record, &lines);
    }

    fn record_quietly(&mut self, record: &Record) {
        self.facts.learn(record);
        // A question that a file answers is no question to a person.
        let lines = match &record.event {
            Event::Asked { .. } => {
                self.held = event::lines(record, &self.facts, self.detail, &self.look());
                Vec::new()
            }
            Event::Answered { .. } => {
                self.held.clear();
                Vec::new()
            }
            Event::Interrupted { .. } => std::mem::take(&mut self.held),
            _ => Vec::new(),
        };
        self.tell(record, &lines);
    }

    /// Writes an event's lines, and the summary if it is one.
    fn tell(&mut self, record: &Record, lines: &[Line]) {
        if self.attention.rings_at(&record.event) {
            self.surface.bell();
        }
        if !lines.is_empty() {
            self.surface.notice(lines, self.colour);
        }
        if let Some(summary) = event::summary(record) {
            let text: String = match self.reader {
                Reader::Program => clean(summary).trim_end().to_owned() + "\n",
                Reader::Person => {
                    let lines = markdown::lines(summary.trim_end(), &self.look());
                    lines
                        .iter()
                        .map(|line| line.paint(self.colour) + "\n")
                        .collect()
                }
            };
            self.surface.result(&text);
        }
    }

    fn progress(&mut self, progress: &Progress, now: Duration) {
        self.status.model(progress, now);
        let piece = match progress {
            Progress::Text(piece) if self.facts.speech == Speech::Prose => piece,
            Progress::Thinking(piece) if self.detail == Detail::Verbose => piece,
            Progress::Text(_)
            | Progress::Thinking(_)
            | Progress::Call(_)
            | Progress::Waiting
            | Progress::Loading { .. }
            | Progress::Reading { .. }
            | Progress::Busy => return,
            Progress::Retrying { why, .. } => {
                self.blocks = Blocks::default();
                let lines = labelled(Tone::Warn, "trying again: ", why, &self.look());
                self.surface.notice(&lines, self.colour);
                return;
            }
        };
        // Without a live screen the whole reply is written when it is there.
        if self.mode == Mode::Terminal {
            if matches!(progress, Progress::Text(_)) {
                self.streamed = Streamed::Yes;
            }
            let look = self.look();
            let shown = match progress {
                Progress::Text(_) => self.blocks.read(piece),
                _ => piece.clone(),
            };
            self.surface.stream(&shown, &look);
        }
    }

    fn difference(&mut self, path: &str, before: Option<&str>, after: &str) {
        let look = self.look();
        let mut lines = Vec::new();
        match self.tool {
            ToolState::Running => {}
            ToolState::None => lines.push(Line::new(Tone::Bold, path).fit(&look)),
        }
        lines.extend(diff::lines(before, after, &look));
        match self.tool {
            ToolState::Running => self.held.extend(lines),
            ToolState::None => self.surface.notice(&lines, self.colour),
        }
    }
}
