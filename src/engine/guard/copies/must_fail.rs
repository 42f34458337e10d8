//! Tests that must fail, put beside a ticket's own: where one of them passes, the test tool, or
//! what asserts, says yes to anything, however that was done. Forms that are certain only: Python's
//! `unittest` and `pytest`, and `node --test`. Pure; they are run by `run/must_fail.rs`.

use std::fmt::Write as _;

use crate::engine::event::Receipt;
use crate::engine::guard::commands::gates::followed;
use crate::engine::guard::commands::runner::Runner;
use crate::engine::guard::gate::Read;
use crate::engine::guard::language::Language;

/// A file of tests with some that must fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// Below the project.
    pub path: String,
    /// The whole file, with these tests in it.
    pub text: String,
    /// These tests alone, as a file.
    pub alone: String,
    /// Each by its name, and what it states.
    pub stated: Vec<(String, &'static str)>,
}

/// What came of such tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MustFail {
    /// All of them failed.
    Failed,
    /// These passed.
    Passed(Vec<&'static str>),
    /// It is not known whether they were run.
    Unknown,
}

/// What can be stated in Python, and is not so.
const IN_PYTHON: &[(&str, &str)] = &[
    ("self.assertEqual(1, 2)", "self.assertEqual(1, 2)"),
    ("self.assertTrue(False)", "self.assertTrue(False)"),
    ("self.assertIn(1, [])", "self.assertIn(1, [])"),
    ("self.assertIsNone(1)", "self.assertIsNone(1)"),
    (
        "with self.assertRaises(KeyError):\n            pass",
        "with self.assertRaises(KeyError): pass",
    ),
    ("assert 1 == 2", "assert 1 == 2"),
    ("raise RuntimeError(1)", "raise RuntimeError(1)"),
];

/// What can be stated for node, and is not so.
const IN_JAVASCRIPT: &[&str] = &[
    "assert.equal(1, 2)",
    "assert.strictEqual(1, 2)",
    "assert.deepStrictEqual([1], [2])",
    "assert.ok(false)",
    "assert.throws(() => {})",
    "assert.match('a', /b/)",
    "throw new Error('1')",
];

/// A ticket's file of tests with tests beside its own that must fail, for a command that runs it.
/// None: it is not certain how.
pub fn seeded(command: &str, read: Read<'_>, tests: &[String]) -> Option<Seeded> {
    let runs = followed(command, read).0.runs;
    let runner = *runs.first()?;
    if runs.iter().any(|other| *other != runner) {
        return None;
    }
    let wanted = match runner {
        Runner::Unittest | Runner::Pytest => Language::Python,
        Runner::Node => Language::JavaScript,
        Runner::Other => return None,
    };
    let is_fit = |path: &&String| {
        Language::of(path) == Some(wanted)
            && matches!(ending(path), "py" | "js" | "mjs" | "cjs")
            && read(path).is_some_and(|text| has_a_test(&text, wanted))
    };
    let is_named = |path: &&String| {
        let stem = path
            .rsplit_once('.')
            .map_or(path.as_str(), |(stem, _)| stem);
        command.contains(stem) || command.contains(&stem.replace('/', "."))
    };
    let mut fit = tests.iter().filter(is_fit);
    let path = fit.clone().find(is_named).or_else(|| fit.next())?;
    let text = read(path)?;
    let mark = mark(&format!("{command} {path}"));
    Some(match wanted {
        Language::Python => in_python(path, &text, &mark),
        _ => in_javascript(path, &text, &mark),
    })
}

/// Letters for names that no other test has, and that a repetition of a session makes again.
fn mark(said: &str) -> String {
    // FNV-1a.
    let hash = said.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", hash >> 32)
}

fn has_a_test(text: &str, language: Language) -> bool {
    match language {
        Language::Python => text.contains("def test"),
        _ => text.contains("node:test"),
    }
}

fn in_python(path: &str, text: &str, mark: &str) -> Seeded {
    let bases = bases(text).unwrap_or("unittest.TestCase");
    let body = |bases: &str| {
        let mut body = format!("import unittest\n\n\nclass Test{mark}({bases}):\n");
        for (at, (statement, _)) in IN_PYTHON.iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = writeln!(
                body,
                "    def test_{mark}_{at}(self):\n        {statement}\n"
            );
        }
        body
    };
    let begins = |line: &str| line.starts_with("if __name__") || line.starts_with("unittest.main(");
    let mut place = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            break;
        }
        place += line.len();
    }
    let (before, after) = text.split_at(place);
    let stated = IN_PYTHON.iter().enumerate();
    Seeded {
        path: path.to_owned(),
        text: format!("{before}\n\n{}\n\n{after}", body(bases)),
        alone: body("unittest.TestCase"),
        stated: stated
            .map(|(at, (_, told))| (format!("test_{mark}_{at}"), *told))
            .collect(),
    }
}

/// What the first class of a file is derived from, if it is a case with something of its own.
fn bases(text: &str) -> Option<&str> {
    let heads = text.lines().filter_map(|line| line.strip_prefix("class "));
    let mut bases = heads.filter_map(|head| head.split_once('(')?.1.strip_suffix("):"));
    bases.find(|bases| bases.contains("TestCase") && !bases.contains(['=', '[', '(']))
}

