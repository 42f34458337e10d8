//! Functions that assert and stand in another file than the test which calls them: base classes,
//! modules of helpers. Only files that are there for tests count, since a source of the project
//! asserts nothing on a test's behalf.

use std::collections::HashSet;

use super::asserting::asserts;
use super::assertion::Asserts;
use crate::engine::guard::files::{Role, name, role};
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::cases::cases;
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::functions::Functions;
use crate::engine::guard::source::imports::{imported_names, source, words};

/// The most files that are read for one.
const MOST: usize = 12;

/// The names of functions that assert, in the files that one loads.
pub(in crate::engine::guard) fn elsewhere(
    code: &Code<'_>,
    path: &str,
    read: Read<'_>,
) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut looked_at = 0;
    for place in places(code, path) {
        if looked_at >= MOST {
            break;
        }
        let Some(text) = (place != path).then(|| read(&place)).flatten() else {
            continue;
        };
        looked_at += 1;
        if Language::of(&place) != Some(code.language) || !is_for_tests(&place, &text) {
            continue;
        }
        let other = Code::read(&text, code.language);
        let functions = Functions::of(cases(&other));
        for case in &functions.cases {
            if asserts(&other, case, &functions) == Asserts::Something {
                let leaf = case.name.rsplit('.').next().unwrap_or_default();
                found.insert(leaf.to_owned());
            }
        }
    }
    found
}

fn is_for_tests(path: &str, text: &str) -> bool {
    let stem = name(path)
        .split('.')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let is_named = ["test", "helper", "support", "fixture"]
        .iter()
        .any(|word| stem.contains(word));
    let loads_a_tool = text.lines().any(|line| {
        let line = line.trim();
        (line.starts_with("import ") || line.starts_with("from "))
            && words(line)
                .iter()
                .any(|word| matches!(*word, "unittest" | "pytest"))
    });
    matches!(role(path), Role::Test | Role::Configuration) || is_named || loads_a_tool
}

/// The paths at which what a file loads may stand.
fn places(code: &Code<'_>, path: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for line in code.lines() {
        let said = code.without_comments(line.clone());
        let normal = code.normal(line);
        match code.language {
            Language::Python if said.trim_start().starts_with(['f', 'i']) => {
                for module in modules(&normal) {
                    for above in above(folder) {
                        found.push(below(above, &format!("{module}.py")));
                    }
                }
            }
            Language::JavaScript => {
                let Some(from) = source(&normal).filter(|from| from.starts_with('.')) else {
                    continue;
                };
                let place = joined(folder, from);
                found.extend(["", ".js", ".mjs", ".ts"].map(|ending| format!("{place}{ending}")));
            }
            Language::Rust => {
                if let Some(module) = said.trim().strip_prefix("mod ")
                    && let Some(module) = module.strip_suffix(';')
                {
                    found.push(below(folder, &format!("{module}.rs")));
                    found.push(below(folder, &format!("{module}/mod.rs")));
                }
            }
            _ => {}
        }
    }
    found
}

/// The modules of an import of Python as paths without their ending.
fn modules(line: &str) -> Vec<String> {
    if let Some(from) = source(line).filter(|_| line.starts_with("from ")) {
        let inside = from.trim_start_matches('.').replace('.', "/");
        let mut found = Vec::new();
        for name in imported_names(line) {
            // `from . import helpers` brings in a module.
            found.push(below(&inside, name));
        }
        if !inside.is_empty() {
            found.insert(0, inside);
        }
        return found;
    }
    let list = line.strip_prefix("import ").unwrap_or_default();
    let first = |part: &str| {
        part.split_whitespace()
            .next()
            .map(|name| name.replace('.', "/"))
    };
    list.split(',').filter_map(first).collect()
}

/// A folder, and those in which it is.
fn above(folder: &str) -> Vec<&str> {
    let mut found = vec![folder];
    let mut rest = folder;
    while !rest.is_empty() {
        rest = rest.rsplit_once('/').map_or("", |(above, _)| above);
        found.push(rest);
    }
    found
}

fn below(folder: &str, file: &str) -> String {
    if folder.is_empty() {
        file.to_owned()
    } else {
        format!("{folder}/{file}")
    }
}

/// `../a` seen from a folder.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
