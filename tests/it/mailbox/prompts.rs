//! A question at the terminal gives way to an answer from elsewhere, and says who answered; what is
//! typed here counts there as well.

use std::fs::DirEntry;
use std::os::unix::fs::PermissionsExt;

use super::{answers, next_ask};
use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::todo_server;

fn start(project: &Project) -> Program {
    Program::start(&project.command(&[TASK]), 80, 24)
}

#[test]
fn a_prompt_gives_way_and_leaves_the_terminal_as_it_was() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    program.console.send("half an ans");
    program.console.wait_for("half an ans");
    project
        .run(&["answer", "storage", "--option", "B"])
        .exits(0);
    program
        .console
        .wait_for("Your words were not sent: half an ans");
    program.console.wait_for("storage was answered by process ");
    program.console.wait_for("→ memory");
    // The next question stands there; the rest of the sentence is no answer to it.
    program.console.wait_for("Question 2 of 2");
    program.console.wait_for("press Enter first > ");
    program.console.send("wer in a database\r");
    program.console.wait_for("> ");
    program.console.send("A\r");
    program.console.wait_for("Is this what you want?");
    program.console.wait_for("> ");
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    program
        .console
        .wait_for("approve-prd was answered by process ");
    program.console.wait_for("Is this the plan?");
    program.console.wait_for("> ");
    program.console.send("a\r");
    program.console.wait_for("is complete");
    assert_eq!(program.wait(), 0);
    let journal = project.journal();
    journal.assert_whole();
    let from: Vec<bool> = answers(&journal)
        .iter()
        .map(|(.., from)| from.is_string())
        .collect();
    assert_eq!(from, [true, false, true, false]);
    assert_eq!(answers(&journal)[1].1, "command line");
}

#[test]
fn words_that_end_a_lost_line_are_not_told_and_approve_nothing() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    program.console.send("A\r");
    program.console.wait_for("Question 2 of 2");
    program.console.wait_for("> ");
    program.console.send("on the ph");
    program.console.wait_for("on the ph");
    project
        .run(&["answer", "surface", "--option", "B"])
        .exits(0);
    program
        .console
        .wait_for("Your words were not sent: on the ph");
    program.console.wait_for("Is this what you want?");
    program.console.wait_for("press Enter first > ");
    program.console.send("a\r");
    program.console.wait_for("> ");
    program.console.send("\x03");
    assert_eq!(program.wait(), 130);
    let journal = project.journal();
    assert_eq!(answers(&journal).len(), 2);
    assert!(journal.of("told").is_empty());
}

#[test]
fn what_is_being_edited_while_somebody_else_answers_is_kept_and_named() {
    let server = todo_server();
    let project = Project::with(&server);
    let editor = project.home().join("editor");
    let script =
        "#!/bin/sh\necho 'A goal of mine.' >> \"$1\"\necho the editor is open\nexec sleep 600\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).unwrap();
    let drafts = project.home().join("drafts");
    std::fs::create_dir(&drafts).unwrap();
    let project = project
        .variable("EDITOR", &editor.display().to_string())
        .variable("TMPDIR", &drafts.display().to_string());
    let mut program = start(&project);
    for _ in 0..2 {
        program.console.wait_for("Question ");
        program.console.wait_for("> ");
        program.console.send("A\r");
    }
    program.console.wait_for("Is this what you want?");
    program.console.wait_for("> ");
    program.console.send("e\r");
    program.console.wait_for("the editor is open");
    let files = || std::fs::read_dir(&drafts).unwrap();
    let draft = |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with("prd-");
    let draft = files().map(Result::unwrap).find(draft).unwrap();
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    program
        .console
        .wait_for("Your changes were not sent; they are in");
    program.console.wait_for("Is this the plan?");
    program.console.wait_for("> ");
    program.console.send("\x03");
    assert_eq!(program.wait(), 130);
    let kept = std::fs::read_to_string(draft.path()).unwrap();
    assert!(kept.ends_with("A goal of mine.\n"), "{kept}");
}

#[test]
fn a_word_or_a_refused_letter_does_not_disturb_who_types() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    program.console.send("a database");
    program.console.wait_for("a database");
    project.run(&["tell", "use tabs"]).exits(0);
    program.console.send(" of my own\r");
    program.console.wait_for("Question 2 of 2");
    program.console.send("\x03");
    assert_eq!(program.wait(), 130);
    assert_eq!(answers(&project.journal())[0].1, "a database of my own");
}

#[test]
fn who_answers_after_the_terminal_is_told_so() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    assert_eq!(next_ask(&project), "storage");
    program.console.send("A\r");
    program.console.wait_for("Question 2 of 2");
    program.console.wait_for("> ");
    project
        .run(&["answer", "storage", "B"])
        .exits(1)
        .says("it was answered by the session's own terminal");
    // Going back asks afresh: an answer to the question as it stood counts no more.
    let before = project.journal().of("asked").last().unwrap()["seq"].clone();
    program.console.send("back\r");
    program.console.wait_for("Question 1 of 2");
    program.console.wait_for("> ");
    project
        .run(&["answer", &format!("surface@{before}"), "A"])
        .exits(1);
    project.run(&["answer", "storage", "B"]).exits(0);
    program.console.wait_for("Question 2 of 2");
    program.console.wait_for("> ");
    program.console.send("\x03");
    assert_eq!(program.wait(), 130);
    let journal = project.journal();
    let texts: Vec<String> = answers(&journal)
        .into_iter()
        .map(|(_, text, _)| text)
        .collect();
    assert_eq!(texts, ["a JSON file", "memory"]);
}
