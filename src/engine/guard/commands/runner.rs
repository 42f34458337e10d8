//! Which test tool a command starts, as far as its own last words can be told from words that are
//! printed by something else. Refuses to know what a tool prints: that is `engine/test_count`.

use crate::engine::test_count::Summary;

/// A test tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) enum Runner {
    Unittest,
    Pytest,
    Node,
    /// It is not known how often it sums up.
    Other,
}

impl Runner {
    /// The tool that the words of a command start.
    pub(in crate::engine::guard) fn of(words: &[String]) -> Self {
        let has = |wanted: &[&str]| {
            let mut words = words
                .iter()
                .map(|word| word.rsplit('/').next().unwrap_or(word));
            words.any(|word| wanted.contains(&word))
        };
        // These start others, as often as they like.
        if has(&["tox", "nox", "coverage", "discover-all"]) {
            Self::Other
        } else if has(&["unittest"]) {
            Self::Unittest
        } else if has(&["pytest", "py.test"]) && !has(&["-n", "--numprocesses"]) {
            Self::Pytest
        } else if has(&["--test"]) && has(&["node"]) {
            Self::Node
        } else {
            Self::Other
        }
    }

    /// The tool that a program starts; none if it starts none that is known.
    pub(in crate::engine::guard) fn in_program(code: &str) -> Option<Self> {
        const OTHERS: &[&str] = &[
            "unittest",
            "pytest",
            "doctest",
            "node:test",
            "RSpec",
            "minitest",
            "Test::",
            "PHPUnit",
            "go test",
            "cargo test",
            "npm test",
            "\"cargo\"",
            "'cargo'",
            "jest",
            "mocha",
            "vitest",
        ];
        let starts_others = [
            "subprocess",
            "os.system",
            "child_process",
            "pytest.main",
            "run(",
        ];
        if code.contains("unittest.main(") && !starts_others.iter().any(|word| code.contains(word))
        {
            return Some(Self::Unittest);
        }
        let known = OTHERS.iter().any(|word| code.contains(word));
        known.then_some(Self::Other)
    }

    /// How it sums up, if that is known.
    pub(in crate::engine::guard) fn summary(self) -> Option<Summary> {
        match self {
            Self::Unittest => Some(Summary::Unittest),
            Self::Pytest => Some(Summary::Pytest),
            Self::Node => Some(Summary::Node),
            Self::Other => None,
        }
    }
}
