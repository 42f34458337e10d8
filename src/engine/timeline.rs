//! What happened when: the lines of a journal with the time since the start, how long each took,
//! and the pauses between runs. Owns the times; the words are for `ui/timeline.rs`.

use super::ask::{AnsweredBy, Ask, AskId, AskKind};
use super::event::{Event, NoteKind, Record};
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
    /// What was under way when the run was stopped, for nothing.
    CutOff(u64),
    /// Nothing ran.
    Pause(u64),
}

/// Whose the time between a line and the one before is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The run's, or a person's for whom it waited.
    Work,
    /// Nobody's: what was under way then was cut off by the stop that this line tells of.
    CutOff,
    /// Nobody's: nothing ran.
    Pause,
}

/// Whose the time before each line is.
pub fn since(records: &[Record]) -> Vec<Since> {
    let mut rests = false;
    let mut asks = false;
    let mut before: Option<&Event> = None;
    let mut whose = Vec::with_capacity(records.len());
    for (place, record) in records.iter().enumerate() {
        let event = &record.event;
        let is_stopped = matches!(event, Event::Interrupted { .. });
        whose.push(if rests || goes_on(&records[place..], before) {
            Since::Pause
        } else if is_stopped && !asks {
            Since::CutOff
        } else {
            Since::Work
        });
        match event {
            Event::Note(_) | Event::Warned { .. } => {}
            Event::Interrupted { .. } | Event::SessionFinished { .. } => rests = true,
            Event::Resumed { .. } => rests = false,
            event => asks = matches!(event, Event::Asked { .. }),
        }
        before = Some(event);
    }
    whose
}

/// Whether a later process goes on here with what was cut off without a word. It may warn before it
/// says so.
fn goes_on(rest: &[Record], before: Option<&Event>) -> bool {
    let is_warning = |event: &Event| matches!(event, Event::Warned { .. });
    let resumes = rest
        .iter()
        .find(|record| !is_warning(&record.event))
        .is_some_and(|record| matches!(record.event, Event::Resumed { .. }));
    resumes && before.is_some_and(|before| !is_warning(before))
}

/// The question of an interview that a person is at. Where the next line asks an earlier one, they
/// were waited for, and went back.
#[derive(Clone, Debug, Default)]
pub(super) struct Interview {
    at: Option<(AskId, u32)>,
}

impl Interview {
    /// Whether a person went from the question they were at back to this one.
    pub(super) fn goes_back_to(&self, ask: &Ask) -> bool {
        let place = ask.place.map_or(0, |(place, _)| place);
        is_interview(ask) && self.at.as_ref().is_some_and(|(_, at)| place < *at)
    }

    /// Where the person is after this line.
    pub(super) fn learn(&mut self, event: &Event) {
        match event {
            Event::Asked { ask } => {
                let place = ask.place.filter(|_| is_interview(ask));
                self.at = place.map(|(place, _)| (ask.id.clone(), place));
            }
            Event::Answered { id, .. } => drop(self.at.take_if(|(at, _)| at == id)),
            _ => {}
        }
    }
}

fn is_interview(ask: &Ask) -> bool {
    matches!(ask.kind, AskKind::Interview | AskKind::Challenge)
}

/// The session's lines in time, in their order.
pub fn timeline(records: &[Record]) -> Vec<Moment<'_>> {
    let Some(first) = records.first() else {
        return Vec::new();
    };
    let mut open = Open::default();
    let mut before = &first.at;
    let mut all = Vec::with_capacity(records.len());
    for (record, whose) in records.iter().zip(since(records)) {
        let passed = between(before, &record.at);
        before = &record.at;
        if whose == Since::Work {
            open.worked += passed;
        }
        let took = open.took(record);
        all.push(Moment {
            record,
            since_start: between(&first.at, &record.at),
            took: match whose {
                Since::Work => took,
                Since::CutOff => Took::CutOff(passed),
                Since::Pause if passed == 0 || is_a_hook(&record.event) => Took::Nothing,
                Since::Pause => Took::Pause(passed),
            },
        });
    }
    all
}

/// Whether a command called for somebody after the stop: that is no pause worth a line.
fn is_a_hook(event: &Event) -> bool {
    matches!(event, Event::Note(note) if note.kind == NoteKind::Hook)
}

/// What has begun and is not over: how long the run had worked by then, in milliseconds.
#[derive(Default)]
struct Open<'a> {
    /// How long it has worked by now: without what is nobody's time.
    worked: u64,
    phase: Option<u64>,
    ticket: Option<u64>,
    asked: Vec<(&'a AskId, u64)>,
    interview: Interview,
}

impl<'a> Open<'a> {
    fn took(&mut self, record: &'a Record) -> Took {
        let worked = self.worked;
        let since =
            |began: Option<u64>| began.map_or(Took::Nothing, |began| Took::Work(worked - began));
        match &record.event {
            Event::PhaseEntered { .. } => {
                self.phase = Some(worked);
                Took::Nothing
            }
            Event::TicketStarted { .. } => {
                self.ticket.get_or_insert(worked);
                Took::Nothing
            }
            Event::Asked { ask } => {
                let left = self.interview.goes_back_to(ask).then(|| self.asked.pop());
                self.interview.learn(&record.event);
                self.asked.retain(|(id, _)| *id != &ask.id);
                self.asked.push((&ask.id, worked));
                match left.flatten() {
                    Some((_, at)) => Took::Waiting(worked - at),
                    None => Took::Nothing,
                }
            }
            Event::Answered { id, answer } => {
                self.interview.learn(&record.event);
                let place = self.asked.iter().position(|(asked, _)| *asked == id);
                let asked = place.map(|place| self.asked.remove(place));
                match (asked, answer.answered_by) {
                    (Some((_, at)), AnsweredBy::User) => Took::Waiting(worked - at),
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
