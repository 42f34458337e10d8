//! The summary at the end of a session: what was built, what shows it, what was left out, what it
//! cost, and how to look at the changes and take them back. Says "done" only where tests ran.

use std::fmt::Write as _;

use super::attempts::{diagnosis, what_to_do};
use super::event::{Audience, Gate, Outcome, Proof, Receipt};
use super::session::{Heard, Session, TicketProgress};

/// Where the session's own copies of the project are, for the commands at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The session's git folder.
    pub snapshots: String,
    /// The project.
    pub project: String,
}

/// The whole summary as Markdown.
pub fn summary(session: &Session, outcome: Outcome, places: &Places) -> String {
    let mut text = format!("# {}\n\n{}\n\n", title(session), headline(session, outcome));
    tickets(session, &mut text);
    text.push_str(&what_to_do(session));
    result(session, &mut text);
    told(session, &mut text);
    cost(session, &mut text);
    look(session, places, &mut text);
    text
}

fn title(session: &Session) -> String {
    match &session.documents.prd {
        Some(prd) => prd.title.clone(),
        None => session
            .started
            .task
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn headline(session: &Session, outcome: Outcome) -> String {
    let total = session.ticket_ids().len();
    let shown = count(session, |end| {
        end.proof == Proof::Shown && end.outcome == Outcome::Completed
    });
    let unshown = count(session, |end| {
        end.proof == Proof::NotShown && end.outcome == Outcome::Completed
    });
    let blocked = count(session, |end| end.outcome == Outcome::Blocked);
    match outcome {
        Outcome::Refused => "Stopped: a person said no. Nothing after that was done.".to_owned(),
        _ if total == 0 => "No ticket was worked on.".to_owned(),
        _ => {
            let mut parts = vec![format!(
                "{shown} of {total} tickets done, shown by tests that ran"
            )];
            if unshown > 0 {
                parts.push(format!(
                    "{unshown} changed, but nothing that was run shows it"
                ));
            }
            if blocked > 0 {
                parts.push(format!("{blocked} blocked"));
            }
            format!("{}.", parts.join("; "))
        }
    }
}

fn count(session: &Session, wanted: impl Fn(&super::session::TicketEnd) -> bool) -> usize {
    session
        .tickets
        .values()
        .filter(|progress| progress.ended.as_ref().is_some_and(&wanted))
        .count()
}

fn tickets(session: &Session, text: &mut String) {
    let ids = session.ticket_ids();
    if ids.is_empty() {
        return;
    }
    text.push_str("## Tickets\n\n");
    for id in ids {
        let title = session
            .ticket(id)
            .map(|ticket| ticket.title.as_str())
            .unwrap_or_default();
        let progress = session.tickets.get(id);
        let _ = writeln!(
            text,
            "- **{id} {title}**: {}{}",
            state(progress),
            if session.is_taken_back(id) {
                ", taken back by the person"
            } else {
                ""
            }
        ); // silent-ok: a String
        let Some(end) = progress.and_then(|progress| progress.ended.as_ref()) else {
            continue;
        };
        if end.outcome == Outcome::Completed {
            let _ = writeln!(text, "  changed: {}", end.changed.join(", ")); // silent-ok: a String
            if let Some(commit) = &end.commit {
                let _ = writeln!(text, "  commit: {commit}"); // silent-ok: a String
            }
            if progress.is_some_and(|progress| progress.chosen.is_some()) {
                let _ = writeln!(text, "  {}", indent(&end.reason)); // silent-ok: a String
            }
            for receipt in receipts(session, id) {
                let _ = writeln!(text, "  receipt: {}", receipt_line(receipt)); // silent-ok: a String
            }
            continue;
        }
        let lines = match end.outcome {
            Outcome::Blocked => diagnosis(session, id),
            Outcome::Completed | Outcome::Refused | Outcome::Skipped => Vec::new(),
        };
        if lines.is_empty() {
            let _ = writeln!(text, "  {}", indent(&end.reason)); // silent-ok: a String
        }
        for line in lines {
            let _ = writeln!(text, "  {line}"); // silent-ok: a String
        }
    }
    text.push('\n');
}

fn state(progress: Option<&TicketProgress>) -> &'static str {
    match progress.and_then(|progress| progress.ended.as_ref()) {
        None => "not begun",
        Some(end) => match (end.outcome, end.proof) {
            (Outcome::Completed, Proof::Shown) => "done",
            (Outcome::Completed, Proof::NotShown) => "changed, not shown",
            (Outcome::Blocked, _) => "blocked",
            (Outcome::Refused, _) => "refused",
            (Outcome::Skipped, _) => "left out",
        },
    }
}

/// The receipts of a ticket, in a line each.
pub fn cited(session: &Session, ticket: &str) -> Vec<String> {
    let receipts = receipts(session, ticket).into_iter();
    receipts.map(receipt_line).collect()
}

/// The last passing run of each command; of the attempt that stays, where several were compared.
fn receipts<'a>(session: &'a Session, ticket: &str) -> Vec<&'a Receipt> {
    let progress = session.tickets.get(ticket);
    if let Some(chosen) = progress.and_then(TicketProgress::chosen_result) {
        return chosen.receipts.iter().collect();
    }
    let mut kept: Vec<&Receipt> = Vec::new();
    let of_ticket = session.receipts.iter().filter(|(id, receipt)| {
        id.as_deref() == Some(ticket) && receipt.gate == Gate::Verify && receipt.passed
    });
    for (_, receipt) in of_ticket {
        kept.retain(|other| other.command != receipt.command);
        kept.push(receipt);
    }
    kept
}

