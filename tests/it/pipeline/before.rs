//! Checks measured by how they stood before the work: what was red is excused and told, what
//! worked must go on working, and what passed all the same shows nothing.

use serde_json::Value;

use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Says};

/// Tests of a project that was there before: one works, one never did.
const TEST_OLD: &str = r"import unittest

from old import twice


class Old(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(twice(2), 4)

    def test_broken_for_long(self):
        self.assertEqual(twice(2), 5)
";

const OLD: &str = "def twice(n):\n    return n * 2\n";

fn receipts<'a>(journal: &'a Journal, gate: &str, ticket: &str) -> Vec<&'a Value> {
    let checks = journal.of("checked").into_iter();
    checks
        .filter(|line| line["gate"] == gate && line["ticket"] == ticket)
        .collect()
}

#[test]
fn a_red_baseline_is_told_and_only_new_failures_count() {
    let server = todo::todo_server();
    let project = Project::with(&server)
        .file("old.py", OLD)
        .file("test_old.py", TEST_OLD);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    // Where pytest is installed, it is what runs the tests, and names them its own way.
    let told = [
        "Before the first change this was red already: `python3 -m unittest discover` (exit 1, failing: test_broken_for_long (test_old.Old.test_broken_for_long))",
        "Before the first change this was red already: `python3 -m pytest -q` (exit 1, failing: test_old.py::Old::test_broken_for_long)",
    ];
    let said = told.iter().find(|told| journal.says(told));
    let said = said.unwrap_or_else(|| panic!("{:?}", journal.of("warned")));
    assert!(project.artifact("summary.md").contains(said));
    let openings = server
        .requests()
        .into_iter()
        .map(|seen| todo::Asked(seen.json));
    let of_ticket = openings.filter(|asked| asked.ticket() == Some("T1"));
    assert!(of_ticket.into_iter().all(|asked| {
        asked
            .opening()
            .contains("These tests failed before this ticket")
    }),);
    // Every check says what it was run on, and the whole suite ran after each ticket.
    for ticket in ["T1", "T2"] {
        let checks = receipts(&journal, "verify", ticket);
        assert!(checks.iter().all(|check| check["tree_before"].is_string()));
        let suite = checks.last().unwrap();
        assert!(said.contains(suite["command"].as_str().unwrap()));
        assert_eq!(suite["passed"], false);
    }
}

#[test]
fn what_worked_before_must_go_on_working() {
    let server = todo::server(|asked| {
        (asked.ticket() == Some("T1") && asked.turn() == 0).then(|| {
            Says::Calls(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", todo::TEST_ADD),
                (
                    "run_command",
                    serde_json::json!({"command": "sed -i 's/n \\* 2/n * 3/' old.py"}),
                ),
            ])
        })
    });
    let project = Project::with(&server)
        .file("old.py", OLD)
        .file("test_old.py", TEST_OLD);
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    let mut tickets = journal.tickets();
    tickets.sort_unstable();
    assert_eq!(tickets, [("T1", "blocked"), ("T2", "blocked")]);
    let said = [
        "these are new: test_twice (test_old.Old.test_twice)",
        "these are new: test_old.py::Old::test_twice",
    ];
    assert!(
        said.iter().any(|said| journal.says(said)),
        "{:?}",
        receipts(&journal, "verdict", "T1")
    );
    // Three attempts, each taken back, and the file is as it was.
    assert_eq!(project.read("old.py"), OLD);
    assert!(!project.root().join("todo.py").exists());
}

#[test]
fn a_check_that_passed_all_the_same_shows_nothing() {
    let works = TEST_OLD.split("\n    def test_broken").next().unwrap();
    let server = todo::server(|asked| {
        if asked.form() == Some(todo::Form::Plan) {
            let mut plan = todo::document(todo::Form::Plan);
            for ticket in 0..2 {
                plan["tickets"][ticket]["verify"] =
                    serde_json::json!(["python3 -m unittest test_old"]);
            }
            plan["run"] = serde_json::json!([]);
            return Some(Says::json(&plan));
        }
        let id = asked.ticket()?.to_owned();
        Some(match asked.turn() {
            0 => Says::Calls(vec![todo::write(&format!("{id}.md"), "Words only.\n")]),
            _ => Says::text("Written.\n[TASK_COMPLETE]"),
        })
    });
    let project = Project::with(&server)
        .file("old.py", OLD)
        .file("test_old.py", works);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let verdicts: Vec<bool> = receipts(&journal, "verdict", "T1")
        .into_iter()
        .map(|verdict| verdict["passed"] == true)
        .collect();
    assert_eq!(verdicts, [false, true], "asked once for a test");
    assert!(journal.says("they passed just the same before your change"));
    let ends = journal.of("ticket_finished");
    assert!(
        ends.iter().all(|end| end["proof"] == "not_shown"),
        "{ends:?}"
    );
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("0 of 2 tickets done, shown by tests that ran; 2 changed"),
        "{summary}"
    );
    // The outcome on the same content was known: nothing was run twice for the second ticket.
    assert_eq!(receipts(&journal, "before", "T2").len(), 0);
}
