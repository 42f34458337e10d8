//! New tests that never run: skipped, expected to fail, ignored or left to do. One that depends on
//! where it runs, on a version or on a library that may be missing, is as good as any other.

use std::ops::Range;

use super::off::{Off, is_focus};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::case::Case;
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::tokens::{is_name, tokens};

/// What switches a test off in any case, if something does.
pub(super) fn idle<'a>(code: &Code<'_>, case: &Case, off: &'a [Off]) -> Option<&'a Off> {
    let lines = code.line_number(case.whole.start)..=code.line_number(case.whole.end);
    off.iter().find(|off| {
        let reaches = || {
            lines.contains(&off.line)
                || around(code, off).is_some_and(|range| range.contains(&case.body.start))
        };
        counts(off, code.language) && reaches() && !depends(code, off)
    })
}

/// Tests that are only named as left to do, and are no functions.
pub(super) fn left_to_do<'a>(cases: &[Case], code: &Code<'_>, off: &'a [Off]) -> Option<&'a Off> {
    let is_inside = |off: &Off| {
        cases.iter().any(|case| {
            let lines = code.line_number(case.whole.start)..=code.line_number(case.whole.end);
            lines.contains(&off.line)
        })
    };
    off.iter()
        .find(|off| matches!(off.word, "test.todo" | "it.todo") && !is_inside(off))
}

/// Whether a mark keeps tests from running by themselves; others leave them out in other ways.
fn counts(off: &Off, language: Language) -> bool {
    const OTHERS: &[&str] = &[
        "def load_tests(",
        "collect_ignore",
        "pytest.exit(",
        "importorskip(",
        "#[cfg(not(test))",
    ];
    matches!(
        language,
        Language::Python | Language::JavaScript | Language::Rust
    ) && !is_focus(off.word)
        && !OTHERS.contains(&off.word)
}

/// The lines of a file, by number from 1.
fn lines(code: &Code<'_>) -> Vec<Range<usize>> {
    code.lines().collect()
}

/// What a mark that stands in no test reaches.
fn around(code: &Code<'_>, off: &Off) -> Option<Range<usize>> {
    let all = lines(code);
    let line = all.get(off.line - 1)?.clone();
    let end = code.text.len();
    match code.language {
        Language::JavaScript => {
            let name = off.word;
            let bare = code.bare(line.clone());
            let is_suite = ["describe", "suite", "context"]
                .iter()
                .any(|suite| name.contains(suite));
            let at = bare.find(name).filter(|_| is_suite)? + line.start;
            let open = code.text[at..line.end].find('(')? + at;
            Some(open..code.closing(open).min(end))
        }
        Language::Python => {
            let text = code.text[line.clone()].trim();
            let mut head = off.line - 1;
            if text.starts_with('@') {
                let is_head = |line: &Range<usize>| {
                    let text = code.text[line.clone()].trim_start();
                    ["class ", "def ", "async def "]
                        .iter()
                        .any(|begins| text.starts_with(begins))
                };
                head += all[head..].iter().position(is_head)?;
            } else {
                let is_class = |at: &usize| {
                    code.text[all[*at].clone()]
                        .trim_start()
                        .starts_with("class ")
                };
                let outer = outer(code, &all, head);
                match outer.iter().copied().find(is_class) {
                    Some(class) => head = class,
                    None if outer.iter().any(|at| is_function(code, &all[*at])) => return None,
                    None => return Some(0..end),
                }
            }
            let indent = code.indentation(&all[head])?;
            let below = all[head + 1..].iter();
            let next = below
                .clone()
                .find(|line| code.indentation(line).is_some_and(|other| other <= indent));
            Some(all[head].start..next.map_or(end, |line| line.start))
        }
        _ => None,
    }
}

fn is_function(code: &Code<'_>, line: &Range<usize>) -> bool {
    let text = code.text[line.clone()].trim_start();
    text.starts_with("def ") || text.starts_with("async def ")
}

/// The lines in whose blocks a line stands, the innermost first.
fn outer(code: &Code<'_>, all: &[Range<usize>], at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(mut indent) = code.indentation(&all[at]) else {
        return found;
    };
    for above in (0..at).rev() {
        if indent == 0 {
            break;
        }
        if let Some(other) = code
            .indentation(&all[above])
            .filter(|other| *other < indent)
        {
            indent = other;
            found.push(above);
        }
    }
    found
}

/// Whether it is switched off only where something is missing or different.
fn depends(code: &Code<'_>, off: &Off) -> bool {
    let all = lines(code);
    let Some(line) = all.get(off.line - 1) else {
        return false;
    };
    let bare = code.bare(line.clone());
    let tight: String = bare.split_whitespace().collect();
    let lower = tight.to_lowercase();
    let is_conditional = ["skipif(", "skipunless(", "runif(", "xfail("]
        .iter()
        .any(|word| lower.contains(word));
    if is_conditional {
        let open = bare.find('(').map(|at| line.start + at);
        let end = open.map_or(line.end, |open| code.closing(open).min(code.text.len()));
        // A reason alone is no condition.
        let start = open.map_or(line.end, |open| (open + 1).min(end));
        return is_condition(code, start..end.max(start));
    }
    if code.language == Language::JavaScript && tight.contains('?') {
        return is_condition(code, line.clone());
    }
    let begins = |text: &str| {
        ["if ", "if(", "elif ", "} else if"]
            .iter()
            .any(|word| text.starts_with(word))
    };
    if begins(bare.trim_start()) {
        return is_condition(code, line.clone());
    }
    for at in outer(code, &all, off.line - 1) {
        let text = code.bare(all[at].clone());
        let text = text.trim_start();
        if begins(text) {
            return is_condition(code, all[at].clone());
        }
        if text.starts_with("except") {
            const MISSING: &[&str] = &["Import", "ModuleNotFound", "OSError", "FileNotFound"];
            return MISSING.iter().any(|word| text.contains(word));
        }
        if is_function(code, &all[at]) || text.starts_with("class ") {
            return false;
        }
    }
    false
}

/// Whether a condition asks for where a test runs, or at least calls nothing.
fn is_condition(code: &Code<'_>, range: Range<usize>) -> bool {
    const WHERE: &[&str] = &[
        "sys",
        "os",
        "process",
        "shutil",
        "which",
        "environ",
        "getenv",
        "env",
        "find_spec",
        "importlib",
        "hasattr",
        "geteuid",
        "getuid",
    ];
    const PARTS: &[&str] = &[
        "version", "platform", "windows", "linux", "darwin", "macos", "has_", "have_",
    ];
    let tokens = tokens(code, &range);
    let names = || {
        tokens
            .iter()
            .map(|token| token.text)
            .filter(|text| is_name(text))
    };
    names().any(|name| {
        let lower = name.to_lowercase();
        WHERE.contains(&name) || PARTS.iter().any(|part| lower.contains(part))
    }) || {
        // `np is None`: a library that was looked for.
        let mut pairs = tokens.windows(2);
        pairs.any(|pair| {
            matches!(
                (pair[0].text, pair[1].text),
                ("is" | "not" | "==" | "===", "None" | "null")
            )
        })
    }
}
