//! Where the functions of a source are made to fail, or to return nothing, in languages where their
//! beginning is certain.

use std::ops::Range;

use super::blocks::test_modules;
use super::case::Part;
use super::cases::cases;
use super::code::Code;
use crate::engine::guard::language::Language;

/// What fails says so.
pub(in crate::engine::guard) const SAID: &str = "taken out, to see whether a test calls it";

/// Where a function is made to fail.
#[derive(Debug)]
pub(in crate::engine::guard) struct Function {
    pub(in crate::engine::guard) whole: Range<usize>,
    pub(in crate::engine::guard) at: usize,
    pub(in crate::engine::guard) failure: String,
    /// What makes it return nothing; none where it must return something.
    pub(in crate::engine::guard) nothing: Option<String>,
}

/// The functions in the order of where they are made to fail; they may stand in one another.
pub(in crate::engine::guard) fn functions((code, plain): (&Code<'_>, bool)) -> Vec<Function> {
    let mut found = match code.language {
        Language::Python => indented(code),
        Language::JavaScript => script(code),
        _ => rust(code),
    };
    if code.language == Language::JavaScript && plain {
        found.extend(expressions(code));
    }
    found.sort_by_key(|function| function.at);
    found
}

fn indented(code: &Code<'_>) -> Vec<Function> {
    let failure = format!("raise RuntimeError(\"{SAID}\")");
    let nothing = "return None";
    let made = |body: Range<usize>, whole: Range<usize>| {
        let colon = first_outside(code, body.clone(), b':')?;
        let line = code.text[colon..]
            .find('\n')
            .map_or(body.end, |end| colon + end);
        if !code.bare(colon + 1..line).trim().is_empty() {
            return Some(Function {
                whole,
                at: colon + 1,
                failure: format!(" {failure};"),
                nothing: Some(format!(" {nothing};")),
            });
        }
        let inside = line..body.end;
        let mut inner = code.lines_in(&inside);
        let first = inner.find_map(|line| Some((line.start, code.indentation(&line)?)));
        let (at, indent) = first.filter(|(at, _)| *at < body.end)?;
        let blank = &code.text[at..at + indent];
        Some(Function {
            whole,
            at,
            failure: format!("{blank}{failure}\n"),
            nothing: Some(format!("{blank}{nothing}\n")),
        })
    };
    let cases = cases(code).into_iter();
    cases
        .filter_map(|case| made(case.body, case.whole))
        .collect()
}

fn rust(code: &Code<'_>) -> Vec<Function> {
    let modules = test_modules(code);
    let is_test = |at: usize| modules.iter().any(|module| module.contains(&at));
    let helpers = cases(code).into_iter();
    let helpers = helpers.filter(|case| case.part == Part::Helper && !is_test(case.body.start));
    helpers
        .filter_map(|case| {
            let open = first_outside(code, case.body.clone(), b'{')?;
            let inside = &code.text[open + 1..case.body.end];
            (!inside.trim_start().starts_with("#!")).then(|| Function {
                whole: case.body,
                at: open + 1,
                failure: format!(" if true {{ panic!(\"{SAID}\"); }}"),
                nothing: None,
            })
        })
        .collect()
}

/// The first such sign outside of brackets.
fn first_outside(code: &Code<'_>, range: Range<usize>, sign: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for at in range {
        let byte = code.text.as_bytes()[at];
        match byte {
            _ if !code.is_code(at) => {}
            _ if byte == sign && depth == 0 => return Some(at),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Every brace behind `=>`, or behind the brackets of what is no word of control.
fn script(code: &Code<'_>) -> Vec<Function> {
    let bare = code.bare(0..code.text.len());
    let mut found = Vec::new();
    for (open, _) in bare.match_indices('{').filter(|(at, _)| code.is_code(*at)) {
        let head = bare[..open].trim_end();
        let is_arrow = head.ends_with("=>");
        let head = without_type(head.strip_suffix("=>").unwrap_or(head).trim_end());
        let start = if head.ends_with(')') {
            let Some(bracket) = opening(code, head) else {
                continue;
            };
            let before = bare[..bracket].trim_end();
            let word = last_word(before);
            let is_named = !word.is_empty() || before.ends_with([']', '"', '\'', '*']);
            if !is_arrow && (CONTROL.contains(&word) || !is_named) {
                continue;
            }
            bracket
        } else if is_arrow {
            head.len()
        } else {
            continue;
        };
        let start = bare[..start].rfind('\n').map_or(0, |end| end + 1);
        let end = (code.closing(open) + 1).min(code.text.len());
        found.push(Function {
            whole: start..end,
            at: open + 1,
            failure: format!(" throw new Error(\"{SAID}\");"),
            nothing: Some(" return;".to_owned()),
        });
    }
    found
}

/// Arrows in front of an expression, which ends with its line at the latest.
fn expressions(code: &Code<'_>) -> Vec<Function> {
    let bare = code.bare(0..code.text.len());
    let mut found = Vec::new();
    for (arrow, sign) in bare.match_indices("=>") {
        let at = arrow + sign.len();
        let end = bare[at..].find('\n').map_or(bare.len(), |end| at + end);
        let rest = bare[at..end].trim_start();
        // What goes on with another arrow is made to fail there.
        if rest.is_empty() || rest.starts_with('{') || rest.contains("=>") {
            continue;
        }
        let start = bare[..arrow].rfind('\n').map_or(0, |end| end + 1);
        found.push(Function {
            whole: start..end,
            at,
            failure: format!(" (() => {{ throw new Error(\"{SAID}\"); }})() ||"),
            nothing: Some(" true ? undefined :".to_owned()),
        });
    }
    found
}

const CONTROL: &[&str] = &["if", "for", "while", "switch", "catch", "with", "await"];

/// `(a): string` without the type, if that is a plain one.
fn without_type(head: &str) -> &str {
    let plain = |c: char| c.is_alphanumeric() || "_$<>[]|., ".contains(c);
    match head.rfind(')') {
        Some(close) => match head[close + 1..].trim_start().strip_prefix(':') {
            Some(kind) if kind.chars().all(plain) => &head[..=close],
            _ => head,
        },
        None => head,
    }
}

/// Where the bracket opens that is closed at the end.
fn opening(code: &Code<'_>, head: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in head.bytes().enumerate().rev() {
        match byte {
            _ if !code.is_code(at) => {}
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
        .next()
        .unwrap_or_default()
}
