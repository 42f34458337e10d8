//! What a Makefile or a justfile says for all of its targets: files that it includes, the shell
//! that runs its lines, and variables that reach test tools.

use super::options::{is_shell, node_options_bend, pytest_options_leave_out};
use crate::engine::guard::gate::Read;

/// Files that include each other are followed this far.
const DEEPEST: usize = 3;

/// The text with that of the files that it includes, in their places, as far as they can be read.
pub(super) fn with_included(text: &str, folder: &str, read: Read<'_>) -> String {
    included(text, folder, read, 0)
}

fn included(text: &str, folder: &str, read: Read<'_>, deep: usize) -> String {
    let mut whole = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        whole.push_str(line);
        if deep >= DEEPEST {
            continue;
        }
        for name in includes(line) {
            let path = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            if let Some(other) = read(&path) {
                whole.push_str(&included(&other, folder, read, deep + 1));
                whole.push('\n');
            }
        }
    }
    whole
}

/// The files that a line includes.
fn includes(line: &str) -> Vec<&str> {
    let (word, rest) = line.trim_end().split_once(' ').unwrap_or_default();
    match word {
        "include" | "-include" | "sinclude" => rest.split_whitespace().map(plain).collect(),
        "import" | "import?" => vec![plain(rest)],
        _ => Vec::new(),
    }
}

fn plain(name: &str) -> &str {
    let name = name.trim().trim_matches(['"', '\'']);
    name.strip_prefix("./").unwrap_or(name)
}

/// The lines that say how the lines of every target are run, or that reach what they start.
pub(super) fn for_all(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with(['\t', '#']));
    let lines = lines.map(str::trim);
    let governs = |line: &&str| {
        let special = ["include ", "-include ", "sinclude ", ".IGNORE", ".ONESHELL"];
        special.iter().any(|word| line.starts_with(word))
            || assigned(line).is_some_and(|(name, _)| is_governing(name))
    };
    lines.filter(governs).collect()
}

/// The name and the value that a line gives to a variable, for all targets or for some.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let (said, value) = match line.split_once('=') {
        Some(pair) => pair,
        None => (line.strip_prefix("export ")?, ""),
    };
    let said = said.trim_end_matches([':', '?', '+', '!', ' ']);
    let name = said.rsplit([' ', ':', '\t']).next()?;
    let value = value.split(" #").next().unwrap_or(value);
    Some((name, value.trim()))
}

/// Variables that bear on how lines are run, or on what they start.
fn is_governing(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "SHELL",
        ".SHELLFLAGS",
        "shell",
        "MAKE",
        "MAKEFLAGS",
        "GNUMAKEFLAGS",
        "PATH",
        "ENV",
        "BASH_ENV",
        "LD_PRELOAD",
        "NODE_OPTIONS",
        "NODE_PATH",
        "RUSTC",
        "RUSTFLAGS",
        "RUSTC_WRAPPER",
        "PYTEST_ADDOPTS",
        "PYTEST_PLUGINS",
    ];
    NAMES.contains(&name)
        || ["PYTHON", "CARGO_"].iter().any(|start| {
            name.strip_prefix(start)
                .is_some_and(|rest| !rest.is_empty() && name != "PYTHON_VERSION")
        })
}

/// The first line that lets failures get lost, or leaves tests out.
pub(super) fn bends(text: &str) -> Option<&str> {
    let has_errors = text
        .lines()
        .filter_map(assigned)
        .any(|(name, value)| name == ".SHELLFLAGS" && is_strict(value));
    for_all(text).into_iter().find(|line| {
        if line.starts_with(".IGNORE") {
            return true;
        }
        if line.starts_with(".ONESHELL") {
            return !has_errors;
        }
        assigned(line).is_some_and(|(name, value)| setting_bends(name, value))
    })
}

fn is_strict(flags: &str) -> bool {
    let mut words = flags.split_whitespace();
    words.any(|word| {
        word == "-e" || (word.starts_with('-') && !word.starts_with("--") && word.contains('e'))
    })
}

/// Whether a variable of that name and value lets failures get lost, or leaves tests out.
pub(super) fn setting_bends(name: &str, value: &str) -> bool {
    let plain = value.trim_matches(['"', '\'']);
    let words: Vec<&str> = plain.split_whitespace().collect();
    match name {
        "SHELL" => !is_shell(plain),
        "shell" => {
            let first = plain.trim_start_matches('[').split(',').next();
            !is_shell(first.unwrap_or_default().trim())
        }
        ".SHELLFLAGS" => {
            let known =
                |word: &str| matches!(word, "pipefail" | "errexit" | "nounset" | "errtrace");
            let is_flag = |word: &str| {
                word.strip_prefix('-')
                    .is_some_and(|flags| flags.chars().all(|flag| "ceuxolvE".contains(flag)))
            };
            !words.iter().all(|word| known(word) || is_flag(word))
        }
        "MAKE" => !matches!(plain, "make" | "gmake"),
        "MAKEFLAGS" | "GNUMAKEFLAGS" => words.iter().any(|word| {
            let letters = match word.strip_prefix("--") {
                Some(long) => {
                    return matches!(
                        long,
                        "ignore-errors" | "dry-run" | "just-print" | "recon" | "touch" | "question"
                    );
                }
                None => word.strip_prefix('-').unwrap_or(word),
            };
            !letters.contains('=') && letters.contains(['i', 'n', 't', 'q'])
        }),
        "PYTEST_ADDOPTS" => pytest_options_leave_out(&words),
        "NODE_OPTIONS" => node_options_bend(&words),
        "PYTHONOPTIMIZE" => !matches!(plain, "" | "0"),
        "PYTHONSTARTUP" | "BASH_ENV" | "LD_PRELOAD" => !plain.is_empty(),
        "RUSTFLAGS" => plain.contains("debug-assertions") || plain.contains("--cfg test"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_all_targets_are_known() {
        for text in [
            "SHELL := ./shell\n",
            ".SHELLFLAGS := -c true\n",
            "MAKEFLAGS += -i\n",
            "MAKEFLAGS += --ignore-errors\n",
            ".IGNORE: test\n",
            ".ONESHELL:\n",
            "export PYTEST_ADDOPTS := --deselect=test_calc.py::T::test_sub\n",
            "test: export NODE_OPTIONS = --require ./quiet.js\n",
            "export PYTHONOPTIMIZE=1\n",
            "MAKE = true\n",
            "set shell := [\"./shell\", \"-c\"]\n",
        ] {
            assert!(bends(text).is_some(), "{text}");
        }
        for text in [
            "SHELL := /bin/bash\n.SHELLFLAGS := -eu -o pipefail -c\n.ONESHELL:\n",
            "SHELL = bash\n",
            "MAKEFLAGS += --no-print-directory -k -j4\n",
            "MAKEFLAGS += --warn-undefined-variables\nMAKEFLAGS += --no-builtin-rules\n",
            "export PYTHONPATH := src\nexport PYTEST_ADDOPTS := -q\n",
            "PYTHON ?= python3\nexport NODE_OPTIONS=--max-old-space-size=4096\n",
            "set shell := [\"bash\", \"-uc\"]\n",
            "\tSHELL=./shell\n# SHELL=./shell\n",
        ] {
            assert_eq!(bends(text), None, "{text}");
        }
        let read = |path: &str| (path == "sub/a.mk").then(|| "test:\n\ttrue\n".to_owned());
        let whole = with_included("all: b\n-include ./a.mk none.mk\n", "sub", &read);
        assert_eq!(whole, "all: b\n-include ./a.mk none.mk\ntest:\n\ttrue\n\n");
    }
}
