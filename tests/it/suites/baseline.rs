//! Projects that are not as one would like: no git, nothing that tests, a suite that works only in
//! part.

use serde_json::json;

use super::{done, names, receipts, simple, start, writes};
use crate::support::project::Project;
use crate::support::todo::{self, Says, todo_server};

#[test]
fn a_project_without_git_is_built_shown_and_taken_back() {
    let server = todo_server();
    let project = Project::with(&server).file("notes.txt", "mine\n");
    project.start_unattended(&[]).exits(0);
    assert!(!project.root().join(".git").exists());
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    // Each ticket has a snapshot before it and one after it.
    let started = journal.of("ticket_started");
    assert!(started.iter().all(|line| line["tree"].is_string()));
    let finished = journal.of("ticket_finished");
    assert!(finished.iter().all(|line| line["tree"].is_string()));
    let diff = project.run(&["diff", "T1"]).exits(0);
    assert!(
        diff.stdout.contains("+def add(items, text):"),
        "{}",
        diff.stdout
    );
    project.run(&["undo", "all", "--yes"]).exits(0);
    assert_eq!(names(&project.root()), ["notes.txt"]);
    assert_eq!(project.read("notes.txt"), "mine\n");
    // There is nothing to commit to, and nothing begins.
    for option in ["--commit", "--worktree"] {
        let other = Project::with(&server);
        other.start_unattended(&[option]).exits(2).says("hint: ");
        assert!(other.sessions().is_empty(), "{option}");
        assert!(names(&other.root()).is_empty(), "{option}");
    }
}

#[test]
fn without_a_test_command_the_model_is_asked_once_for_a_test() {
    let server = simple(|asked| match asked.turn() {
        0 => Says::Calls(vec![writes("half.py", "def half(n):\n    return n / 2\n")]),
        2 => Says::Calls(vec![writes(
            "test_half.py",
            "import unittest\nfrom half import half\n\n\nclass Half(unittest.TestCase):\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n",
        )]),
        _ => done(),
    });
    let project = Project::with(&server).file("README.md", "# Halves\n");
    start(&project).exits(0);
    let journal = project.journal();
    let verdicts: Vec<bool> = receipts(&journal, "verdict")
        .iter()
        .map(|verdict| verdict["passed"] == true)
        .collect();
    assert_eq!(verdicts, [false, true]);
    assert!(journal.says("the program found no tests to run in the project folder"));
    let finished = journal.of("ticket_finished");
    assert_eq!(finished[0]["proof"], "shown", "{}", finished[0]);
    let verified = receipts(&journal, "verify");
    // By pytest, where that is installed.
    let command = verified[0]["command"].as_str().unwrap();
    assert!(command.starts_with("python3 -m "), "{command}");
    assert_eq!(verified[0]["tests"], 1);
}

#[test]
fn what_no_test_can_show_is_never_called_done() {
    let server = simple(|asked| match asked.turn() {
        0 => Says::Calls(vec![writes("letter.md", "Dear Ada,\n")]),
        _ => done(),
    });
    let project = Project::with(&server);
    let ran = start(&project).exits(0);
    let journal = project.journal();
    assert!(receipts(&journal, "verify").is_empty());
    assert_eq!(receipts(&journal, "verdict").len(), 2);
    let finished = journal.of("ticket_finished");
    assert_eq!(finished[0]["proof"], "not_shown", "{}", finished[0]);
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("0 of 1 tickets done, shown by tests that ran"),
        "{summary}"
    );
    for text in [&summary, &ran.stderr] {
        assert!(!text.contains("shown by its tests"), "{text}");
    }
}

#[test]
fn a_suite_that_never_worked_is_made_to_work() {
    // The whole suite cannot even be loaded; the ticket repairs it.
    let server = simple(|asked| match asked.turn() {
        0 => Says::call(
            "edit_file",
            json!({"path": "old.py", "old_text": "def twice(n)\n", "new_text": "def twice(n):\n"}),
        ),
        _ => done(),
    });
    let project = Project::with(&server)
        .file("old.py", "def twice(n)\n    return n * 2\n")
        .file(
            "test_old.py",
            "import unittest\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n",
        );
    start(&project).exits(0);
    let journal = project.journal();
    assert_eq!(receipts(&journal, "before")[0]["passed"], false);
    let verified = receipts(&journal, "verify");
    assert_eq!(verified[0]["passed"], true);
    assert_eq!(journal.of("ticket_finished")[0]["proof"], "shown");
    assert!(journal.says("Before the first change this was red already"));
}

#[test]
fn a_test_that_is_red_from_the_start_may_be_made_green_and_must_then_stay_so() {
    // The second ticket breaks what the first has repaired.
    let fixed = "class Old:\n    works = True\n";
    let server = todo::server(move |asked| {
        if asked.turn() > 0 {
            return None;
        }
        let Says::Calls(mut calls) = todo::says(asked) else {
            return None;
        };
        calls.push(match asked.ticket()? {
            "T1" => writes("repaired.py", fixed),
            _ => (
                "run_command",
                json!({"command": "sed -i 's/True/False/' repaired.py"}),
            ),
        });
        Some(Says::Calls(calls))
    });
    let project = Project::with(&server).file(
        "test_old.py",
        "import unittest\n\n\nclass Old(unittest.TestCase):\n    def test_repaired(self):\n        from repaired import Old\n        self.assertTrue(Old.works)\n",
    );
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed"), ("T2", "blocked")]);
    assert!(journal.says("something that worked is broken now"));
    assert_eq!(project.read("repaired.py"), fixed);
}
