//! Programs in a terminal: what other tests rely on.

use std::process::Command;

use crate::support::pty::Program;

#[test]
fn a_program_in_a_terminal_can_be_typed_to() {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg("stty size; read -r name; echo hello $name; exit 7");
    let mut program = Program::start(&command, 61, 17);
    program.console.wait_for("17 61");
    program.console.send("you\r");
    program.console.wait_for("hello you");
    assert_eq!(program.wait(), 7);
}

#[test]
fn a_program_that_a_signal_ended_says_so() {
    let mut command = Command::new("sh");
    command.arg("-c").arg("echo ready; read -r never");
    let mut program = Program::start(&command, 60, 10);
    program.console.wait_for("ready");
    program.signal(rexpect::process::Signal::SIGTERM);
    assert_eq!(program.wait(), 128 + 15);
}
