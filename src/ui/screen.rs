//! The person's side of a run: shows what happens and asks. One type for every way of running;
//! what differs is the mode, and whether there is a person to ask. Owns what is asked
//! where; what is on display is in `ui/display.rs`. Refuses to decide anything.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::display::{Display, Mode, News, Output, Shared, Ticks};
use super::prompt::{self, Keyboard, Person, Teller};
use super::surface::Kind;
use crate::engine::ask::{Ask, AskId, AskKind};
use crate::engine::event::{Event, Record};
use crate::engine::ports::{Operator, Response, Update};

/// The person's side of a run.
pub struct Screen {
    shared: Arc<Shared>,
    person: Option<Arc<Person>>,
    keyboard: Arc<Keyboard>,
    words: Option<tokio::task::JoinHandle<()>>,
    asked: Option<Record>,
    answered_here: Option<AskId>,
    ticker: Option<JoinHandle<()>>,
}

impl Screen {
    /// A screen, and whom to ask, if anybody.
    pub fn new(output: Output, person: Option<Person>) -> Self {
        let kind = match output.mode {
            Mode::Terminal => Kind::Live,
            Mode::Plain | Mode::Quiet | Mode::Json => Kind::Lines,
        };
        let ticks = output.ticks;
        let shared = Arc::new(Shared::new(Display::new(output, kind)));
        let ticker = (ticks == Ticks::Thread && kind == Kind::Live).then(|| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.tick_until_closed())
        });
        Self {
            shared,
            person: person.map(Arc::new),
            keyboard: Arc::default(),
            words: None,
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

    /// Takes words of the person while the model works, if there is a person at a live screen;
    /// whether it does. Needs the runtime that asks.
    pub fn take_words(&mut self, teller: Teller) -> bool {
        let is_live = self
            .shared
            .with(|display| display.surface.kind == Kind::Live);
        let Some(person) = self.person.as_ref().filter(|_| is_live) else {
            return false;
        };
        let listening = prompt::take_words(
            Arc::clone(person),
            Arc::clone(&self.keyboard),
            Arc::clone(&self.shared),
            teller,
        );
        self.words = Some(tokio::spawn(listening));
        true
    }

    /// Takes no more words: the terminal is as it was, and others may read it.
    pub async fn leave_keyboard(&mut self) {
        if let Some(words) = self.words.take() {
            words.abort();
            // silent-ok: it was ended on purpose.
            let _ = words.await;
        }
    }

    /// Lets time pass on screen, where no thread does.
    pub fn tick(&mut self) {
        self.shared.with(Display::draw);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(words) = &self.words {
            words.abort();
        }
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
        let mut typing = self.keyboard.take().await;
        let response = prompt::ask(person, &mut typing, shared, ask).await;
        if matches!(response, Response::Answer(_)) {
            self.answered_here = Some(ask.id.clone());
        }
        response
    }

    fn show(&mut self, update: Update<'_>) {
        if let Update::Recorded(record) = &update {
            match &record.event {
                // Whoever is asked at this place sees the question there.
                Event::Asked { ask } if self.person.is_some() && ask.kind != AskKind::Blocked => {
                    self.asked = Some((*record).clone());
                    return self.shared.with(|display| display.learn(record));
                }
                // What was just typed needs no repeating.
                Event::Answered { id, .. } if self.answered_here.as_ref() == Some(id) => {
                    self.answered_here = None;
                    return self.shared.with(|display| display.learn(record));
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
