//! A test or a helper that only got more lines: all that it did stands there as it was and in its
//! order, and what is new asserts, or gives a value to a name that nothing had used.

use crate::engine::guard::language::Language;
use crate::engine::guard::source::case::{Case, Part};
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::imports::words;

/// How a line begins that asserts.
const ASSERTING: &[&str] = &[
    "self.assert",
    "assert ",
    "assert.",
    "assert(",
    "assert!(",
    "assert_eq!(",
    "assert_ne!(",
    "expect(",
];

/// Words by which a line may change what others come to.
const MEDDLING: &[&str] = &[
    "patch",
    "mock",
    "Mock",
    "MagicMock",
    "monkeypatch",
    "setattr",
    "delattr",
    "exec",
    "eval",
    "skip",
    "skipTest",
    "exit",
    "_exit",
    "abort",
    "globals",
    "locals",
    "vars",
    "__dict__",
    "modules",
    "spyOn",
    "defineProperty",
    "lambda",
];

/// Whether a function is what it was, with more lines in it.
pub(super) fn only_grew(before: (&Code<'_>, &Case), now: (&Code<'_>, &Case)) -> bool {
    let (old, new) = (lines(before), lines(now));
    // The head, and a first line to tell how far in they stand.
    let Some(level) = old.get(1).map(|line| line.indent) else {
        return false;
    };
    let known = match before.1.part {
        Part::Test => words(&before.0.text[before.1.body.clone()]),
        Part::Helper => words(before.0.text),
    };
    let mut left = old.iter().peekable();
    let mut is_open = false;
    for line in &new {
        if left.next_if_eq(&line).is_none() {
            let is_plain = line.indent == level && !line.goes_on && !is_open && line.is_closed();
            if !is_plain || !is_harmless(&line.text, &known, (now.0.language, now.1.part)) {
                return false;
            }
        }
        is_open = line.text.ends_with([',', '(', '[', '\\', '.', '=']);
    }
    left.next().is_none()
}

#[derive(Debug, PartialEq, Eq)]
struct Line {
    indent: usize,
    text: String,
    /// It begins inside of a text.
    goes_on: bool,
}

impl Line {
    fn is_closed(&self) -> bool {
        let count = |brackets: &[char]| self.text.matches(brackets).count();
        count(&['(', '[', '{']) == count(&[')', ']', '}']) && !self.text.ends_with([',', '\\'])
    }
}

fn lines((code, case): (&Code<'_>, &Case)) -> Vec<Line> {
    let start = code.text[..case.body.start]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let mut found = Vec::new();
    let mut at = start;
    for raw in code.text[start..case.body.end].split_inclusive('\n') {
        let range = at..at + raw.len();
        at = range.end;
        let bare = code.without_comments(range.clone());
        if !bare.trim().is_empty() {
            found.push(Line {
                indent: raw.len() - raw.trim_start().len(),
                text: bare.trim().to_owned(),
                goes_on: code.indentation(&range).is_none(),
            });
        }
    }
    found
}

fn is_harmless(line: &str, known: &[&str], (language, part): (Language, Part)) -> bool {
    if words(line).iter().any(|word| MEDDLING.contains(word)) {
        return false;
    }
    // More than one statement.
    let inner = line.trim_end_matches(';');
    if inner.contains(';') || inner.contains(":=") {
        return false;
    }
    if ASSERTING.iter().any(|start| line.starts_with(start)) {
        return !assigns(line);
    }
    let start = match language {
        Language::JavaScript => "const ",
        Language::Rust => "let ",
        Language::Python => "",
        _ => return false,
    };
    if let Some((name, value)) = inner
        .strip_prefix(start)
        .and_then(|rest| rest.split_once('='))
    {
        let name = name.trim();
        let name = name.strip_prefix("self.").unwrap_or(name);
        let is_value = !value.starts_with('=') && !assigns(value);
        if words(name) == [name] && is_value {
            return !known.contains(&name);
        }
    }
    let callee = inner.split('(').next().unwrap_or_default();
    let is_call = inner.ends_with(')')
        && callee
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    part == Part::Helper && is_call && !words(callee).is_empty() && !is_statement(callee)
}

/// Whether something outside of brackets is given a value.
fn assigns(line: &str) -> bool {
    let mut depth = 0_i32;
    let mut last = ' ';
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '=' if depth == 0
                && !matches!(last, '=' | '!' | '<' | '>')
                && !matches!(chars.peek(), Some('=' | '>')) =>
            {
                return true;
            }
            _ => {}
        }
        last = c;
    }
    false
}

fn is_statement(word: &str) -> bool {
    matches!(
        word,
        "return" | "raise" | "yield" | "del" | "if" | "while" | "for" | "throw" | "await"
    )
}
