//! The critic of a ticket: a reader with a fresh context who judges each acceptance criterion once
//! the checks have passed. Its "not met" goes back to the model once; the checks outrank it in
//! everything else. No verdict of it, and none that cannot be used, ever blocks a ticket.

use serde_json::json;

use super::document::correction;
use super::effect::{Effect, note_with};
use crate::engine::artifact::{SchemaKind, accept_critique, read_json};
use crate::engine::context::{Opening, budget};
use crate::engine::critique;
use crate::engine::event::{Event, NoteKind, Purpose, Receipt};
use crate::engine::phase::Step;
use crate::engine::session::{Conversation, Session, Tail};
use crate::engine::settings::CriticSetting;

/// Times an answer may be unusable before there is no verdict.
const TRIES: u32 = 2;
/// Looks at one attempt: at what the checks passed, and at what came of the critic's words.
const LOOKS: usize = 2;

/// What the critic still has to do with work that its checks have passed; none if the ticket can
/// end.
pub(super) fn next(
    session: &Session,
    step: &Step,
    id: &str,
    work: &Conversation,
) -> Option<Effect> {
    if !is_wanted(session, step, id) {
        return None;
    }
    let gate = work.verdict.as_ref()?;
    let criticism = &session.tickets.get(id)?.criticism;
    let last = criticism.looks.last();
    let is_seen = last.is_some_and(|look| look.gate.tree_after == gate.tree_after);
    if !is_seen && criticism.looks.len() < LOOKS {
        return Some(Effect::OpenConversation(Opening {
            purpose: Purpose::Critique,
            step: step.clone(),
            ticket: Some(id.to_owned()),
        }));
    }
    let judged = &last?.judged;
    if judged.passed || criticism.is_told || work.loops.is_worn_out() {
        return None;
    }
    let criteria = critique::criteria(session.ticket(id)?, &session.started.task);
    let words = critique::for_the_model(judged, &criteria);
    Some(Effect::Record(vec![note_with(
        NoteKind::CheckFailed,
        words,
        json!({"critic": "told"}),
    )]))
}

/// Whether there is anything to judge. The criteria of a ticket that the program made for a simple
/// task are its own, and say nothing that its checks do not: it is looked at only where tests that
/// were there were changed as announced.
fn is_wanted(session: &Session, step: &Step, id: &str) -> bool {
    session.settings.model.critic != CriticSetting::Off
        && step.critic().is_some()
        && session.ticket(id).is_some_and(|ticket| {
            if critique::is_of_the_program(ticket, &session.started.task) {
                session.announced_edits(id).next().is_some()
            } else {
                !ticket.acceptance_criteria.is_empty()
            }
        })
}

/// The critic's open conversation, if there is one: what comes next in it.
pub(super) fn converse(session: &Session, id: &str) -> Option<Effect> {
    let conversation = session
        .conversation
        .as_ref()
        .filter(|open| open.purpose == Purpose::Critique)?;
    let gate = conversation.waiting.as_ref()?.verdict.as_ref()?;
    let model = conversation.model.as_str();
    let checked = |receipt: Receipt| Effect::Record(vec![Event::Checked(receipt)]);
    let unusable = |why: &str| checked(critique::unusable(why, model, gate));
    let is_last = conversation.rejected + 1 >= TRIES;
    if conversation.rejected >= TRIES {
        return Some(unusable("its answers could not be read"));
    }
    let criteria = critique::criteria(session.ticket(id)?, &session.started.task).len();
    Some(match &conversation.tail {
        Tail::Text(text) => {
            let read = read_json(text).map_err(|fault| vec![fault]);
            match read.and_then(|json| accept_critique(&json, criteria)) {
                Ok(judged) => checked(critique::receipt(judged, model, gate)),
                Err(faults) if is_last => unusable(&faults.join("; ")),
                Err(faults) => Effect::Record(vec![correction(&faults)]),
            }
        }
        Tail::Rejected(why) if is_last => unusable(why),
        Tail::Rejected(why) => Effect::Record(vec![correction(std::slice::from_ref(why))]),
        Tail::ModelNext | Tail::Calls | Tail::Claim { .. } | Tail::Settled => {
            if budget::fits(session, conversation) {
                Effect::CallModel {
                    format: Some(SchemaKind::Critique),
                }
            } else {
                unusable("the changes do not fit in the context window")
            }
        }
    })
}

/// An attempt that fails only after the critic's words had passed its checks before: what came of
/// the words is taken back. None if the attempt has really failed.
pub(super) fn go_back(session: &Session, id: &str, reason: &str) -> Option<Effect> {
    let criticism = &session.tickets.get(id)?.criticism;
    let look = criticism.looks.last().filter(|_| criticism.is_told)?;
    Some(Effect::GoBack {
        tree: look.gate.tree_after.clone()?,
        reason: reason.to_owned(),
    })
}

/// Whether not all of what came of the critic's words could be taken back.
pub(super) fn stands_in_part(session: &Session, id: &str) -> bool {
    let progress = session.tickets.get(id);
    progress.is_some_and(|progress| progress.criticism.is_partly_back)
}

/// What the checks had shown, if the project stands again as it was then.
pub(super) fn stands_again<'a>(session: &'a Session, id: &str) -> Option<&'a Receipt> {
    let criticism = &session.tickets.get(id)?.criticism;
    criticism.taken_back.as_ref()?;
    Some(&criticism.looks.last()?.gate)
}
