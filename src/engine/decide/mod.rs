//! What to do next: a pure function of the session. It names no phase and does nothing itself;
//! `run/perform.rs` carries effects out and appends what came of them.

mod document;
mod interview;
mod tickets;
mod work;

use serde_json::Value;

pub use interview::question_ask as interview_ask;

use super::artifact::{ArtifactName, SchemaKind};
use super::ask::Ask;
use super::call::ToolCall;
use super::context::Opening;
use super::event::{Author, Event, Interruption, Note, NoteKind, Outcome, Proof};
use super::phase::{Duty, Phase, SimpleTask, Step};
use super::ports::Access;
use super::session::{Session, Stage};

/// The next thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append these events; nothing else happens.
    Record(Vec<Event>),
    /// Look at the project and note what it looks like.
    LookAtProject,
    /// Look at what is installed and note it.
    TakeInventory,
    /// Open a conversation for the step.
    OpenConversation(Opening),
    /// Send the conversation's next request.
    CallModel {
        /// The schema of a document.
        format: Option<SchemaKind>,
    },
    /// Make the model decide, in a single request beside the conversation.
    AskForDecision,
    /// Run a tool.
    RunTool {
        /// The call.
        call: ToolCall,
        /// What commands may do to the project.
        access: Access,
    },
    /// A call was started by a process that is gone: find out, or say that it may have run.
    Reconcile {
        /// The call.
        call: ToolCall,
        /// Hash of its file before.
        before: Option<String>,
        /// Hash of its file after.
        after: Option<String>,
    },
    /// Ask a person.
    AskPerson(Ask),
    /// Write an artifact, then append these events.
    WriteArtifact {
        /// Which.
        name: ArtifactName,
        /// Its content.
        content: Value,
        /// Who wrote it.
        by: Author,
        /// What follows from it.
        then: Vec<Event>,
    },
    /// Begin an attempt at a ticket.
    StartTicket {
        /// Which.
        id: String,
        /// Counted from 1.
        attempt: u32,
    },
    /// End a ticket.
    FinishTicket {
        /// Which.
        id: String,
        /// How.
        outcome: Outcome,
        /// Why.
        reason: String,
        /// What stands behind it.
        proof: Proof,
    },
    /// Run the checks that a claim must pass.
    RunGate(GateKind),
    /// See whether the plan's packages are there.
    CheckPackages,
    /// Fetch packages with this command, with a network.
    FetchPackages(String),
    /// Start the result as the plan says.
    StartResult,
    /// Save the project's content.
    Save,
    /// Write the saved content back.
    TakeBack {
        /// The saved content.
        tree: String,
        /// Why.
        reason: String,
    },
    /// Shorten the conversation.
    Compact,
    /// Write the summary and end the session.
    Finish {
        /// How.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
    /// The last phase that was asked for is over; the session stays unfinished.
    Reached(String),
    /// Stop; the session stays unfinished.
    Stop(Interruption, String),
    /// There is nothing left to do.
    Nothing,
}

/// Which checks a claim must pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateKind {
    /// The ticket's commands, and something changed.
    Ticket(String),
    /// Every path that this text names exists.
    Paths(String),
    /// The commands of every completed ticket.
    Suite,
}

/// The next thing to do.
pub fn decide(session: &Session) -> Effect {
    if session.finished.is_some() {
        return Effect::Nothing;
    }
    match session.stage {
        Stage::Before(place) => between(session, place),
        Stage::In(place) => match session.pipeline.phases.get(place) {
            Some(phase) => within(session, phase),
            None => Effect::Nothing,
        },
    }
}

fn between(session: &Session, place: usize) -> Effect {
    if let Some(last) = place.checked_sub(1) {
        let (name, outcome) = (
            &session.pipeline.phases[last].name,
            session.phase_outcomes[last],
        );
        match outcome {
            Some(Outcome::Refused) => {
                return Effect::Finish {
                    outcome: Outcome::Refused,
                    reason: format!("a person said no in the phase {name}"),
                };
            }
            Some(Outcome::Blocked) if !worth_going_on(session, last) => {
                return Effect::Finish {
                    outcome: Outcome::Blocked,
                    reason: format!("the phase {name} could not be completed"),
                };
            }
            _ => {}
        }
        if session.until.as_deref() == Some(name.as_str()) && place < session.pipeline.phases.len()
        {
            return Effect::Reached(name.clone());
        }
    }
    let Some(phase) = session.pipeline.phases.get(place) else {
        return finish(session);
    };
    if session.picture.is_none() {
        return Effect::LookAtProject;
    }
    Effect::Record(vec![Event::PhaseEntered {
        name: phase.name.clone(),
        reason: None,
    }])
}

