//! How a call is written, in both protocols: for the system text, for corrections that show the
//! right form, and for calls that enter a history of text.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::choice::Protocol;
use crate::engine::tool::Tool;

/// What the system text says before the tools.
const RULES: &str = "# Tools
To use a tool, write its block in your reply, with the tags as they stand here. The text between the tags is taken as it is: do not escape it and put no code fence around it or around the block. Close every tag. Then end your reply: the program runs the block and answers with a <tool_result>. Never write a result yourself. A reply without a block or marker line does nothing.";

/// Arguments whose value stands on lines of its own.
const ON_LINES: [&str; 3] = ["content", "old_text", "new_text"];

/// Whether a value on lines of its own is whole lines, each with its newline.
pub fn is_whole_lines(key: &str) -> bool {
    key == "content"
}

/// What the system text says of these tools (`{"type":"function","function":{…}}`).
pub fn describe(tools: &[Value]) -> String {
    let mut text = RULES.to_owned();
    for tool in tools {
        let tool = tool.get("function").unwrap_or(tool);
        let word = |value: &Value, key: &str| {
            let word = value.get(key).and_then(Value::as_str);
            word.unwrap_or_default().to_owned()
        };
        let properties = tool.pointer("/parameters/properties");
        let properties = properties.and_then(Value::as_object);
        let required = required(tool);
        let mut shown = Map::new();
        let mut further = Vec::new();
        for (key, schema) in properties.into_iter().flatten() {
            let about = word(schema, "description");
            if required.contains(&key.as_str()) {
                shown.insert(key.clone(), placeholder(key, &about));
            } else {
                further.push(format!("<{key}> ({about})"));
            }
        }
        let description = word(tool, "description");
        let block = block(&word(tool, "name"), &shown).unwrap_or_default();
        let _ = write!(text, "\n\n{description}\n{block}"); // silent-ok: a String
        if !further.is_empty() {
            let _ = write!(text, "\nIt may also have {}.", further.join(", ")); // silent-ok: a String
        }
    }
    text
}

/// Lines, where the value stands on lines.
fn placeholder(key: &str, text: &str) -> Value {
    let missing = is_whole_lines(key) && !text.ends_with('\n');
    Value::from(format!("{text}{}", if missing { "\n" } else { "" }))
}

fn required(tool: &Value) -> Vec<&str> {
    let required = tool.pointer("/parameters/required");
    required
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A call in the form that the protocol wants, as an example for the model.
pub fn example(protocol: Protocol, name: &str, arguments: &Map<String, Value>) -> String {
    match protocol {
        Protocol::Native => json!({"name": name, "arguments": arguments}).to_string(),
        Protocol::Text => {
            let shown = |(key, value): (&String, &Value)| match value {
                Value::String(text) => (key.clone(), placeholder(key, text)),
                other => (key.clone(), other.clone()),
            };
            let block = block(name, &arguments.iter().map(shown).collect());
            format!("\n{}\n", block.unwrap_or_else(|| format!("<{name}>")))
        }
    }
}

/// A call as the block that reads back as that very call; none if no block does, since a value
/// has lines in it that would end it.
pub fn written(name: &str, arguments: &Value) -> Option<String> {
    block(name, arguments.as_object()?)
}

fn block(name: &str, arguments: &Map<String, Value>) -> Option<String> {
    let mut text = format!("<{name}>\n");
    for (key, value) in arguments {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.push_str(&element(key, &value)?);
        text.push('\n');
    }
    let _ = write!(text, "</{name}>"); // silent-ok: a String
    Some(text)
}

fn element(key: &str, value: &str) -> Option<String> {
    let (open, close) = (format!("<{key}>"), format!("</{key}>"));
    let first_is_blank = value
        .split_once('\n')
        .is_some_and(|(first, _)| first.trim().is_empty());
    let ends_a_line = value.ends_with('\n');
    let within = !first_is_blank
        && (!ends_a_line || is_whole_lines(key))
        && !value.contains(&open)
        && !value.contains(&close)
        && !value.lines().any(is_block_tag);
    let lines = if is_whole_lines(key) {
        value.is_empty() || ends_a_line
    } else {
        !value.ends_with('\r')
    };
    let lines = lines
        && !value
            .lines()
            .any(|line| is_own(line, key) || is_block_tag(line));
    let on_lines = || match value {
        "" => format!("{open}\n{close}"),
        _ if is_whole_lines(key) => format!("{open}\n{value}{close}"),
        _ => format!("{open}\n{value}\n{close}"),
    };
    let prefers_lines = ON_LINES.contains(&key) || value.contains('\n');
    match (lines, within) {
        (true, _) if prefers_lines => Some(on_lines()),
        (_, true) => Some(format!("{open}{value}{close}")),
        (true, false) => Some(on_lines()),
        (false, false) => None,
    }
}

fn is_own(line: &str, key: &str) -> bool {
    let line = line.trim_end();
    let after = line.strip_prefix(&format!("</{key}>"));
    line == format!("<{key}>") || after.is_some_and(|after| after.is_empty() || is_block_tag(after))
}

/// Whether a line is the opening or the closing tag of some tool's block.
fn is_block_tag(line: &str) -> bool {
    let line = line.trim();
    let name = line
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .map(|name| name.strip_prefix('/').unwrap_or(name));
    name.is_some_and(|name| Tool::named(name).is_some())
}
