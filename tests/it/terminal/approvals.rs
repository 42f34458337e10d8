//! The PRD and the plan: approved, sent back, edited, arranged.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{PLAN, PRD, answer_interview, approve, ends, program_in, start};
use crate::support::project::{Project, TASK};
use crate::support::todo::todo_server;

#[test]
fn a_document_is_sent_back_with_a_sentence() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    program.console.wait_for(PRD);
    program.console.wait_for("> ");
    program.console.send("s without any colours\r");
    program.console.wait_for(PRD);
    program.console.wait_for("> ");
    program.console.send("q\r");
    program.console.wait_for("hint: go on with: loop resume ");
    ends(&mut program, 130);
    let last = server.chats().pop().unwrap().json["messages"].clone();
    let last = last.as_array().unwrap().last().unwrap()["content"].to_string();
    assert!(last.contains("without any colours"), "{last}");
}

#[test]
fn a_document_is_edited_and_a_fault_is_named_by_its_line() {
    let server = todo_server();
    let project = Project::with(&server);
    let editor = project.home().join("editor");
    // The first time it breaks a heading, the second time it repairs it and changes the title.
    let script = "#!/bin/sh\nif grep -q '^## Probleme$' \"$1\"; then sed -i 's/^## Probleme$/## Problem/; 1s/.*/# My list/' \"$1\"; else sed -i 's/^## Problem$/## Probleme/' \"$1\"; fi\n";
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let command = project.command(&[TASK]);
    let editor = format!("EDITOR={}", editor.display());
    let mut program = program_in(&project, &command, (80, 24), &[&editor]);
    answer_interview(&mut program);
    program.console.wait_for(PRD);
    program.console.wait_for("> ");
    program.console.send("e\r");
    program.console.wait_for("line 3: ");
    program.console.wait_for("## Probleme");
    program.console.wait_for("> ");
    program.console.send("\r");
    program.console.wait_for("prd.md changed by you");
    program.console.wait_for(PLAN);
    program.console.send("\x03");
    ends(&mut program, 130);
    assert!(project.artifact("prd.md").starts_with("# My list\n"));
    assert!(project.artifact("prd.json").contains("\"My list\""));
}

#[test]
fn tickets_are_dropped_and_reordered_before_the_plan_is_approved() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    answer_interview(&mut program);
    approve(&mut program, PRD);
    program.console.wait_for("T1 Add todos");
    program.console.wait_for("T2 Mark todos done (after T1)");
    program.console.wait_for(PLAN);
    program.console.wait_for("> ");
    // It needs the first ticket, so it cannot come before it.
    program.console.send("up T2\r");
    program.console.wait_for("T1");
    program.console.send("drop T2\r");
    program.console.wait_for("dropped: T2");
    program.console.send("a\r");
    program.console.wait_for("1 of 1 tickets done");
    ends(&mut program, 0);
    assert_eq!(project.journal().tickets(), [("T1", "completed")]);
}