/// A phase that failed is the end unless it was only polish, or some tickets are done.
fn worth_going_on(session: &Session, place: usize) -> bool {
    session.pipeline.phases[place].duty == Duty::Polish || any_ticket(session, Outcome::Completed)
}

fn any_ticket(session: &Session, wanted: Outcome) -> bool {
    session.tickets.values().any(|progress| {
        progress
            .ended
            .as_ref()
            .is_some_and(|end| end.outcome == wanted)
    })
}

fn finish(session: &Session) -> Effect {
    let blocked = any_ticket(session, Outcome::Blocked);
    let (outcome, reason) = if blocked {
        (
            Outcome::Blocked,
            "not every ticket could be completed".to_owned(),
        )
    } else {
        (Outcome::Completed, "every phase is done".to_owned())
    };
    Effect::Finish { outcome, reason }
}

fn within(session: &Session, phase: &Phase) -> Effect {
    if session.simple == Some(true) && phase.simple == SimpleTask::Skip {
        return finish_phase(Outcome::Skipped, "the task is simple");
    }
    let polish_is_idle = phase.duty == Duty::Polish
        && !session.tickets.is_empty()
        && !any_ticket(session, Outcome::Completed);
    if polish_is_idle {
        return finish_phase(Outcome::Skipped, "no ticket was completed");
    }
    if let Some(stop) = session_limit(session) {
        return stop;
    }
    for step in &phase.steps {
        if let Some(effect) = step_effect(session, phase, step) {
            return effect;
        }
    }
    let blocked = phase
        .steps
        .iter()
        .any(|step| matches!(step, Step::Tickets { .. }))
        && any_ticket(session, Outcome::Blocked);
    if blocked {
        finish_phase(Outcome::Blocked, "not every ticket could be completed")
    } else {
        finish_phase(Outcome::Completed, "every step is done")
    }
}

/// What a step still needs; none if it is done.
fn step_effect(session: &Session, phase: &Phase, step: &Step) -> Option<Effect> {
    match step {
        Step::Interview {
            questions, rounds, ..
        } => interview::next(session, step, *questions, *rounds),
        Step::Document {
            artifact, approval, ..
        } => document::next(session, phase, step, *artifact, *approval),
        Step::Explore { artifact, .. } => work::explore(session, step, *artifact),
        Step::Tickets { .. } => tickets::next(session, step),
        Step::Smoke {} => tickets::smoke(session),
        Step::Repair { .. } => work::repair(session, phase, step),
    }
}

/// Ends the current phase.
fn finish_phase(outcome: Outcome, reason: &str) -> Effect {
    Effect::Record(vec![Event::PhaseFinished {
        outcome,
        reason: reason.to_owned(),
    }])
}

fn note(kind: NoteKind, text: impl Into<String>) -> Event {
    Event::Note(Note {
        kind,
        text: text.into(),
        data: Value::Null,
    })
}

fn note_with(kind: NoteKind, text: impl Into<String>, data: Value) -> Event {
    Event::Note(Note {
        kind,
        text: text.into(),
        data,
    })
}

fn session_limit(session: &Session) -> Option<Effect> {
    let limits = &session.settings.limits;
    let tokens = session.totals.prompt_tokens + session.totals.eval_tokens;
    if let Some(most) = limits.session_tokens
        && tokens >= most
    {
        return Some(Effect::Stop(
            Interruption::Limit,
            format!("the session has used {tokens} tokens; limits.session_tokens is {most}"),
        ));
    }
    let minutes = (session.totals.model_ms + session.totals.tool_ms) / 60_000;
    if let Some(most) = limits.session_minutes
        && minutes >= most
    {
        return Some(Effect::Stop(
            Interruption::Limit,
            format!(
                "the session has worked for {minutes} minutes; limits.session_minutes is {most}"
            ),
        ));
    }
    None
}
