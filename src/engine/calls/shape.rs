//! Which JSON has the shape of a call. Everything else is data, however much it looks like one.

use serde_json::{Map, Value};

use super::names::Offered;

/// Keys that hold a tool's name.
const NAME_KEYS: [&str; 2] = ["name", "tool_name"];
/// Keys that hold its arguments.
pub(super) const ARGUMENT_KEYS: [&str; 4] = ["arguments", "parameters", "args", "tool_args"];
/// Keys that may stand beside a name without making it data.
const COMPANIONS: [&str; 4] = ["id", "type", "index", "tool_call_id"];

/// How far into damaged JSON its name and arguments are looked for, in letters.
const MEANING: usize = 2_000;

/// A call as the model wrote it: nothing about it has been checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawCall {
    /// The name as written.
    pub(super) name: String,
    /// An object, the text of one, or null; the values of tags are strings.
    pub(super) arguments: Value,
    /// The server's id of a native call.
    pub(super) native_id: Option<String>,
}

impl RawCall {
    /// A call out of text.
    pub(super) fn new(name: impl Into<String>, arguments: Value) -> Self {
        Self {
            name: name.into(),
            arguments,
            native_id: None,
        }
    }
}

/// The calls that a top-level value is: one, a list, or a list under `tool_calls`.
pub(super) fn calls(value: &Value, offered: &Offered<'_>) -> Option<Vec<RawCall>> {
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| call(item, offered)).collect()
        }
        Value::Object(map) => match map.get("tool_calls") {
            Some(Value::Array(items)) if !items.is_empty() => {
                items.iter().map(|item| call(item, offered)).collect()
            }
            _ => call(value, offered).map(|call| vec![call]),
        },
        _ => None,
    }
}

/// The call that an object is, by itself or under `function`.
pub(super) fn call(value: &Value, offered: &Offered<'_>) -> Option<RawCall> {
    let map = value.as_object()?;
    let nested = map.get("function").and_then(Value::as_object);
    let nested = nested.and_then(|nested| direct(nested, offered));
    match (direct(map, offered), nested) {
        // Two calls in one: neither can be chosen.
        (Some(outer), Some(inner)) if outer != inner => None,
        (outer, inner) => outer.or(inner),
    }
}

fn direct(map: &Map<String, Value>, offered: &Offered<'_>) -> Option<RawCall> {
    let mut names = NAME_KEYS.iter().filter_map(|key| map.get(*key)?.as_str());
    let name = names.next()?;
    if names.any(|other| other != name) {
        return None;
    }
    let mut arguments = ARGUMENT_KEYS.iter().filter_map(|key| map.get(*key));
    let first = arguments.next();
    if arguments.any(|other| Some(other) != first) {
        // Two sets of arguments: neither can be chosen.
        return None;
    }
    match first {
        Some(Value::Object(_)) => Some(RawCall::new(name, first?.clone())),
        Some(Value::String(text)) if text.trim_start().starts_with('{') => {
            Some(RawCall::new(name, first?.clone()))
        }
        None | Some(Value::Null) => {
            let alone = map.keys().all(|key| {
                let key = key.as_str();
                NAME_KEYS.contains(&key)
                    || ARGUMENT_KEYS.contains(&key)
                    || COMPANIONS.contains(&key)
            });
            (alone && offered.resolve(name).is_some()).then(|| RawCall::new(name, Value::Null))
        }
        Some(_) => None,
    }
}

/// Whether damaged JSON was meant as a call: it begins like one, and has a name that is offered,
/// or a name and an object of arguments.
pub(super) fn meant_as_call(text: &str, offered: &Offered<'_>) -> Option<String> {
    let end = text
        .char_indices()
        .nth(MEANING)
        .map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '['));
    let key = first
        .strip_prefix(['"', '\''])
        .and_then(|first| first.split(['"', '\'']).next());
    let begins = key.is_none_or(|key| {
        NAME_KEYS.contains(&key)
            || ARGUMENT_KEYS.contains(&key)
            || COMPANIONS.contains(&key)
            || matches!(key, "function" | "tool_calls" | "role" | "content")
    });
    if !begins {
        return None;
    }
    let name = NAME_KEYS.iter().find_map(|key| string_after(text, key))?;
    let has_arguments = ARGUMENT_KEYS.iter().any(|key| {
        after_key(text, key)
            .is_some_and(|rest| ["{", "\"{", "'{"].iter().any(|open| rest.starts_with(open)))
    });
    (has_arguments || offered.resolve(name).is_some()).then(|| name.to_owned())
}

fn after_key<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    [format!("\"{key}\""), format!("'{key}'")]
        .iter()
        .find_map(|quoted| {
            let at = text.find(quoted.as_str())? + quoted.len();
            Some(text[at..].trim_start().strip_prefix(':')?.trim_start())
        })
}

fn string_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let rest = after_key(text, key)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}
