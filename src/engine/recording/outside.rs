//! Where each line of a journal comes from: from the program's own decisions, which a run that
//! repeats them has to come to by itself, or from outside (a person, a signal, a server, the
//! machine), which it is told.

use serde_json::Value;

use crate::engine::event::{Event, Gate, Interruption, Note, NoteKind, Record};
use crate::engine::notice::CALL_FAILED;

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
    // What became of a person's own command is told in a warning right behind it.
    let mut called = false;
    for record in records {
        let origin = match &record.event {
            Event::Interrupted {
                why: Interruption::Signal | Interruption::ServerGone,
                ..
            }
            | Event::Resumed { .. } => Origin::NewProcess,
            _ if rests || is_of_a_commit(&record.event) => Origin::Outside,
            Event::Warned { text } if warns || called && text.starts_with(CALL_FAILED) => {
                Origin::Outside
            }
            Event::Told { .. } => Origin::Outside,
            Event::Note(note) => of_note(note),
            Event::AttemptFailed { reason, .. } if reason == TAKEN_BACK => Origin::Outside,
            Event::AttemptFailed { .. }
            | Event::Warned { .. }
            | Event::Interrupted { .. }
            | Event::SessionStarted(_)
            | Event::PhaseEntered { .. }
            | Event::ConversationStarted(_)
            | Event::TicketStarted { .. }
            | Event::Replied(_)
            | Event::Repaired { .. }
            | Event::ToolStarted { .. }
            | Event::ToolFinished { .. }
            | Event::Asked { .. }
            // One that came from elsewhere is taken where it is waited for.
            | Event::Answered { .. }
            | Event::ArtifactWritten { .. }
            | Event::Checked(_)
            | Event::Compacted { .. }
            | Event::TicketFinished { .. }
            | Event::PhaseFinished { .. }
            | Event::SessionFinished { .. } => Origin::Program,
        };
        match &record.event {
            Event::Interrupted { .. } | Event::SessionFinished { .. } => rests = true,
            Event::Resumed { .. } => rests = false,
            _ => {}
        }
        warns = match &record.event {
            Event::SessionStarted(_) | Event::Resumed { .. } => true,
            Event::Note(note) => match note.kind {
                NoteKind::Hook => warns,
                kind => matches!(kind, NoteKind::Window | NoteKind::Wall),
            },
            Event::Warned { .. } => warns,
            _ => false,
        };
        called = is_a_call(&record.event);
        origins.push(origin);
    }
    // What a hook must not have changed is told before its receipt.
    for place in (1..records.len()).rev() {
        let is_told = matches!(records[place - 1].event, Event::Warned { .. });
        if is_told && is_a_hook(&records[place].event) {
            origins[place - 1] = Origin::Outside;
        }
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
pub const TAKEN_BACK: &str = "a person took its changes back";

fn is_of_a_resume(from: &[Record]) -> bool {
    from.iter()
        .find(|record| !matches!(record.event, Event::Warned { .. }))
        .is_some_and(|record| matches!(record.event, Event::Resumed { .. }))
}

/// What is told of a commit that could not be made, behind what was done.
pub const NOT_COMMITTED: &str = " is done, but could not be committed: ";

/// How the warning begins about a commit hook that changed files.
pub const HOOK_CHANGED: &str = "A commit hook changed files after the checks had passed: ";

/// Whether the line tells what came of a commit: where a session is repeated, there is no repository.
pub fn is_of_a_commit(event: &Event) -> bool {
    match event {
        Event::Warned { text } => text.starts_with(HOOK_CHANGED) || text.contains(NOT_COMMITTED),
        Event::Note(note) => note.kind == NoteKind::Fact && note.text.contains(NOT_COMMITTED),
        event => is_a_hook(event),
    }
}

fn is_a_hook(event: &Event) -> bool {
    matches!(event, Event::Checked(receipt) if receipt.gate == Gate::Hook)
}

/// Whether the line tells of a person's own command that calls them.
pub fn is_a_call(event: &Event) -> bool {
    matches!(event, Event::Note(note) if note.kind == NoteKind::Hook)
}

/// No kind is left out, so that whoever adds one has to say.
fn of_note(note: &Note) -> Origin {
    let is_outside = match note.kind {
        NoteKind::Hook => true,
        // Somebody took changes back, or put them there again.
        NoteKind::Fact => {
            let of = note.data.pointer("/undo/of").and_then(Value::as_str);
            of.is_some_and(|of| of != "checks") || note.data.get("redo").is_some()
        }
        NoteKind::Nudge
        | NoteKind::Correction
        | NoteKind::CheckFailed
        | NoteKind::Guidance
        | NoteKind::Reply
        | NoteKind::Picture
        | NoteKind::Inventory
        | NoteKind::Triage
        | NoteKind::Window
        | NoteKind::Counted
        | NoteKind::Wall
        | NoteKind::Snapshot
        | NoteKind::TakenBack
        | NoteKind::Kept
        | NoteKind::Smoked
        | NoteKind::Baseline
        | NoteKind::Ladder
        | NoteKind::ResultKept
        | NoteKind::ResultChosen
        | NoteKind::LeftBlocked
        | NoteKind::Loop => false,
    };
    if is_outside {
        Origin::Outside
    } else {
        Origin::Program
    }
}
