//! A question that is open, and what waits for it. What an answer means is not known here: see
//! `answers`.

use crate::engine::ask::{Ask, AskKind};
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

impl OpenAsk {
    /// The question that this record asks.
    pub(super) fn new(record: &Record, ask: &Ask) -> Self {
        let waits = match (ask.kind, ask.id.blocked_ticket()) {
            (AskKind::Blocked, Some(ticket)) => Waits::Ticket(ticket.to_owned()),
            _ => Waits::Run,
        };
        Self {
            ask: ask.clone(),
            seq: record.seq,
            waits,
        }
    }
}
