//! A person at the terminal is asked about a blocked ticket when nothing else can go on.

use super::scenes::{NOTE, stuck};
use crate::support::project::Project;
use crate::support::pty::Program;
use crate::support::todo;

fn program(project: &Project, arguments: &[&str]) -> Program {
    let answers = project.answers_file().display().to_string();
    let mut command = project.command(arguments);
    command.env("TERM", "xterm").args(["--answers", &answers]);
    Program::start(&command, 80, 30)
}

#[test]
fn a_person_is_asked_last_may_stop_and_is_asked_again_on_resume() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    let mut program_at = program(&project, &["start", "Build a todo app in Python"]);
    let console = &mut program_at.console;
    console.wait_for("question blocked-T1: T1 Never is blocked: 3 attempts failed");
    console.wait_for("T3 completed");
    console.wait_for("A ticket is blocked");
    console.wait_for("> ");
    console.send("?\r");
    console.wait_for("depends on it: T2");
    console.wait_for("> ");
    console.send("C\r");
    console.wait_for("hint: go on with: loop resume ");
    assert_eq!(program_at.wait(), 130);

    let mut program_at = program(&project, &["resume"]);
    let console = &mut program_at.console;
    console.wait_for("A ticket is blocked");
    console.wait_for("> ");
    console.send("no\r");
    console.wait_for("can mean two things here");
    console.wait_for("> ");
    // No keyword: words for the model.
    console.send(&format!("{NOTE}\r"));
    console.wait_for("retry; the model is told: ");
    console.wait_for("is complete");
    assert_eq!(program_at.wait(), 0);
    assert_eq!(project.journal().outcome(), Some("completed"));
}
