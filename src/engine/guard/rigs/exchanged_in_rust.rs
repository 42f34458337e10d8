//! Rust that exchanges the macros of tests for others, or compiles something else for tests than
//! for whoever uses it.

use super::put_together::texts;
use crate::engine::guard::files::Role;
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::blocks::test_modules;
use crate::engine::guard::source::code::Code;

/// Macros that assert or fail.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "panic",
    "debug_assert",
    "debug_assert_eq",
    "unreachable",
    "matches",
];

/// The lines that do so.
pub(super) fn in_rust(code: &Code<'_>, role: Role) -> Vec<usize> {
    let mut found = Vec::new();
    let modules = test_modules(code);
    let mut twins: Vec<(bool, String, usize)> = Vec::new();
    let mut asked = None;
    let mut hooked: Option<usize> = None;
    for (number, line) in code.lines().enumerate() {
        let bare = code.bare(line.clone());
        let joined = tight(&bare);
        let words: Vec<&str> = bare
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .collect();
        let follows = |before: &str| {
            let mut pairs = words.windows(2);
            pairs.any(|pair| pair[0] == before && MACROS.contains(&pair[1]))
        };
        let renamed = words.contains(&"use")
            && words.windows(3).any(|three| {
                three[1] == "as" && MACROS.contains(&three[2]) && three[0] != three[2]
            });
        let exchanges = follows("macro_rules") || renamed;
        let is_test_code =
            role != Role::Other || modules.iter().any(|module| module.contains(&line.start));
        let asks =
            !is_test_code && (joined.contains("cfg!(test)") || joined.contains("cfg!(not(test))"));
        if joined.contains("set_hook(") {
            hooked = Some(number);
        }
        let silences = hooked.is_some_and(|hooked| number < hooked + 4)
            && ["exit(0)", "abort()"]
                .iter()
                .any(|ends| joined.contains(ends));
        if exchanges || asks || silences {
            found.push(line.start);
        }
        // Two functions of one name, one for tests and one for the rest.
        if let Some(at) = words.iter().position(|word| *word == "fn") {
            if let (Some(of_tests), Some(name)) = (asked.take(), words.get(at + 1)) {
                let is_other =
                    |(other, twin, _): &&(bool, String, usize)| *other != of_tests && twin == name;
                if !is_test_code && twins.iter().any(|twin| is_other(&twin)) {
                    found.push(line.start);
                }
                twins.push((of_tests, (*name).to_owned(), number));
            }
        } else if joined.starts_with("#[cfg(test)]") {
            asked = Some(true);
        } else if joined.starts_with("#[cfg(not(test))]") {
            asked = Some(false);
        } else if !joined.is_empty() && !joined.starts_with('#') {
            asked = None;
        }
    }
    found
}

/// The lines of a build script that write over a source of the project.
pub(super) fn rewrites_sources(code: &Code<'_>, read: Read<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    for line in code.lines() {
        let bare = tight(&code.bare(line.clone()));
        let writes = [
            "fs::write(",
            "File::create(",
            "fs::copy(",
            "fs::rename(",
            "fs::remove_file(",
            "OpenOptions",
        ];
        if !writes.iter().any(|sign| bare.contains(sign)) {
            continue;
        }
        let names_a_source = texts(code).into_iter().any(|(range, value)| {
            let is_here = line.contains(&range.start);
            is_here
                && Language::of(value) == Some(Language::Rust)
                && read(value.trim_start_matches("./")).is_some()
        });
        if names_a_source {
            found.push(line.start);
        }
    }
    found
}

fn tight(text: &str) -> String {
    text.split_whitespace().collect()
}
