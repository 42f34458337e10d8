//! Tickets that no test can show: a set-up before there is any test, and one that an earlier ticket
//! has built already. They are done, not shown, and what depends on them goes on.

use serde_json::json;

use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::todo::{self, Form, Says};

/// How the tickets ended: outcome and proof.
fn ends(project: &Project) -> Vec<(String, String)> {
    let journal = project.journal();
    let ends = journal.of("ticket_finished").into_iter();
    ends.map(|line| {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        (text("outcome"), text("proof"))
    })
    .collect()
}

fn ended(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    all.iter().map(owned).collect()
}

/// T1 writes nothing that could be tested, and what depends on it does the work.
fn set_up(first: &'static str) -> FakeOllama {
    todo::server(move |asked| match asked.form() {
        Some(Form::Plan) => {
            let mut plan = todo::document(Form::Plan);
            let mut planned = todo::planned("T1", "");
            planned["verify"] = json!(["python3 -m unittest"]);
            plan["tickets"] = json!([planned, todo::planned("T2", "test_add")]);
            Some(Says::json(&plan))
        }
        None if asked.ticket() == Some("T1") => Some(match asked.turn() {
            0 => Says::Calls(vec![todo::write(first, "\n")]),
            _ => Says::text("The folders are there.\n[TASK_COMPLETE]"),
        }),
        None if asked.ticket() == Some("T2") => Some(match asked.turn() {
            0 => Says::Calls(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", todo::TEST_ADD),
            ]),
            _ => Says::text("It is built and its test passes.\n[TASK_COMPLETE]"),
        }),
        _ => None,
    })
}

#[test]
fn a_set_up_before_there_is_a_test_is_not_shown_and_nothing_waits_for_it() {
    let server = set_up("app/__init__.py");
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert_eq!(
        ends(&project),
        ended(&[("completed", "not_shown"), ("completed", "shown")])
    );
    let journal = project.journal();
    assert!(journal.says("changed, but no check found a test: python3 -m unittest (0 tests)"));
    let told = journal.of("note").into_iter().filter(|line| {
        line["kind"] == "check_failed"
            && line["text"]
                .as_str()
                .is_some_and(|text| text.starts_with("These checks ran and found no test"))
    });
    assert_eq!(told.count(), 1, "it is told once");
}

/// T1 builds everything; of T2 the model says this.
fn built_at_once(says: &'static str) -> FakeOllama {
    todo::server(move |asked| match (asked.form(), asked.ticket()) {
        (None, Some("T1")) => Some(match asked.turn() {
            0 => Says::Calls(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", todo::TEST_ADD),
                todo::write("test_done.py", todo::TEST_DONE),
            ]),
            _ => Says::text("It is built and its tests pass.\n[TASK_COMPLETE]"),
        }),
        (None, Some("T2")) => Some(Says::text(says)),
        _ => None,
    })
}

#[test]
fn what_an_earlier_ticket_built_is_done_and_not_shown() {
    let server = built_at_once("All of it is there, with its test.\n[TASK_COMPLETE]");
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert_eq!(
        ends(&project),
        ended(&[("completed", "shown"), ("completed", "not_shown")])
    );
    let said = "nothing had to be changed: its own check passed already: python3 -m unittest test_done (1 test)";
    assert!(project.journal().says(said));
}

#[test]
fn the_marker_alone_says_nothing_of_what_is_there() {
    let server = built_at_once("[TASK_COMPLETE]");
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&["--until", "implement"]).exits(1);
    assert_eq!(
        ends(&project),
        ended(&[("completed", "shown"), ("blocked", "not_shown")])
    );
}

#[test]
fn a_test_that_stood_before_the_session_says_nothing_of_a_ticket() {
    let server = todo::server(|asked| match (asked.form(), asked.ticket()) {
        (None, Some(_)) => Some(Says::text("All of it is there.\n[TASK_COMPLETE]")),
        _ => None,
    });
    let project = Project::with(&server)
        .config("limits:\n  attempts: 1\n")
        .file("todo.py", todo::CODE)
        .file("test_add.py", todo::TEST_ADD)
        .file("test_done.py", todo::TEST_DONE);
    project.start_unattended(&["--until", "implement"]).exits(1);
    assert!(
        project
            .journal()
            .tickets()
            .iter()
            .all(|(_, outcome)| *outcome == "blocked")
    );
}

#[test]
fn a_check_of_a_file_that_only_a_later_ticket_writes_goes_back_to_the_planner() {
    let server = todo::server(|asked| {
        if asked.form() != Some(Form::Plan) {
            return None;
        }
        let mut plan = todo::document(Form::Plan);
        let mut second = todo::planned("T2", "test_done");
        second["files"] = json!([{"path": "test_done.py", "change": "write"}]);
        let is_told = asked.last().contains(
            "in 'verify' of ticket T1 names test_done.py, which is written only later, by ticket T2",
        );
        let first = if is_told {
            "test_add"
        } else {
            "test_add test_done"
        };
        plan["tickets"] = json!([todo::planned("T1", first), second]);
        Some(Says::json(&plan))
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let plans = server.chats().into_iter();
    let plans = plans.filter(|chat| todo::Asked(chat.json.clone()).form() == Some(Form::Plan));
    assert_eq!(plans.count(), 2);
}
