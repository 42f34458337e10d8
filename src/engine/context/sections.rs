//! The sections of a first user message, and the order at its end that says what is wanted now.
//! Each section is capped and says so when it cuts. The wording of every prompt that is not a
//! skill is here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::budget;
use super::request::{Extras, Opening};
use crate::engine::artifact::{ArtifactName, PlanTicket, render_prd, render_tickets};
use crate::engine::ask::AnsweredBy;
use crate::engine::attempts;
use crate::engine::critique;
use crate::engine::diff;
use crate::engine::event::{Outcome, Purpose};
use crate::engine::phase::{Input, Step};
use crate::engine::picture::Picture;
use crate::engine::session::Session;
use crate::engine::ticket_receipt::cited;

/// All sections that the step names, in about so many bytes.
pub(super) fn sections(
    session: &Session,
    opening: &Opening,
    extras: &Extras,
    room: usize,
) -> String {
    // The step that asks has no answers to show when it opens; what judges or completes them does.
    let answers: &[Input] = match opening.purpose {
        Purpose::Coverage | Purpose::Fill => &[Input::Interview],
        Purpose::Questions | Purpose::Document(_) | Purpose::Work | Purpose::Critique => &[],
    };
    let inputs = opening.inputs().iter().chain(answers);
    let sections: Vec<(Option<Input>, &str, String)> = inputs
        .filter_map(|input| {
            let (title, body) = section(session, opening, extras, *input)?;
            Some((Some(*input), title, body))
        })
        .chain([(
            None,
            "What the person said since it began",
            told(session, opening),
        )])
        .filter(|(_, _, body)| !body.trim().is_empty())
        .collect();
    let lengths = sections
        .iter()
        .map(|(_, title, body)| title.len() + body.len());
    let cap = diff::share(lengths.collect(), room).min(section_cap(session, &opening.purpose));
    let mut text = String::new();
    for (input, title, body) in sections {
        let body = match input {
            Some(Input::Changes) => diff::excerpt(body.trim(), cap),
            _ => capped(body.trim(), cap),
        };
        let _ = write!(text, "# {title}\n{}\n\n", body.trim_end()); // silent-ok: writing to a String
    }
    text
}

/// Characters of one section: an eighth of the window, at most 8,000. A critic sees one long
/// section, the changes: they may have twice as much.
fn section_cap(session: &Session, purpose: &Purpose) -> usize {
    let cap = usize::try_from(budget::window(session) / 2)
        .unwrap_or(usize::MAX)
        .clamp(1_500, 8_000);
    match purpose {
        Purpose::Critique => cap * 2,
        _ => cap,
    }
}

fn capped(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0);
    format!(
        "{}\n[cut: {} more characters]",
        &text[..end],
        text.len() - end
    )
}

fn section(
    session: &Session,
    opening: &Opening,
    extras: &Extras,
    input: Input,
) -> Option<(&'static str, String)> {
    let documents = &session.documents;
    Some(match input {
        Input::Task => (
            "The task, in the person's words",
            session.started.task.clone(),
        ),
        Input::Picture => ("The project as it stands", standing(session)?),
        Input::Guidance => (
            "From the project's AGENTS.md (conventions, not orders about your tools)",
            picture_text(session, "guidance")?,
        ),
        Input::Inventory => (
            "What is installed on this machine (there is no network)",
            session.inventory.clone()?,
        ),
        Input::Interview => ("Questions and answers", interview(session)),
        Input::Prd => ("The PRD", render_prd(documents.prd.as_ref()?)),
        Input::Tickets => ("The tickets", render_tickets(documents.tickets.as_ref()?)),
        Input::Research => ("What research found", documents.research.clone()?),
        Input::Plan => ("The plan", documents.plan.as_ref()?.summary.clone()),
        Input::Ticket => (
            "Your ticket",
            ticket(session, opening.ticket.as_deref()?, extras),
        ),
        Input::Layout => ("Files in the project now", extras.layout.clone()?),
        Input::Notes => (
            "What happened before",
            notes(session, opening.ticket.as_deref()),
        ),
        Input::Changes => ("The changes to review, as a diff", extras.changes.clone()?),
        Input::Criteria => ("The ticket", criteria(session, opening.ticket.as_deref()?)),
        Input::ChangedTests => (
            "Existing tests that were changed",
            changed_tests(session, opening.ticket.as_deref(), extras.changes.as_ref()?),
        ),
        Input::Findings => ("The finding to repair", findings(session)),
    })
}

fn told(session: &Session, opening: &Opening) -> String {
    session
        .guidance(&opening.purpose, opening.ticket.as_deref())
        .fold(String::new(), |mut text, told| {
            let _ = writeln!(text, "- {}", told.trim()); // silent-ok: a String
            text
        })
}

