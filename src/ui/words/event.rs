//! The wording of events: one journal line in, the lines on screen out. What is no news for a
//! person has no line.

use serde_json::Value;

use super::facts::{Facts, Speech};
use super::{question, tool};
use crate::engine::artifact::ArtifactName;
use crate::engine::event::{
    Audience, Author, Event, Note, NoteKind, Outcome, Proof, Record, Replied, SessionStarted,
};
use crate::engine::loops::Finding;
use crate::engine::protocol::Protocol;
use crate::ui::blocks;
use crate::ui::text::{Line, Look, Tone, heading, labelled, paragraph, spent, thousands};

/// What is said of a model without tool calls.
const TEXT_PROTOCOL: &str = "text protocol: the model has no tool calls of its own";

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What a person wants to follow.
    Normal,
    /// The model's reasoning, and what every reply cost.
    Verbose,
}

/// The lines of an event.
pub(in crate::ui) fn lines(
    record: &Record,
    facts: &Facts,
    detail: Detail,
    look: &Look,
) -> Vec<Line> {
    let glyphs = look.glyphs;
    match &record.event {
        Event::SessionStarted(start) => session_started(start, look),
        Event::PhaseEntered { name, reason } => {
            phase_entered(name, reason.as_deref().unwrap_or_default(), facts, look)
        }
        Event::TicketStarted { attempt, .. } => ticket_started(*attempt, facts, look),
        Event::AttemptFailed {
            attempt, reason, ..
        } => labelled(
            Tone::Warn,
            &format!("attempt {attempt} failed: "),
            first_line(reason),
            look,
        ),
        Event::Replied(replied) => reply(replied, facts, detail, look),
        Event::Repaired { what } => {
            labelled(Tone::Dim, "repaired the reply: ", &what.join("; "), look)
        }
        Event::ToolFinished { id, result, ms, .. } => {
            let call = facts.call.as_ref().filter(|call| call.id == *id);
            let mut lines = vec![tool::finished(call, result, *ms, look)];
            if detail == Detail::Verbose {
                lines.extend(tool::tail(&result.text, look));
            }
            lines
        }
        Event::Asked { ask } => question::asked(ask, look),
        Event::Answered { id, answer } => question::answered(id, answer, look),
        Event::ArtifactWritten {
            name, by, content, ..
        } => artifact(*name, *by, content, look),
        Event::Checked(receipt) if detail != Detail::Verbose && tool::is_quiet_proof(receipt) => {
            Vec::new()
        }
        Event::Checked(receipt) => tool::receipt(receipt, look),
        Event::Compacted { before, after, .. } => {
            let (before, after) = (thousands(*before), thousands(*after));
            let text = format!("{before} {} {after} tokens", glyphs.arrow());
            labelled(Tone::Dim, "shortened the conversation: ", &text, look)
        }
        Event::Told { text, to, .. } => {
            let label = match to {
                Some(Audience::Ticket(id)) => format!("you (for {id}): "),
                Some(Audience::All) => "you (for all): ".to_owned(),
                None => "you: ".to_owned(),
            };
            labelled(Tone::Accent, &label, text, look)
        }
        Event::Note(note) => noted(note, detail, look),
        Event::Warned { text } => labelled(Tone::Warn, "warning: ", text, look),
        Event::TicketFinished {
            outcome,
            reason,
            proof,
            commit,
            ..
        } => {
            let commit = commit.as_deref().unwrap_or_default();
            ticket_finished(*outcome, reason, (*proof, commit), facts, look)
        }
        Event::PhaseFinished { outcome, reason } if *outcome != Outcome::Completed => {
            let what = facts.phase.as_deref().unwrap_or("phase");
            let what = format!("{what} {}", outcome_word(*outcome));
            ended(&what, *outcome, reason, look)
        }
        Event::Resumed { from, .. } => resumed(from.as_deref(), facts, look),
        // What completed a phase has been shown. How a run ended and what to do next are the last
        // words, said by whoever ends the process.
        Event::PhaseFinished { .. }
        | Event::Interrupted { .. }
        | Event::SessionFinished { .. }
        | Event::ConversationStarted(_)
        | Event::ToolStarted { .. } => Vec::new(),
    }
}

/// The text of the summary, if this is the event that brings it.
pub(in crate::ui) fn summary(record: &Record) -> Option<&str> {
    match &record.event {
        Event::ArtifactWritten {
            name: ArtifactName::Summary,
            content,
            ..
        } => content.as_str(),
        _ => None,
    }
}

