//! Checks of earlier tickets that name a file of tests which a later one moves, or takes away.

use serde_json::{Value, json};

use super::command;
use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::todo::{self, Form, Says};

/// T1 builds a module and its test; T2 makes these calls besides its own, and the ticket says this.
fn later(says: &'static str, calls: Vec<(&'static str, Value)>) -> FakeOllama {
    todo::server(move |asked| match asked.form() {
        Some(Form::Tickets) => {
            let mut second = todo::ticket("T2", "Mark todos done", "F2", &["T1"]);
            second["description"] = json!(says);
            let first = todo::ticket("T1", "Add todos", "F1", &[]);
            Some(Says::json(&json!({"tickets": [first, second]})))
        }
        None if asked.ticket() == Some("T2") => Some(match asked.turn() {
            0 => {
                let mut all = vec![todo::write("test_done.py", todo::TEST_DONE)];
                all.extend(calls.iter().cloned());
                Says::Calls(all)
            }
            _ => Says::text("It is built and its test passes.\n[TASK_COMPLETE]"),
        }),
        _ => None,
    })
}

fn project(server: &FakeOllama) -> Project {
    Project::with(server).config("limits:\n  attempts: 1\n")
}

const MOVES: &str = "mkdir -p tests && touch tests/__init__.py && mv test_add.py tests/";

#[test]
fn a_check_goes_with_the_tests_that_moved() {
    for says in ["Build it.", "Build it. Move test_add.py to tests/."] {
        let server = later(says, vec![command(MOVES)]);
        let project = project(&server);
        project.start_unattended(&["--until", "implement"]).exits(0);
        let journal = project.journal();
        assert_eq!(
            journal.tickets(),
            [("T1", "completed"), ("T2", "completed")]
        );
        assert!(
            journal.says("T1's check `python3 -m unittest test_add` is not run any more: `test_add`, which it names, is not there"),
            "{:#?}",
            journal.of("checked")
        );
    }
}

#[test]
fn tests_that_go_without_a_word_are_missed_all_the_same() {
    let server = later("Build it.", vec![command("rm test_add.py")]);
    let project = project(&server);
    project.start_unattended(&["--until", "implement"]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed"), ("T2", "blocked")]);
    assert!(journal.says("`test_add.py`: the test `Add.test_add` is gone"));
}
