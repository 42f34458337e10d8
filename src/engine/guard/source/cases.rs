//! The tests in a source file, one by one: name, what stands in front of it, its body. Found by how
//! a language writes a test; what is not found is part of the rest, which is compared by lines.

use std::collections::HashMap;

use super::blocks;
use super::called;
use super::case::{Case, Part};
use super::code::Code;
use super::ended;
use super::indented;
use crate::engine::guard::language::Language;

/// The functions of a file, in their order; tests may stand in one another.
pub(in crate::engine::guard) fn cases(code: &Code<'_>) -> Vec<Case> {
    let mut found = match code.language {
        Language::Python => indented::cases(code),
        Language::JavaScript => called::cases(code),
        Language::Ruby | Language::Elixir => ended::cases(code),
        Language::Php => {
            let mut found = blocks::cases(code);
            found.extend(called::cases(code));
            found
        }
        Language::Rust
        | Language::Go
        | Language::Java
        | Language::CSharp
        | Language::C
        | Language::Shell => blocks::cases(code),
    };
    found.sort_by_key(|case| case.whole.start);
    let mut names: HashMap<(String, Part), usize> = HashMap::new();
    for case in &mut found {
        let seen = names.entry((case.name.clone(), case.part)).or_default();
        *seen += 1;
        if *seen > 1 {
            case.name = format!("{} ({seen})", case.name);
        }
    }
    found
}

/// Whether a name was given before in the same file: the later one is the one that counts.
pub(in crate::engine::guard) fn is_again(name: &str) -> bool {
    name.ends_with(')') && name.contains(" (")
}

/// A line of a file that is in none of its functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) struct RestLine {
    /// However it is laid out.
    pub(in crate::engine::guard) normal: String,
    pub(in crate::engine::guard) number: usize,
}

/// The lines outside of the functions that say something. In a source of Rust only those of its
/// tests' module.
pub(in crate::engine::guard) fn rest(
    code: &Code<'_>,
    cases: &[Case],
    whole_file: bool,
) -> Vec<RestLine> {
    let modules = blocks::test_modules(code);
    let is_inside = |at: usize| whole_file || modules.iter().any(|module| module.contains(&at));
    // Where each function begins, and how far it and those before it reach.
    let mut reach = 0;
    let covered: Vec<(usize, usize)> = cases
        .iter()
        .map(|case| {
            reach = reach.max(case.whole.end);
            (case.whole.start, reach)
        })
        .collect();
    let is_covered = |at: usize| {
        let before = covered.partition_point(|(start, _)| *start <= at);
        before > 0 && at < covered[before - 1].1
    };
    let mut lines: Vec<RestLine> = Vec::new();
    // Where the statement that the line before began is still open.
    let mut open: Option<usize> = None;
    for (number, line) in code.lines().enumerate() {
        let indent = code.text[line.clone()].len() - code.text[line.clone()].trim_start().len();
        let first = (line.start + indent).min(line.end.saturating_sub(1));
        if !is_inside(first) || is_covered(first) {
            open = None;
            continue;
        }
        let start = open.unwrap_or(line.start);
        let normal = code.normal(start..line.end);
        let goes_on = open.is_some();
        open = is_open(code, start..line.end, &normal).then_some(start);
        if normal.chars().any(char::is_alphanumeric) {
            if goes_on && let Some(last) = lines.last_mut() {
                last.normal = normal;
                continue;
            }
            let number = number + 1;
            lines.push(RestLine { normal, number });
        } else if goes_on {
            open = None;
        }
    }
    lines
}

/// Whether a statement goes on in the next line, as far as that is told from brackets. Elsewhere than
/// in Python only imports and lists: brackets hold blocks there.
fn is_open(code: &Code<'_>, range: std::ops::Range<usize>, normal: &str) -> bool {
    let is_list =
        ["=[", "={", "=("].iter().any(|sign| normal.contains(sign)) && !normal.contains("=>");
    if code.language != Language::Python && !is_import(normal) && !is_list {
        return false;
    }
    let mut depth = 0_i32;
    for at in range {
        match code.text.as_bytes()[at] {
            b'(' | b'[' | b'{' if code.is_code(at) => depth += 1,
            b')' | b']' | b'}' if code.is_code(at) => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

/// Whether a line only brings in names from elsewhere.
pub(in crate::engine::guard) fn is_import(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "import ",
        "import{",
        "import(",
        "import\"",
        "from ",
        "use ",
        "pub use ",
        "#include",
        "require",
        "using ",
        "package ",
        "alias ",
        "load ",
        "source ",
        "namespace ",
        "<?php",
        "export ",
    ];
    let required = line.contains("=require(") || line.contains("=await import(");
    STARTS.iter().any(|start| line.starts_with(start)) || required
}
