//! What a person does from the screen: answers, tells, stops. The run is another process, and only
//! its journal says what came of it.

use super::{masked, server_that_waits, watch};
use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::todo_server;

fn waits_for(screen: &mut Program, text: &str) {
    screen
        .console
        .wait_until(|screen| screen.text().contains(text));
}

#[test]
fn every_question_of_a_run_is_answered_in_place() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut run = Program::start(&project.command(&[TASK]), 80, 24);
    run.console.wait_for("Where are todos kept?");
    let mut screen = watch(&project, (60, 20), &[]);
    waits_for(&mut screen, "? Where are todos kept?");
    waits_for(&mut screen, "waits for you");
    screen.console.send("a");
    waits_for(&mut screen, "answer >");
    insta::assert_snapshot!("question_60x20", masked(&screen.console.screen.text()));
    screen.console.send("A\r");
    waits_for(&mut screen, "? Command line or web?");
    screen.console.send("acommand line\r");
    waits_for(&mut screen, "? Is this what you want?");
    screen.console.send("a");
    waits_for(&mut screen, "# Todo");
    // What is no answer is said to be none, and the document can be read meanwhile.
    screen.console.send("perhaps\r\x1b[6~\x1b[6~\x1b[6~\x1b[6~");
    waits_for(&mut screen, "is none of the choices");
    waits_for(&mut screen, "[a]pprove");
    screen.console.send("a\r");
    waits_for(&mut screen, "? Is this the plan?");
    screen.console.send("aa\r");
    waits_for(&mut screen, "completed");
    screen.console.send("q");
    assert_eq!(screen.wait(), 0);
    assert_eq!(run.wait(), 0);
    let journal = project.journal();
    journal.assert_whole();
    let answers = journal.of("answered");
    assert_eq!(answers.len(), 4);
    for answer in answers {
        let from = answer["answer"]["from"].as_str().unwrap_or_default();
        assert!(from.starts_with("process "), "{answer}");
    }
}

#[test]
fn a_word_reaches_the_model_and_a_question_answered_elsewhere_goes() {
    let (open, server) = server_that_waits();
    let project = Project::with(&server);
    let mut run = Program::start(&project.command(&[TASK]), 80, 24);
    run.console.wait_for("Where are todos kept?");
    let mut screen = watch(&project, (80, 24), &[]);
    waits_for(&mut screen, "? Where are todos kept?");
    screen.console.send("aperhaps in");
    waits_for(&mut screen, "answer > perhaps in");
    run.console.send("A\r");
    waits_for(&mut screen, "storage was answered elsewhere");
    waits_for(&mut screen, "? Command line or web?");
    // The rest of the sentence answers nothing, and is no command: neither stop, nor leave.
    screen.console.send(" asky tables");
    waits_for(&mut screen, "answer > perhaps in asky tables");
    screen.console.send("\r");
    waits_for(&mut screen, "? keys");
    run.console.send("A\r");
    for question in ["Is this what you want?", "Is this the plan?"] {
        run.console.wait_for(question);
        run.console.wait_for("> ");
        run.console.send("a\r");
    }
    waits_for(&mut screen, "turn 3");
    screen.console.send("t");
    waits_for(&mut screen, "tell the model");
    screen.console.send("\t\tuse tabs\r");
    waits_for(&mut screen, "on its way to the model");
    open.send(()).unwrap();
    waits_for(&mut screen, "you (for all): use tabs");
    waits_for(&mut screen, "completed");
    screen.console.send("q");
    assert_eq!((screen.wait(), run.wait()), (0, 0));
    let journal = project.journal();
    let told = journal.of("told");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["text"], &told[0]["to"]),
        (&"use tabs".into(), &"all".into())
    );
}

#[test]
fn a_run_is_stopped_after_a_yes_and_only_then() {
    let (_open, server) = server_that_waits();
    let project = Project::with(&server);
    let mut run = project.spawn_start();
    let mut screen = watch(&project, (80, 24), &[]);
    waits_for(&mut screen, "turn 3");
    screen.console.send("s");
    waits_for(&mut screen, "Stop this session?");
    screen.console.send("n");
    waits_for(&mut screen, "? keys");
    screen.console.send("sy");
    waits_for(&mut screen, "It has stopped. Go on with: loop resume");
    let is_in_the_head = |row: &str| row.starts_with("Build") && row.ends_with("stopped");
    screen
        .console
        .wait_until(|screen| screen.text().lines().any(is_in_the_head));
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_eq!(project.journal().of("interrupted").len(), 1);
    screen.console.send("s");
    waits_for(&mut screen, "This session does not run.");
    // A word is kept for when it goes on, and that is said.
    screen.console.send("tuse tabs\r");
    waits_for(&mut screen, "it is told after: loop resume");
    screen.console.send("q");
    assert_eq!(screen.wait(), 0);
}
