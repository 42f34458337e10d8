//! Files that stand in the place of a test tool or of a module of the language: whoever asks for
//! the real one gets them.

use std::collections::BTreeSet;

use crate::engine::guard::commands::gates::followed;
use crate::engine::guard::files::{folders, name};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::Read;

/// Modules of Python that only tests ask for: a file of that name is never innocent.
const PYTHON_TOOLS: &[&str] = &[
    "pytest",
    "_pytest",
    "pluggy",
    "unittest",
    "unittest2",
    "doctest",
    "nose",
    "nose2",
    "sitecustomize",
    "usercustomize",
    "iniconfig",
];

/// Modules of Python that its test tools ask for: a file of that name in the folder where they
/// start comes before the real one.
const PYTHON_MODULES: &[&str] = &[
    "argparse",
    "ast",
    "asyncio",
    "bdb",
    "builtins",
    "collections",
    "contextlib",
    "copy",
    "coverage",
    "dataclasses",
    "datetime",
    "difflib",
    "dis",
    "enum",
    "fnmatch",
    "functools",
    "gc",
    "glob",
    "hypothesis",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "linecache",
    "logging",
    "math",
    "mock",
    "operator",
    "os",
    "pathlib",
    "pdb",
    "platform",
    "posixpath",
    "pprint",
    "random",
    "re",
    "runpy",
    "shlex",
    "shutil",
    "signal",
    "site",
    "string",
    "subprocess",
    "sys",
    "sysconfig",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "token",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "warnings",
    "weakref",
];

/// Programs that checks start by name.
const PROGRAMS: &[&str] = &[
    "cargo", "rustc", "go", "npm", "npx", "pnpm", "yarn", "bun", "deno", "node", "python",
    "python3", "pytest", "py.test", "make", "just", "mvn", "gradle", "jest", "mocha", "vitest",
    "ava", "rspec", "bundle", "phpunit", "bats", "ctest", "dotnet", "mix", "ruby", "php", "java",
    "tox", "nox", "coverage", "c8", "nyc", "sh", "bash", "env", "git", "timeout",
];

/// Folders of dependencies, where such names are usual.
fn is_installed(path: &str) -> bool {
    folders(path).any(|folder| {
        matches!(
            folder,
            "node_modules" | ".venv" | "venv" | "vendor" | "site-packages"
        )
    })
}

/// The folders in which modules are looked for before they are elsewhere: where the commands start
/// their tools, and those that they name for it.
pub(in crate::engine::guard) fn starts(commands: &[String], read: Read<'_>) -> BTreeSet<String> {
    let mut starts: BTreeSet<String> = commands
        .iter()
        .flat_map(|command| followed(command, read).0.starts)
        .collect();
    starts.insert(String::new());
    starts
}

/// What stands in for something else, if the file of that path with that content does.
pub(in crate::engine::guard) fn stand_in(
    path: &str,
    text: Option<&str>,
    starts: &BTreeSet<String>,
) -> Option<Finding> {
    let what = python(path, starts)
        .or_else(|| program(path, text))
        .or_else(|| installed(path, text?))
        .or_else(|| cargo(path, text?))?;
    Some(Finding::new(Rule::StandIn, what))
}

fn python(path: &str, starts: &BTreeSet<String>) -> Option<String> {
    if is_installed(path) {
        return None;
    }
    let (stem, ending) = name(path).rsplit_once('.')?;
    if !matches!(ending, "py" | "pyc" | "so") {
        return None;
    }
    let stem = stem.split('.').next().unwrap_or(stem);
    let (around, _) = path.rsplit_once('/').unwrap_or_default();
    // A folder is asked for only as a package: any other is found after the real one.
    let (module, around) = if matches!(stem, "__init__" | "__main__") {
        let (outside, folder) = around.rsplit_once('/').unwrap_or(("", around));
        (folder, outside)
    } else {
        (stem, around)
    };
    let is_module = PYTHON_TOOLS.contains(&module) || PYTHON_MODULES.contains(&module);
    (starts.contains(around) && is_module)
        .then(|| format!("`{path}` stands in the place of Python's `{module}`"))
}

fn program(path: &str, text: Option<&str>) -> Option<String> {
    let file = name(path);
    if is_installed(path) || !PROGRAMS.contains(&file) {
        return None;
    }
    // What bundlers write calls the real one.
    let calls =
        text.is_some_and(|text| text.contains("Gem.bin_path") || text.contains("load File."));
    (!calls).then(|| format!("`{path}` stands in the place of the program `{file}`"))
}

/// How the real programs of dependencies call what they are for.
const STARTS: &[&str] = &[
    "require(",
    "import ",
    "import(",
    "from ",
    "exec node",
    "\"$basedir/",
    "include",
    "Gem.bin_path",
    "home =",
];

/// Programs of dependencies that were written by hand.
fn installed(path: &str, text: &str) -> Option<String> {
    let is_program = folders(path).any(|folder| matches!(folder, ".bin" | "bin"));
    if !is_installed(path) || !is_program {
        return None;
    }
    let file = name(path);
    let is_real = STARTS.iter().any(|start| text.contains(start));
    let is_known = PROGRAMS.contains(&file);
    let is_interpreter = matches!(file, "python" | "python3" | "node");
    (is_known && (!is_real || is_interpreter)).then(|| {
        format!("`{path}` was written by hand and stands in the place of the program `{file}`")
    })
}

