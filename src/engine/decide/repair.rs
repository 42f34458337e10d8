//! Repairing what a review found, one finding after the other: each has a snapshot, a conversation
//! and a gate of its own, and is taken back alone if it breaks anything. The time for polishing is
//! limited as a whole; what was not begun then is told.

use super::effect::{Effect, note};
use super::work::{Scope, fail, open, turn, work_conversation};
use crate::engine::event::NoteKind;
use crate::engine::phase::{Phase, Step};
use crate::engine::session::Session;

/// What repairing the review's findings still needs.
pub(super) fn next(session: &Session, phase: &Phase, step: &Step) -> Option<Effect> {
    let repair = &session.repair;
    if repair.is_over {
        return None;
    }
    let late = too_late(session, phase);
    let Some(under_way) = &repair.step else {
        return begin(session, late);
    };
    if let Some(reason) = &under_way.failed {
        return Some(Effect::TakeBack {
            tree: under_way.tree.clone(),
            reason: reason.clone(),
        });
    }
    if let Some(reason) = late {
        return Some(fail(&Scope::Repair, session, reason));
    }
    Some(match work_conversation(session) {
        Some(conversation) => turn(session, step, conversation, &Scope::Repair),
        None => open(step, None),
    })
}

/// The next step, or the word that there is none.
fn begin(session: &Session, late: Option<String>) -> Option<Effect> {
    let left = session.unrepaired();
    let told = |text: String| Some(Effect::Record(vec![note(NoteKind::Kept, text)]));
    match (left.first(), late) {
        (Some(_), Some(late)) => {
            let titles: Vec<&str> = left
                .iter()
                .filter_map(|place| session.finding(*place))
                .map(|finding| finding.title.as_str())
                .collect();
            told(format!("Not repaired, since {late}: {}", titles.join("; ")))
        }
        (Some(finding), None) => Some(Effect::Save { finding: *finding }),
        (None, _) if session.repair.ended.is_empty() => {
            told("The review found nothing that had to be repaired.".to_owned())
        }
        (None, _) => None,
    }
}

fn too_late(session: &Session, phase: &Phase) -> Option<String> {
    let spent = session
        .per_phase
        .get(&phase.name)
        .map_or(0, |totals| totals.model_ms + totals.tool_ms);
    let minutes = session.settings.limits.refactor_minutes;
    (spent > minutes * 60_000).then(|| format!("polishing may take {minutes} minutes"))
}