fn session_started(start: &SessionStarted, look: &Look) -> Vec<Line> {
    let mut lines = paragraph(Tone::Bold, &start.task, "", look);
    let window = thousands(start.num_ctx);
    let model = format!("{}, window {window} tokens", start.model);
    let mut rows = vec![("session", start.id.as_str()), ("model", &model)];
    if start.protocol == Protocol::Text {
        rows.push(("", TEXT_PROTOCOL));
    }
    rows.push(("project", &start.project));
    lines.extend(table(&rows, look));
    if !start.manners.window.is_empty() {
        lines.extend(paragraph(Tone::Dim, &start.manners.window, "", look));
    }
    lines
}

/// Where a session goes on: the phase that a person asked for, or the one it stopped in.
fn resumed(from: Option<&str>, facts: &Facts, look: &Look) -> Vec<Line> {
    let places = match from {
        Some(from) => vec![format!("{from}, done again")],
        None => [facts.phase_place(), facts.ticket_place()]
            .into_iter()
            .flatten()
            .collect(),
    };
    let place = if places.is_empty() {
        "the start".to_owned()
    } else {
        places.join(look.glyphs.dot())
    };
    let session = facts.session.as_deref().unwrap_or_default();
    let mut lines = paragraph(Tone::Bold, &facts.task, "", look);
    lines.extend(table(&[("session", session), ("goes on", &place)], look));
    lines
}

/// Names in front of values, one pair a line.
fn table(rows: &[(&str, &str)], look: &Look) -> Vec<Line> {
    let row = |(name, value): &(&str, &str)| {
        Line::new(Tone::Dim, &format!("{name:8}"))
            .with(Tone::Plain, value)
            .fit(look)
    };
    rows.iter().map(row).collect()
}

fn phase_entered(name: &str, reason: &str, facts: &Facts, look: &Look) -> Vec<Line> {
    let place = facts.phase_place().unwrap_or_else(|| name.to_owned());
    let mut lines = vec![Line::default(), heading(&place, look)];
    lines.extend(labelled(Tone::Dim, "", reason, look));
    lines
}

fn ticket_started(attempt: u32, facts: &Facts, look: &Look) -> Vec<Line> {
    let place = facts.ticket_place().unwrap_or_default();
    let again = match attempt {
        0 | 1 => String::new(),
        again => format!("  attempt {again}"),
    };
    let line = Line::new(Tone::Accent, &place)
        .with(Tone::Warn, &again)
        .with(Tone::Bold, &format!("  {}", facts.ticket_title()));
    vec![Line::default(), line.fit(look)]
}

fn ticket_finished(
    outcome: Outcome,
    reason: &str,
    (proof, commit): (Proof, &str),
    facts: &Facts,
    look: &Look,
) -> Vec<Line> {
    let what = facts.ticket.as_deref().unwrap_or("ticket");
    let proof = match (outcome, proof) {
        (Outcome::Completed, Proof::Shown) => ", shown by its tests",
        (Outcome::Completed, Proof::NotShown) => ", not shown: no test ran",
        (Outcome::Blocked | Outcome::Refused | Outcome::Skipped, _) => "",
    };
    let commit = match commit.get(..10) {
        Some(short) => format!(", commit {short}"),
        None => String::new(),
    };
    let what = format!("{what} {}{proof}{commit}", outcome_word(outcome));
    // The checks behind it stand right above.
    let reason = if outcome == Outcome::Completed {
        ""
    } else {
        first_line(reason)
    };
    ended(&what, outcome, reason, look)
}

/// A reason without the output that follows it: that stands above, where it came from.
fn first_line(reason: &str) -> &str {
    let line = reason.trim().lines().next().unwrap_or_default();
    line.trim_end_matches(':')
}

/// What the model said and what it cost.
fn reply(replied: &Replied, facts: &Facts, detail: Detail, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    // What is forced into a form is not meant for people.
    if facts.speech == Speech::Prose && replied.to.is_turn() {
        let text = blocks::readable(&replied.reply.content);
        lines.extend(paragraph(Tone::Dim, text.trim(), "", look));
    }
    if detail == Detail::Verbose {
        lines.extend(cost(replied, look));
    }
    lines
}

/// Tokens and time of a reply.
pub(in crate::ui) fn cost(replied: &Replied, look: &Look) -> Vec<Line> {
    let usage = replied.reply.usage;
    let text = format!(
        "read {} tokens, wrote {}, {}",
        thousands(usage.prompt_tokens),
        thousands(usage.eval_tokens),
        spent(replied.ms)
    );
    labelled(Tone::Dim, "", &text, look)
}

