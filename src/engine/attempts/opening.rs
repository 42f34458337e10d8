//! What the opening of an attempt says of those before it: a person's guidance first, then the
//! attempts, the newest in full and older ones in a line each, then what to do otherwise. Bounded,
//! and the same for the same session.

use std::fmt::Write as _;

use super::rule::retry_rule;
use crate::engine::event::{AttemptNote, Ran};
use crate::engine::session::{FailedAttempt, Session};

/// The lines about earlier attempts at this ticket; empty if there was none.
pub fn told(session: &Session, ticket: &str) -> String {
    let Some(progress) = session.tickets.get(ticket) else {
        return String::new();
    };
    let rule = retry_rule();
    let limits = rule.note;
    let mut text = String::new();
    for guidance in &progress.guidance {
        let guidance = cut(guidance, limits.guidance_characters);
        // silent-ok: writing to a String
        let _ = writeln!(text, "- The person says about this ticket: {guidance}");
    }
    let Some((newest, older)) = progress.failed.split_last() else {
        return text;
    };
    let from = older.len().saturating_sub(limits.older);
    let mut notes = String::new();
    for failed in &older[from..] {
        notes.push_str(&cut(&in_a_line(failed), limits.line_characters));
        notes.push('\n');
    }
    let round = progress.attempts.saturating_sub(progress.before_retry);
    let hint = match rule.variation(round).hint.as_str() {
        "" => String::new(),
        hint => format!("- {hint}\n"),
    };
    let room = limits.characters.saturating_sub(notes.len() + hint.len());
    text + &notes + &in_full(newest, room) + &hint
}

/// Attempt 1 changed a.py, and `python3 -m unittest` failed: ….
fn in_a_line(failed: &FailedAttempt) -> String {
    let attempt = failed.attempt;
    let why = first_line(&failed.reason);
    match &failed.note {
        Some(AttemptNote {
            check: Some(check),
            output,
            ..
        }) => format!(
            "- Attempt {attempt}: `{}` failed: {}",
            check.command,
            output.last().map_or(why, |line| line.trim())
        ),
        Some(_) | None => format!("- Attempt {attempt}: {why}"),
    }
}

fn in_full(failed: &FailedAttempt, room: usize) -> String {
    let mut text = format!(
        "- Attempt {} at this ticket failed, and its changes were taken back.\n",
        failed.attempt
    );
    let empty = AttemptNote::default();
    let note = failed.note.as_ref().unwrap_or(&empty);
    let mut last = String::new();
    if !note.avoid.is_empty() {
        last = format!("  {}\n", note.avoid);
    }
    let mut lines = Vec::new();
    if note.check.is_none() {
        lines.push(format!("  {}", first_line(&failed.reason)));
    }
    if !note.changed.is_empty() {
        lines.push(format!("  It changed: {}", note.changed.join(", ")));
    }
    if !note.ran.is_empty() {
        let ran: Vec<String> = note.ran.iter().map(ran_line).collect();
        lines.push(format!("  It ran: {}", ran.join("; ")));
    }
    if let Some(check) = &note.check {
        lines.push(format!(
            "  The check `{}` ended with {}:",
            check.command, check.ended
        ));
        lines.extend(note.output.iter().map(|line| format!("    {line}")));
    }
    for line in lines {
        let left = room.saturating_sub(text.len() + last.len() + 1);
        if left == 0 {
            break;
        }
        text.push_str(&cut(&line, left.min(retry_rule().note.line_characters * 2)));
        text.push('\n');
    }
    text + &last
}

fn ran_line(ran: &Ran) -> String {
    format!("`{}` ({})", ran.command, ran.ended)
}

pub(super) fn first_line(reason: &str) -> &str {
    let line = reason.trim().lines().next().unwrap_or_default();
    line.trim_end_matches(':')
}

/// At most so many bytes, at the border of a character.
fn cut(text: &str, most: usize) -> String {
    let text = text.trim_end();
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
