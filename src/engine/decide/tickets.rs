//! Working through the tickets: which one is next, its attempts, and the start of the result
//! when all are over.

use super::critic;
use super::effect::{Effect, complete, note};
use super::work::{Scope, open, turn, work_conversation};
use crate::engine::artifact::{ArtifactName, plan_for_single, single_ticket};
use crate::engine::event::{Author, NoteKind, Outcome, Proof};
use crate::engine::phase::Step;
use crate::engine::session::{Session, SmokeState};
use crate::engine::ticket::{Next, next as next_ticket};

/// What the tickets still need.
pub(super) fn next(session: &Session, step: &Step) -> Option<Effect> {
    let Some(tickets) = &session.documents.tickets else {
        return Some(made(
            ArtifactName::Tickets,
            &single_ticket(&session.started.task),
        ));
    };
    if session.documents.plan.is_none() {
        return Some(made(
            ArtifactName::Plan,
            &plan_for_single(&session.started.task, Vec::new()),
        ));
    }
    if let Some(id) = &session.current_ticket {
        return Some(attempt(session, step, id));
    }
    match next_ticket(tickets, &session.ticket_outcomes()) {
        Next::Work(id) if !session.has_stood_before(&id) => Some(Effect::RunBefore { id }),
        Next::Work(id) => {
            let attempt = session
                .tickets
                .get(&id)
                .map_or(0, |progress| progress.attempts)
                + 1;
            Some(Effect::StartTicket { id, attempt })
        }
        Next::Parked { id, because } => Some(Effect::FinishTicket {
            id,
            outcome: Outcome::Blocked,
            reason: format!("it depends on {because}, which is not done"),
            proof: Proof::NotShown,
        }),
        Next::Nothing => None,
    }
}

/// For a simple task, or when a person began at a later phase: one ticket, made by the program.
fn made<T: serde::Serialize>(name: ArtifactName, value: &T) -> Effect {
    Effect::WriteArtifact {
        name,
        content: serde_json::to_value(value).unwrap_or_default(),
        by: Author::Program,
        then: Vec::new(),
    }
}

fn attempt(session: &Session, step: &Step, id: &str) -> Effect {
    if let Some(progress) = session.tickets.get(id)
        && progress.attempt_over
    {
        if progress.attempts < session.settings.limits.attempts {
            return Effect::StartTicket {
                id: id.to_owned(),
                attempt: progress.attempts + 1,
            };
        }
        return Effect::FinishTicket {
            id: id.to_owned(),
            outcome: Outcome::Blocked,
            reason: progress.failed.last().cloned().unwrap_or_default(),
            proof: Proof::NotShown,
        };
    }
    if let Some(gate) = critic::stands_again(session, id) {
        return complete(id, gate);
    }
    if let Some(effect) = critic::converse(session, id) {
        return effect;
    }
    match work_conversation(session) {
        Some(conversation) => turn(session, step, conversation, &Scope::Ticket(id)),
        None => open(step, Some(id)),
    }
}

/// Whether the result is still to be started.
pub(super) fn smoke(session: &Session) -> Option<Effect> {
    if session.smoke == SmokeState::Over {
        return None;
    }
    let runnable = session
        .documents
        .plan
        .as_ref()
        .is_some_and(|plan| !plan.run.is_empty());
    Some(if runnable && session.any_ticket(Outcome::Completed) {
        Effect::StartResult
    } else {
        Effect::Record(vec![note(NoteKind::Smoked, "")])
    })
}
