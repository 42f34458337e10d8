//! The end of an attempt at a ticket: what a failed one leaves behind, what becomes of one that
//! passed, and whether there is another.

use super::effect::{Effect, GateKind, complete, proof};
use crate::engine::artifact::{Decision, accept_decision, read_json};
use crate::engine::attempts::note;
use crate::engine::context::budget;
use crate::engine::event::{AttemptNote, Ended, Event, Outcome, Proof, Receipt};
use crate::engine::ladder::Rung;
use crate::engine::session::{Chosen, Conversation, KeptResult, Session, Standing, TicketProgress};
use crate::engine::settings::Failed;

/// Why the checks' word does not hold for what is there.
const NOT_WHOLE: &str =
    "somebody else changed its files meanwhile, so not all of it could be written back";

/// Why the best of several is none: something else is different since it passed.
const NOT_ANY_MORE: &str =
    "the best attempt was written back and does not pass its checks any more";

/// The attempt is over without success.
pub(super) fn failed(session: &Session, id: &str, reason: String, ended: Ended) -> Effect {
    let progress = session.tickets.get(id);
    Effect::Record(vec![Event::AttemptFailed {
        attempt: progress.map_or(1, |progress| progress.attempts),
        reason,
        note: Some(note(session, id, ended)),
    }])
}

/// What ends the attempt, as the conversation shows it.
pub(super) fn ended(session: &Session) -> Ended {
    let Some(open) = &session.conversation else {
        return Ended::Other;
    };
    let is_check = open.verdict.as_ref().is_some_and(|verdict| !verdict.passed);
    if open.loops.over().is_some() {
        Ended::Circles
    } else if is_check {
        Ended::Check
    } else if open.ladder.rung() == Rung::Blocked {
        Ended::Unusable
    } else if open.silent > 0 {
        silent(open)
    } else if !budget::fits(session, open) {
        Ended::Full
    } else {
        Ended::Other
    }
}

/// A model that decided so has given up; one that only would not go on is silent.
fn silent(open: &Conversation) -> Ended {
    let decided = open
        .decision
        .as_deref()
        .and_then(|text| read_json(text).ok()) // silent-ok: then it has not decided
        .and_then(|json| accept_decision(&json).ok()); // silent-ok: as said above
    match decided.map(|decided| decided.decision) {
        Some(Decision::Blocked) => Ended::GaveUp,
        Some(Decision::Complete | Decision::Continue) | None => Ended::Silent,
    }
}

/// The attempt has passed its gate.
pub(super) fn passed(session: &Session, id: &str, verdict: &Receipt) -> Effect {
    if !is_compared(session, id) {
        return complete(id, verdict);
    }
    Effect::KeepResult {
        id: id.to_owned(),
        reason: verdict.output.clone(),
        proof: proof(verdict),
    }
}

/// The attempt has passed its gate, but what is there now is not all what the gate has seen.
pub(super) fn passed_otherwise(session: &Session, id: &str) -> Effect {
    let is_compared = is_compared(session, id);
    let (id, reason, proof) = (id.to_owned(), NOT_WHOLE.to_owned(), Proof::NotShown);
    if is_compared {
        return Effect::KeepResult { id, reason, proof };
    }
    Effect::FinishTicket {
        id,
        outcome: Outcome::Completed,
        reason,
        proof,
    }
}

/// How many attempts are compared, from how the ticket stands.
fn best_of(session: &Session, progress: Option<&TicketProgress>) -> u32 {
    let failed = progress.map_or(Failed::Never, TicketProgress::failed_now);
    session.settings.best_of(failed)
}

/// Whether a result is kept beside others. Where an old journal does not say what the project was
/// before the ticket, there is nothing to measure it by.
fn is_compared(session: &Session, id: &str) -> bool {
    let work = session.work_under_way();
    best_of(session, session.tickets.get(id)) > 1 && work.is_some_and(|work| work.name == id)
}

