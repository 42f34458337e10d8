//! One ticket in full: what it is, what it waits for, what was tried, what the checks said.

use super::board::receipts;
use super::watched::Watched;
use crate::engine::artifact::Ticket;
use crate::engine::event::Outcome;
use crate::ui::text::{Line, Look, Tone, heading, labelled, paragraph};

/// The ticket as lines.
pub(super) fn lines(watched: &Watched, id: &str, look: &Look) -> Vec<Line> {
    let session = &watched.session;
    let Some(ticket) = session.ticket(id) else {
        return vec![Line::new(Tone::Dim, "this ticket is gone")];
    };
    let mut lines =
        vec![Line::new(Tone::Accent, &ticket.id).with(Tone::Bold, &format!("  {}", ticket.title))];
    lines.extend(paragraph(Tone::Plain, &ticket.description, "", look));
    lines.extend(neighbours(watched, ticket, look));
    if !ticket.acceptance_criteria.is_empty() {
        lines.push(heading("done when", look));
        for criterion in &ticket.acceptance_criteria {
            lines.extend(paragraph(Tone::Plain, &format!("- {criterion}"), "", look));
        }
    }
    if let Some(plan) = session.planned(id) {
        lines.push(heading("plan", look));
        lines.extend(paragraph(Tone::Plain, &plan.approach, "", look));
        for command in session.verify_commands(id) {
            lines.extend(labelled(Tone::Dim, "checked by: ", &command, look));
        }
    }
    let checks = receipts(watched, id, look);
    if !checks.is_empty() {
        lines.push(heading("checks", look));
        lines.extend(checks);
    }
    lines.extend(attempts(watched, id, look));
    lines
}

fn neighbours(watched: &Watched, ticket: &Ticket, look: &Look) -> Vec<Line> {
    let tickets = watched.session.documents.tickets.iter();
    let after: Vec<&str> = tickets
        .flat_map(|tickets| &tickets.tickets)
        .filter(|other| other.depends_on.contains(&ticket.id))
        .map(|other| other.id.as_str())
        .collect();
    let mut lines = Vec::new();
    if !ticket.depends_on.is_empty() {
        let before = ticket.depends_on.join(", ");
        lines.extend(labelled(Tone::Dim, "comes after: ", &before, look));
    }
    if !after.is_empty() {
        lines.extend(labelled(
            Tone::Dim,
            "waited for by: ",
            &after.join(", "),
            look,
        ));
    }
    lines
}

/// What was tried, and how it ended.
fn attempts(watched: &Watched, id: &str, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(progress) = watched.session.tickets.get(id) else {
        return lines;
    };
    if !progress.failed.is_empty() {
        lines.push(heading("attempts that failed", look));
        for failed in &progress.failed {
            let label = format!("{}. ", failed.attempt);
            lines.extend(labelled(Tone::Warn, &label, &failed.reason, look));
        }
    }
    if let Some(end) = &progress.ended {
        lines.push(heading("how it ended", look));
        let tone = match end.outcome {
            Outcome::Completed => Tone::Good,
            Outcome::Blocked | Outcome::Refused => Tone::Bad,
            Outcome::Skipped => Tone::Dim,
        };
        lines.extend(paragraph(tone, &end.reason, "", look));
        if !end.changed.is_empty() {
            let changed = end.changed.join(", ");
            lines.extend(labelled(Tone::Dim, "changed: ", &changed, look));
        }
        if let Some(commit) = &end.commit {
            lines.extend(labelled(Tone::Dim, "commit: ", commit, look));
        }
    }
    lines
}
