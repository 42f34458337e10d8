//! Tests that are calls with a name and a function: JavaScript, TypeScript, Dart, and PHP's Pest.

use std::ops::Range;

use super::case::{Case, Part};
use super::code::{Code, Kind};
use crate::engine::guard::language::Language;

const TESTS: &[&str] = &[
    "test",
    "it",
    "xit",
    "xtest",
    "fit",
    "specify",
    "xspecify",
    "testWidgets",
    "group_test",
];
const GROUPS: &[&str] = &[
    "describe",
    "xdescribe",
    "fdescribe",
    "context",
    "suite",
    "group",
];

struct Call {
    name: String,
    is_group: bool,
    range: Range<usize>,
}

pub(super) fn cases(code: &Code<'_>) -> Vec<Case> {
    let calls = calls(code);
    let mut found: Vec<Case> = Vec::new();
    for call in calls.iter().filter(|call| !call.is_group) {
        let around = calls
            .iter()
            .filter(|group| group.is_group && group.range.contains(&call.range.start));
        let path: Vec<&str> = around.map(|group| group.name.as_str()).collect();
        let name = [path.as_slice(), &[call.name.as_str()]]
            .concat()
            .join(" > ");
        // The word says whether the test runs; it belongs to the head.
        let open = code.text[call.range.clone()].find('(').unwrap_or(0) + call.range.start;
        found.push(Case {
            name,
            part: Part::Test,
            head: code.normal(call.range.start..open),
            body: call.range.clone(),
            whole: call.range.clone(),
        });
    }
    if code.language == Language::JavaScript {
        found.extend(helpers(code, &calls));
    }
    found
}

fn calls(code: &Code<'_>) -> Vec<Call> {
    let bytes = code.text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !code.is_code(at) || !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let end = (at..bytes.len())
            .find(|at| !is_word(bytes[*at]))
            .unwrap_or(bytes.len());
        let word = &code.text[at..end];
        let is_group = GROUPS.contains(&word);
        let before = code.text[..at].trim_end();
        let is_member = before.ends_with('.') && !before.ends_with("Deno.");
        let is_declared = before.ends_with("function");
        if (is_group || TESTS.contains(&word))
            && !is_member
            && !is_declared
            && let Some((name, close)) = arguments(code, end)
        {
            found.push(Call {
                name,
                is_group,
                range: at..close,
            });
        }
        at = end;
    }
    found
}

/// The first argument, if it is a text or the name of a function, and where the call ends.
fn arguments(code: &Code<'_>, from: usize) -> Option<(String, usize)> {
    let mut at = from;
    let mut open = None;
    // `.each([…])`, `.only`, `.skip.each` may stand between; the last bracket is the call's.
    loop {
        let rest = &code.text[at..];
        at += rest.len() - rest.trim_start().len();
        // The last call of a file may end it.
        let Some(next) = code.text.as_bytes().get(at) else {
            break;
        };
        match next {
            b'.' => {
                at += 1;
                let word = code.text[at..].find(|c: char| !c.is_alphanumeric() && c != '_')?;
                at += word;
            }
            b'(' => {
                open = Some(at);
                at = code.closing(at) + 1;
            }
            b'`' => {
                let end = (at + 1..code.text.len()).find(|at| code.kinds[*at] == Kind::Quote)?;
                at = end + 1;
            }
            _ => break,
        }
        if at >= code.text.len() {
            break;
        }
    }
    let open = open?;
    let close = (code.closing(open) + 1).min(code.text.len());
    let inside = &code.text[open + 1..close];
    let first = inside.trim_start();
    let at = open + 1 + (inside.len() - first.len());
    if code.kinds.get(at) == Some(&Kind::Quote) {
        let end = (at + 1..close).find(|at| code.kinds[*at] == Kind::Quote)?;
        return Some((code.text[at + 1..end].to_owned(), close));
    }
    // `it(function () {…})`, `it(name, …)`, `Deno.test({name: …})`: known by how it begins.
    let is_call = first.starts_with("function")
        || first.starts_with('{')
        || first.starts_with('(')
        || first.starts_with("async");
    is_call.then(|| ("without a name".to_owned(), close))
}

/// `function name(…) {…}` and `const name = (…) => {…}` outside of tests.
fn helpers(code: &Code<'_>, calls: &[Call]) -> Vec<Case> {
    let mut found = Vec::new();
    let mut covered = 0;
    for line in code.lines() {
        if line.start < covered || code.indentation(&line) != Some(0) {
            continue;
        }
        let text = code.text[line.clone()]
            .trim_start_matches("export ")
            .trim_start_matches("async ");
        let is_function = text.starts_with("function ")
            || (["const ", "let ", "var "]
                .iter()
                .any(|word| text.starts_with(word))
                && (text.contains("=>") || text.contains("function")));
        if !is_function || calls.iter().any(|call| call.range.contains(&line.start)) {
            continue;
        }
        let Some(open) = (line.start..code.text.len())
            .find(|at| code.is_code(*at) && code.text.as_bytes()[*at] == b'{')
        else {
            continue;
        };
        // An arrow function without braces ends with its line.
        let end = if code.text[line.start..open].contains('\n') {
            line.end
        } else {
            (code.closing(open) + 1).min(code.text.len())
        };
        let name = text.split_whitespace().nth(1).unwrap_or_default();
        let name: String = name
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        covered = end;
        found.push(Case {
            name,
            part: Part::Helper,
            head: String::new(),
            body: line.start..end,
            whole: line.start..end,
        });
    }
    found
}
