//! What a person is told of a blocked ticket: what was tried, what failed and with which words,
//! what waits for it. And the question about it. Says nothing that the journal does not hold.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::opening::first_line;
use crate::engine::ask::{Ask, AskId, AskKind, Way};
use crate::engine::session::{FailedAttempt, Session};

/// The diagnosis of a ticket that was tried and is blocked, a line each; empty for any other.
pub fn diagnosis(session: &Session, ticket: &str) -> Vec<String> {
    let Some(progress) = session.tickets.get(ticket) else {
        return Vec::new();
    };
    let Some(last) = progress.failed.last() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let note = last.note.as_ref();
    match note.and_then(|note| note.check.as_ref()) {
        Some(check) => lines.push(format!("failing: `{}`, {}", check.command, check.ended)),
        None => lines.push(format!("why: {}", first_line(&last.reason))),
    }
    let output = note.iter().flat_map(|note| &note.output);
    lines.extend(output.map(|line| format!("    {line}")));
    lines.extend(all_tried(&progress.failed));
    for said in &progress.guidance {
        lines.push(format!("you said: {}", first_line(said)));
    }
    let waiting = waiting_for(session, ticket);
    if !waiting.is_empty() {
        lines.push(format!("depends on it: {}", waiting.join(", ")));
    }
    lines
}

/// What was tried, a line for each sort of attempt in a row.
fn all_tried(failed: &[FailedAttempt]) -> Vec<String> {
    let alike = failed.chunk_by(|one, next| tried(one) == tried(next));
    alike
        .filter_map(|alike| {
            let (first, last) = (alike.first()?, alike.last()?);
            let which = match alike.len() {
                1 => format!("attempt {}", first.attempt),
                _ => format!("attempts {} to {}", first.attempt, last.attempt),
            };
            Some(format!("{which}: {}", tried(first)))
        })
        .collect()
}

/// What an attempt did, and how it ended, in a line.
fn tried(failed: &FailedAttempt) -> String {
    let why = first_line(&failed.reason);
    let Some(note) = &failed.note else {
        return why.to_owned();
    };
    let mut parts = Vec::new();
    if !note.changed.is_empty() {
        parts.push(format!("changed {}", note.changed.join(", ")));
    }
    if !note.ran.is_empty() {
        let ran = note.ran.iter().map(|ran| format!("`{}`", ran.command));
        parts.push(format!("ran {}", ran.collect::<Vec<_>>().join(", ")));
    }
    let last = match note.output.last() {
        Some(line) => line.trim(),
        None => why,
    };
    parts.push(last.to_owned());
    parts.join("; ")
}

/// The tickets that cannot be begun without this one.
pub fn waiting_for(session: &Session, ticket: &str) -> Vec<String> {
    let tickets = session.documents.tickets.iter();
    let tickets: Vec<_> = tickets.flat_map(|tickets| &tickets.tickets).collect();
    let mut lost = BTreeSet::from([ticket.to_owned()]);
    loop {
        let before = lost.len();
        for other in &tickets {
            if other.depends_on.iter().any(|need| lost.contains(need)) {
                lost.insert(other.id.clone());
            }
        }
        if lost.len() == before {
            break;
        }
    }
    let others = tickets.iter().map(|other| &other.id);
    others
        .filter(|id| *id != ticket && lost.contains(*id))
        .cloned()
        .collect()
}

/// What a person can do about the tickets that are blocked; empty if nothing is left to decide.
pub fn what_to_do(session: &Session) -> String {
    let stopped = session.stopped_for();
    if !stopped.is_empty() {
        return format!(
            "## What you can do now\n\nYou said stop because of {}: `loop resume {}` asks about it again.\n\n",
            stopped.join(" and "),
            session.started.id
        );
    }
    let open = session.open_asks.keys();
    let open: Vec<&str> = open.filter_map(AskId::blocked_ticket).collect();
    if open.is_empty() {
        return String::new();
    }
    let id = &session.started.id;
    let mut lines = String::new();
    for ticket in &open {
        let waiting = waiting_for(session, ticket);
        let with_it = match waiting.as_slice() {
            [] => String::new(),
            waiting => format!(", and {} with it", waiting.join(", ")),
        };
        let ask = AskId::blocked(ticket);
        let _ = write!(
            lines,
            "    loop answer -s {id} {ask} \"retry AND WHAT TO DO DIFFERENTLY\"\n    loop answer -s {id} {ask} skip    # leaves {ticket} out{with_it}\n"
        ); // silent-ok: a String
    }
    format!(
        "## What you can do now\n\nDecide about {}, then `loop resume {id}`; or let that ask you in a terminal:\n\n{lines}\n",
        open.join(" and ")
    )
}

/// What a person is asked about a blocked ticket.
pub fn question(session: &Session, ticket: &str) -> Ask {
    let title = session.ticket(ticket).map_or("", |found| &found.title);
    let lines = diagnosis(session, ticket);
    let failed = session
        .tickets
        .get(ticket)
        .map_or(0, |progress| progress.failed.len());
    let attempts = match failed {
        1 => "1 attempt failed".to_owned(),
        many => format!("{many} attempts failed"),
    };
    let head = lines.first().map_or("", String::as_str);
    let mut said = session
        .tickets
        .get(ticket)
        .and_then(|progress| progress.failed.last()?.note.as_ref()?.output.last())
        .map_or_else(
            || head.to_owned(),
            |line| format!("{head}: {}", line.trim()),
        );
    said.truncate(said.trim_end_matches('.').len());
    Ask {
        id: AskId::blocked(ticket),
        kind: AskKind::Blocked,
        text: format!("{ticket} {title} is blocked: {attempts}; {said}. What now?"),
        options: Way::OPTIONS.map(str::to_owned).to_vec(),
        why: lines.join("\n"),
        reference: None,
        place: None,
    }
}
