//! Calls written as elements: `<function=…><parameter=…>`, `<invoke name=…>`, and the tool's own
//! name as a tag. Values are raw text; one newline after the opening and one before the closing
//! tag are layout. A value ends at the closing tag that balances its opening one.

use serde_json::{Map, Value};

use super::names::Offered;
use super::problem::Problem;
use super::shape::RawCall;
use super::tokens::Tag;
use super::values::{Dialect, Reader, Repair};

/// A call and the byte after it.
pub(super) type Element = (RawCall, usize);

/// The element that starts at that byte with `<function=…>` or `<invoke name=…>`.
pub(super) fn function(
    text: &str,
    start: usize,
    repairs: &mut Vec<Repair>,
) -> Result<Element, Problem> {
    let tag = Tag::at(&text[start..]).ok_or(Problem::NotACall)?;
    let name = tag.given_name().ok_or(Problem::NotACall)?;
    let mut pos = start + tag.len;
    if tag.empty {
        return Ok((RawCall::new(name, Value::Null), pos));
    }
    if text[pos..].trim_start().starts_with('{') {
        return json_body(text, pos, name, tag.name, repairs);
    }
    let mut map = Map::new();
    loop {
        pos += blank(&text[pos..]);
        let inner = Tag::at(&text[pos..]).ok_or_else(|| unclosed(name))?;
        if inner.closes && inner.name == tag.name {
            return Ok((RawCall::new(name, Value::Object(map)), pos + inner.len));
        }
        let key = inner
            .given_name()
            .filter(|_| inner.name == "parameter" && !inner.closes)
            .ok_or_else(|| unclosed(name))?;
        let (value, end) = raw_value(text, pos + inner.len, inner.name, name, key)?;
        insert(&mut map, key, value, name)?;
        pos = end;
    }
}

/// The element whose tag is an offered tool's name, if it has one of the forms of a call.
pub(super) fn named(
    text: &str,
    start: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Option<Result<Element, Problem>> {
    let tag = Tag::at(&text[start..]).filter(|tag| !tag.closes)?;
    let tool = offered.resolve(tag.name)?;
    let mut pos = start + tag.len;
    if tag.empty {
        let attributes = attributes(tag.rest)?;
        return Some(Ok((RawCall::new(tag.name, Value::Object(attributes)), pos)));
    }
    if !tag.rest.is_empty() {
        return None;
    }
    if text[pos..].trim_start().starts_with('{') {
        return Some(json_body(text, pos, tag.name, tag.name, repairs));
    }
    let mut map = Map::new();
    loop {
        pos += blank(&text[pos..]);
        let inner = match Tag::at(&text[pos..]) {
            Some(inner) if inner.closes && inner.name == tag.name => {
                return Some(Ok((
                    RawCall::new(tag.name, Value::Object(map)),
                    pos + inner.len,
                )));
            }
            Some(inner) if !inner.closes && tool.property(inner.name).is_some() => inner,
            // Without a single argument this was prose that mentions the tool.
            _ if map.is_empty() => return None,
            _ => return Some(Err(unclosed(tag.name))),
        };
        let value = raw_value(text, pos + inner.len, inner.name, tag.name, inner.name)
            .and_then(|(value, end)| insert(&mut map, inner.name, value, tag.name).map(|()| end));
        match value {
            Ok(end) => pos = end,
            Err(problem) => return Some(Err(problem)),
        }
    }
}

/// GLM's form: a name, then `<arg_key>` and `<arg_value>` in turn. Starts after the name.
pub(super) fn pairs(text: &str, start: usize, name: &str) -> Result<Element, Problem> {
    let mut pos = start;
    let mut map = Map::new();
    loop {
        let at = pos + blank(&text[pos..]);
        let Some(tag) = Tag::at(&text[at..]).filter(|tag| tag.name == "arg_key" && !tag.closes)
        else {
            return Ok((RawCall::new(name, Value::Object(map)), pos));
        };
        let (key, end) = raw_value(text, at + tag.len, "arg_key", name, "arg_key")?;
        let key = key.trim();
        let at = end + blank(&text[end..]);
        let tag = Tag::at(&text[at..])
            .filter(|tag| tag.name == "arg_value" && !tag.closes)
            .ok_or_else(|| unclosed_parameter(name, key))?;
        let (value, end) = raw_value(text, at + tag.len, "arg_value", name, key)?;
        insert(&mut map, key, value, name)?;
        pos = end;
    }
}

/// Raw text up to the closing tag that balances the opening one, and the byte after that.
fn raw_value<'a>(
    text: &'a str,
    start: usize,
    tag: &str,
    call: &str,
    key: &str,
) -> Result<(&'a str, usize), Problem> {
    let mut depth = 1;
    let mut pos = start;
    while let Some(found) = text[pos..].find('<') {
        let at = pos + found;
        let Some(inner) = Tag::at(&text[at..]).filter(|inner| inner.name == tag && !inner.empty)
        else {
            pos = at + 1;
            continue;
        };
        depth = if inner.closes { depth - 1 } else { depth + 1 };
        if depth == 0 {
            return Ok((without_layout(&text[start..at]), at + inner.len));
        }
        pos = at + inner.len;
    }
    Err(unclosed_parameter(call, key))
}