fn artifact(name: ArtifactName, by: Author, content: &Value, look: &Look) -> Vec<Line> {
    let file = name.rendered_file().unwrap_or(name.file());
    let text = match (name, by) {
        // Written after every answer, which has a line of its own; and shown as a whole at the end.
        (ArtifactName::Interview | ArtifactName::Summary, _) => return Vec::new(),
        (_, Author::Model) => format!("{file} written"),
        (_, Author::User) => format!("{file} changed by you"),
        (_, Author::Program) => format!("{file} written by the program"),
    };
    let sign = Line::new(Tone::Good, look.glyphs.good());
    let mut lines = vec![sign.with(Tone::Plain, &format!(" {text}")).fit(look)];
    match name {
        ArtifactName::Tickets => lines.extend(listed(content, "tickets", "id", look)),
        ArtifactName::Review => lines.extend(listed(content, "findings", "severity", look)),
        ArtifactName::Interview
        | ArtifactName::Prd
        | ArtifactName::Research
        | ArtifactName::Plan
        | ArtifactName::Summary => {}
    }
    lines
}

/// One line for each entry of a document: its mark and its title.
fn listed(content: &Value, list: &str, mark: &str, look: &Look) -> Vec<Line> {
    let entries = content[list].as_array().into_iter().flatten();
    let line = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        Line::new(Tone::Accent, &format!("  {}", text(mark)))
            .with(Tone::Plain, &format!("  {}", text("title")))
            .fit(look)
    };
    entries.map(line).collect()
}

fn noted(note: &Note, detail: Detail, look: &Look) -> Vec<Line> {
    let first = note
        .text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    match note.kind {
        NoteKind::Nudge => labelled(
            Tone::Dim,
            "",
            "no call and no marker: asked to go on or to end",
            look,
        ),
        NoteKind::Correction => labelled(Tone::Dim, "corrected the model: ", first, look),
        NoteKind::CheckFailed => {
            let what = match note.data["critic"] {
                Value::Null => "gave the failed check back to the model",
                _ => "gave the critic's words back to the model, once",
            };
            labelled(Tone::Dim, "", what, look)
        }
        NoteKind::Guidance => labelled(Tone::Accent, "sent back: ", first, look),
        NoteKind::TakenBack => labelled(Tone::Warn, "taken back: ", first, look),
        NoteKind::Loop => match Finding::read(&note.text, &note.data) {
            Some(found) => labelled(Tone::Warn, "going in circles: ", &found.words(), look),
            None => Vec::new(),
        },
        NoteKind::ResultKept => {
            let text = format!("passed, {} lines changed; kept to be compared", note.data["lines"]);
            labelled(Tone::Dim, "", &text, look)
        }
        NoteKind::Kept
        | NoteKind::Wall
        | NoteKind::Ladder
        | NoteKind::ResultChosen
        | NoteKind::LeftBlocked => labelled(Tone::Dim, "", first, look),
        NoteKind::Snapshot if note.data["finding"].is_u64() => {
            vec![Line::default(), Line::new(Tone::Bold, first).fit(look)]
        }
        NoteKind::Triage if note.data["simple"] == Value::Bool(true) => {
            labelled(Tone::Dim, "", first, look)
        }
        NoteKind::Triage | NoteKind::Window | NoteKind::Counted if detail == Detail::Verbose => {
            labelled(Tone::Dim, "", first, look)
        }
        NoteKind::Triage
        | NoteKind::Window
        | NoteKind::Counted
        | NoteKind::Reply
        | NoteKind::Picture
        | NoteKind::Inventory
        | NoteKind::Snapshot
        // The receipts of the start say it.
        | NoteKind::Smoked
        | NoteKind::Baseline
        | NoteKind::Hook
        | NoteKind::Fact => Vec::new(),
    }
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Blocked => "blocked",
        Outcome::Refused => "refused",
        Outcome::Skipped => "skipped",
    }
}

fn ended(what: &str, outcome: Outcome, reason: &str, look: &Look) -> Vec<Line> {
    let (tone, sign) = match outcome {
        Outcome::Completed => (Tone::Good, look.glyphs.good()),
        Outcome::Blocked | Outcome::Refused => (Tone::Bad, look.glyphs.bad()),
        Outcome::Skipped => (Tone::Dim, "-"),
    };
    let colon = if reason.trim().is_empty() { "" } else { ": " };
    labelled(tone, &format!("{sign} {what}{colon}"), reason, look)
}