/// Settings of cargo that start another program in the place of tests.
fn cargo(path: &str, text: &str) -> Option<String> {
    let is_toolchain = matches!(path, "rust-toolchain.toml");
    if !path.ends_with(".cargo/config.toml") && !path.ends_with(".cargo/config") && !is_toolchain {
        return None;
    }
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        let replaces = match key {
            "runner" | "rustc" | "rustc-wrapper" | "rustc-workspace-wrapper" | "rustdoc" => {
                !is_toolchain
            }
            "test" | "t" | "nextest" | "r" | "run" | "b" | "build" => section == "[alias]",
            "path" => is_toolchain,
            _ => key.starts_with("alias.t") || key.ends_with(".runner"),
        };
        if replaces && line.contains('=') {
            return Some(format!(
                "`{path}` lets cargo start something else: `{line}`"
            ));
        }
    }
    None
}

/// Paths that may stand in for something although no snapshot holds them, since they are ignored.
pub fn hidden_places(commands: &[String], read: Read<'_>) -> Vec<String> {
    let starts = starts(commands, read);
    let modules = PYTHON_TOOLS.iter().chain(PYTHON_MODULES);
    let tools = starts.iter().flat_map(|start| {
        let folder = if start.is_empty() {
            String::new()
        } else {
            format!("{start}/")
        };
        let files = modules.clone().flat_map(move |module| {
            [
                format!("{folder}{module}.py"),
                format!("{folder}{module}/__init__.py"),
            ]
        });
        files.collect::<Vec<_>>()
    });
    let programs = PROGRAMS.iter().flat_map(|program| {
        [
            format!("node_modules/.bin/{program}"),
            format!(".venv/bin/{program}"),
            format!("venv/bin/{program}"),
            format!("vendor/bin/{program}"),
            (*program).to_owned(),
            format!("bin/{program}"),
        ]
    });
    let others = [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml"].map(str::to_owned);
    tools.chain(programs).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str, command: &str) -> Option<Finding> {
        let commands = [command.to_owned()];
        stand_in(path, Some(text), &starts(&commands, &|_| None))
    }

    #[test]
    fn a_module_stands_in_only_where_it_is_looked_for() {
        for (path, command, expected) in [
            ("backend/pytest.py", "cd backend && pytest", true),
            ("backend/pytest.py", "pytest backend", false),
            ("backend/pytest/__init__.py", "cd backend && pytest", true),
            ("src/token.py", "PYTHONPATH=src python3 -m unittest", true),
            ("src/token.py", "python3 -m unittest", false),
            (
                "tests/difflib.py",
                "python3 -m unittest discover -s tests",
                true,
            ),
            ("tests/difflib.py", "python3 -m unittest", false),
            ("tests/random.py", "python3 tests/run.py", true),
            ("app/unittest.py", "make -C app test", true),
        ] {
            let found = found(path, "", command);
            assert_eq!(found.is_some(), expected, "{path}: {command}");
        }
    }

    #[test]
    fn what_takes_the_place_of_a_tool_is_seen() {
        for (path, text) in [
            ("pytest.py", ""),
            ("unittest/__init__.py", ""),
            ("sitecustomize.py", ""),
            ("usercustomize.py", ""),
            ("argparse.py", ""),
            ("traceback.py", ""),
            ("coverage.py", ""),
            ("cargo", "#!/bin/sh\n"),
            ("bin/pytest", "#!/bin/sh\n"),
            ("tools/npm", "#!/bin/sh\n"),
            (
                "node_modules/.bin/jest",
                "#!/bin/sh\necho 'Tests: 3 passed, 3 total'\n",
            ),
            (".venv/bin/python", "#!/bin/sh\n"),
            (".cargo/config.toml", "[target.x86_64]\nrunner = \"true\"\n"),
            (".cargo/config.toml", "[alias]\ntest = \"version\"\n"),
            (".cargo/config.toml", "[build]\nrustc-wrapper = './w'\n"),
        ] {
            assert!(found(path, text, "").is_some(), "{path}");
        }
    }

    #[test]
    fn usual_names_are_left_alone() {
        for (path, text) in [
            ("todo.py", ""),
            ("app/types.py", ""),
            ("src/token.py", ""),
            ("tests/unittest/__init__.py", ""),
            ("tests/unittest/test_a.py", ""),
            ("mock/server.py", ""),
            ("app/mock/__init__.py", ""),
            ("tests/mock.py", ""),
            ("lib/pytest/plugin.py", ""),
            ("app/signal.py", ""),
            ("insurance/coverage.py", ""),
            ("tests/test_argparse.py", ""),
            ("test_pytest.py", ""),
            (
                "node_modules/.bin/jest",
                "#!/usr/bin/env node\nrequire('jest-cli/bin/jest')\n",
            ),
            (
                ".venv/bin/pytest",
                "#!/x/.venv/bin/python\nfrom pytest import console_main\n",
            ),
            ("bin/rspec", "load Gem.bin_path('rspec-core', 'rspec')\n"),
            ("src/go/main.go", ""),
            ("make.sh", ""),
            (
                ".cargo/config.toml",
                "[build]\njobs = 2\n[alias]\nxtask = \"run -p xtask\"\n",
            ),
            ("cmd/node.go", ""),
        ] {
            assert_eq!(found(path, text, "python3 -m unittest"), None, "{path}");
        }
    }
}
