//! Ctrl-C and signals: saved, said how to go on, the terminal given back.

use rexpect::process::Signal;
use serde_json::json;

use super::{PRD, answer_interview, approve, ends, program, start};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::{self, Says, todo_server};

/// Waits for the end of an interrupted run, and goes on with it to the session's end.
fn stops_and_goes_on(mut program: Program, project: &Project) {
    program.console.wait_for("stopped: ");
    program.console.wait_for("hint: go on with: loop resume ");
    ends(&mut program, 130);
    let journal = project.journal();
    assert_eq!(journal.0.last().unwrap()["event"], "interrupted");
    assert_eq!(journal.0.last().unwrap()["why"], "signal");
    project.resume_unattended(&["--yes"]).exits(0);
    project.journal().assert_whole();
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn ctrl_c_at_a_question() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    program.console.send("half an answer\x03");
    stops_and_goes_on(program, &project);
}

#[test]
fn ctrl_c_at_an_approval() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    program.console.wait_for(PRD);
    program.console.send("\x03");
    stops_and_goes_on(program, &project);
}

#[test]
fn ctrl_c_while_the_model_writes() {
    let mut first = true;
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = todo::Asked(request.json.clone());
            if asked.is_research() && std::mem::take(&mut first) {
                return Script::stream().text("I am looking around, and").hang();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("I am looking around");
    program.console.send("\x03");
    server.wait_for_hangups(1);
    program.console.wait_for("stopped: ");
    ends(&mut program, 130);
    // It is asked again, and its plan is what a resume asks about.
    let mut again = super::program(&project, &["resume"]);
    again.console.wait_for("goes on research 3/6");
    approve(&mut again, super::PLAN);
    again.console.wait_for("is complete");
    ends(&mut again, 0);
}

#[test]
fn ctrl_c_while_a_command_runs_ends_the_command() {
    let mut first = true;
    let server = todo::server(move |asked| {
        let command = json!({"command": "echo $$ > pid && exec sleep 600"});
        let now = asked.ticket() == Some("T1") && std::mem::take(&mut first);
        now.then(|| Says::call("run_command", command))
    });
    let project = Project::with(&server);
    let mut program = program(&project, &[TASK, "--yes"]);
    answer_interview(&mut program);
    program.console.wait_for("running echo $$ > pid");
    let pid = project.root().join("pid");
    program.console.wait_until(|_| pid.exists());
    program.console.send("\x03");
    stops_and_goes_on(program, &project);
    let results = project.journal();
    assert!(
        results
            .of("tool_finished")
            .iter()
            .any(|line| line["result"]["status"] == "unknown")
    );
}

#[test]
fn a_second_ctrl_c_leaves_at_once() {
    let project = Project::with(&todo_server());
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|_| Script::silence());
    let project = project.variable("OLLAMA_HOST", &server.url());
    let mut program = start(&project);
    program.console.wait_for("waiting for the server");
    program.console.send("\x03\x03");
    ends(&mut program, 130);
}

#[test]
fn a_termination_signal_is_an_interruption() {
    let (open, gate) = crate::support::fake_ollama::gate();
    let mut gate = Some(gate);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let says = todo::says(&todo::Asked(request.json.clone()));
            match gate.take() {
                Some(gate) => {
                    let Says::Text(text) = says else {
                        panic!("a document")
                    };
                    Script::stream().text(" ").wait(gate).text(&text).done()
                }
                None => says.script(request),
            }
        });
    let project = Project::with(&server);
    let mut program = Program::start(&project.command(&[TASK]), 80, 24);
    program.console.wait_for("writing");
    let writing = program.console.modes();
    drop(open);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    assert_ne!(program.console.modes(), writing);
    program.signal(Signal::SIGTERM);
    program.console.wait_for("hint: go on with: loop resume ");
    assert_eq!(program.wait(), 130);
    let after = program.console.modes();
    for mode in ["ICANON", "ECHO |", "ISIG", "ICRNL"] {
        assert!(after.contains(mode), "{after}");
    }
}
