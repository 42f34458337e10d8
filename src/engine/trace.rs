//! From each feature to what shows it: its tickets, their checks, their commits. Says plainly which
//! features have no check that passes.

use std::fmt::Write as _;

use serde::Serialize;

use super::session::Session;
use super::ticket_receipt::{CheckLine, Standing, TicketReceipt, standing};

/// Every feature, and every ticket that is for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace<'a> {
    /// In the order of the PRD.
    pub features: Vec<FeatureTrace<'a>>,
    /// Tickets that name no feature of the PRD, as in a simple task, which has none.
    pub other_tickets: Vec<TicketTrace<'a>>,
    /// The ids of the features without a passing check.
    pub without_passing_check: Vec<&'a str>,
}

/// A feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureTrace<'a> {
    /// Such as F1.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How far it is shown.
    pub shown: Shown,
    /// The tickets that are for it.
    pub tickets: Vec<TicketTrace<'a>>,
}

/// How far a feature is shown to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Each of its tickets has a check that passes.
    Whole,
    /// One of them has, and another has not.
    Partly,
    /// None has.
    No,
}

/// A ticket and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketTrace<'a> {
    /// Such as T1.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How it stands.
    pub standing: Standing,
    /// What stands behind it.
    pub receipt: TicketReceipt<'a>,
}

/// The trace of a session as it stands.
pub fn trace(session: &Session) -> Trace<'_> {
    let ids = session.ticket_ids();
    let ticket = |id: &&'_ str| session.ticket(id);
    let known: Vec<&str> = session
        .documents
        .prd
        .iter()
        .flat_map(|prd| &prd.features)
        .map(|feature| feature.id.as_str())
        .collect();
    let features: Vec<FeatureTrace<'_>> = session
        .documents
        .prd
        .iter()
        .flat_map(|prd| &prd.features)
        .map(|feature| {
            let own = ids
                .iter()
                .filter_map(ticket)
                .filter(|ticket| ticket.features.contains(&feature.id));
            let tickets: Vec<TicketTrace<'_>> = own
                .map(|ticket| traced(session, &ticket.id, &ticket.title))
                .collect();
            FeatureTrace {
                id: &feature.id,
                title: &feature.title,
                shown: shown(&tickets),
                tickets,
            }
        })
        .collect();
    let other_tickets = ids
        .iter()
        .filter_map(ticket)
        .filter(|ticket| {
            !ticket
                .features
                .iter()
                .any(|id| known.contains(&id.as_str()))
        })
        .map(|ticket| traced(session, &ticket.id, &ticket.title))
        .collect();
    let without_passing_check = features
        .iter()
        .filter(|feature| feature.shown == Shown::No)
        .map(|feature| feature.id)
        .collect();
    Trace {
        features,
        other_tickets,
        without_passing_check,
    }
}

fn traced<'a>(session: &'a Session, id: &'a str, title: &'a str) -> TicketTrace<'a> {
    TicketTrace {
        id,
        title,
        standing: standing(session, id),
        receipt: TicketReceipt::of(session, id),
    }
}

fn shown(tickets: &[TicketTrace<'_>]) -> Shown {
    let done = tickets
        .iter()
        .filter(|ticket| ticket.standing == Standing::Done)
        .count();
    match done {
        0 => Shown::No,
        all if all == tickets.len() => Shown::Whole,
        _ => Shown::Partly,
    }
}

impl Trace<'_> {
    /// The whole trace as Markdown.
    pub fn render(&self) -> String {
        let mut text = String::from("# From feature to proof\n");
        for feature in &self.features {
            let words = match feature.shown {
                Shown::Whole => "shown",
                Shown::Partly => "shown in part",
                Shown::No => "no passing check",
            };
            let _ = write!(text, "\n## {} {}: {words}\n\n", feature.id, feature.title); // silent-ok: a String
            render_tickets(&feature.tickets, &mut text);
        }
        if !self.other_tickets.is_empty() {
            text.push_str("\n## Tickets that are for no feature\n\n");
            render_tickets(&self.other_tickets, &mut text);
        }
        match self.missing() {
            Some(missing) => {
                let _ = write!(text, "\n{missing}\n"); // silent-ok: a String
            }
            None if self.features.is_empty() => text.push_str("\nThere is no PRD with features.\n"),
            None => text.push_str("\nEvery feature has a passing check.\n"),
        }
        text
    }

    /// The same in a short table; empty without features.
    pub fn table(&self) -> String {
        if self.features.is_empty() {
            return String::new();
        }
        let mut text =
            String::from("| feature | tickets | passing checks | commits |\n|---|---|---|---|\n");
        for feature in &self.features {
            let list = |of: &dyn Fn(&TicketTrace<'_>) -> Vec<String>| {
                let mut all: Vec<String> = Vec::new();
                for entry in feature.tickets.iter().flat_map(of) {
                    if !all.contains(&entry) {
                        all.push(entry);
                    }
                }
                all.join(", ").replace('|', "\\|")
            };
            let tickets =
                list(&|ticket| vec![format!("{} {}", ticket.id, ticket.standing.words())]);
            let checks = list(&|ticket| match ticket.standing {
                Standing::Done => ticket.receipt.checks.iter().map(CheckLine::short).collect(),
                _ => Vec::new(),
            });
            let commits = list(&|ticket| ticket.receipt.commit.map(short).into_iter().collect());
            let title = feature.title.replace('|', "\\|");
            let _ = writeln!(
                text,
                "| {} {title} | {} | {} | {} |",
                feature.id,
                or_none(&tickets),
                or_none(&checks),
                or_none(&commits)
            ); // silent-ok: a String
        }
        if let Some(missing) = self.missing() {
            let _ = write!(text, "\n{missing}\n"); // silent-ok: a String
        }
        text
    }

    fn missing(&self) -> Option<String> {
        let titles: Vec<String> = self
            .features
            .iter()
            .filter(|feature| feature.shown == Shown::No)
            .map(|feature| format!("{} {}", feature.id, feature.title))
            .collect();
        (!titles.is_empty()).then(|| format!("No passing check shows: {}.", titles.join(", ")))
    }
}

fn render_tickets(tickets: &[TicketTrace<'_>], text: &mut String) {
    if tickets.is_empty() {
        text.push_str("- no ticket is for it\n");
    }
    for ticket in tickets {
        let words = ticket.standing.words();
        let _ = writeln!(text, "- **{} {}**: {words}", ticket.id, ticket.title); // silent-ok: a String
        text.push_str(&receipt_lines(&ticket.receipt, ticket.standing));
    }
}

/// The lines of a ticket's receipt, indented below its own line.
pub fn receipt_lines(receipt: &TicketReceipt<'_>, standing: Standing) -> String {
    let mut lines: Vec<String> = Vec::new();
    if matches!(
        standing,
        Standing::Done | Standing::NotShown | Standing::TakenBack | Standing::PartlyTakenBack
    ) {
        lines.extend(
            receipt
                .checks
                .iter()
                .map(|check| format!("receipt: {check}")),
        );
    }
    lines.extend(receipt.diff.map(|diff| format!("size: {diff}")));
    lines.extend(receipt.commit.map(|commit| format!("commit: {commit}")));
    if receipt.attempts > 1 {
        lines.push(format!("attempts: {}", receipt.attempts));
    }
    if let Some(critic) = &receipt.critic {
        let words = critic.words.replace('\n', "\n  ");
        lines.push(format!("critic ({}): {words}", critic.model));
    }
    lines
        .iter()
        .fold(String::new(), |text, line| text + "  " + line + "\n")
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
