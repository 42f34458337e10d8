//! The interview, typed.

use serde_json::{Value, json};

use super::{PRD, ends, start};
use crate::support::project::Project;
use crate::support::todo::{self, Says, todo_server};

/// The answers of the interview as they stand on disk.
fn answers(project: &Project) -> Vec<Value> {
    let interview: Value = serde_json::from_str(&project.artifact("interview.json")).unwrap();
    let questions = interview["questions"].as_array().unwrap().iter();
    questions
        .map(|question| question["answer"].clone())
        .collect()
}

#[test]
fn it_is_led_by_letters_words_and_commands() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    let console = &mut program.console;
    console.wait_for("Question 1 of 2");
    console.wait_for("> ");
    console.send("\r");
    console.wait_for("in a few words will do");
    console.send("?\r");
    console.wait_for("why: what survives");
    console.send("back\r");
    console.wait_for("This is the first question");
    console.send("edit 2\r");
    console.wait_for("has not been answered yet");
    console.send("Z\r");
    console.wait_for("There is no option Z");
    console.send("b, but only for a day\r");
    console.wait_for("→ memory, but only for a day");
    console.wait_for("Question 2 of 2");
    console.wait_for("> ");
    console.send("back\r");
    console.wait_for("Question 1 of 2");
    console.wait_for("your answer so far: memory, but only for a day");
    console.send("a database of my own\r");
    console.wait_for("Question 2 of 2");
    console.wait_for("> ");
    console.send("edit 1\r");
    console.wait_for("your answer so far: a database of my own");
    console.send("a\r");
    console.wait_for("Question 2 of 2");
    console.wait_for("> ");
    console.send("skip\r");
    // The model fills in what was left open, and it stays marked.
    console.wait_for("surface → command line  (filled in by the model)");
    console.wait_for(PRD);
    console.send("\x03");
    ends(&mut program, 130);
    assert_eq!(
        answers(&project),
        [
            json!({"text": "a JSON file", "option": "A", "skipped": false, "answered_by": "user"}),
            json!({"text": "command line", "option": null, "skipped": true, "answered_by": "model"}),
        ]
    );
}

#[test]
fn done_leaves_the_rest_to_the_model() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    program.console.send("done\r");
    program.console.wait_for(PRD);
    program.console.send("\x03");
    ends(&mut program, 130);
    for answer in answers(&project) {
        assert_eq!(answer["answered_by"], "model");
    }
}

#[test]
fn a_vague_answer_is_challenged_once() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    let console = &mut program.console;
    console.wait_for("Question 1 of 2");
    console.wait_for("> ");
    console.send("whatever\r");
    console.wait_for("Question 2 of 2");
    console.wait_for("> ");
    console.send("B\r");
    console.wait_for("Question 1 of 2, once more");
    console.wait_for("leaves much open");
    console.wait_for("> ");
    console.send("whatever\r");
    console.wait_for(PRD);
    console.send("\x03");
    ends(&mut program, 130);
    assert_eq!(answers(&project)[0]["text"], "whatever");
}

#[test]
fn a_very_long_answer_is_cut_and_kept() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    let console = &mut program.console;
    console.wait_for("Question 1 of 2");
    console.wait_for("> ");
    console.send(&format!("\x1b[200~{}\x1b[201~\r", "word ".repeat(500)));
    console.wait_for("cut to its first 2000 characters");
    console.wait_for("Question 2 of 2");
    console.send("\x03");
    ends(&mut program, 130);
    let journal = project.journal();
    let text = journal.of("answered")[0]["answer"]["text"].clone();
    assert_eq!(text.as_str().unwrap().chars().count(), 2_000);
}

#[test]
fn a_question_of_the_model_is_asked_and_answered() {
    let server = todo::server(|asked| {
        let works = asked.ticket() == Some("T1") && asked.turn() == 0;
        let Says::Calls(mut calls) = todo::says(asked) else {
            return None;
        };
        let question = json!({"question": "Which colour?", "options": ["red", "blue"]});
        calls.push(("ask_user", question));
        works.then_some(Says::Calls(calls))
    });
    let project = Project::with(&server);
    let mut program = super::program(&project, &[super::TASK, "--yes"]);
    super::answer_interview(&mut program);
    program.console.wait_for("Which colour?");
    program.console.wait_for("B) blue");
    program.console.wait_for("> ");
    program.console.send("b\r");
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    assert!(
        program.console.screen.bells >= 3,
        "two questions and this one"
    );
    assert!(project.journal().says("\"text\":\"blue\""));
}
