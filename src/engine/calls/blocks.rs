//! The blocks of the text protocol: a tool's name as a tag, its arguments as tags within, values
//! raw. Stricter about the end of a value than the families' elements are: whole files stand in
//! these, and a file that was cut short must never be written. Its form is in `protocol`.

use serde_json::{Map, Value};

use super::names::{Offered, OfferedTool};
use super::problem::Problem;
use super::shape::RawCall;
use super::tags::{Element, blank, ends_line, insert, on_line, unclosed, unclosed_parameter};
use super::tokens::Tag;
use crate::engine::protocol::is_whole_lines;

/// The block that starts at that byte. None: it is none, but some other element or prose.
pub(super) fn block(
    text: &str,
    start: usize,
    offered: &Offered<'_>,
    repairs: &mut Vec<String>,
) -> Option<Result<Element, Problem>> {
    let tag = Tag::at(&text[start..]).filter(|tag| is_bare(tag) && !tag.closes)?;
    let tool = offered.resolve(tag.name)?;
    let alone = ends_line(&text[start + tag.len..]);
    let mut pos = start + tag.len;
    let mut map = Map::new();
    loop {
        pos += blank(&text[pos..]);
        let inner = Tag::at(&text[pos..]);
        match inner {
            Some(close) if close.closes && close.name == tag.name => {
                let call = RawCall::new(tag.name, Value::Object(map));
                return Some(Ok((call, pos + close.len)));
            }
            Some(argument) if begins_argument(&argument, tool, offered, alone) => {
                let read =
                    value(text, pos, &argument, tag.name, offered).and_then(|(value, end)| {
                        insert(&mut map, argument.name, &value, tag.name).map(|()| end)
                    });
                match read {
                    Ok(end) => pos = end,
                    Err(problem) => return Some(Err(problem)),
                }
            }
            // Without a single argument this was prose that mentions the tool.
            _ if map.is_empty() => return None,
            Some(again) if again.closes && map.contains_key(again.name) => {
                return Some(Err(Problem::Ambiguous));
            }
            None if text[pos..].is_empty() => {
                repairs.push(format!("closed the block of {}", tag.name));
                return Some(Ok((RawCall::new(tag.name, Value::Object(map)), pos)));
            }
            _ => return Some(Err(unclosed(tag.name))),
        }
    }
}

fn is_bare(tag: &Tag<'_>) -> bool {
    tag.rest.is_empty() && !tag.empty
}

/// An argument that the tool does not have still is one, so that the model can be told of it; but
/// not where the tool's tag may only be mentioned.
fn begins_argument(
    tag: &Tag<'_>,
    tool: &OfferedTool<'_>,
    offered: &Offered<'_>,
    alone: bool,
) -> bool {
    let known = tool.property(tag.name).is_some();
    is_bare(tag) && !tag.closes && (known || (alone && !offered.has(tag.name)))
}

/// The value of the argument whose opening tag is at that byte, and the byte after its closing one.
fn value(
    text: &str,
    at: usize,
    tag: &Tag<'_>,
    call: &str,
    offered: &Offered<'_>,
) -> Result<(String, usize), Problem> {
    let body = at + tag.len;
    if ends_line(&text[body..]) {
        let layout = text.len() - body - on_line(&text[body..]).len();
        let from = (body + layout + 1).min(text.len());
        on_lines(text, at, from, tag.name, offered)
    } else {
        within(text, body, tag.name, offered)
    }
    .unwrap_or_else(|| Err(unclosed_parameter(call, tag.name)))
}

/// A value, or what is wrong with it; none if it is not closed.
type Read = Option<Result<(String, usize), Problem>>;

/// Up to a line with nothing but the closing tag, indented like the opening one.
fn on_lines(text: &str, at: usize, from: usize, key: &str, offered: &Offered<'_>) -> Read {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = Some(&text[line_start..at]).filter(|indent| indent.trim().is_empty());
    let indent = indent.unwrap_or_default();
    let (open, close) = (format!("{indent}<{key}>"), format!("{indent}</{key}>"));
    let mut pos = from;
    for line in text[from..].split_inclusive('\n') {
        let bare = line.trim_end();
        let after = bare.strip_prefix(&close);
        if after.is_some_and(|after| after.is_empty() || is_block_tag(after, offered)) {
            return Some(Ok((lines_of(&text[from..pos], key), pos + close.len())));
        }
        if bare == open {
            return Some(Err(Problem::Ambiguous));
        }
        if is_block_tag(line, offered) {
            return at_the_end_of_a_line(&text[from..pos], key)
                .map(|(value, end)| Ok((value, from + end)))
                .or(Some(Err(Problem::Ambiguous)));
        }
        pos += line.len();
    }
    None
}

/// A closing tag right behind the last line of the value, if there is no other one.
fn at_the_end_of_a_line(body: &str, key: &str) -> Option<(String, usize)> {
    let close = format!("</{key}>");
    let body = body.trim_end();
    let value = body.strip_suffix(&close)?;
    let whole = is_whole_lines(key) && !value.is_empty() && !value.ends_with('\n');
    let value_with_end = format!("{value}{}", if whole { "\n" } else { "" });
    (!value.contains(&close)).then_some((value_with_end, body.len()))
}

/// Up to the next closing tag, after which nothing but another tag may stand on its line.
fn within(text: &str, body: usize, key: &str, offered: &Offered<'_>) -> Read {
    let (open, close) = (format!("<{key}>"), format!("</{key}>"));
    let value = &text[body..body + text[body..].find(&close)?];
    let end = body + value.len() + close.len();
    let after = &text[end..];
    let clear = (ends_line(after) || on_line(after).starts_with('<'))
        && !value.contains(&open)
        && !value
            .lines()
            .skip(1)
            .any(|line| is_block_tag(line, offered));
    Some(if clear {
        let value = if is_whole_lines(key) {
            value
        } else {
            without_newline(value)
        };
        Ok((value.to_owned(), end))
    } else {
        Err(Problem::Ambiguous)
    })
}

fn lines_of(value: &str, key: &str) -> String {
    let value = if is_whole_lines(key) {
        value
    } else {
        without_newline(value)
    };
    value.to_owned()
}

fn without_newline(value: &str) -> &str {
    value
        .strip_suffix("\r\n")
        .or_else(|| value.strip_suffix('\n'))
        .unwrap_or(value)
}

/// Whether a line is nothing but the opening or the closing tag of a block.
fn is_block_tag(line: &str, offered: &Offered<'_>) -> bool {
    let line = line.trim();
    Tag::at(line).is_some_and(|tag| tag.len == line.len() && is_bare(&tag) && offered.has(tag.name))
}
