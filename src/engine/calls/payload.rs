//! What can stand where a call is announced: JSON, elements, a name with arguments in one of
//! several notations, Python. The families differ in the frame far more than in this.

use serde_json::Value;

use super::names::Offered;
use super::problem::Problem;
use super::python;
use super::shape::{self, RawCall};
use super::tags::{self, blank};
use super::tokens::{Marker, Tag, marker, special_word};
use super::values::{Dialect, Reader, Repair};

/// The calls at that byte and the byte after them.
pub(super) fn read(
    text: &str,
    start: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<(Vec<RawCall>, usize), Problem> {
    let pos = start + blank(&text[start..]);
    let rest = &text[pos..];
    match rest.chars().next() {
        None => Err(Problem::EmptyBlock),
        Some('[') if python::starts_list(rest) => python::list(text, pos, repairs),
        Some('{' | '[') => json(text, pos, offered, repairs),
        Some('<') => element(text, pos, offered, repairs),
        Some('`') => fenced(text, pos, offered, repairs),
        Some(_) if rest.starts_with("call:") => gemma(text, pos, repairs),
        Some(_) if python::starts_call(rest) => python::sequence(text, pos, repairs),
        Some(_) => named(text, pos, offered, repairs).map(|(call, end)| (vec![call], end)),
    }
}

/// Call-shaped values, one after another.
fn json(
    text: &str,
    start: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<(Vec<RawCall>, usize), Problem> {
    let mut calls = Vec::new();
    let mut end = start;
    loop {
        let rest = text[end..].trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if !rest.starts_with(['{', '[']) || marker(rest).is_some() {
            return Ok((calls, end));
        }
        let pos = text.len() - rest.len();
        let (value, after) =
            value(text, pos, Dialect::Json, repairs).map_err(|flaw| Problem::Damaged {
                name: shape::meant_as_call(rest, offered),
                flaw,
            })?;
        calls.extend(shape::calls(&value, offered).ok_or(Problem::NotACall)?);
        end = after;
    }
}

fn value(
    text: &str,
    pos: usize,
    dialect: Dialect,
    repairs: &mut Vec<Repair>,
) -> Result<(Value, usize), super::values::Flaw> {
    let mut reader = Reader::new(text, pos, dialect);
    let value = reader.value()?;
    repairs.extend(&reader.repairs);
    Ok((value, reader.pos()))
}

/// A tag or token: the call's own element, or a frame within the frame.
fn element(
    text: &str,
    pos: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<(Vec<RawCall>, usize), Problem> {
    match marker(&text[pos..]) {
        Some((Marker::Function, _)) => {
            tags::function(text, pos, repairs).map(|(call, end)| (vec![call], end))
        }
        Some((Marker::Close, _)) => Err(Problem::EmptyBlock),
        // Frames are nested two deep at most; what follows is read by the scanner as another one.
        Some((Marker::Open(_), len)) => {
            let inner = pos + len + blank(&text[pos + len..]);
            match marker(&text[inner..]) {
                Some((Marker::Open(_), _)) => Err(Problem::NotACall),
                _ => read(text, inner, offered, repairs),
            }
        }
        Some((Marker::Control, len)) if marker(&text[pos + len..]).is_none() => {
            // InternLM names its plugin in a token of its own.
            match text[pos + len..].trim_start().chars().next() {
                Some('{') => json(text, pos + len, offered, repairs),
                _ => Err(Problem::NotACall),
            }
        }
        _ => match tags::named(text, pos, offered, repairs) {
            Some(found) => found.map(|(call, end)| (vec![call], end)),
            None => Err(Problem::NotACall),
        },
    }
}

/// A name, then its arguments: `[ARGS]{…}`, a token and `{…}`, `<arg_key>`s, or none at all.
fn named(
    text: &str,
    start: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<(RawCall, usize), Problem> {
    let (name, mut pos) = name(text, start).ok_or(Problem::NotACall)?;
    let mut name = name;
    if let Some(after) = separator(text, pos) {
        pos = after;
        // DeepSeek writes the kind of the call before the separator and its name after it.
        if let Some((second, after)) = self::name(text, pos) {
            name = second;
            pos = after;
        }
    }
    let body = pos + blank(&text[pos..]);
    let rest = &text[body..];
    if rest.starts_with(['{', '`']) {
        return arguments(text, body, name, repairs);
    }
    if Tag::at(rest).is_some_and(|tag| tag.name == "arg_key") {
        return tags::pairs(text, pos, name);
    }
    let alone =
        rest.is_empty() || matches!(marker(rest), Some((Marker::Close | Marker::Control, _)));
    if alone && (offered.resolve(name).is_some() || name.contains('_')) {
        return Ok((RawCall::new(name, Value::Null), pos));
    }
    Err(Problem::NotACall)
}

/// The object of arguments at that byte, which may stand in a fence of its own.
pub(super) fn arguments(
    text: &str,
    pos: usize,
    name: &str,
    repairs: &mut Vec<Repair>,
) -> Result<(RawCall, usize), Problem> {
    let body = pos + blank(&text[pos..]);
    if let Some(inside) = text[body..].strip_prefix("```") {
        let inside = inside
            .find('\n')
            .map_or("", |end| inside[end..].trim_start());
        if inside.starts_with('{') {
            let (call, end) = arguments(text, text.len() - inside.len(), name, repairs)?;
            return Ok((call, after_fence(text, end)));
        }
    }
    if !text[body..].starts_with('{') {
        return Err(Problem::NoObject {
            name: name.to_owned(),
        });
    }
    let (value, end) =
        value(text, pos, Dialect::Json, repairs).map_err(|flaw| Problem::Damaged {
            name: Some(name.to_owned()),
            flaw,
        })?;
    Ok((RawCall::new(name, value), end))
}

/// What stands between a name and its arguments in token notations; an id may come first.
fn separator(text: &str, pos: usize) -> Option<usize> {
    let rest = &text[pos..];
    let rest = match rest.strip_prefix("[CALL_ID]") {
        Some(id) => &id[id.find('[')?..],
        None => rest,
    };
    if let Some(after) = rest.strip_prefix("[ARGS]") {
        return Some(text.len() - after.len());
    }
    let (word, len) = special_word(rest)?;
    matches!(word.as_str(), "tool_sep" | "tool_call_argument_begin")
        .then(|| text.len() - rest.len() + len)
}

/// A name and the byte after it.
fn name(text: &str, start: usize) -> Option<(&str, usize)> {
    let start = start + blank(&text[start..]);
    let rest = &text[start..];
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')))
        .unwrap_or(rest.len());
    (end > 0).then(|| (&rest[..end], start + end))
}

/// `call:NAME{key:<|"|>text<|"|>,other:1}`.
fn gemma(
    text: &str,
    start: usize,
    repairs: &mut Vec<Repair>,
) -> Result<(Vec<RawCall>, usize), Problem> {
    let (name, pos) = name(text, start + "call:".len()).ok_or(Problem::NotACall)?;
    if !text[pos..].starts_with('{') {
        return Err(Problem::NoObject {
            name: name.to_owned(),
        });
    }
    let (value, end) =
        value(text, pos, Dialect::Gemma, repairs).map_err(|flaw| Problem::Damaged {
            name: Some(name.to_owned()),
            flaw,
        })?;
    Ok((vec![RawCall::new(name, value)], end))
}

/// A fence within the frame.
fn fenced(
    text: &str,
    pos: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<(Vec<RawCall>, usize), Problem> {
    let inside = text[pos..].strip_prefix("```").ok_or(Problem::NotACall)?;
    let line = inside.find('\n').ok_or(Problem::NotACall)?;
    let (calls, end) = json(text, text.len() - inside.len() + line, offered, repairs)?;
    if calls.is_empty() {
        return Err(Problem::NotACall);
    }
    Ok((calls, after_fence(text, end)))
}

/// The byte after a closing fence, if one follows.
fn after_fence(text: &str, end: usize) -> usize {
    let close = end + blank(&text[end..]);
    if text[close..].starts_with("```") {
        close + 3
    } else {
        end
    }
}
