//! The note of a failed attempt, made from what the session knows of it. No model is asked.

use super::output::first_failing;
use super::rule::retry_rule;
use crate::engine::event::{AttemptNote, Ended};
use crate::engine::session::Session;

/// The note of the attempt at this ticket that ends now.
pub fn note(session: &Session, ticket: &str, ended: Ended) -> AttemptNote {
    let rule = retry_rule();
    let limits = rule.note;
    let tried = &session.tried;
    let failing = tried.failing.as_ref();
    let output = failing.map_or_else(Vec::new, |failing| {
        first_failing(&failing.output, limits.lines, limits.line_characters)
    });
    let before = session
        .tickets
        .get(ticket)
        .and_then(|progress| progress.failed.last())
        .and_then(|failed| failed.note.as_ref());
    // The last line tells most, and has neither times nor addresses as a rule.
    let as_before =
        before.is_some_and(|before| !output.is_empty() && before.output.last() == output.last());
    let newest = tried.ran.len().saturating_sub(limits.commands);
    AttemptNote {
        ended,
        changed: tried.changed.iter().take(limits.files).cloned().collect(),
        ran: tried.ran[newest..].to_vec(),
        check: failing.map(|failing| failing.check.clone()),
        output,
        avoid: rule.avoid(ended, as_before).to_owned(),
    }
}
