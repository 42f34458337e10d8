//! The program as a person meets it: the real binary in a terminal, answers typed, against the
//! stand-in server.
#![expect(clippy::unwrap_used, reason = "tests")]

mod approvals;
mod beginnings;
mod interrupts;
mod interview;
mod screens;
mod titles;
mod words;

use std::process::Command;

use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::todo_server;

/// Says at the end whether the program has given the terminal back as it was.
const KEEPS_MODES: &str = r#"trap : INT
before=$(stty -g)
env -i "$@"
code=$?
if [ "$before" = "$(stty -g)" ]; then echo "[modes kept]"; else echo "[modes changed]"; fi
exit $code"#;

/// The program in a terminal of that size, in a folder of the test's choice, with its environment.
fn program_in(project: &Project, command: &Command, size: (u16, u16), more: &[&str]) -> Program {
    let mut shell = Command::new("sh");
    shell.args(["-c", KEEPS_MODES, "sh", "TERM=xterm"]);
    for (name, value) in command.get_envs() {
        let value = value.unwrap_or_default();
        shell.arg(format!("{}={}", name.display(), value.display()));
    }
    shell.args(more).arg(command.get_program());
    shell.args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap_or(&project.root()));
    Program::start(&shell, size.0, size.1)
}

/// The program with these arguments in a terminal of 80 columns.
fn program(project: &Project, arguments: &[&str]) -> Program {
    program_in(project, &project.command(arguments), (80, 24), &[])
}

/// `loop "Build …"` in such a terminal.
fn start(project: &Project) -> Program {
    program(project, &[TASK])
}

/// Answers both questions of the interview.
fn answer_interview(program: &mut Program) {
    program.console.wait_for("Where are todos kept?");
    program.console.wait_for("> ");
    program.console.send("A\r");
    program.console.wait_for("Command line or web?");
    program.console.wait_for("> ");
    program.console.send("A\r");
}

/// Approves the document or plan that is asked about next.
fn approve(program: &mut Program, question: &str) {
    program.console.wait_for(question);
    program.console.wait_for("> ");
    program.console.send("a\r");
}

/// Waits for the end: the terminal is as it was, the cursor shown, and this is the exit code.
#[track_caller]
fn ends(program: &mut Program, code: i32) {
    program.console.wait_for("[modes kept]");
    assert_eq!(program.wait(), code, "{}", program.console.screen.text());
    assert!(!program.console.screen.cursor_hidden);
}

const PRD: &str = "Is this what you want?";
const PLAN: &str = "Is this the plan?";

#[test]
fn a_typed_run_becomes_working_tested_code() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    approve(&mut program, PLAN);
    program.console.wait_for("It works: ");
    program.console.wait_for("2 of 2 tickets done");
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    let answers = journal.of("answered");
    assert!(answers.iter().all(|line| {
        let by = &line["answer"]["answered_by"];
        by == "user" || by.is_null()
    }));
    assert_eq!(answers.len(), 4);
}
