//! What the words of a simple task let the work do with tests that were there: they may be changed
//! where they, their file or what they call is named for it, and not since tests are spoken of.

use serde_json::{Value, json};

use super::edit;
use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says, write};

const CALC: &str = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n";
const WRONG: &str = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a * b\n";
const HALF: &str = "\n\ndef half(a):\n    return a / 2\n";
const TEST_CALC: &str = "import unittest

from calc import add, sub


class Calc(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(1, 2), 3)

    def test_sub(self):
        self.assertEqual(sub(5, 2), 3)
";
const TEST_HALF: &str = "import unittest\n\nfrom calc import half\n\n\nclass Half(unittest.TestCase):\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n";

/// What became of a simple task on this code, when the model makes these calls and says that it is
/// done.
struct Done {
    journal: Journal,
    summary: String,
    server: FakeOllama,
}

fn done(task: &str, code: &str, calls: &[(&'static str, Value)]) -> Done {
    let calls = calls.to_vec();
    let server = todo::server(move |asked| match asked.form() {
        Some(Form::Questions) => Some(Says::json(&json!({"simple": true, "questions": []}))),
        Some(_) => None,
        None => Some(match asked.turn() {
            0 => Says::Calls(vec![
                ("read_file", json!({"path": "calc.py"})),
                ("read_file", json!({"path": "test_calc.py"})),
            ]),
            1 => Says::Calls(calls.clone()),
            _ => Says::text("It is done.\n[TASK_COMPLETE]"),
        }),
    });
    let project = Project::with(&server)
        .config("limits:\n  attempts: 1\n  repairs: 1\n")
        .file("calc.py", code)
        .file("test_calc.py", TEST_CALC);
    project.run(&["start", task, "--no-input"]);
    Done {
        journal: project.journal(),
        summary: project.artifact("summary.md"),
        server,
    }
}

impl Done {
    fn is_completed(&self) -> bool {
        let ends = self.journal.of("ticket_finished");
        !ends.is_empty() && ends.iter().all(|end| end["outcome"] == "completed")
    }

    #[track_caller]
    fn completed(self) -> Self {
        assert!(self.is_completed(), "{:#?}", self.journal.of("checked"));
        self
    }

    #[track_caller]
    fn refused_for(self, reason: &str) {
        assert!(!self.is_completed(), "{:#?}", self.journal.of("checked"));
        assert!(
            self.journal.says(reason),
            "{:#?}",
            self.journal.of("checked")
        );
    }

    /// How often a critic was asked.
    fn critics(&self) -> usize {
        let chats = self.server.chats();
        let asked = chats.iter().map(|chat| Asked(chat.json.clone()));
        asked
            .filter(|asked| asked.form() == Some(Form::Critique))
            .count()
    }
}

#[test]
fn a_word_about_tests_lets_none_be_changed() {
    for task in [
        "add a half function with tests",
        "add a half function to calc.py, with its tests in test_calc.py",
    ] {
        let calls = [
            write("calc.py", &format!("{WRONG}{HALF}")),
            edit("test_calc.py", "sub(5, 2), 3", "sub(5, 2), 10"),
            write("test_half.py", TEST_HALF),
        ];
        done(task, CALC, &calls).refused_for("the test `Calc.test_sub`");
    }
    // They may be added to.
    let calls = [
        write("calc.py", &format!("{CALC}{HALF}")),
        edit("test_calc.py", "add, sub", "add, half, sub"),
        edit(
            "test_calc.py",
            "sub(5, 2), 3)\n",
            "sub(5, 2), 3)\n        self.assertEqual(sub(2, 2), 0)\n\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n",
        ),
    ];
    let done = done("add a half function with tests", CALC, &calls).completed();
    assert_eq!(done.critics(), 0);
}

#[test]
fn a_test_that_failed_before_is_not_fitted_to_the_code() {
    let fitted = [edit("test_calc.py", "sub(5, 2), 3", "sub(5, 2), 10")];
    done(
        "fix the failing test test_sub in test_calc.py",
        WRONG,
        &fitted,
    )
    .refused_for("failed before this ticket and was changed, while no code was");
    done(
        "test_sub in test_calc.py is wrong, change it: sub multiplies",
        WRONG,
        &fitted,
    )
    .completed();
    let right = [edit("calc.py", "a * b", "a - b")];
    done(
        "fix the failing test test_sub in test_calc.py",
        WRONG,
        &right,
    )
    .completed();
}

#[test]
fn a_critic_looks_at_a_simple_task_that_changed_tests_and_the_summary_names_them() {
    let calls = [
        edit("calc.py", "a + b", "str(a + b)"),
        edit("test_calc.py", "add(1, 2), 3", "add(1, 2), \"3\""),
    ];
    let done = done(
        "add must return its result as a string; change test_calc.py accordingly",
        CALC,
        &calls,
    )
    .completed();
    assert_eq!(done.critics(), 1);
    let named = "tests that were there, changed as announced: test_calc.py";
    assert!(done.summary.contains(named), "{}", done.summary);
}

#[test]
fn tests_of_what_is_to_go_may_go_and_others_may_not() {
    let only_add = "def add(a, b):\n    return a + b\n";
    let test_sub = "\n    def test_sub(self):\n        self.assertEqual(sub(5, 2), 3)\n";
    let test_add = "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n";
    let task = "remove the sub function";
    let calls = [
        write("calc.py", only_add),
        edit("test_calc.py", test_sub, ""),
        edit("test_calc.py", "add, sub", "add"),
    ];
    done(task, CALC, &calls).completed();
    let more = [&calls[..], &[edit("test_calc.py", test_add, "    X = 1\n")]].concat();
    done(task, CALC, &more).refused_for("the test `Calc.test_add` is gone");
    // It has to be gone.
    done(task, CALC, &calls[1..]).refused_for("the test `Calc.test_sub` is gone");
}

#[test]
fn what_must_be_otherwise_may_be_expected_otherwise() {
    let calls = [
        edit("calc.py", "a + b", "a + b + 1"),
        edit("test_calc.py", "add(1, 2), 3", "add(1, 2), 4"),
    ];
    done(
        "fix the bug: add(1, 2) gives 3 and must give 4",
        CALC,
        &calls,
    )
    .completed();
    done("add a half function; it must be fast", CALC, &calls)
        .refused_for("the test `Calc.test_add`");
}
