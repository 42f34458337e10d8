//! What comes next, from the outside in: the session, the phase, its first step that still needs
//! something. What a step needs is known to the module of its kind.

use super::effect::{Effect, finish_phase};
use super::{document, interview, tickets, work};
use crate::engine::event::{Event, Interruption, Outcome};
use crate::engine::phase::{Duty, Phase, SimpleTask, Step};
use crate::engine::session::{Session, Stage};

/// The next thing to do.
pub fn decide(session: &Session) -> Effect {
    if session.finished.is_some() {
        return Effect::Nothing;
    }
    if let Some(reached) = reached(session) {
        return Effect::Reached(reached);
    }
    match session.stage {
        Stage::Before(place) => between(session, place),
        Stage::In(place) => match session.pipeline.phases.get(place) {
            Some(phase) => within(session, phase),
            None => Effect::Nothing,
        },
    }
}

/// The phase a person wanted to stop after, once the session is past it. Never at the very end,
/// where there is nothing to stop, and never before a phase that failed has been told.
fn reached(session: &Session) -> Option<String> {
    let until = session.until.as_ref()?;
    let last = session.pipeline.position(until)?;
    let is_past = match session.stage {
        Stage::Before(place) => place > last && place < session.pipeline.phases.len(),
        Stage::In(place) => place > last,
    };
    let failed = matches!(
        session.phase_outcomes.get(last),
        Some(Some(Outcome::Refused | Outcome::Blocked))
    );
    (is_past && !failed).then(|| until.clone())
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
    session.pipeline.phases[place].duty == Duty::Polish || session.any_ticket(Outcome::Completed)
}

fn finish(session: &Session) -> Effect {
    if let Some(back) = tickets::back(session) {
        return back;
    }
    let blocked = session.any_ticket(Outcome::Blocked);
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
        && !session.any_ticket(Outcome::Completed);
    if polish_is_idle {
        return finish_phase(Outcome::Skipped, "no ticket was completed");
    }
    if let Some(stop) = limit_reached(session, phase) {
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
        && session.any_ticket(Outcome::Blocked);
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

/// The limits of tokens and of time, for the session and for the phase at hand.
fn limit_reached(session: &Session, phase: &Phase) -> Option<Effect> {
    let limits = &session.settings.limits;
    let spent = session
        .per_phase
        .get(&phase.name)
        .copied()
        .unwrap_or_default();
    let name = format!("the phase {}", phase.name);
    let checks = [
        (
            "the session",
            session.totals,
            limits.session_tokens,
            limits.session_minutes,
            "session",
        ),
        (
            name.as_str(),
            spent,
            limits.phase_tokens,
            limits.phase_minutes,
            "phase",
        ),
    ];
    checks
        .into_iter()
        .find_map(|(what, spent, most_tokens, most_minutes, key)| {
            let tokens = spent.prompt_tokens + spent.eval_tokens;
            let minutes = (spent.model_ms + spent.tool_ms) / 60_000;
            let reason = match (most_tokens, most_minutes) {
                (Some(most), _) if tokens >= most => {
                    format!("{what} has used {tokens} tokens; limits.{key}_tokens is {most}")
                }
                (_, Some(most)) if minutes >= most => {
                    format!(
                        "{what} has worked for {minutes} minutes; limits.{key}_minutes is {most}"
                    )
                }
                _ => return None,
            };
            Some(Effect::Stop(Interruption::Limit, reason))
        })
}
