//! What is said of an undo: which files went and which came back, what was left, and how to have it
//! again.

use std::fs;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::todo::todo_server;

const PAGE: &str = include_str!("../../../docs/evening-to-morning.md");

#[test]
fn a_half_undo_is_told_as_half_of_one() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    project
        .run(&["undo", "T1"])
        .exits(1)
        .says("removed: test_add.py\n")
        .says("left alone: runs.log (T2 changed it later)\n");
    let summary = project.artifact("summary.md");
    for words in [
        "**T1 Add todos**: partly taken back by the person\n  left as it is: runs.log",
        "1 of 2 tickets done, shown by tests that ran; 1 partly taken back by the person.",
        "Taken back by the person (T1): test_add.py; left as it is: runs.log",
        "T1 partly taken back by the person",
        // What the other ticket was shown by as well cannot be run again.
        "test_add` exit 0, 1 test, ",
        " ms, before test_add.py was taken back\n",
    ] {
        assert!(summary.contains(words), "{words} is not in {summary}");
    }
    let of_t2 = summary.split("**T2 ").nth(1).unwrap();
    assert!(
        of_t2.contains("before test_add.py was taken back"),
        "{of_t2}"
    );
    let shown = || {
        let shown = project.run(&["sessions", "show", "--json"]).exits(0).stdout;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        shown["tickets"][0].clone()
    };
    let half = shown();
    assert_eq!(half["standing"], "partly_taken_back");
    assert_eq!(half["left_as_it_is"][0], "runs.log");
    // The rest of it goes once nothing stands upon it.
    project.run(&["undo", "refactor"]).exits(0);
    project.run(&["undo", "T2"]).exits(0);
    project.run(&["undo", "T1"]).exits(0);
    let whole = shown();
    assert_eq!(whole["standing"], "taken_back");
    assert_eq!(whole["left_as_it_is"], json!([]));
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("**T1 Add todos**: taken back by the person\n  changed:"),
        "{summary}"
    );
    project.journal().assert_whole();
}

#[test]
fn an_undo_says_what_it_removed_and_what_it_put_back() {
    let server = todo_server();
    let project = Project::with(&server).file("runs.log", "mine\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    project
        .run(&["undo", "all"])
        .exits(0)
        .says("put back: runs.log\nremoved: test_add.py\n");
    project
        .run(&["undo", "--redo"])
        .exits(0)
        .says("put back: runs.log\nput back: test_add.py\n");
}

#[test]
fn what_was_taken_back_is_put_there_again_by_the_same_words() {
    assert!(PAGE.contains(
        "`loop undo T2` takes one ticket back, `loop undo all` everything, and the same with `--redo` puts it there again."
    ));
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    project
        .run(&["undo", "all", "--redo"])
        .exits(0)
        .says("nothing was taken back");
    project.run(&["undo", "T2"]).exits(0);
    project
        .run(&["undo", "T1", "--redo"])
        .exits(2)
        .says("the last undo was not of T1, but of T2");
    assert!(!project.root().join("test_done.py").exists());
    project.run(&["undo", "t2", "--redo"]).exits(0);
    assert!(project.root().join("test_done.py").exists());
    project.run(&["undo"]).exits(0);
    project.run(&["undo", "all", "--redo"]).exits(0);
    assert!(fs::exists(project.root().join("test_add.py")).unwrap());
}
