//! What is on the screen: narrow terminals, odd ones, pipes.

use std::io::Read as _;
use std::process::Stdio;

use super::{PLAN, PRD, answer_interview, approve, ends, program_in};
use crate::support::project::{Project, TASK};
use crate::support::todo::todo_server;

/// Rows of a screen without what differs from run to run.
fn stable(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn sixty_columns_are_enough() {
    let server = todo_server();
    let project = Project::with(&server);
    let command = project.command(&[TASK]);
    let mut program = program_in(&project, &command, (60, 400), &["NO_COLOR=1"]);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    approve(&mut program, PLAN);
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    let screen = program.console.screen.text();
    let lines = stable(&screen);
    for part in [
        "── prd 1/6 ────────────────────────────────────────────────",
        "✓ check: python3 -m unittest test_add  1 test",
        "  phase      calls    read  wrote  model  tools",
    ] {
        assert!(
            lines.iter().any(|line| line.starts_with(part.trim_end())),
            "{part:?} is not in:\n{screen}"
        );
    }
    for noise in ["verdict", "packages:", "context window in force", "\x1b"] {
        assert!(!screen.contains(noise), "{noise:?} is in:\n{screen}");
    }
    // Said once: where, which, how it ended.
    for once in [
        "project /",
        "You are asked twice",
        "It works: python3",
        "is complete",
    ] {
        assert_eq!(screen.matches(once).count(), 1, "{once:?}:\n{screen}");
    }
}

#[test]
fn a_terminal_without_a_name_or_a_size_works() {
    let server = todo_server();
    let project = Project::with(&server);
    let sizeless = "stty cols 0 rows 0; exec \"$0\" \"$@\"";
    for more in [&["TERM=dumb"][..], &["TERM="], &["sh", "-c", sizeless]] {
        let command = project.command(&[TASK]);
        let mut program = program_in(&project, &command, (80, 24), more);
        program.console.wait_for("Question 1 of 2");
        program.console.wait_for("> ");
        program.console.send("\x03");
        ends(&mut program, 130);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let server = todo_server();
    let project = Project::with(&server);
    for arguments in [
        &["start", TASK, "--yes", "--no-input", "--json"][..],
        &["config", "show"],
        &["sessions", "list"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let mut command = project.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_pipe_gets_plain_lines_quiet_gets_results_json_gets_the_journal() {
    let server = todo_server();
    let project = Project::with(&server);
    let plain = project.start_unattended(&[]).exits(0);
    assert!(!plain.stderr.contains('\x1b') && !plain.stderr.contains('\r'));
    assert!(plain.stderr.contains("── implement 5/6 "));
    assert!(plain.stdout.starts_with("# Todo"));
    assert!(!plain.stderr.contains("You are asked twice"));
    let quiet = project.start_unattended(&["--quiet"]).exits(0);
    assert_eq!(quiet.stderr.lines().count(), 1, "{}", quiet.stderr);
    assert!(quiet.stdout.starts_with("# Todo"));
    let json = project.start_unattended(&["--json"]).exits(0);
    let lines: Vec<serde_json::Value> = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["event"], "session_started");
    assert_eq!(lines.last().unwrap()["event"], "session_finished");
}
