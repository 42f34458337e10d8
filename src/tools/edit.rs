//! `edit_file`: plans the replacement of one passage. What was not found is answered with the
//! nearest real text, so that the next try can copy it.

use std::fmt::Write as _;

use super::locate::{Miss, Near, Place, Reading, line_of, locate};
use super::planned::{PlannedWrite, plan};
use super::read::whole_text;
use super::refusal::failed;
use super::text::{dominant, head, original_position, unix, with_line_end};
use super::workspace::Workspace;
use crate::engine::tool::ToolResult;

/// The most places of an ambiguous passage that are listed.
const MAX_PLACES: usize = 10;
/// The most characters of a line of the nearest text.
const MAX_LINE: usize = 300;

/// Plans `edit_file`.
pub(super) fn plan_edit(
    workspace: &Workspace,
    path: &str,
    old_text: &str,
    new_text: &str,
) -> Result<PlannedWrite, ToolResult> {
    let target = workspace.target(path)?;
    let Some(existing) = &target.existing else {
        let missing = workspace.open_file(path).err();
        return Err(failed(format!(
            "{}\nwrite_file creates a file",
            missing.map_or_else(|| format!("{path} does not exist"), |result| result.text)
        )));
    };
    let name = existing.name();
    if old_text.is_empty() {
        return Err(failed(format!(
            "old_text is empty: copy the passage of {name} that is to be replaced"
        )));
    }
    let before = whole_text(existing)?;
    let (text, old, new) = (unix(&before), unix(old_text), unix(new_text));
    if old == new {
        return Err(failed(
            "old_text and new_text are the same: nothing would change",
        ));
    }
    let place = locate(&text, &old, &new).map_err(|miss| explain(&name, &text, &new, &miss))?;
    let after = replaced(&before, &place);
    if after == before {
        return Err(failed(format!(
            "{name} would not change; it reads like new_text already"
        )));
    }
    let done = report(&name, &text, &place);
    plan(&target, Some(before), after, done)
}

/// Puts the new passage in; every other byte of the file stays.
fn replaced(before: &str, place: &Place) -> String {
    let start = original_position(before, place.start);
    let end = original_position(before, place.end);
    let new = with_line_end(&place.new, dominant(before));
    format!("{}{new}{}", &before[..start], &before[end..])
}

fn report(name: &str, text: &str, place: &Place) -> String {
    let first = line_of(text, place.start);
    let count = place.new.lines().count();
    let mut done = match count {
        0 => format!("edited {name}: removed a passage at line {first}"),
        1 => format!("edited {name}: line {first} is new"),
        _ => format!("edited {name}: lines {first}-{} are new", first + count - 1),
    };
    done.push_str(match place.reading {
        Reading::Exact => "",
        Reading::WithoutLineNumbers => " (line numbers in old_text were left out)",
        Reading::OtherWhiteSpace => {
            " (old_text matched but for white space; the file's indentation was kept)"
        }
    });
    done
}

fn explain(name: &str, text: &str, new: &str, miss: &Miss) -> ToolResult {
    failed(match miss {
        Miss::Several(lines) => {
            let mut places: Vec<String> = lines
                .iter()
                .take(MAX_PLACES)
                .map(ToString::to_string)
                .collect();
            if lines.len() > MAX_PLACES {
                places.push("…".to_owned());
            }
            format!(
                "old_text stands {} times in {name} (lines {}); \
                 add lines around it until it is the only one",
                lines.len(),
                places.join(", ")
            )
        }
        Miss::Nowhere(near) => {
            let mut said = format!("old_text does not stand in {name}");
            if new.trim().len() > 3
                && let Some(at) = text.find(new.trim_matches('\n'))
            {
                // silent-ok: writing to a string can not fail.
                let _ = write!(
                    said,
                    "; new_text does, at line {}: the edit may have been made already",
                    line_of(text, at)
                );
            }
            match near {
                Some(near) => said.push_str(&quoted(near)),
                None => said.push_str("; nothing in it is like it. Read the file again"),
            }
            said
        }
    })
}

/// The nearest text, numbered as `read_file` numbers it.
fn quoted(near: &Near) -> String {
    let mut said = ". The nearest text is, numbered:".to_owned();
    for (number, line) in (near.line..).zip(&near.lines) {
        // silent-ok: writing to a string can not fail.
        let _ = write!(said, "\n{number}: {}", head(line, MAX_LINE));
    }
    said.push_str("\nCopy old_text from there, without the numbers.");
    said
}
