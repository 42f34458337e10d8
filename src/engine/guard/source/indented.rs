//! Functions of Python: a block ends where the indentation does.

use std::ops::Range;

use super::case::{Case, Part};
use super::code::Code;

struct Class {
    indent: usize,
    name: String,
    head: String,
}

pub(super) fn cases(code: &Code<'_>) -> Vec<Case> {
    let lines: Vec<(Range<usize>, usize)> = statements(code);
    let mut found = Vec::new();
    let mut classes: Vec<Class> = Vec::new();
    let mut head: Option<Range<usize>> = None;
    let mut skip_to = 0;
    for (place, (line, indent)) in lines.iter().enumerate() {
        if line.start < skip_to {
            continue;
        }
        classes.retain(|class| class.indent < *indent);
        let text = code.text[line.clone()].trim();
        if text.starts_with('@') {
            let start = head.as_ref().map_or(line.start, |head| head.start);
            head = Some(start..line.end);
            continue;
        }
        let decorators = head.take();
        let own_head = decorators
            .clone()
            .map_or(String::new(), |range| code.normal(range));
        let function = text
            .strip_prefix("async ")
            .map_or(text, str::trim_start)
            .strip_prefix("def ");
        if let Some(rest) = text.strip_prefix("class ") {
            classes.push(Class {
                indent: *indent,
                name: word(rest),
                head: own_head,
            });
        } else if let Some(rest) = function {
            let end = block_end(&lines, place, code.text.len());
            let name = word(rest);
            let mut path: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
            path.push(&name);
            let heads: String = classes.iter().map(|class| class.head.as_str()).collect();
            found.push(Case {
                name: path.join("."),
                part: if name.starts_with("test") {
                    Part::Test
                } else {
                    Part::Helper
                },
                head: heads + &own_head,
                body: line.start..end,
                whole: decorators.map_or(line.start, |range| range.start)..end,
            });
            skip_to = end;
        }
    }
    found
}

/// The lines that begin a statement, and how far they are indented.
fn statements(code: &Code<'_>) -> Vec<(Range<usize>, usize)> {
    let mut depth = 0_usize;
    let mut found: Vec<(Range<usize>, usize)> = Vec::new();
    for line in code.lines() {
        let begins = depth == 0;
        match code.indentation(&line) {
            Some(indent) if begins => found.push((line.clone(), indent)),
            // What goes on belongs to the line that began it.
            _ if !begins => {
                if let Some((last, _)) = found.last_mut() {
                    last.end = line.end;
                }
            }
            _ => {}
        }
        for at in line {
            match code.text.as_bytes()[at] {
                b'(' | b'[' | b'{' if code.is_code(at) => depth += 1,
                b')' | b']' | b'}' if code.is_code(at) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    found
}

fn block_end(lines: &[(Range<usize>, usize)], place: usize, all: usize) -> usize {
    let indent = lines[place].1;
    let next = lines[place + 1..]
        .iter()
        .find(|(_, other)| *other <= indent);
    next.map_or(all, |(line, _)| line.start)
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}
