//! What reaches a person who looks elsewhere: the terminal's bell, and its title, which says where
//! the run is. Owns when they change; refuses to draw anything on the screen itself.

use std::sync::atomic::{AtomicBool, Ordering};

use super::text::{Glyphs, clean};
use super::words::Facts;
use crate::engine::event::{Event, Interruption, Outcome};

/// The title from before is put aside by the terminal (those that cannot do so ignore it).
const PUT_ASIDE: &str = "\x1b[22;2t";
/// No title, and then the one from before, where it was put aside.
const GIVE_BACK: &str = "\x1b]2;\x1b\\\x1b[23;2t";

/// Whether the terminal has our title. A process that leaves at once has no other way to know.
static TITLED: AtomicBool = AtomicBool::new(false);

/// How a person is reached at this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Not at all.
    None,
    /// The bell rings when they are needed, and at the end.
    Bell,
    /// And the title says where the run is.
    BellAndTitle,
}

/// What a title says besides the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Working,
    Asking,
}

impl Attention {
    /// Whether the bell rings at this event. At a question it rings when the question is shown.
    pub(super) fn rings_at(self, event: &Event) -> bool {
        let calls = match event {
            Event::TicketFinished { outcome, .. } => *outcome == Outcome::Blocked,
            Event::Interrupted { why, .. } => *why != Interruption::Signal,
            Event::SessionFinished { .. } => true,
            _ => false,
        };
        calls && self != Self::None
    }
}

/// The terminal's title.
#[derive(Debug, Default)]
pub(super) struct Title {
    shown: Option<String>,
}

impl Title {
    /// The sequence that makes it say this; empty if it does already.
    pub(super) fn says(&mut self, standing: Standing, facts: &Facts, glyphs: Glyphs) -> String {
        let places = [facts.phase_place(), facts.ticket_place()];
        let place: Vec<String> = places.into_iter().flatten().collect();
        let place = clean(&place.join(glyphs.dot())).replace('\n', " ");
        let text = match (standing, place.is_empty()) {
            (Standing::Working, true) => "loop".to_owned(),
            (Standing::Working, false) => format!("loop: {place}"),
            (Standing::Asking, true) => "? loop asks".to_owned(),
            (Standing::Asking, false) => format!("? loop asks: {place}"),
        };
        if self.shown.as_ref() == Some(&text) {
            return String::new();
        }
        let first = match self.shown {
            None => PUT_ASIDE,
            Some(_) => "",
        };
        TITLED.store(true, Ordering::Relaxed);
        let sequence = format!("{first}\x1b]2;{text}\x1b\\");
        self.shown = Some(text);
        sequence
    }

    /// The sequence that gives it back; empty if it was never taken.
    pub(super) fn ends(&mut self) -> &'static str {
        match self.shown.take() {
            Some(_) => give_back(),
            None => "",
        }
    }
}

/// The sequence that gives a title back that was not given back yet.
pub(super) fn give_back() -> &'static str {
    if TITLED.swap(false, Ordering::Relaxed) {
        GIVE_BACK
    } else {
        ""
    }
}
