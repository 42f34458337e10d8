//! The person's side of a run: shows what happens and asks. One type for every way of running;
//! what differs is the mode, and whether there is a person to ask. Owns what is asked
//! where; what is on display is in `ui/display.rs`. Refuses to decide anything.

use std::io::Write;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::display::{Display, News, Shared};
use super::prompt::{self, Person, Typing};
use super::surface::Kind;
use super::text::{Colour, Glyphs};
use super::words::event::Detail;
use crate::engine::ask::{Ask, AskId};
use crate::engine::event::{Event, Record};
use crate::engine::ports::{Operator, Response, Update};

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

/// Everything a screen needs; nothing is taken from the environment.
pub struct Options {
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
    /// Whom to ask, if anybody.
    pub person: Option<Person>,
    /// The journal's line for a record, without a line break.
    pub journal_line: Box<dyn Fn(&Record) -> String + Send>,
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

/// The person's side of a run.
pub struct Screen {
    shared: Arc<Shared>,
    person: Option<Person>,
    typing: Typing,
    asked: Option<Record>,
    answered_here: Option<AskId>,
    ticker: Option<JoinHandle<()>>,
}

impl Screen {
    /// A screen.
    pub fn new(mut options: Options) -> Self {
        let kind = match options.mode {
            Mode::Terminal => Kind::Live,
            Mode::Plain | Mode::Quiet | Mode::Json => Kind::Lines,
        };
        let person = options.person.take();
        let ticks = options.ticks;
        let shared = Arc::new(Shared::new(Display::new(options, kind)));
        let ticker = (ticks == Ticks::Thread && kind == Kind::Live).then(|| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.tick_until_closed())
        });
        Self {
            shared,
            person,
            typing: Typing::default(),
            asked: None,
            answered_here: None,
            ticker,
        }
    }

    /// The names of the phases in their order, for "1/6".
    pub fn set_phases(&mut self, names: Vec<String>) {
        self.shared.with(|display| display.facts.phases = names);
    }

    /// Learns from a line of an earlier run without showing it.
    pub fn recall(&mut self, record: &Record) {
        self.shared.with(|display| display.facts.learn(record));
    }

    /// Takes the status line away and writes what is left to write, so that others may print.
    pub fn settle(&mut self) {
        self.shared.with(Display::settle);
    }

    /// Lets time pass on screen, where no thread does.
    pub fn tick(&mut self) {
        self.shared.with(Display::draw);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(ticker) = self.ticker.take() {
            // silent-ok: a thread that only draws has nothing to report.
            let _ = ticker.join();
        }
    }
}

impl Operator for Screen {
    async fn ask(&mut self, ask: &Ask) -> Response {
        let Some(person) = &self.person else {
            return Response::Unavailable;
        };
        self.asked = None;
        let shared = Arc::clone(&self.shared);
        let response = prompt::ask(person, &mut self.typing, shared, ask).await;
        if matches!(response, Response::Answer(_)) {
            self.answered_here = Some(ask.id.clone());
        }
        response
    }

    fn show(&mut self, update: Update<'_>) {
        if let Update::Recorded(record) = &update {
            match &record.event {
                // Whoever is asked at this place sees the question there.
                Event::Asked { .. } if self.person.is_some() => {
                    self.asked = Some((*record).clone());
                    return self.shared.with(|display| display.learn_or_copy(record));
                }
                // What was just typed needs no repeating.
                Event::Answered { id, .. } if self.answered_here.as_ref() == Some(id) => {
                    self.answered_here = None;
                    return self.shared.with(|display| display.learn_or_copy(record));
                }
                // Answered by a file or a flag before anybody was asked.
                Event::Answered { .. } => {
                    if let Some(asked) = self.asked.take() {
                        self.shared.with(|display| display.show_asked(&asked));
                    }
                }
                _ => {}
            }
        }
        let has_news = self.shared.with(|display| display.show(&update));
        if has_news == News::Waiting {
            self.shared.wake();
        }
    }
}
