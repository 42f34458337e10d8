//! A part of a file that a check runs: its text, and how that is run.

use super::language::Language;

/// Reads a file of the project as it is at one moment.
pub(super) type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A part of a file that a check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gate {
    pub(super) path: String,
    /// The target or script; empty for a file that is run as a whole.
    pub(super) part: String,
    /// The shell of it; for a program its text.
    pub(super) text: String,
    pub(super) form: Form,
}

/// How the text of a gate is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Each line by itself; the first that fails ends it.
    Recipe,
    /// From top to bottom.
    Script,
    /// A program in a language.
    Program(Language),
}

/// Whether a program tests something, or starts what does.
pub(super) fn looks_like_check(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "assert",
        "unittest",
        "pytest",
        "doctest",
        "node:test",
        "expect(",
        "raise ",
        "throw ",
        "sys.exit(1",
        "process.exit(1",
        "exit(1",
        "returncode",
        "check=True",
        "check_call",
        "exitCode = 1",
        "process.exit(",
        "RSpec",
        "minitest",
        "Test::",
        "die ",
        "PHPUnit",
        "go test",
        "cargo test",
        "npm test",
        "jest",
        "mocha",
        "vitest",
        "sys.exit(main",
        "sys.exit(run",
        "SystemExit(",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}