fn without_layout(value: &str) -> &str {
    let value = value
        .strip_prefix("\r\n")
        .or_else(|| value.strip_prefix('\n'))
        .unwrap_or(value);
    value
        .strip_suffix("\r\n")
        .or_else(|| value.strip_suffix('\n'))
        .unwrap_or(value)
}

/// `{…}` between the tags.
fn json_body(
    text: &str,
    start: usize,
    name: &str,
    tag: &str,
    repairs: &mut Vec<Repair>,
) -> Result<Element, Problem> {
    let mut reader = Reader::new(text, start, Dialect::Json);
    let arguments = reader.value().map_err(|flaw| Problem::Damaged {
        name: Some(name.to_owned()),
        flaw,
    })?;
    repairs.extend(&reader.repairs);
    let end = reader.pos() + blank(&text[reader.pos()..]);
    match Tag::at(&text[end..]) {
        Some(close) if close.closes && close.name == tag => {
            Ok((RawCall::new(name, arguments), end + close.len))
        }
        _ => Err(unclosed(name)),
    }
}

/// `key="value"` pairs, or nothing if there is anything else.
fn attributes(mut text: &str) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    while !text.trim().is_empty() {
        let (key, rest) = text.split_once('=')?;
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = rest[1..].split_once(quote)?;
        if map
            .insert(key.trim().to_owned(), Value::from(value))
            .is_some()
        {
            return None;
        }
        text = rest;
    }
    Some(map)
}

pub(super) fn insert(
    map: &mut Map<String, Value>,
    key: &str,
    value: &str,
    call: &str,
) -> Result<(), Problem> {
    match map.insert(key.to_owned(), Value::from(value)) {
        Some(old) if old != value => Err(Problem::Twice {
            name: call.to_owned(),
            parameter: key.to_owned(),
        }),
        _ => Ok(()),
    }
}

pub(super) fn unclosed(name: &str) -> Problem {
    Problem::Unclosed {
        name: name.to_owned(),
        parameter: None,
    }
}

pub(super) fn unclosed_parameter(name: &str, key: &str) -> Problem {
    Problem::Unclosed {
        name: name.to_owned(),
        parameter: Some(key.to_owned()),
    }
}

/// What follows the white space at the start of the rest of a line. Looks no further: a reply can be
/// one long line, and this is asked at many of its bytes.
pub(super) fn on_line(text: &str) -> &str {
    text.trim_start_matches(|c: char| c != '\n' && c.is_whitespace())
}

/// Whether nothing visible follows on the line.
pub(super) fn ends_line(text: &str) -> bool {
    let rest = on_line(text);
    rest.is_empty() || rest.starts_with('\n')
}

/// Length of the white space at the start.
pub(super) fn blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}