fn in_javascript(path: &str, text: &str, mark: &str) -> Seeded {
    let is_module = match ending(path) {
        "mjs" => true,
        "cjs" => false,
        _ => text.lines().any(|line| line.starts_with("import ")),
    };
    let name = |at: usize| format!("{mark} {at}");
    let (run, check) = (format!("test{mark}"), format!("assert{mark}"));
    let mut alone = if is_module {
        format!("import {run} from 'node:test';\nimport {check} from 'node:assert';\n")
    } else {
        format!("const {run} = require('node:test');\nconst {check} = require('node:assert');\n")
    };
    for (at, statement) in IN_JAVASCRIPT.iter().enumerate() {
        let statement = statement.replace("assert.", &format!("{check}."));
        let name = name(at);
        // Writing to a text cannot fail.
        let _ = writeln!(alone, "{run}('{name}', () => {{ {statement}; }});");
    }
    let stated = IN_JAVASCRIPT.iter().enumerate();
    Seeded {
        path: path.to_owned(),
        text: format!("{text}\n;\n{alone}"),
        stated: stated.map(|(at, told)| (name(at), *told)).collect(),
        alone,
    }
}

/// What stands behind the last dot of a path.
fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

impl Seeded {
    /// What came of these tests in a run of them and of what the same command executed without.
    pub fn came_to(&self, run: &Receipt, without: &Receipt) -> MustFail {
        let failed = |name: &String| {
            let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
            run.failing.iter().any(|failing| {
                let mut found = failing.match_indices(name.as_str());
                found.any(|(at, _)| is_end(failing[at + name.len()..].chars().next()))
            })
        };
        let passed = self.stated.iter().filter(|(name, _)| !failed(name));
        let passed: Vec<&'static str> = passed.map(|(_, told)| *told).collect();
        if passed.is_empty() {
            return MustFail::Failed;
        }
        let (Some(ran), Some(others)) = (run.tests, without.tests) else {
            return MustFail::Unknown;
        };
        let seeds = u64::try_from(self.stated.len()).unwrap_or(u64::MAX);
        // A tool that stops at the first failure has not come to the others.
        let ended_well = run.exit == Some(0) && passed.len() == self.stated.len();
        let all_ran = ran >= others.saturating_add(seeds);
        if run.timed_out || !(all_ran || (ended_well && ran > others)) {
            return MustFail::Unknown;
        }
        MustFail::Passed(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;

    fn of(command: &str, path: &str, text: &str) -> Option<Seeded> {
        let read = |other: &str| (other == path).then(|| text.to_owned());
        seeded(command, &read, &[path.to_owned()])
    }

    #[test]
    fn tests_that_must_fail_stand_where_they_are_run() {
        let text = "import unittest\n\nclass A(Own, unittest.TestCase):\n    def test_a(self):\n        pass\n\nif __name__ == '__main__':\n    unittest.main()\n";
        let seeded = of("python3 -m unittest", "test_a.py", text).unwrap();
        let (before, after) = seeded
            .text
            .rsplit_once("(Own, unittest.TestCase):\n    def test_")
            .unwrap();
        assert!(before.contains("class A(Own"), "{before}");
        assert!(after.trim_end().ends_with("unittest.main()"), "{after}");
        assert!(seeded.alone.contains("(unittest.TestCase):\n    def test_"));
        assert!(of("pytest -q", "test_a.py", "def test_a():\n    assert 1\n").is_some());
        let module = of(
            "node --test",
            "a.test.mjs",
            "import test from 'node:test';\n",
        )
        .unwrap();
        assert!(module.alone.starts_with("import test"), "{}", module.alone);
        for (command, path, text) in [
            ("cargo test", "tests/a.rs", "#[test]\nfn a() {}\n"),
            ("npx jest", "a.test.js", "test('a', () => {});\n"),
            (
                "pytest && python3 -m unittest",
                "test_a.py",
                "def test_a(): pass\n",
            ),
            ("pytest", "tests/helper.py", "x = 1\n"),
            (
                "node --test",
                "a.test.ts",
                "import test from 'node:test';\n",
            ),
        ] {
            assert_eq!(of(command, path, text), None, "{command}: {path}");
        }
    }

    #[test]
    fn what_they_came_to_is_told_only_where_they_ran() {
        let seeded = of("pytest", "test_a.py", "def test_a(): pass\n").unwrap();
        let all = seeded.stated.len() as u64;
        let receipt = |exit: i32, tests: u64, failing: &[usize]| Receipt {
            exit: Some(exit),
            tests: Some(tests),
            failing: failing
                .iter()
                .map(|at| format!("test_a.py::Test::{}", seeded.stated[*at].0))
                .collect(),
            ..told(Gate::MustFail, exit == 0, "")
        };
        let without = receipt(0, 3, &[]);
        let every: Vec<usize> = (0..seeded.stated.len()).collect();
        let came_to = |run: &Receipt| seeded.came_to(run, &without);
        assert_eq!(came_to(&receipt(1, 3 + all, &every)), MustFail::Failed);
        let but_one = receipt(1, 3 + all, &every[1..]);
        assert_eq!(
            came_to(&but_one),
            MustFail::Passed(vec!["self.assertEqual(1, 2)"])
        );
        let MustFail::Passed(all_passed) = came_to(&receipt(0, 3 + all, &[])) else {
            panic!("they passed");
        };
        assert_eq!(all_passed.len(), seeded.stated.len());
        // Stopped at the first, not collected, or broken.
        assert_eq!(came_to(&receipt(1, 4, &[0])), MustFail::Unknown);
        assert_eq!(came_to(&receipt(0, 3, &[])), MustFail::Unknown);
        assert_eq!(came_to(&receipt(2, 0, &[])), MustFail::Unknown);
    }
}
