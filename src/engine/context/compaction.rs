//! Shortens a conversation in one step, by the program: where the work stands, the steps taken, the
//! files touched with their outlines, the last command's output, what still fails, and the latest
//! messages as they are. The opening (task, ticket, plan) always stays. No model is asked for a
//! summary: it would cost a prompt and could be wrong. The whole text goes into the journal.

use std::fmt::Write as _;

use super::budget;
use crate::engine::estimate;
use crate::engine::event::Event;
use crate::engine::message::{Message, Role};
use crate::engine::protocol;
use crate::engine::session::{Conversation, Session, TOLD, message_bytes};

/// Lines of the list of steps.
const STEPS_MOST: usize = 60;
/// The first line of a summary.
const TITLE: &str = "# Work so far (older messages were left out to save room)\n";
/// What stands in front of the list of steps.
const STEPS: &str = "The steps taken, the latest last:";
/// Bytes of the last command's output, and of what the last check said.
const OUTPUT_MOST: usize = 800;
/// A summary of less says nothing.
const SUMMARY_LEAST: usize = 600;
/// Files whose outlines are of use: those touched last.
const FILES_MOST: usize = 12;

/// The files whose outlines a compaction can show, the latest first, and the bytes for each.
pub fn files_to_outline(session: &Session, conversation: &Conversation) -> (Vec<String>, usize) {
    let latest = conversation.touched.iter().rev();
    let files: Vec<String> = latest.take(FILES_MOST).cloned().collect();
    let room = rooms(session, conversation).summary / 3;
    let each = (room / files.len().max(1)).max(SUMMARY_LEAST / 3);
    (files, each)
}

/// The event that shortens the conversation; the outlines are those of the files as they are now.
pub fn compaction(session: &Session, conversation: &Conversation, outlines: &[String]) -> Event {
    let rooms = rooms(session, conversation);
    let keep_from = keep_from(session, conversation, rooms.kept);
    let summary = Message::text(
        Role::User,
        summary(
            session,
            conversation,
            split(conversation, keep_from),
            outlines,
            rooms.summary,
        ),
    );
    let before = budget::prompt_tokens(session, conversation);
    let mut shortened = conversation.clone();
    shortened.compact(0, &summary, keep_from);
    let after = budget::prompt_tokens(session, &shortened);
    Event::Compacted {
        summary,
        keep_from,
        before,
        after,
    }
}

/// What was done, for a conversation that begins anew; none if nothing was. The end of it, in which
/// no call came to a result, is not carried over.
pub(super) fn work_so_far(session: &Session, conversation: &Conversation) -> Option<String> {
    let last = conversation
        .messages
        .iter()
        .rposition(|message| message.role == Role::Tool);
    let end = last.map_or(conversation.opening, |last| last + 1);
    let room = rooms(session, conversation).summary;
    (last.is_some() || !conversation.earlier_summary().is_empty()).then(|| {
        summary(
            session,
            conversation,
            Split {
                left_out: &conversation.messages[conversation.opening..end],
                kept: &[],
            },
            &[],
            room,
        )
    })
}

/// What is left beside the opening and the answer, shared out so that a quarter stays free to work.
struct Rooms {
    /// Tokens of the messages that stay.
    kept: u64,
    /// Bytes of the summary.
    summary: usize,
}

fn rooms(session: &Session, conversation: &Conversation) -> Rooms {
    let left = budget::left(session, &conversation.model, conversation.fixed_bytes());
    Rooms {
        kept: left / 2,
        summary: estimate::room(left / 4, session.token_ratio).max(SUMMARY_LEAST),
    }
}

/// Index of the first message that stays: the latest exchanges that fit, beginning with the
/// model's own message so that no result stands alone.
fn keep_from(session: &Session, conversation: &Conversation, room: u64) -> usize {
    let mut keep = conversation.messages.len();
    let mut bytes = 0;
    for (place, message) in conversation
        .messages
        .iter()
        .enumerate()
        .skip(conversation.opening)
        .rev()
    {
        bytes += message_bytes(message);
        if estimate::uncounted(bytes, session.token_ratio) > room {
            break;
        }
        if message.role == Role::Assistant {
            keep = place;
        }
    }
    keep
}

/// The messages behind the opening.
#[derive(Clone, Copy)]
struct Split<'a> {
    left_out: &'a [Message],
    kept: &'a [Message],
}

fn split(conversation: &Conversation, keep_from: usize) -> Split<'_> {
    let (left_out, kept) = conversation.messages.split_at(keep_from);
    let left_out = &left_out[conversation.opening.min(keep_from)..];
    Split { left_out, kept }
}

