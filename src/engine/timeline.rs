//! What happened when: the lines of a journal with the time since the start, how long each took,
//! and the pauses between runs. Owns the times; the words are for `ui/timeline.rs`.

use super::ask::{AnsweredBy, AskId};
use super::event::{Event, Record};
use super::moment::between;

/// A line of the journal in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment<'a> {
    /// What happened.
    pub record: &'a Record,
    /// Milliseconds since the session began.
    pub since_start: u64,
    /// How long it took.
    pub took: Took,
}

/// How long something took, and what the time was spent on. In milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// It is a moment.
    Nothing,
    /// Work: the model, a tool, a check, or all of a ticket or a phase.
    Work(u64),
    /// A person was waited for.
    Waiting(u64),
    /// Nothing ran.
    Pause(u64),
}

/// The session's lines in time, in their order.
pub fn timeline(records: &[Record]) -> Vec<Moment<'_>> {
    let Some(first) = records.first() else {
        return Vec::new();
    };
    let mut open = Open::default();
    records
        .iter()
        .enumerate()
        .map(|(place, record)| Moment {
            record,
            since_start: between(&first.at, &record.at),
            took: match place.checked_sub(1) {
                Some(before) if is_after_a_pause(records, place) => {
                    Took::Pause(between(&records[before].at, &record.at))
                }
                _ => open.took(record),
            },
        })
        .collect()
}

/// Whether nothing ran between this line and the one before: a later process goes on, or somebody
/// does something to a session that rests.
pub fn is_after_a_pause(records: &[Record], place: usize) -> bool {
    let Some(before) = place.checked_sub(1) else {
        return false;
    };
    let rests = matches!(
        records[before].event,
        Event::Interrupted { .. } | Event::SessionFinished { .. }
    );
    // A later process may warn before it says that it goes on.
    let resumes = records[place..]
        .iter()
        .find(|record| !matches!(record.event, Event::Warned { .. }))
        .is_some_and(|record| matches!(record.event, Event::Resumed { .. }));
    let is_first_of_it = !matches!(records[before].event, Event::Warned { .. });
    rests || (resumes && is_first_of_it)
}

/// What has begun and is not over.
#[derive(Default)]
struct Open<'a> {
    phase: Option<&'a str>,
    ticket: Option<&'a str>,
    asked: Vec<(&'a AskId, &'a str)>,
}

impl<'a> Open<'a> {
    fn took(&mut self, record: &'a Record) -> Took {
        let since = |began: Option<&str>| {
            began.map_or(Took::Nothing, |began| {
                Took::Work(between(began, &record.at))
            })
        };
        match &record.event {
            Event::PhaseEntered { .. } => {
                self.phase = Some(&record.at);
                Took::Nothing
            }
            Event::TicketStarted { .. } => {
                self.ticket.get_or_insert(&record.at);
                Took::Nothing
            }
            Event::Asked { ask } => {
                self.asked.retain(|(id, _)| *id != &ask.id);
                self.asked.push((&ask.id, &record.at));
                Took::Nothing
            }
            Event::Answered { id, answer } => {
                let place = self.asked.iter().position(|(asked, _)| *asked == id);
                let asked = place.map(|place| self.asked.remove(place));
                match (asked, answer.answered_by) {
                    (Some((_, at)), AnsweredBy::User) => Took::Waiting(between(at, &record.at)),
                    // A file, a flag or the model is not waited for.
                    _ => Took::Nothing,
                }
            }
            Event::Replied(replied) => Took::Work(replied.ms),
            Event::ToolFinished { ms, .. } => Took::Work(*ms),
            Event::Checked(receipt) if receipt.ms > 0 => Took::Work(receipt.ms),
            Event::TicketFinished { .. } => since(self.ticket.take()),
            Event::PhaseFinished { .. } => since(self.phase.take()),
            Event::SessionStarted(_)
            | Event::ConversationStarted(_)
            | Event::AttemptFailed { .. }
            | Event::Repaired { .. }
            | Event::ToolStarted { .. }
            | Event::ArtifactWritten { .. }
            | Event::Checked(_)
            | Event::Compacted { .. }
            | Event::Told { .. }
            | Event::Note(_)
            | Event::Warned { .. }
            | Event::Interrupted { .. }
            | Event::Resumed { .. }
            | Event::SessionFinished { .. } => Took::Nothing,
        }
    }
}
