//! `t` while the model works: a line at the run's own screen is told at the next turn, once; and no
//! key of a question or of another program is eaten.

use std::sync::mpsc;

use serde_json::json;

use super::{PLAN, PRD, answer_interview, approve, ends, start};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked};

const WORD: &str = "use tabs, not blanks";

/// A server that stops in the middle of the first reply of the research until it is let go on; the
/// reply ends with that.
fn waiting(end: fn(Script) -> Script) -> (FakeOllama, mpsc::Sender<()>) {
    let (open, gate) = crate::support::fake_ollama::gate();
    let mut gate = Some(gate);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let gate = asked.is_research().then(|| gate.take()).flatten();
            match gate {
                Some(gate) => end(Script::stream().text("I look around").wait(gate)).done(),
                None => todo::says(&asked).script(request),
            }
        });
    (server, open)
}

#[test]
fn a_line_is_told_at_the_next_turn_once() {
    let (server, go_on) = waiting(|reply| reply.call("list_dir", &json!({})));
    let project = Project::with(&server);
    let mut program = start(&project);
    program
        .console
        .wait_for("Press t to tell the model something");
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("I look around");
    program.console.send("t");
    program.console.wait_for("tell> ");
    program.console.send(&format!("{WORD}\r"));
    program
        .console
        .wait_for("The model hears it before its next turn.");
    // Dropped, and not sent.
    program.console.send("tnever mind");
    program.console.wait_for("tell> never mind");
    program.console.send("\x03t\r");
    program.console.wait_for("tell> ");
    assert!(project.journal().of("told").is_empty());
    drop(go_on);
    approve(&mut program, PLAN);
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    let journal = project.journal();
    journal.assert_whole();
    let [told] = &journal.of("told")[..] else {
        panic!("{:?}", journal.of("told"))
    };
    assert_eq!(told["text"], WORD);
    // The very next request ends with it, and no other conversation has it.
    let chats = server.chats();
    let hearing: Vec<&str> = chats
        .iter()
        .filter(|chat| chat.json.to_string().contains(WORD))
        .map(|chat| chat.json["messages"].as_array().unwrap().last().unwrap())
        .map(|last| last["content"].as_str().unwrap())
        .collect();
    assert!(hearing[0].contains(WORD), "{hearing:?}");
    assert!(!project.journal().says("never mind"));
}

#[test]
fn a_question_waits_for_the_line_that_is_typed_and_each_has_its_keys() {
    let (server, go_on) = waiting(|reply| {
        reply.call(
            "ask_user",
            &json!({"question": "Tabs?", "options": ["yes", "no"]}),
        )
    });
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("I look around");
    program.console.send("t");
    program.console.wait_for("tell> ");
    program.console.send("use ta");
    program.console.wait_for("use ta");
    drop(go_on);
    program.console.wait_for("A question waits");
    program.console.wait_for("tell> use ta");
    program.console.send("bs\r");
    program.console.wait_for("Tabs?");
    program.console.wait_for("> ");
    program.console.send("B\r");
    approve(&mut program, PLAN);
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    let journal = project.journal();
    assert_eq!(journal.of("told")[0]["text"], "use tabs");
    let answers = journal.of("answered");
    let answer = answers.iter().find(|line| line["answer"]["text"] == "no");
    assert!(answer.is_some(), "{answers:?}");
}

#[test]
fn what_is_typed_for_a_question_to_come_is_kept_for_it() {
    let (server, go_on) = waiting(|reply| {
        reply.call(
            "ask_user",
            &json!({"question": "Tabs?", "options": ["yes", "no"]}),
        )
    });
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("I look around");
    program.console.send("neither");
    drop(go_on);
    program.console.wait_for("Tabs?");
    program.console.wait_for("> neither");
    program.console.send("\r");
    // An approval is never made of it.
    program.console.wait_for(PLAN);
    program.console.send("\x03");
    ends(&mut program, 130);
    let answers = project.journal();
    let answers = answers.of("answered");
    assert_eq!(answers.last().unwrap()["answer"]["text"], "neither");
}

#[test]
fn ctrl_c_stops_the_run_beside_an_empty_keyboard() {
    let (server, _go_on) = waiting(|reply| reply);
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("I look around");
    program.console.send("t");
    program.console.wait_for("tell> ");
    program.console.send("half a w\x03\x03");
    program.console.wait_for("stopped: ");
    ends(&mut program, 130);
    assert!(project.journal().of("told").is_empty());
}
