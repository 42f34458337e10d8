//! Names of test tools, and of what asserts, that a program puts together of pieces or spells
//! backwards: written plainly they would be seen.

use std::ops::Range;

use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::{Code, Kind};

/// Where each such name begins.
pub(super) fn put_together(code: &Code<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    let mut whole = String::new();
    let (mut pieces, mut begins, mut last) = (0, 0, None::<usize>);
    for (range, value) in texts(code) {
        let between = last.map(|end| &code.text[end..range.start]);
        if !between.is_some_and(|between| joins(code, between, range.start)) {
            whole.clear();
            (pieces, begins) = (0, range.start);
        }
        whole.push_str(value);
        pieces += usize::from(!value.is_empty());
        last = Some(range.end);
        let is_backwards = code.text[range.end..].starts_with("[::-1]");
        let backwards: String = value.chars().rev().collect();
        if (pieces > 1 && is_of_tests(&whole)) || (is_backwards && is_of_tests(&backwards)) {
            found.push(begins);
        }
    }
    found
}

/// Whether what stands between two texts makes one of them; the second begins at that place.
fn joins(code: &Code<'_>, between: &str, at: usize) -> bool {
    let between: String = between.split_whitespace().collect();
    match between.as_str() {
        "+" | ".join([" | ".join((" => true,
        "" => code.language == Language::Python,
        "," => is_in_joined_list(code, at),
        _ => false,
    }
}

/// Whether the list around a place is joined to one text.
fn is_in_joined_list(code: &Code<'_>, at: usize) -> bool {
    if code.language == Language::Python {
        let open = code.text[..at].rfind(['[', '(']);
        return open.is_some_and(|open| code.text[..open].trim_end().ends_with(".join("));
    }
    let rest = &code.text[at..];
    rest.find(']')
        .is_some_and(|end| rest[end..].starts_with("].join("))
}

/// The texts of a program, with their places.
pub(super) fn texts<'a>(code: &Code<'a>) -> Vec<(Range<usize>, &'a str)> {
    let is = |at: usize, kind: Kind| code.kinds.get(at) == Some(&kind);
    let mut found = Vec::new();
    let mut at = 0;
    while at < code.text.len() {
        if !is(at, Kind::Quote) {
            at += 1;
            continue;
        }
        let opens = at;
        let three = ["\"\"\"", "'''"];
        let is_long = three
            .iter()
            .any(|quotes| code.text[at..].starts_with(quotes));
        let quotes = if is_long && is(at + 2, Kind::Quote) {
            3
        } else {
            1
        };
        at += quotes;
        let begins = at;
        while is(at, Kind::Text) {
            at += 1;
        }
        let ends = at;
        at = (at + quotes).min(code.text.len());
        if let Some(value) = code.text.get(begins.min(ends)..ends) {
            found.push((opens..at, value));
        }
    }
    found.retain(|(range, _)| code.text.is_char_boundary(range.end));
    found
}

/// What only a test, or what runs tests, has to name.
fn is_of_tests(name: &str) -> bool {
    let is_assertion = name
        .strip_prefix("assert")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()));
    let name = name.strip_prefix("node:").unwrap_or(name);
    is_assertion
        || matches!(
            name,
            "unittest"
                | "unittest.case"
                | "unittest.mock"
                | "pytest"
                | "_pytest"
                | "TestCase"
                | "AssertionError"
                | "assert"
                | "assert/strict"
                | "test"
                | "strictEqual"
                | "deepStrictEqual"
                | "exitCode"
                | "_exit"
                | "__subclasses__"
                | "__code__"
        )
}
