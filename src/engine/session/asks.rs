//! The questions that are open, and what waits for each. What an answer means is not known here:
//! see `answers`.

use super::Session;
use crate::engine::ask::{Ask, AskId, AskKind};
use crate::engine::event::Record;

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAsk {
    /// The question.
    pub ask: Ask,
    /// The sequence number of the `asked` that opened it, or that asked it again.
    pub seq: u64,
    /// What its answer is needed for.
    pub waits: Waits,
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The run: nothing goes on without it. At most one open question is of this sort.
    Run,
    /// This ticket, and what depends on it; the others go on.
    Ticket(String),
}

impl Session {
    /// The question that the run waits for.
    pub fn open_ask(&self) -> Option<&Ask> {
        self.open_asks
            .values()
            .find(|open| open.waits == Waits::Run)
            .map(|open| &open.ask)
    }

    /// Whether exactly this question is open.
    pub fn is_open(&self, ask: &Ask) -> bool {
        self.open_asks
            .get(&ask.id)
            .is_some_and(|open| open.ask == *ask)
    }

    /// A question is open from here on. One that the run waits for takes the place of another of
    /// its sort: a person went back in an interview, or the question is no longer needed.
    pub(super) fn open(&mut self, record: &Record, ask: &Ask) {
        let waits = match (ask.kind, ask.id.blocked_ticket()) {
            (AskKind::Blocked, Some(ticket)) => Waits::Ticket(ticket.to_owned()),
            _ => Waits::Run,
        };
        if waits == Waits::Run {
            self.run_waits_no_longer();
        }
        let open = OpenAsk {
            ask: ask.clone(),
            seq: record.seq,
            waits,
        };
        self.open_asks.insert(ask.id.clone(), open);
    }

    /// The run went past its question, answered or not.
    pub(super) fn run_waits_no_longer(&mut self) {
        self.open_asks.retain(|_, open| open.waits != Waits::Run);
    }

    /// Takes a question that was answered out of those that are open.
    pub(super) fn close(&mut self, id: &AskId) -> Option<OpenAsk> {
        self.open_asks.remove(id)
    }
}
