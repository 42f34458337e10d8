//! Where each line of a journal comes from: from the program's own decisions, which a run that
//! repeats them has to come to by itself, or from outside (a person, a signal, a server, the
//! machine), which it is told.

use serde_json::Value;

use crate::engine::event::{Event, Interruption, Note, NoteKind, Record};

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the program.
    Program,
    /// From outside.
    Outside,
    /// From outside, and the process that was at work had ended: whatever it was doing was not done.
    NewProcess,
}

impl Origin {
    /// Whether a run that repeats the session is told.
    pub fn is_outside(self) -> bool {
        self != Self::Program
    }
}

/// Where each of these lines comes from.
pub fn origins(records: &[Record]) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::with_capacity(records.len());
    let mut rests = false;
    // What is known of the machine is told in warnings right behind it, and so at the start.
    let mut warns = false;
    for record in records {
        let origin = match &record.event {
            Event::Interrupted {
                why: Interruption::Signal | Interruption::ServerGone,
                ..
            }
            | Event::Resumed { .. } => Origin::NewProcess,
            _ if rests => Origin::Outside,
            Event::Warned { .. } if warns => Origin::Outside,
            Event::Told { .. } => Origin::Outside,
            Event::Note(note) if is_a_persons(note) => Origin::Outside,
            Event::AttemptFailed { reason, .. } if reason == TAKEN_BACK => Origin::Outside,
            _ => Origin::Program,
        };
        match &record.event {
            Event::Interrupted { .. } | Event::SessionFinished { .. } => rests = true,
            Event::Resumed { .. } => rests = false,
            _ => {}
        }
        warns = match &record.event {
            Event::SessionStarted(_) | Event::Resumed { .. } => true,
            Event::Note(note) => matches!(note.kind, NoteKind::Window | NoteKind::Wall),
            Event::Warned { .. } => warns,
            _ => false,
        };
        origins.push(origin);
    }
    // A process that goes on after a kill may warn before it says so.
    for place in (1..records.len()).rev() {
        let goes_on = matches!(records[place].event, Event::Resumed { .. })
            || origins[place] == Origin::NewProcess;
        let before = &records[place - 1];
        if goes_on
            && origins[place - 1] == Origin::Program
            && matches!(before.event, Event::Warned { .. })
            && is_of_a_resume(&records[place..])
        {
            origins[place - 1] = Origin::NewProcess;
        }
    }
    origins
}

/// Why an attempt was over, when a person has taken its changes back.
const TAKEN_BACK: &str = "a person took its changes back";

fn is_of_a_resume(from: &[Record]) -> bool {
    from.iter()
        .find(|record| !matches!(record.event, Event::Warned { .. }))
        .is_some_and(|record| matches!(record.event, Event::Resumed { .. }))
}

/// Somebody took changes back, or put them there again.
fn is_a_persons(note: &Note) -> bool {
    let of = note.data.pointer("/undo/of").and_then(Value::as_str);
    note.kind == NoteKind::Fact
        && (of.is_some_and(|of| of != "checks") || note.data.get("redo").is_some())
}
