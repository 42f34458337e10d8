//! Working through the tickets: which one is next, what becomes of one that is blocked, and the
//! start of the result when all are over. A blocked ticket is asked about at once; the person is
//! waited for only when no other ticket can go on.

use super::attempts;
use super::critic;
use super::effect::{Effect, note};
use super::work::{Scope, open, turn, work_conversation};
use crate::engine::artifact::{ArtifactName, plan_for_single, single_ticket};
use crate::engine::ask::{AskId, Way};
use crate::engine::attempts::question;
use crate::engine::event::{Author, Event, Interruption, NoteKind, Outcome, Proof};
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
    if let Some(effect) = said(session) {
        return Some(effect);
    }
    if let Some(id) = &session.current_ticket {
        return Some(attempt(session, step, id));
    }
    if let Some(effect) = undecided(session) {
        return Some(effect);
    }
    let undecided = session.undecided_tickets();
    match next_ticket(tickets, &session.ticket_outcomes(), &undecided) {
        Next::Work(id) if !session.has_stood_before(&id) => Some(Effect::RunBefore { id }),
        Next::Work(id) => {
            let attempt = session
                .tickets
                .get(&id)
                .map_or(0, |progress| progress.attempts)
                + 1;
            Some(Effect::StartTicket { id, attempt })
        }
        Next::Parked { id, because } => Some(parked(session, id, &because)),
        // Nothing else can go on.
        Next::Undecided(id) => {
            let open = session.open_asks.get(&AskId::blocked(&id))?;
            Some(Effect::AskPerson(open.ask.clone()))
        }
        Next::Nothing => None,
    }
}

/// A person wants the run to stop because of a blocked ticket.
fn said(session: &Session) -> Option<Effect> {
    let stopped = session.stopped_for();
    let id = stopped.first()?;
    let reason = format!("{id} is blocked, and the person said stop");
    Some(Effect::Stop(Interruption::Signal, reason))
}

/// What a blocked ticket needs before the others go on: it is asked about, once, or it is left out
/// as a person said.
fn undecided(session: &Session) -> Option<Effect> {
    for (id, progress) in &session.tickets {
        if progress.said == Some(Way::Skip) {
            return Some(Effect::FinishTicket {
                id: id.clone(),
                outcome: Outcome::Skipped,
                reason: "left out by the person".to_owned(),
                proof: Proof::NotShown,
            });
        }
    }
    let undecided = session.undecided_tickets().into_iter();
    let mut unasked = undecided.filter(|id| !session.open_asks.contains_key(&AskId::blocked(id)));
    let ask = question(session, unasked.next()?);
    Some(Effect::Record(vec![Event::Asked { ask }]))
}

fn parked(session: &Session, id: String, because: &str) -> Effect {
    let outcome = session.tickets.get(because);
    let outcome = outcome.and_then(|progress| progress.ended.as_ref());
    let how = match outcome.map(|end| end.outcome) {
        Some(Outcome::Skipped) => "was skipped",
        Some(Outcome::Completed | Outcome::Blocked | Outcome::Refused) | None => "is not done",
    };
    Effect::FinishTicket {
        id,
        outcome: Outcome::Blocked,
        reason: format!("it depends on {because}, which {how}"),
        proof: Proof::NotShown,
    }
}

/// A person has decided about a blocked ticket after the run had gone past it: back to the phase
/// of the tickets.
pub(super) fn back(session: &Session) -> Option<Effect> {
    let mut said = session.tickets.iter();
    let (id, _) = said.find(|(_, progress)| progress.said.is_some())?;
    let is_it = |step: &Step| matches!(step, Step::Tickets { .. });
    let mut phases = session.pipeline.phases.iter();
    let phase = phases.find(|phase| phase.steps.iter().any(is_it))?;
    Some(Effect::Record(vec![Event::PhaseEntered {
        name: phase.name.clone(),
        reason: Some(format!("a person decided about {id}, which was blocked")),
    }]))
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
        return attempts::after(session, id, progress);
    }
    if critic::stands_in_part(session, id) {
        return attempts::passed_otherwise(session, id);
    }
    if let Some(gate) = critic::stands_again(session, id) {
        return attempts::passed(session, id, gate);
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
