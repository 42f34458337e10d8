//! Runs in which a ticket is sent back by its critic, or findings of the review are repaired, and
//! what comes of it breaks the checks.

use serde_json::json;

use super::same_end::comes_to_the_same_end;
use crate::support::todo::{self, Asked, Form, Says};

/// The critic finds the first ticket wanting. The model then takes the function away that the test
/// asks for, and does not notice.
fn breaks_it(asked: &Asked) -> Option<Says> {
    match asked.form() {
        Some(Form::Critique) => {
            let is_first = asked.judged_ticket() == Some("T1");
            return is_first.then(|| Says::json(&asked.judged("not_met")));
        }
        // Nothing is left for the last phase.
        Some(Form::Review) => {
            return Some(Says::json(&json!({"findings": [], "verdict": "pass"})));
        }
        _ => {}
    }
    let told = asked.messages().iter().position(|message| {
        let content = message["content"].as_str().unwrap_or_default();
        content.contains("A reviewer who read only")
    })?;
    let since = asked.messages()[told..].iter();
    let turns = since.filter(|message| message["role"] == "assistant");
    Some(match turns.count() {
        0 => Says::Calls(vec![todo::write(
            "todo.py",
            &todo::CODE.replace("def add", "def put"),
        )]),
        _ => Says::text("It is right now.\n[TASK_COMPLETE]"),
    })
}

#[test]
fn every_prefix_of_a_criticised_run_comes_to_the_same_end() {
    comes_to_the_same_end(
        breaks_it,
        "\"event\":\"ticket_started\"",
        |journal, name| {
            let looks = journal.of("checked").into_iter();
            let looks = looks.filter(|line| line["gate"] == "critic" && line["ticket"] == "T1");
            assert_eq!(looks.count(), 1, "{name}");
            assert!(journal.says("was taken back, since"), "{name}");
        },
    );
}

/// Two findings: what is made of the first breaks the tests, the second is repaired.
fn repairs_one(asked: &Asked) -> Option<Says> {
    if asked.form() == Some(Form::Review) {
        let finding = |title: &str| json!({"severity": "warning", "file": "todo.py", "line": 1, "title": title, "detail": "Do it."});
        return Some(Says::json(
            &json!({"findings": [finding("a bad name"), finding("no docstring")], "verdict": "pass"}),
        ));
    }
    if !asked.is_repair() || !asked.opening().contains("a bad name") {
        return None;
    }
    Some(match asked.turn() {
        0 => Says::call("read_file", json!({"path": "todo.py"})),
        1 => Says::Calls(vec![todo::write(
            "todo.py",
            &todo::CODE.replace("def add", "def put"),
        )]),
        _ => Says::text("It is renamed.\n[PHASE_COMPLETE]"),
    })
}

#[test]
fn every_prefix_of_a_repair_step_by_step_comes_to_the_same_end() {
    comes_to_the_same_end(repairs_one, "\"name\":\"review\"", |journal, name| {
        let notes = |kind: &str| {
            let notes = journal.of("note").into_iter();
            notes.filter(|line| line["kind"] == kind).count()
        };
        assert_eq!((notes("taken_back"), notes("kept")), (1, 1), "{name}");
    });
}