/// All parts, each in its share of so many bytes.
fn summary(
    session: &Session,
    conversation: &Conversation,
    messages: Split<'_>,
    outlines: &[String],
    room: usize,
) -> String {
    let mut text = TITLE.to_owned();
    text.push_str(&standing(session));
    text.push_str(&told(conversation, messages.kept, room / 4));
    let _ = writeln!(text, "{STEPS}"); // silent-ok: writing to a String
    let lines = steps(conversation, messages.left_out);
    let listed = latest(&lines, room / 2);
    if listed.len() < lines.len() {
        text.push_str("(earlier steps are not listed)\n");
    }
    for line in listed {
        text.push_str(line);
        text.push('\n');
    }
    if !outlines.is_empty() {
        text.push_str("Files touched, as they are now (line: declaration):\n");
    }
    for outline in within(outlines, room / 3) {
        let _ = writeln!(text, "{outline}"); // silent-ok: writing to a String
    }
    let output_room = OUTPUT_MOST.min(room / 6);
    if let Some((command, output)) = &conversation.last_command
        && !messages.kept.iter().any(has_command)
    {
        let output = tail(output.trim(), output_room);
        let _ = writeln!(
            text,
            "The last command was `{}`. Its output:\n{output}",
            first_line(command)
        ); // silent-ok: writing to a String
    }
    if let Some(failed) = &conversation.failed {
        let output = tail(failed.output.trim(), output_room);
        let _ = writeln!(text, "The last check failed and is still open:\n{output}"); // silent-ok: writing to a String
    }
    text.push_str("The files are as these steps left them. Read a file again before you edit it.");
    text
}

/// What the person said and what does not stand in the messages that stay, the latest that fit.
fn told(conversation: &Conversation, kept: &[Message], room: usize) -> String {
    let lines: Vec<String> = conversation
        .told
        .iter()
        .filter(|told| {
            !kept
                .iter()
                .any(|message| message.content.contains(told.trim()))
        })
        .map(|told| format!("- {}", told.trim()))
        .collect();
    match latest(&lines, room) {
        [] => String::new(),
        lines => format!("The person told you, and it holds:\n{}\n", lines.join("\n")),
    }
}

/// Whether a command's result stands there, in whatever protocol.
fn has_command(message: &Message) -> bool {
    let steps = protocol::steps(&message.content);
    message.tool_name.as_deref() == Some("run_command")
        || steps
            .iter()
            .any(|step| step.head.starts_with("run_command "))
}

/// The ticket at hand and what it serves; the opening has its full text.
fn standing(session: &Session) -> String {
    let id = session.current_ticket.as_deref();
    let Some(ticket) = id.and_then(|id| session.ticket(id)) else {
        return String::new();
    };
    let features = match ticket.features.as_slice() {
        [] => String::new(),
        features => format!(" for {}", features.join(", ")),
    };
    let plan = match session.planned(&ticket.id) {
        Some(planned) => format!(" Plan: {}", first_line(&planned.approach)),
        None => String::new(),
    };
    format!(
        "You are at ticket {} ({}){features}.{plan}\n",
        ticket.id,
        first_line(&ticket.title)
    )
}

/// A line for each step: those of an earlier summary, and those that are left out now.
fn steps(conversation: &Conversation, left_out: &[Message]) -> Vec<String> {
    let mut lines: Vec<String> = conversation
        .earlier_summary()
        .lines()
        .skip_while(|line| *line != STEPS)
        .skip(1)
        .skip_while(|line| line.starts_with('('))
        .take_while(|line| line.starts_with("- "))
        .map(str::to_owned)
        .collect();
    for (place, message) in left_out.iter().enumerate() {
        for (index, call) in message.tool_calls.iter().enumerate() {
            let result = left_out
                .get(place + 1 + index)
                .filter(|next| next.role == Role::Tool);
            lines.push(call_line(call, result));
        }
        let results = protocol::steps(&message.content);
        lines.extend(results.iter().map(|step| format!("- {}", step.head)));
        let is_told = message.content.starts_with(TOLD);
        if message.role == Role::User && results.is_empty() && !is_told {
            lines.push(format!("- told: {}", first_line(&message.content)));
        }
    }
    lines
}

/// As many of the last lines as there is room for.
fn latest(lines: &[String], room: usize) -> &[String] {
    let count = within_count(lines.iter().rev().take(STEPS_MOST), room);
    &lines[lines.len() - count..]
}

/// As many of the first ones as there is room for.
fn within(texts: &[String], room: usize) -> &[String] {
    &texts[..within_count(texts.iter(), room)]
}

fn within_count<'a>(texts: impl Iterator<Item = &'a String>, room: usize) -> usize {
    let mut bytes = 0;
    texts
        .take_while(|text| {
            bytes += text.len() + 1;
            bytes <= room
        })
        .count()
}

fn name(call: &serde_json::Value) -> Option<&str> {
    call.pointer("/function/name")
        .and_then(serde_json::Value::as_str)
}

fn call_line(call: &serde_json::Value, result: Option<&Message>) -> String {
    let argument = ["path", "command", "pattern", "question"]
        .into_iter()
        .find_map(|key| {
            call.pointer("/function/arguments")
                .and_then(|arguments| arguments.get(key))
                .and_then(serde_json::Value::as_str)
        });
    let outcome = match result {
        Some(result) if result.content.starts_with('[') => first_line(&result.content),
        Some(_) => "ok".to_owned(),
        None => "no result".to_owned(),
    };
    format!(
        "- {} {}: {outcome}",
        name(call).unwrap_or("?"),
        first_line(argument.unwrap_or_default())
    )
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(120)
        .collect()
}

fn tail(text: &str, most: usize) -> &str {
    let start = text.len().saturating_sub(most);
    let start = (start..=text.len())
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(text.len());
    &text[start..]
}