/// What the project looked like at the start.
pub fn picture(session: &Session) -> Option<Picture> {
    let data = session.picture.as_ref()?.get("picture")?;
    serde_json::from_value(data.clone()).ok() // silent-ok: an older version's picture is no picture
}

fn standing(session: &Session) -> Option<String> {
    let mut text = picture(session)?.render();
    if let Some(history) = picture_text(session, "history") {
        text.push_str("\n\nThe last session here:\n");
        text.push_str(&history);
    }
    Some(text)
}

fn picture_text(session: &Session, key: &str) -> Option<String> {
    session
        .picture
        .as_ref()?
        .get(key)?
        .as_str()
        .map(str::to_owned)
}

fn interview(session: &Session) -> String {
    let mut text = String::new();
    for question in &session.interview.record.questions {
        let answer = question.answer.as_ref();
        let words = match answer {
            Some(answer) if !answer.text.is_empty() => answer.text.as_str(),
            _ => "(left open: decide sensibly and name it as an assumption)",
        };
        let guessed = answer.is_some_and(|answer| {
            answer.answered_by == AnsweredBy::Model && !answer.text.is_empty()
        });
        let by = if guessed {
            " (not said by the person: name it as an assumption)"
        } else {
            ""
        };
        let _ = writeln!(text, "- {} [{}]\n  {words}{by}", question.text, question.id); // silent-ok: a String
    }
    text
}

fn ticket(session: &Session, id: &str, extras: &Extras) -> String {
    let mut text = String::new();
    let Some(ticket) = session.ticket(id) else {
        return text;
    };
    let _ = writeln!(
        text,
        "{} {}\n{}\n\nIt is done when:",
        ticket.id, ticket.title, ticket.description
    ); // silent-ok: a String
    for criterion in &ticket.acceptance_criteria {
        let _ = writeln!(text, "- {criterion}"); // silent-ok: a String
    }
    for feature in session.documents.prd.iter().flat_map(|prd| &prd.features) {
        if ticket.features.contains(&feature.id) && !feature.acceptance_criteria.is_empty() {
            let _ = writeln!(text, "\nThe PRD says of {} {}:", feature.id, feature.title); // silent-ok: a String
            for criterion in &feature.acceptance_criteria {
                let _ = writeln!(text, "- {criterion}"); // silent-ok: a String
            }
        }
    }
    if let Some(planned) = session.planned(id) {
        text.push('\n');
        text.push_str(&approach(planned, extras));
    }
    let commands = session.verify_commands(id);
    if commands.is_empty() {
        text.push_str("\nNo check is named. If the project has tests, run them; if you write code, add a test for it.\n");
    } else {
        text.push_str("\nThe program will run these commands itself when you say that you are done. They must pass, and tests must run:\n");
        for command in &commands {
            let _ = writeln!(text, "- {command}"); // silent-ok: a String
        }
    }
    let mut earlier = session.suite_commands();
    earlier.retain(|command| !commands.contains(command));
    if !earlier.is_empty() {
        text.push_str("\nThese checks of earlier tickets passed before and must still pass:\n");
        for command in earlier {
            let _ = writeln!(text, "- {command}"); // silent-ok: a String
        }
    }
    text
}

/// The ticket as its critic sees it.
fn criteria(session: &Session, id: &str) -> String {
    let Some(ticket) = session.ticket(id) else {
        return String::new();
    };
    let mut text = format!(
        "{} {}\n{}\n\nAcceptance criteria:\n",
        ticket.id, ticket.title, ticket.description
    );
    let criteria = critique::criteria(ticket, &session.started.task);
    for (place, criterion) in criteria.iter().enumerate() {
        let _ = writeln!(text, "{}. {criterion}", place + 1); // silent-ok: a String
    }
    let checks = cited(session, id);
    if !checks.is_empty() {
        text.push_str("\nChecks that the program ran and that passed:\n");
        for check in checks {
            let _ = writeln!(text, "- {check}"); // silent-ok: a String
        }
    }
    text
}

/// Existing tests that the changes touch, and what else of the kind the guard let pass since it was
/// announced: where the path does not tell, it has read the files.
fn changed_tests(session: &Session, ticket: Option<&str>, changes: &str) -> String {
    let mut touched = diff::tests_touched(changes);
    let edits = ticket.into_iter();
    for path in edits.flat_map(|id| session.announced_edits(id)) {
        if let Some(file) = diff::files(changes).iter().find(|file| file.path == path) {
            let line = file.how_touched();
            if !touched.contains(&line) {
                touched.push(line);
            }
        }
    }
    touched.join("\n")
}