/// What follows an attempt that is over: the next one, the best of them, or the end.
pub(super) fn after(session: &Session, id: &str, progress: &TicketProgress) -> Effect {
    let id = id.to_owned();
    if let (Some(chosen), Some(kept)) = (progress.chosen, progress.chosen_result()) {
        if chosen.whole && chosen.standing == Standing::Otherwise {
            return match &progress.chosen_gate {
                None => Effect::RunGate(GateKind::Ticket(id)),
                Some(gate) if gate.passed => finish(id, progress, chosen, kept),
                Some(gate) => Effect::FinishTicket {
                    id,
                    outcome: Outcome::Blocked,
                    reason: format!("{NOT_ANY_MORE}: {}", gate.output),
                    proof: Proof::NotShown,
                },
            };
        }
        return finish(id, progress, chosen, kept);
    }
    let best_of = best_of(session, Some(progress));
    // One that failed before any was to be compared is not among them.
    let alone = session.settings.best_of(Failed::Never) == 1;
    let alone = u32::from(alone && best_of > 1);
    // Where none has passed yet, there are as many attempts as without comparing.
    let most = if progress.kept.is_empty() {
        (alone + best_of).max(session.settings.limits.attempts)
    } else {
        alone + best_of
    };
    let at_limit = |note: &AttemptNote| note.ended == Ended::Limit;
    let last = progress.failed.last();
    let ends_here = best_of == 1
        && last
            .filter(|failed| failed.attempt == progress.attempts)
            .and_then(|failed| failed.note.as_ref())
            .is_some_and(at_limit);
    if progress.attempts_now() < most && !ends_here {
        let attempt = progress.attempts + 1;
        return Effect::StartTicket { id, attempt };
    }
    if let Some(best) = best(&progress.kept) {
        let attempt = best.data.attempt;
        return Effect::WriteResult { id, attempt };
    }
    Effect::FinishTicket {
        id,
        outcome: Outcome::Blocked,
        reason: last.map_or_else(String::new, |failed| failed.reason.clone()),
        proof: Proof::NotShown,
    }
}

/// The result that stays: one that its tests show before one that nothing shows, then the one
/// with the fewest lines, then the earliest.
fn best(kept: &[KeptResult]) -> Option<&KeptResult> {
    kept.iter().min_by_key(|kept| {
        let is_unproven = kept.data.proof != Proof::Shown;
        (is_unproven, kept.data.lines, kept.data.attempt)
    })
}

fn finish(id: String, progress: &TicketProgress, chosen: Chosen, kept: &KeptResult) -> Effect {
    let (attempt, lines) = (chosen.attempt, kept.data.lines);
    let alike = progress.kept.iter();
    let alike = alike.filter(|other| other.data.proof == kept.data.proof);
    let (alike, passed) = (alike.count(), progress.kept.len());
    let among = if alike == passed {
        format!("{passed} that passed")
    } else {
        format!("{alike} that tests show; {passed} passed")
    };
    let compared = format!(
        "attempt {attempt} stays: {lines} lines changed, the fewest of {among} in {} attempts",
        progress.attempts_now()
    );
    let (proof, reason) = if chosen.whole {
        (kept.data.proof, kept.reason.as_str())
    } else {
        // What its checks showed was not this.
        (Proof::NotShown, NOT_WHOLE)
    };
    Effect::FinishTicket {
        id,
        outcome: Outcome::Completed,
        reason: format!("{compared}; {reason}"),
        proof,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::session::KeptData;

    #[test]
    fn an_attempt_that_tests_show_stays_before_a_smaller_one_that_nothing_shows() {
        let kept = |attempt, lines, proof| KeptResult {
            data: KeptData {
                attempt,
                lines,
                proof,
                ..KeptData::default()
            },
            reason: String::new(),
            receipts: Vec::new(),
        };
        let all = [
            kept(1, 2, Proof::NotShown),
            kept(2, 30, Proof::Shown),
            kept(3, 20, Proof::Shown),
            kept(4, 20, Proof::Shown),
        ];
        let of = |kept| best(kept).map(|best| best.data.attempt);
        assert_eq!(of(&all), Some(3));
        assert_eq!(of(&all[..1]), Some(1));
        assert_eq!(of(&[]), None);
    }
}
