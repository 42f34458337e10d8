//! Shortens a conversation in one step, by the program: what was called and how it ended, the
//! last command's output, and the latest messages as they are. The opening (task, ticket, plan)
//! always stays. No model is asked for a summary: it would cost a prompt and could be wrong.

use super::budget;
use crate::engine::estimate;
use crate::engine::event::Event;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::steps;
use crate::engine::session::{Conversation, Session};

/// Lines of the list of steps.
const STEPS_MOST: usize = 60;
/// What stands in front of the list.
const TITLE: &str = "# Work so far (older messages were left out to save room)\nThe steps taken, the latest last:\n";
/// Characters of the last command's output.
const OUTPUT_MOST: usize = 800;

/// The event that shortens the conversation.
pub fn compaction(session: &Session, conversation: &Conversation) -> Event {
    let keep_from = keep_from(session, conversation);
    let room = usize::try_from(budget::window(session) / 2).unwrap_or(usize::MAX);
    let summary = Message::text(Role::User, summary(conversation, keep_from, room));
    let before = budget::prompt_tokens(session, conversation);
    let mut shortened = conversation.clone();
    shortened.compact(0, &summary, keep_from);
    let after = estimate::tokens(shortened.bytes, session.token_ratio);
    Event::Compacted {
        summary,
        keep_from,
        before,
        after,
    }
}

/// What was done, for a conversation that begins anew; none if nothing was. The end of it, in which
/// no call came to a result, is not carried over.
pub(super) fn work_so_far(conversation: &Conversation, room: usize) -> Option<String> {
    let last = conversation
        .messages
        .iter()
        .rposition(|message| message.role == Role::Tool);
    let end = last.map_or(conversation.opening, |last| last + 1);
    (last.is_some() || !conversation.earlier_summary().is_empty())
        .then(|| summary(conversation, end, room))
}

/// Index of the first message that stays: the latest exchanges that fill at most a quarter of
/// the window (half of that if the last compaction freed too little), beginning with the model's own message so that no result stands alone.
fn keep_from(session: &Session, conversation: &Conversation) -> usize {
    let room = budget::window(session) / if conversation.meagre == 0 { 4 } else { 8 };
    let mut keep = conversation.messages.len();
    let mut bytes = 0;
    for (place, message) in conversation
        .messages
        .iter()
        .enumerate()
        .skip(conversation.opening)
        .rev()
    {
        bytes += message.content.len() as u64
            + message
                .tool_calls
                .iter()
                .map(|call| call.to_string().len() as u64)
                .sum::<u64>();
        if estimate::tokens(bytes, session.token_ratio) > room {
            break;
        }
        if message.role == Role::Assistant {
            keep = place;
        }
    }
    keep
}

/// The list of steps in at most so many bytes, then what the last command said.
fn summary(conversation: &Conversation, keep_from: usize, room: usize) -> String {
    let left_out = &conversation.messages[conversation.opening.min(keep_from)..keep_from];
    let mut lines: Vec<String> = conversation
        .earlier_summary()
        .lines()
        .filter(|line| line.starts_with("- "))
        .map(str::to_owned)
        .collect();
    let mut last_output = None;
    for (place, message) in left_out.iter().enumerate() {
        for (index, call) in message.tool_calls.iter().enumerate() {
            let result = left_out
                .get(place + 1 + index)
                .filter(|next| next.role == Role::Tool);
            lines.push(call_line(call, result));
            if name(call) == Some("run_command") {
                last_output = result.map(|result| tail(&result.content, OUTPUT_MOST));
            }
        }
        for step in steps(&message.content) {
            lines.push(format!("- {}", step.head));
            if step.head.starts_with("run_command ") {
                last_output = Some(tail(step.text, OUTPUT_MOST));
            }
        }
        if message.role == Role::User && steps(&message.content).is_empty() {
            lines.push(format!("- told: {}", first_line(&message.content)));
        }
    }
    let mut text = TITLE.to_owned();
    let kept = latest(&lines, room);
    if kept.len() < lines.len() {
        text.push_str("(earlier steps are not listed)\n");
    }
    for line in kept {
        text.push_str(line);
        text.push('\n');
    }
    if let Some(output) = last_output {
        text.push_str("Output of the last command among them:\n");
        text.push_str(output);
        text.push('\n');
    }
    text.push_str("The files are as these steps left them. Read a file again before you edit it.");
    text
}

/// As many of the last lines as there is room for.
fn latest(lines: &[String], room: usize) -> &[String] {
    let mut bytes = 0;
    let fitting = lines
        .iter()
        .rev()
        .take(STEPS_MOST)
        .take_while(|line| {
            bytes += line.len() + 1;
            bytes <= room
        })
        .count();
    &lines[lines.len() - fitting..]
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
