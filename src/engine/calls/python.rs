//! Calls written in Python: `[read_file(path='a'), list_dir()]`. Only keyword arguments with
//! literal values; a positional argument has no name, and a name is never guessed.

use serde_json::{Map, Value};

use super::problem::Problem;
use super::shape::RawCall;
use super::tags::blank;
use super::values::{Dialect, Reader, Repair, is_word};

/// Calls and the byte after them.
pub(super) type Calls = (Vec<RawCall>, usize);

/// Whether a call starts here: a name, dots allowed, and a parenthesis.
pub(super) fn starts_call(text: &str) -> bool {
    name_at(text).is_some_and(|name| text[name.len()..].starts_with('('))
}

/// Whether a list of calls starts here.
pub(super) fn starts_list(text: &str) -> bool {
    text.strip_prefix('[')
        .is_some_and(|rest| starts_call(rest.trim_start()))
}

/// A bracketed list of calls.
pub(super) fn list(text: &str, start: usize, repairs: &mut Vec<Repair>) -> Result<Calls, Problem> {
    let mut calls = Vec::new();
    let mut pos = start + 1;
    loop {
        pos += blank(&text[pos..]);
        if let Some(rest) = text[pos..].strip_prefix(']') {
            return Ok((calls, text.len() - rest.len()));
        }
        let (call, end) = call(text, pos, repairs)?;
        calls.push(call);
        pos = end + blank(&text[end..]);
        if text[pos..].starts_with(',') {
            pos += 1;
        } else if text[pos..].is_empty() || text[pos..].starts_with('<') {
            repairs.push(Repair::MissingBrackets);
            return Ok((calls, pos));
        } else if !text[pos..].starts_with(']') {
            return Err(Problem::Python);
        }
    }
}

/// One call after another, separated by white space or semicolons.
pub(super) fn sequence(
    text: &str,
    start: usize,
    repairs: &mut Vec<Repair>,
) -> Result<Calls, Problem> {
    let mut calls = Vec::new();
    let mut end = start;
    loop {
        let rest = text[end..].trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        let pos = text.len() - rest.len();
        if !starts_call(rest) {
            return Ok((calls, end));
        }
        let (call, after) = call(text, pos, repairs)?;
        calls.push(call);
        end = after;
    }
}

/// One call. Gemma prints the result of its calls, so one `print(…)` around it is taken off.
fn call(text: &str, start: usize, repairs: &mut Vec<Repair>) -> Result<(RawCall, usize), Problem> {
    let Some(inner) = text[start..].strip_prefix("print(") else {
        return plain_call(text, start, repairs);
    };
    let (call, end) = plain_call(text, text.len() - inner.trim_start().len(), repairs)?;
    let rest = text[end..]
        .trim_start()
        .strip_prefix(')')
        .ok_or(Problem::Python)?;
    Ok((call, text.len() - rest.len()))
}

fn plain_call(
    text: &str,
    start: usize,
    repairs: &mut Vec<Repair>,
) -> Result<(RawCall, usize), Problem> {
    let name = name_at(&text[start..]).ok_or(Problem::Python)?;
    let mut pos = start + name.len();
    if !text[pos..].starts_with('(') {
        return Err(Problem::Python);
    }
    pos += 1;
    // Llama calls a method of the tool.
    let name = name.strip_suffix(".call").unwrap_or(name);
    let mut arguments = Map::new();
    loop {
        pos += blank(&text[pos..]);
        if let Some(rest) = text[pos..].strip_prefix(')') {
            let call = RawCall::new(name, Value::Object(arguments));
            return Ok((call, text.len() - rest.len()));
        }
        let (key, value, end) = keyword(text, pos, name, repairs)?;
        if arguments.insert(key.to_owned(), value).is_some() {
            return Err(Problem::Twice {
                name: name.to_owned(),
                parameter: key.to_owned(),
            });
        }
        pos = end + blank(&text[end..]);
        if text[pos..].starts_with(',') {
            pos += 1;
        } else if !text[pos..].starts_with(')') {
            return Err(Problem::Unclosed {
                name: name.to_owned(),
                parameter: Some(key.to_owned()),
            });
        }
    }
}

fn keyword<'a>(
    text: &'a str,
    pos: usize,
    call: &str,
    repairs: &mut Vec<Repair>,
) -> Result<(&'a str, Value, usize), Problem> {
    let positional = || Problem::Positional {
        name: call.to_owned(),
    };
    let rest = &text[pos..];
    let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let key = &rest[..end];
    let equals = pos + end + blank(&rest[end..]);
    if key.is_empty() || !text[equals..].starts_with('=') || text[equals..].starts_with("==") {
        return Err(positional());
    }
    let mut reader = Reader::new(text, equals + 1, Dialect::Python);
    match reader.value() {
        Ok(value) => {
            repairs.extend(&reader.repairs);
            Ok((key, value, reader.pos()))
        }
        Err(mut flaw) => {
            flaw.key = flaw.key.or_else(|| Some(key.to_owned()));
            Err(Problem::Damaged {
                name: Some(call.to_owned()),
                flaw,
            })
        }
    }
}

fn name_at(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
        .unwrap_or(text.len());
    let name = &text[..end];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        .then_some(name)
}
