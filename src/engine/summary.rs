//! The summary at the end of a session: what was built, what shows it, what was left out, what it
//! cost, and how to look at the changes and take them back. Says "done" only where tests ran.

use std::fmt::Write as _;

use super::artifact::Severity;
use super::attempts::{diagnosis, what_to_do};
use super::event::{Audience, Outcome};
use super::guard::is_of_checks;
use super::session::{Heard, Session};
use super::ticket_receipt::{Standing, TicketReceipt, standing};
use super::trace::{receipt_lines, trace};

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
    features(session, &mut text);
    result(session, &mut text);
    suggestions(session, &mut text);
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
    let ids = session.ticket_ids();
    let count = |wanted| {
        let tickets = ids.iter();
        tickets.filter(|id| standing(session, id) == wanted).count()
    };
    match outcome {
        Outcome::Refused => "Stopped: a person said no. Nothing after that was done.".to_owned(),
        _ if ids.is_empty() => "No ticket was worked on.".to_owned(),
        _ => {
            let (shown, total) = (count(Standing::Done), ids.len());
            let mut parts = vec![format!(
                "{shown} of {total} tickets done, shown by tests that ran"
            )];
            for (standing, words) in [
                (
                    Standing::NotShown,
                    "changed, but nothing that was run shows it",
                ),
                (Standing::Blocked, "blocked"),
                (Standing::TakenBack, Standing::TakenBack.words()),
                (Standing::PartlyTakenBack, Standing::PartlyTakenBack.words()),
            ] {
                if count(standing) > 0 {
                    parts.push(format!("{} {words}", count(standing)));
                }
            }
            format!("{}.", parts.join("; "))
        }
    }
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
        let standing = standing(session, id);
        let _ = writeln!(text, "- **{id} {title}**: {}", standing.words()); // silent-ok: a String
        if let Some(left) = session.left_of(id).filter(|left| !left.is_empty()) {
            let _ = writeln!(text, "  left as it is: {}", left.join(", ")); // silent-ok: a String
        }
        let progress = session.tickets.get(id);
        let Some(end) = progress.and_then(|progress| progress.ended.as_ref()) else {
            continue;
        };
        if end.outcome == Outcome::Completed {
            let _ = writeln!(text, "  changed: {}", end.changed.join(", ")); // silent-ok: a String
            let edits: Vec<&str> = session
                .announced_edits(id)
                .filter(|path| end.changed.iter().any(|changed| changed == path))
                .collect();
            let (gates, tests): (Vec<&str>, Vec<&str>) =
                edits.into_iter().partition(|path| is_of_checks(path));
            for (what, paths) in [
                ("tests that were there", tests),
                ("run to check the work", gates),
            ] {
                if !paths.is_empty() {
                    let paths = paths.join(", ");
                    let _ = writeln!(text, "  {what}, changed as announced: {paths}"); // silent-ok: a String
                }
            }
            if progress.is_some_and(|progress| progress.chosen.is_some()) {
                let _ = writeln!(text, "  {}", indent(&end.reason)); // silent-ok: a String
            }
            let receipt = TicketReceipt::of(session, id);
            text.push_str(&receipt_lines(&receipt, standing));
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

/// Which feature is shown by what.
fn features(session: &Session, text: &mut String) {
    let table = trace(session).table();
    if !table.is_empty() && !session.ticket_ids().is_empty() {
        let _ = write!(text, "## Features and what shows them\n\n{table}\n"); // silent-ok: a String
    }
}

/// What the review only suggested.
fn suggestions(session: &Session, text: &mut String) {
    let review = session.documents.review.iter();
    let mut findings = review
        .flat_map(|review| &review.findings)
        .filter(|finding| finding.severity == Severity::Suggestion)
        .peekable();
    if findings.peek().is_none() {
        return;
    }
    text.push_str("## Suggested, not done\n\n");
    for finding in findings {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            (None, _) => String::new(),
        };
        let _ = writeln!(
            text,
            "- {place}{}. {}",
            finding.title.trim_end_matches('.'),
            indent(&finding.detail)
        ); // silent-ok: a String
    }
    text.push('\n');
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
