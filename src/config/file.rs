//! The configuration file: from text to values, with the line for whatever is wrong. Knows the
//! form of YAML and nothing of what values mean.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::keys::{self, Key};
use super::types::Config;
use crate::engine::yaml::too_much;
use crate::error::Error;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct FromFile {
    /// The values, over the defaults.
    pub(super) config: Config,
    /// `group.name` of every key that it sets, with its line.
    pub(super) lines: BTreeMap<String, usize>,
}

/// Reads a file's text. `path` is for messages.
pub(super) fn parse(text: &str, path: &Path) -> Result<FromFile, Error> {
    let at = |line: usize, what: &str| Error::usage(format!("{}:{line}: {what}", path.display()));
    let tree = tree(text, path)?;
    let groups = match tree {
        Value::Null => Mapping::new(),
        Value::Mapping(groups) => groups,
        other => {
            let found = describe(&other);
            return Err(at(1, &format!("expected groups of keys, found {found}")).hint(START));
        }
    };
    let mut lines = BTreeMap::new();
    let mut checked = Mapping::new();
    for (group, content) in groups {
        let name = scalar(&group);
        let group_line = line_of(text, &name, None);
        if !keys::is_group(&name) {
            let error = at(group_line, &format!("unknown key '{name}'"));
            return Err(error.hint(did_you_mean(keys::meant_by_group(&name))));
        }
        let content = match content {
            // A group whose keys are all commented out.
            Value::Null => continue,
            Value::Mapping(content) => content,
            other => {
                let found = describe(&other);
                let what = format!("{name}: expected keys below it, found {found}");
                return Err(at(group_line, &what).hint(START));
            }
        };
        let mut values = Mapping::new();
        for (word, mut value) in content {
            let word = scalar(&word);
            let line = line_of(text, &name, Some(&word));
            let Some(key) = Key::find(&name, &word) else {
                let error = at(line, &format!("unknown key '{name}.{word}'"));
                return Err(error.hint(did_you_mean(keys::meant_by_key(&name, &word))));
            };
            // `-1` and `0` are durations as well.
            if key.name == "keep_alive" && value.is_number() {
                value = Value::from(scalar(&value));
            }
            check_type(key, &value).map_err(|what| {
                at(line, &what).hint("correct it there; loop config show prints what is in force")
            })?;
            lines.insert(key.path(), line);
            values.insert(Value::from(word), value);
        }
        checked.insert(Value::from(name), Value::Mapping(values));
    }
    let config = serde_yaml::from_value(Value::Mapping(checked))
        .map_err(|error| at(1, &error.to_string()))?;
    Ok(FromFile { config, lines })
}

const START: &str = "see config.example.yaml, or write a commented file with: loop config init";

fn did_you_mean(meant: Option<String>) -> String {
    match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None => START.to_owned(),
    }
}

/// One value alone in its place, so that an error can only be about it.
fn check_type(key: &Key, value: &Value) -> Result<(), String> {
    let inner = Mapping::from_iter([(Value::from(key.name), value.clone())]);
    let outer = Mapping::from_iter([(Value::from(key.group), Value::Mapping(inner))]);
    match serde_yaml::from_value::<Config>(Value::Mapping(outer)) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "{}: expected {}, found {}",
            key.path(),
            key.expects,
            describe(value)
        )),
    }
}

/// The values of a text, unless it is none or too much.
pub(super) fn tree(text: &str, path: &Path) -> Result<Value, Error> {
    if let Some((line, what)) = too_much(text) {
        return Err(Error::usage(format!("{}:{line}: {what}", path.display()))
            .hint("correct the file, or leave that part out"));
    }
    serde_yaml::from_str(text).map_err(|error| bad_yaml(text, path, &error))
}

/// Text that is no YAML, in words.
fn bad_yaml(text: &str, path: &Path, error: &serde_yaml::Error) -> Error {
    let message = error.to_string();
    let located = error.location().map_or(1, |location| location.line());
    if let Some((before, rest)) = message.split_once("duplicate entry with key ") {
        let group = before.trim_end().trim_end_matches(':');
        let word = rest.split('"').nth(1).unwrap_or(rest);
        let (group, word) = if group.is_empty() {
            (word, None)
        } else {
            (group, Some(word))
        };
        let line = lines_of(text, group, word).nth(1).unwrap_or(located);
        let key = word.map_or(group.to_owned(), |word| format!("{group}.{word}"));
        return Error::usage(format!(
            "{}:{line}: {key} stands there twice",
            path.display()
        ))
        .hint("keep one of the two");
    }
    // The position is said once, in front.
    let what = message.split(" at line ").next().unwrap_or(&message);
    Error::usage(format!(
        "{}:{located}: not valid YAML: {what}",
        path.display()
    ))
    .hint(
        "keys are indented by two blanks and end in a colon; quote values with special characters",
    )
}

/// The line of a group, or of a key in it, counted from 1. In a file that is not written in
/// blocks, the line of what is around it.
pub(super) fn line_of(text: &str, group: &str, key: Option<&str>) -> usize {
    lines_of(text, group, key)
        .next()
        .or_else(|| lines_of(text, group, None).next())
        .unwrap_or(1)
}

fn lines_of(text: &str, group: &str, key: Option<&str>) -> impl Iterator<Item = usize> {
    let mut current = String::new();
    let mut indent = None;
    let group = group.to_owned();
    let key = key.map(str::to_owned);
    (1..)
        .zip(text.lines())
        .filter_map(move |(number, line)| {
            let depth = line.len() - line.trim_start().len();
            let word = key_at(line.trim_start())?;
            if depth == 0 {
                word.clone_into(&mut current);
                indent = None;
                return (key.is_none() && word == group).then_some(number);
            }
            // Only the keys of the group itself, not what stands deeper.
            let is_direct = *indent.get_or_insert(depth) == depth;
            (is_direct && current == group && key.as_deref() == Some(word)).then_some(number)
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// The key that a line begins with, if it does.
fn key_at(line: &str) -> Option<&str> {
    if line.starts_with(['#', '-']) {
        return None;
    }
    let (word, _) = line.split_once(':')?;
    Some(word.trim().trim_matches(['"', '\'']))
}

/// A plain value as it is written.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "null".to_owned(),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => "?".to_owned(),
    }
}

/// What was found in the place of something else.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("'{text}'"),
        Value::Bool(_) | Value::Number(_) => scalar(value),
        Value::Sequence(items) => format!("a list of {}", items.len()),
        Value::Mapping(map) => {
            let parts: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key), scalar(value)))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Tagged(tagged) => format!("the tag {}", tagged.tag),
    }
}
