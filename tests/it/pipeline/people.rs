//! A person beside a run: questions of the model, answers from a file, guidance, refusals.

use serde_json::json;

use crate::support::project::{Project, TASK};
use crate::support::todo::{self, Asked, Form, Says};

/// The model asks in the first ticket, by tool or by marker.
fn asks(asked: &Asked, how: &Says) -> Option<Says> {
    if asked.ticket() != Some("T1") {
        return None;
    }
    match asked.turn() {
        0 => Some(how.clone()),
        turn => {
            let mut later = asked.clone();
            let messages = later.0["messages"].as_array_mut().unwrap();
            let place = messages
                .iter()
                .position(|m| m["role"] == "assistant")
                .unwrap();
            messages.remove(place);
            assert_eq!(later.turn(), turn - 1);
            Some(todo::says(&later))
        }
    }
}

fn by_tool() -> Says {
    Says::call(
        "ask_user",
        json!({"question": "Tabs or blanks?", "options": ["tabs", "blanks"]}),
    )
}

fn by_marker() -> Says {
    Says::text("Tabs or blanks?\n[NEEDS_USER_INPUT]")
}

#[test]
fn a_question_of_the_model_is_answered_from_the_file() {
    for how in [by_tool(), by_marker()] {
        let server = todo::server(move |asked| asks(asked, &how));
        let project = Project::with(&server)
            .answers("storage: A\nsurface: B\nTabs or blanks?: blanks, please\n");
        project.start_unattended(&[]).exits(0);
        assert!(
            server
                .chats()
                .iter()
                .any(|chat| { Asked(chat.json.clone()).last().contains("blanks, please") })
        );
        project.journal().assert_whole();
    }
}

#[test]
fn a_question_that_reaches_nobody_is_decided_by_the_model_with_yes() {
    for how in [by_tool(), by_marker()] {
        let server = todo::server(move |asked| asks(asked, &how));
        let project = Project::with(&server);
        project.start_unattended(&[]).exits(0);
        let journal = project.journal();
        let answers = journal.of("answered");
        let last = answers.last().unwrap();
        assert_eq!(last["answer"]["answered_by"], "model");
        assert!(last.to_string().contains("Decide yourself"));
    }
}

#[test]
fn a_question_that_reaches_nobody_stops_the_run_without_yes_and_a_resume_answers_it() {
    for how in [by_tool(), by_marker()] {
        let server = todo::server(move |asked| asks(asked, &how));
        let project = Project::with(&server);
        let answers = project.answers_file().display().to_string();
        project
            .start(&["--answers", &answers, "--no-input"])
            .exits(3)
            .says("Tabs or blanks?");
        let project = project.answers(
            "storage: A\nsurface: B\napprove-plan: yes\nTabs or blanks?: blanks, please\n",
        );
        project.resume_unattended(&[]).exits(0);
        let journal = project.journal();
        journal.assert_whole();
        let asked = journal.of("asked").into_iter();
        let asked = asked.filter(|line| line["ask"]["text"] == "Tabs or blanks?");
        assert_eq!(asked.count(), 1, "asked once, answered later");
        assert!(
            server
                .chats()
                .iter()
                .any(|chat| { Asked(chat.json.clone()).last().contains("blanks, please") })
        );
    }
}

#[test]
fn guidance_in_the_answers_is_given_once_and_the_new_document_is_asked_about() {
    let server = todo::server(|_| None);
    let project = Project::with(&server)
        .answers("storage: A\nsurface: B\napprove-prd: leave the second feature for later\n");
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    let told = server.chats().into_iter().filter(|chat| {
        Asked(chat.json.clone())
            .last()
            .contains("leave the second feature for later")
    });
    assert_eq!(told.count(), 1);
    let project = project.answers("approve-prd: yes\napprove-plan: yes\n");
    project.resume_unattended(&[]).exits(0);
}

#[test]
fn a_later_yes_approves_what_is_written_already() {
    let server = todo::server(|_| None);
    let project = Project::with(&server).answers("storage: A\nsurface: B\n");
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3)
        .says("approve-prd");
    project.resume_unattended(&["--yes"]).exits(0);
}

#[test]
fn a_refused_document_ends_the_session() {
    let server = todo::server(|_| None);
    let project = Project::with(&server).answers("storage: A\nsurface: B\napprove-prd: no\n");
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(1)
        .says("was refused");
    assert_eq!(project.journal().outcome(), Some("refused"));
    // Nothing after the PRD was asked of the model.
    assert!(
        server
            .chats()
            .iter()
            .all(|chat| { Asked(chat.json.clone()).form() != Some(Form::Tickets) })
    );
}

#[test]
fn an_interview_without_answers_stops_at_its_first_question() {
    let server = todo::server(|_| None);
    let project = Project::with(&server);
    project
        .run(&["start", TASK, "--no-input"])
        .exits(3)
        .says("Where are todos kept?");
    let journal = project.journal();
    assert_eq!(journal.of("asked").len(), 1);
    assert_eq!(journal.of("interrupted")[0]["why"], "needs_input");
    project.resume_unattended(&["--yes"]).exits(0);
    assert_eq!(project.journal().of("asked").len(), 2);
}
