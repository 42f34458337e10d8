//! The bell and the title: what reaches a person who looks at another window.

use super::{PLAN, PRD, answer_interview, approve, ends, program_in, start};
use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::todo_server;

#[test]
fn the_title_says_where_the_run_is_and_is_given_back() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    let title = |program: &Program| program.console.screen.title.clone();
    program.console.wait_for("Where are todos kept?");
    program.console.wait_for("> ");
    assert_eq!(title(&program), "? loop asks: prd 1/6");
    program.console.send("A\r");
    program.console.wait_for("Command line or web?");
    program.console.wait_for("> ");
    program.console.send("A\r");
    approve(&mut program, PRD);
    approve(&mut program, PLAN);
    program
        .console
        .wait_until(|screen| screen.title == "loop: implement 5/6 · T1 1/2");
    program.console.wait_for("is complete");
    ends(&mut program, 0);
    assert_eq!(title(&program), "shell");
    // Four questions, and the end.
    assert_eq!(program.console.screen.bells, 5);
}

#[test]
fn a_run_that_is_left_at_once_gives_the_title_back() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    program.console.wait_for(PRD);
    program.console.send("\x03\x03");
    ends(&mut program, 130);
    assert_eq!(program.console.screen.title, "shell");
}

#[test]
fn a_plain_terminal_has_no_title_and_a_silent_one_no_bell() {
    let server = todo_server();
    for (config, term, bells) in [
        ("", "TERM=dumb", 1),
        ("screen:\n  bell: off\n", "TERM=xterm", 0),
    ] {
        let project = Project::with(&server).config(config);
        let command = project.command(&[TASK]);
        let mut program = program_in(&project, &command, (80, 24), &[term]);
        program.console.wait_for("Where are todos kept?");
        program.console.wait_for("> ");
        assert_eq!(program.console.screen.title, "shell", "{term}");
        assert_eq!(program.console.screen.bells, bells, "{term}");
        program.console.send("\x03");
        ends(&mut program, 130);
    }
}
