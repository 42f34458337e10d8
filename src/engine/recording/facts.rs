//! What a run that repeats a session takes from the recording instead of finding it out: measured
//! times, what the machine offers, what commands said. Everything else it has to come to by itself.

use std::ops::Range;

use crate::engine::call::ToolCall;
use crate::engine::event::{Event, Gate, NoteKind, Receipt};
use crate::engine::tool::Tool;

/// How a warning begins that holds a command's output.
const FETCHING: &str = "fetching failed: ";

/// The event that was found out now, with what only the recording can know. `call` is the call of a
/// finished tool; `is_kept` says whether the project's file of that path is in the recording.
pub fn as_recorded(
    recorded: &Event,
    found: Event,
    call: Option<&ToolCall>,
    is_kept: &dyn Fn(&str) -> bool,
) -> Event {
    match (recorded, found) {
        (Event::Note(note), Event::Note(now)) if note.kind == now.kind => match note.kind {
            NoteKind::Picture | NoteKind::Inventory | NoteKind::Window | NoteKind::Wall => {
                recorded.clone()
            }
            // A commit has a time and an author.
            NoteKind::Kept if note.text.starts_with(now.text.trim_end()) => recorded.clone(),
            _ => Event::Note(now),
        },
        (Event::Checked(receipt), Event::Checked(now)) => {
            if (receipt.gate, now.gate) == (Gate::Packages, Gate::Packages) {
                return recorded.clone();
            }
            Event::Checked(Receipt {
                ms: receipt.ms,
                ..now
            })
        }
        (Event::Replied(replied), Event::Replied(mut now)) => {
            now.ms = replied.ms;
            Event::Replied(now)
        }
        (
            Event::ToolFinished {
                id: recorded_id,
                result: told,
                ms,
                changed: was_changed,
                tree: was_kept,
                mode: was_left,
            },
            Event::ToolFinished {
                id,
                result,
                changed,
                tree,
                mode,
                ..
            },
        ) if *recorded_id == id => {
            let of_record = call.is_some_and(|call| is_of_record(call, is_kept));
            let is_command = call.is_some_and(is_a_command);
            Event::ToolFinished {
                id,
                result: if of_record { told.clone() } else { result },
                ms: *ms,
                changed: if is_command {
                    was_changed.clone()
                } else {
                    changed
                },
                // An earlier version kept no content there, and what a command wrote may have been
                // there before; the next content that is kept will tell.
                tree: match was_kept {
                    Some(_) if is_command => tree.or_else(|| was_kept.clone()),
                    Some(_) => tree,
                    None => None,
                },
                mode: was_left.and(mode),
            }
        }
        (
            Event::TicketFinished { commit: made, .. },
            Event::TicketFinished {
                outcome,
                reason,
                proof,
                changed,
                diff,
                tree,
                ..
            },
        ) => Event::TicketFinished {
            outcome,
            reason,
            proof,
            changed,
            diff,
            tree,
            commit: made.clone(),
        },
        (Event::Warned { text }, Event::Warned { text: now })
            if text.starts_with(FETCHING) && now.starts_with(FETCHING) =>
        {
            recorded.clone()
        }
        (_, found) => found,
    }
}

/// The event with the ids that a recorded difference of files has (`index 0000000..74061c7`) instead
/// of those that were found: where something was taken out of a file, it has another one.
pub fn with_recorded_ids(recorded: &Event, found: Event) -> Event {
    let texts = [recorded, &found].map(|event| serde_json::to_string(event).unwrap_or_default());
    let [there, here] = [&texts[0], &texts[1]].map(|text| ids_of_files(text));
    if there.is_empty() || there.len() != here.len() {
        return found;
    }
    let mut text = String::new();
    let mut from = 0;
    for (there, here) in there.into_iter().zip(here) {
        text.push_str(&texts[1][from..here.start]);
        text.push_str(&texts[0][there]);
        from = here.end;
    }
    text.push_str(&texts[1][from..]);
    serde_json::from_str(&text).unwrap_or(found)
}

/// Where the ids of two contents of a file stand, in a text of JSON.
fn ids_of_files(text: &str) -> Vec<Range<usize>> {
    const BEFORE: &str = "\\nindex ";
    let ids = text.match_indices(BEFORE).filter_map(|(at, _)| {
        let start = at + BEFORE.len();
        let is_id = |letter: char| letter.is_ascii_hexdigit() || letter == '.';
        let rest = &text[start..];
        let length = rest.find(|letter| !is_id(letter)).unwrap_or(rest.len());
        let ids = rest[..length].split_once("..")?;
        (ids.0.len() >= 7 && ids.1.len() >= 7).then_some(start..start + length)
    });
    ids.collect()
}

/// The receipt of a command that was not run again: as recorded, if it is the same check.
pub fn receipt_as_recorded(recorded: &Receipt, found: Receipt) -> Receipt {
    if (recorded.gate, &recorded.command) != (found.gate, &found.command) {
        return found;
    }
    Receipt {
        tree_before: None,
        tree_after: None,
        ..recorded.clone()
    }
}

fn is_a_command(call: &ToolCall) -> bool {
    Tool::named(&call.name) == Some(Tool::RunCommand)
}

/// Whether the result of a call is the recording's: it shows what commands do, or files that no
/// copy of a project holds, such as caches and whatever git ignores.
fn is_of_record(call: &ToolCall, is_kept: &dyn Fn(&str) -> bool) -> bool {
    match Tool::named(&call.name) {
        Some(Tool::RunCommand | Tool::ListDir) => true,
        Some(Tool::ReadFile | Tool::SearchFiles) => {
            let path = call.text("path").filter(|path| !path.is_empty());
            path.is_some_and(|path| !is_kept(path))
        }
        Some(Tool::WriteFile | Tool::EditFile | Tool::AskUser) | None => false,
    }
}
