//! The form of results in the text protocol: how one is written into a user message, and how the
//! steps are read back out of it when the conversation is shortened.

use crate::engine::call::ToolCall;
use crate::engine::tool::ToolResult;

const OPEN: &str = "<tool_result>";
const CLOSE: &str = "</tool_result>";
/// Letters of the argument that names what a call was about.
const ABOUT: usize = 120;

/// A result as it stands in a user message.
pub fn result(call: &ToolCall, result: &ToolResult) -> String {
    let about = ["path", "command", "pattern", "question"]
        .into_iter()
        .find_map(|key| call.text(key))
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    let about: String = about.chars().take(ABOUT).collect();
    let gap = if about.is_empty() { "" } else { " " };
    let head = format!("{}{gap}{about}: {}", call.name, result.status.word());
    format!("{OPEN}\n{head}\n{}\n{CLOSE}", contained(&result.text))
}

/// The text without lines that could be taken for the end of a result, or for another one: data
/// must not be able to speak in the program's name.
fn contained(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let is_frame = line.starts_with(OPEN) || line.starts_with(CLOSE);
        format!("{}{line}", if is_frame { " " } else { "" })
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a result said in short, and all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// `read_file src/a.py: ok`.
    pub head: &'a str,
    /// The text of the result.
    pub text: &'a str,
}

/// The results in a user message, in order; none in any other message.
pub fn steps(content: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = content;
    while let Some(after) = rest.strip_prefix(OPEN).and_then(|r| r.strip_prefix('\n')) {
        let end = format!("\n{CLOSE}");
        let Some(at) = after.find(&end) else {
            return steps;
        };
        let (head, text) = after[..at].split_once('\n').unwrap_or((&after[..at], ""));
        steps.push(Step { head, text });
        rest = after[at + end.len()..].trim_start_matches('\n');
    }
    steps
}