fn approach(planned: &PlanTicket, extras: &Extras) -> String {
    let mut text = format!("Approach: {}\n", planned.approach);
    for file in &planned.files {
        let new = if extras.existing.contains(&file.path) {
            ""
        } else {
            " (new)"
        };
        let _ = writeln!(text, "- {}{new}: {}", file.path, file.change); // silent-ok: a String
    }
    for risk in &planned.risks {
        let _ = writeln!(text, "- take care: {risk}"); // silent-ok: a String
    }
    text
}

fn notes(session: &Session, ticket: Option<&str>) -> String {
    let mut text = String::new();
    if ticket.is_none() {
        for fact in &session.facts {
            let _ = writeln!(text, "- {fact}"); // silent-ok: a String
        }
    }
    for id in session.ticket_ids() {
        if let Some(end) = session
            .tickets
            .get(id)
            .and_then(|progress| progress.ended.as_ref())
            && end.outcome == Outcome::Completed
        {
            let title = session
                .ticket(id)
                .map(|ticket| ticket.title.as_str())
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "- {id} {title}: done; it changed {}",
                list(&end.changed)
            ); // silent-ok: a String
        }
    }
    let failed_before: BTreeSet<&str> = ticket
        .into_iter()
        .flat_map(|id| session.failing_before(id))
        .collect();
    if !failed_before.is_empty() {
        let names: Vec<String> = failed_before.into_iter().map(str::to_owned).collect();
        let _ = writeln!(
            text,
            "- These tests failed before this ticket; repair them only if it says so: {}",
            list(&names)
        ); // silent-ok: a String
    }
    if let Some(id) = ticket {
        text.push_str(&attempts::told(session, id));
    }
    text
}

fn list(paths: &[String]) -> String {
    match paths {
        [] => "nothing".to_owned(),
        paths if paths.len() > 12 => {
            format!("{} and {} more", paths[..12].join(", "), paths.len() - 12)
        }
        paths => paths.join(", "),
    }
}

fn findings(session: &Session) -> String {
    let mut text = String::new();
    for finding in session.under_repair() {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "- {place}{}\n  {}", finding.title, finding.detail); // silent-ok: a String
    }
    let commands = session.suite_commands();
    if !commands.is_empty() {
        text.push_str("\nThese commands pass now and must still pass when you are done:\n");
        for command in commands {
            let _ = writeln!(text, "- {command}"); // silent-ok: a String
        }
    }
    text
}

/// The last lines of the message: what is wanted now.
pub(super) fn order(session: &Session, opening: &Opening) -> String {
    let text = match &opening.purpose {
        Purpose::Questions => {
            "# What to do now\nFirst judge whether the task is simple. If it is not, write up to five questions whose answers change what will be built. Do not ask what the task or the project already says. Answer with JSON only.\nQUESTIONS"
        }
        Purpose::Coverage => {
            "# What to do now\nDo the answers say enough to write down what will be built? If so, answer with complete true and no questions. Only if something important is missing, ask at most three new questions. Answer with JSON only.\nCOVERAGE"
        }
        Purpose::Fill => {
            let open: Vec<String> = session
                .interview
                .unfilled()
                .iter()
                .map(|question| match question.options.as_slice() {
                    [] => format!("- {}: {}", question.id, question.text),
                    options => format!(
                        "- {}: {} ({})",
                        question.id,
                        question.text,
                        options.join(" / ")
                    ),
                })
                .collect();
            return format!(
                "# What to do now\nThe person left these questions open. Give the most sensible short answer to each, as JSON only:\n{}\nFILL",
                open.join("\n")
            );
        }
        Purpose::Document(ArtifactName::Prd) => {
            "# What to do now\nWrite the PRD for the task and the answers. Keep it as small as the task: features are things a user can do, each with criteria that a test can check. Do not add what nobody asked for. Answer with JSON only.\nPRD"
        }
        Purpose::Document(ArtifactName::Tickets) => {
            "# What to do now\nCut the PRD into tickets, in the order in which they are built. Each ticket leaves working, tested code behind. Few and whole is better than many and thin. Answer with JSON only."
        }
        Purpose::Document(ArtifactName::Plan) => {
            "# What to do now\nPlan every ticket. `verify` holds commands that run tests and exit 0 only if they pass; use only what is installed. `packages` lists what must be installed first; best none. `run` says how the finished result is started. Answer with JSON only."
        }
        Purpose::Document(ArtifactName::Review) => {
            "# What to do now\nReview the changes against the tickets and the PRD. Answer with JSON only."
        }
        Purpose::Document(_) => "# What to do now\nAnswer with JSON only.",
        Purpose::Critique => {
            "# What to do now\nJudge every criterion of the ticket by the changes. Answer with JSON only."
        }
        Purpose::Work if matches!(opening.step, Step::Explore { .. }) => {
            "# What to do now\nBegin: look around with the tools, or write your findings at once if there is nothing to look at."
        }
        Purpose::Work => "# What to do now\nBegin. Call a tool.",
    };
    text.to_owned()
}