fn receipt_line(receipt: &Receipt) -> String {
    let tests = match receipt.tests {
        Some(1) => ", 1 test".to_owned(),
        Some(n) => format!(", {n} tests"),
        None => ", no tests counted".to_owned(),
    };
    format!(
        "`{}` exit {}{tests}, {} ms",
        receipt.command,
        receipt
            .exit
            .map_or_else(|| "none".to_owned(), |code| code.to_string()),
        receipt.ms
    )
}

fn result(session: &Session, text: &mut String) {
    let run = session.documents.plan.iter().flat_map(|plan| &plan.run);
    let run: Vec<&String> = run.collect();
    if !run.is_empty() {
        text.push_str("## How to start it\n\n");
        for command in run {
            let _ = writeln!(text, "    {command}"); // silent-ok: a String
        }
        text.push('\n');
    }
    let left_out: Vec<&String> = session
        .documents
        .prd
        .iter()
        .flat_map(|prd| prd.non_goals.iter())
        .collect();
    if !left_out.is_empty() {
        text.push_str("## Left out on purpose\n\n");
        for goal in left_out {
            let _ = writeln!(text, "- {goal}"); // silent-ok: a String
        }
        text.push('\n');
    }
    if !session.facts.is_empty() {
        text.push_str("## Worth knowing\n\n");
        for fact in &session.facts {
            let _ = writeln!(text, "- {}", indent(fact)); // silent-ok: a String
        }
        text.push('\n');
    }
}

fn told(session: &Session, text: &mut String) {
    if session.told.is_empty() {
        return;
    }
    text.push_str("## What you said on the way\n\n");
    for told in &session.told {
        let whom = match (&told.to, told.heard) {
            (Some(Audience::All), _) => " (for all)".to_owned(),
            (Some(Audience::Ticket(id)), _) => format!(" (for {id})"),
            (None, Heard::Never) => " (too late for the model)".to_owned(),
            (None, Heard::Now | Heard::Later) => String::new(),
        };
        let _ = writeln!(text, "- {}{whom}", indent(&told.text)); // silent-ok: a String
    }
    text.push('\n');
}

fn cost(session: &Session, text: &mut String) {
    text.push_str("## What it took\n\nCalls of the model, tokens it read and wrote, its time and the time of tools:\n\n| phase | calls | read | wrote | model | tools |\n|---|---|---|---|---|---|\n");
    let rows = session
        .pipeline
        .phases
        .iter()
        .filter_map(|phase| Some((phase.name.as_str(), *session.per_phase.get(&phase.name)?)));
    for (name, totals) in rows.chain(std::iter::once(("all", session.totals))) {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            totals.calls,
            thousands(totals.prompt_tokens),
            thousands(totals.eval_tokens),
            seconds(totals.model_ms),
            seconds(totals.tool_ms)
        ); // silent-ok: a String
    }
    if !session.loops.is_empty() {
        let noticed = session.loops.iter();
        let noticed: Vec<String> = noticed
            .map(|(rule, count)| format!("{} {count}", rule.name()))
            .collect();
        let _ = writeln!(
            text,
            "\nGoing in circles was noticed: {}.",
            noticed.join(", ")
        ); // silent-ok: a String
    }
    text.push('\n');
}

/// `2310` as `2,310`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

fn look(session: &Session, places: &Places, text: &mut String) {
    let Some(tree) = &session.snapshots.first else {
        return;
    };
    let id = &session.started.id;
    let git = format!(
        "git --git-dir='{}' --work-tree='{}'",
        places.snapshots.replace('\'', r"'\''"),
        places.project.replace('\'', r"'\''")
    );
    let _ = write!(
        text,
        "## How to look at the changes, and take them back\n\n    loop diff -s {id}\n    loop undo all -s {id}\n\nWith a ticket's id, such as T1, both are about that ticket alone. Only what the session itself changed is taken back; a file that somebody else has changed since is asked about, or left alone and named. Deleting the session deletes the copies that this needs.\n\nWithout this program, and whatever happened to the files since: `{git} restore --source={tree} --worktree -- .`\n"
    ); // silent-ok: a String
}

fn indent(text: &str) -> String {
    text.trim().replace('\n', "\n  ")
}
