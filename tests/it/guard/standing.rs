//! Suites that stood before the work: they stay, unless a ticket says that they go; and red ones are
//! no excuse.

use crate::support::todo;

use super::{OLD, Scene, command, edit};

/// A suite that only its own target runs.
const CHECKS: &str = "import unittest\n\nfrom old import twice\n\n\nclass Checks(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n";

/// A project that `make test` tests.
fn made() -> Scene {
    Scene::empty()
        .file("old.py", OLD)
        .file("checks.py", CHECKS)
        .file("Makefile", "test:\n\tpython3 checks.py\n")
}

#[test]
fn a_suite_that_the_work_hides_is_run_all_the_same() {
    // With tests that the program finds by itself, it would not look at the Makefile any more.
    let played = made()
        .then(vec![edit("old.py", "n * 2", "n * 3")])
        .never_shown();
    assert_eq!(played.journal.tickets(), [("T1", "blocked")]);
    assert!(
        played
            .journal
            .of("checked")
            .iter()
            .any(|line| line["gate"] == "verify"
                && line["command"] == "make test"
                && line["passed"] == false)
    );
    made().accepted();
}

#[test]
fn a_suite_goes_only_where_a_ticket_says_so() {
    made()
        .announces(&["Makefile"])
        .then(vec![command("rm Makefile")])
        .never_shown();
    made()
        .then(vec![command("rm Makefile")])
        .refused_for("`Makefile`, which is run to check the work, is gone");
    let played = made()
        .titled("Add todos and remove the Makefile")
        .then(vec![command("rm Makefile")])
        .announces(&["Makefile"])
        .accepted();
    assert!(
        played
            .journal
            .says("`make test` is not run any more: `Makefile` went, as the ticket says"),
        "{:?}",
        played.guard()
    );
}

#[test]
fn failures_that_are_printed_beside_exit_0_count() {
    // A target of the project's own, which the work must not touch.
    let scene = || {
        Scene::empty()
            .file("Makefile", "test:\n\t-python3 -m unittest test_add\n")
            .verified_by("make test")
    };
    let played = scene()
        .only(vec![
            todo::write(
                "todo.py",
                &todo::CODE.replace("\"text\": text", "\"text\": 1"),
            ),
            todo::write("test_add.py", todo::TEST_ADD),
        ])
        .never_shown();
    assert_eq!(played.journal.tickets(), [("T1", "blocked")]);
    assert!(
        played
            .journal
            .says("ended with 0, but its output names tests that failed: test_add")
    );
    scene().accepted();
}

#[test]
fn a_red_suite_without_names_may_not_fail_more() {
    // It says how many fail, and never which.
    let suite = "read good bad < numbers\necho \"  $good passing (5ms)\"\necho \"  $bad failing\"\nexit 1\n";
    let scene = || {
        Scene::empty()
            .file("suite.sh", suite)
            .file("numbers", "2 1\n")
            .option(&["--verify", "sh suite.sh"])
    };
    let played = scene().then(vec![command("echo 1 2 > numbers")]).run();
    assert_eq!(played.journal.tickets(), [("T1", "blocked")]);
    let honest = scene().then(vec![command("echo 3 1 > numbers")]).run();
    assert_eq!(honest.journal.tickets(), [("T1", "completed")]);
}
