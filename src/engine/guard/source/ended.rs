//! Tests of Ruby and Elixir: a block ends at the `end` that is indented as its beginning is.

use std::ops::Range;

use super::case::{Case, Part};
use super::code::Code;

const CALLED: &[&str] = &[
    "it", "test", "specify", "should", "property", "scenario", "xit", "fit", "example",
];
const GROUPS: &[&str] = &[
    "describe",
    "context",
    "feature",
    "xdescribe",
    "xcontext",
    "fdescribe",
    "fcontext",
    "class",
    "module",
    "defmodule",
];

pub(super) fn cases(code: &Code<'_>) -> Vec<Case> {
    let lines: Vec<Range<usize>> = code.lines().collect();
    let mut found = Vec::new();
    let mut groups: Vec<(usize, String)> = Vec::new();
    let mut covered = 0;
    let mut tags = None;
    for (place, line) in lines.iter().enumerate() {
        let Some(indent) = code.indentation(line).filter(|_| line.start >= covered) else {
            continue;
        };
        groups.retain(|(outer, _)| *outer < indent);
        let text = code.text[line.clone()].trim();
        let first = text.split([' ', '(', '{']).next().unwrap_or_default();
        let first = first.trim_start_matches("RSpec.");
        let name = text[text.len().min(first.len())..]
            .trim()
            .trim_end_matches(" do")
            .to_owned();
        if text.starts_with("@tag") {
            tags.get_or_insert(line.start);
            continue;
        }
        let head_start = tags.take().unwrap_or(line.start);
        if GROUPS.contains(&first) {
            groups.push((indent, name));
        } else if CALLED.contains(&first) || text.starts_with("def test_") {
            let end = block_end(code, &lines, place, indent);
            let mut path: Vec<&str> = groups.iter().map(|(_, name)| name.as_str()).collect();
            path.push(&name);
            found.push(Case {
                name: path.join(" > "),
                part: Part::Test,
                head: format!("{}{first}", code.normal(head_start..line.start)),
                body: line.start..end,
                whole: head_start..end,
            });
            covered = end;
        }
    }
    found
}

fn block_end(code: &Code<'_>, lines: &[Range<usize>], place: usize, indent: usize) -> usize {
    let opens = code.bare(lines[place].clone());
    let opens = opens.trim();
    let is_def = opens.starts_with("def ");
    if !is_def && !opens.split_whitespace().any(|word| word == "do") {
        return lines[place].end;
    }
    lines[place + 1..]
        .iter()
        .find(|line| {
            code.indentation(line).is_some_and(|other| {
                other < indent
                    || (other == indent
                        && code.text[(*line).clone()].trim_start().starts_with("end"))
            })
        })
        .map_or(code.text.len(), |line| line.end)
}
