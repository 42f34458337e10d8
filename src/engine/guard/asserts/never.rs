//! Tests of Python whose assertions never count: what is expected to fail, what is never awaited or
//! gone through, and what is caught and forgotten. Where there is doubt, they do.

use std::ops::Range;

use crate::engine::guard::language::Language;
use crate::engine::guard::source::case::Case;
use crate::engine::guard::source::code::Code;

/// What a failed assertion is caught by.
const CATCHING: &[&str] = &["AssertionError", "Exception", "BaseException"];

/// Whether the outcome of that test is never what its assertions say.
pub(super) fn never_counts(code: &Code<'_>, case: &Case) -> bool {
    code.language == Language::Python
        && (case.head.contains("expectedFailure") || is_never_run(code, case))
}

/// A coroutine or a generator as a method of a plain `unittest.TestCase`: its call only makes it.
fn is_never_run(code: &Code<'_>, case: &Case) -> bool {
    let body = code.bare(case.body.clone());
    let mut lines = body.lines();
    let first = lines.next().unwrap_or_default().trim_start();
    let is_made = first.starts_with("async ")
        || (has_word(&body, "yield") && !lines.any(|line| has_word(line, "def")));
    // A decorator may run it.
    is_made && case.head.is_empty() && is_of_unittest(code, case)
}

fn is_of_unittest(code: &Code<'_>, case: &Case) -> bool {
    let Some(class) = case.name.rsplit('.').nth(1) else {
        return false;
    };
    let bare = code.bare(0..code.text.len());
    let head = format!("class {class}(");
    let bases = bare.split_once(&head).map_or("", |(_, rest)| rest);
    let bases = bases.split(')').next().unwrap_or_default();
    let is_imported = bare
        .lines()
        .any(|line| line.starts_with("from unittest import") && has_word(line, "TestCase"));
    bases.split(',').any(|base| {
        let name = base.trim();
        name == "unittest.TestCase" || (name == "TestCase" && is_imported)
    })
}

/// The lines in which what fails is caught and forgotten, counted from 1 at the test's first.
pub(super) fn swallowed(code: &Code<'_>, case: &Case) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if code.language != Language::Python {
        return found;
    }
    let first = code.line_number(case.body.start);
    let lines = code.lines_in(&case.body).filter_map(|line| {
        let indent = code.indentation(&line)?;
        let number = code.line_number(line.start) + 1 - first;
        Some((number, indent, code.bare(line).trim().to_owned()))
    });
    let lines: Vec<(usize, usize, String)> = lines.collect();
    for (place, (number, indent, text)) in lines.iter().enumerate() {
        let rest = &lines[place + 1..];
        let next = rest.iter().position(|(_, other, _)| other <= indent);
        let end = next.map_or(usize::MAX, |next| rest[next].0);
        if text.starts_with("with ") && text.contains("suppress(") && catches(text) {
            found.push(*number..end);
        }
        if text == "try:" {
            let handlers = rest
                .iter()
                .enumerate()
                .skip(next.unwrap_or(rest.len()))
                .take_while(|(_, (_, other, text))| other > indent || is_handler(text));
            let forgets = |(at, (_, other, text)): (usize, &(usize, usize, String))| {
                let below = rest.get(at + 1).map_or("", |(_, _, text)| text.as_str());
                let inline = text.split_once(':').map_or("", |(_, inline)| inline.trim());
                let what = if inline.is_empty() { below } else { inline };
                let catches = text == "except:" || text.starts_with("except:") || catches(text);
                other == indent
                    && text.starts_with("except")
                    && catches
                    && matches!(what, "pass" | "return" | "...")
            };
            let mut handlers = handlers;
            if handlers.any(forgets) {
                found.push(*number..end);
            }
        }
    }
    found
}

fn is_handler(text: &str) -> bool {
    ["except", "else", "finally"]
        .iter()
        .any(|word| text.starts_with(word))
}

fn catches(text: &str) -> bool {
    CATCHING.iter().any(|name| has_word(text, name))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|other| other == word)
}
