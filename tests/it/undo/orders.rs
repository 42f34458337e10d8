//! Several tickets over the same files, taken back in any order and put there again: what the
//! program itself wrote is never somebody else's, and in the end the project is what it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::todo::{self, Says, todo_server};

/// A project in which two tickets and a repair were built, one upon the other.
fn built(server: &FakeOllama) -> (Project, BTreeMap<String, Vec<u8>>) {
    let project = Project::with(server)
        .file("mine.txt", "mine\n")
        .file("runs.log", "before all of it\n");
    let before = tree(&project.root());
    project.start_unattended(&[]).exits(0);
    (project, before)
}

/// The bytes of the project's files.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().unwrap().is_file());
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    files.map(file).collect()
}

/// Undoes these, whatever becomes of each: `redo` puts the last one there again.
fn undo(project: &Project, words: &str) {
    for word in words.split_whitespace() {
        let word = if word == "redo" { "--redo" } else { word };
        let ran = project.run(&["undo", word]);
        assert!(matches!(ran.code, Some(0 | 1)), "{words}: {}", ran.stderr);
        assert!(!ran.stderr.contains("somebody else"), "{}", ran.stderr);
    }
}

#[test]
fn in_whatever_order_tickets_are_taken_back_all_of_it_comes_back_whole() {
    let server = todo_server();
    let (project, before) = built(&server);
    let built = tree(&project.root());
    assert_ne!(before["runs.log"], built["runs.log"]);
    for words in [
        "T2",
        "T1",
        "refactor",
        "refactor T2 T1",
        "T1 T2 refactor",
        "T2 redo",
        "T2 T1 redo",
        "refactor T1 redo T2",
        "all redo T2",
        "T2 T2 redo refactor",
    ] {
        undo(&project, words);
        project.run(&["undo", "all"]).exits(0);
        assert_eq!(tree(&project.root()), before, "{words}");
        project.run(&["diff"]).exits(0).says("nothing is left of");
        for name in ["T1", "T2"] {
            let left = project.run(&["undo", name]).exits(0);
            assert!(left.stderr.contains("nothing is left"), "{}", left.stderr);
        }
        while !project
            .run(&["undo", "--redo"])
            .exits(0)
            .stderr
            .contains("nothing was taken back")
        {}
        assert_eq!(tree(&project.root()), built, "{words}, and all of it again");
    }
    project.journal().assert_whole();
}

#[test]
fn only_what_was_taken_back_is_worked_again_and_all_of_it_comes_back_whole() {
    let server = todo_server();
    let (project, before) = built(&server);
    let begun = |project: &Project| {
        let journal = project.journal();
        let begun = journal.of("ticket_started").into_iter();
        let begun: Vec<String> = begun
            .map(|line| line["ticket"].as_str().unwrap().to_owned())
            .collect();
        begun.concat()
    };
    assert_eq!(begun(&project), "T1T2");
    undo(&project, "refactor");
    let told = project.run(&["undo", "T2"]).exits(0).stderr;
    let line = told.lines().find(|line| line.contains("loop resume"));
    let words = line.unwrap().split("loop resume ").nth(1).unwrap();
    let words: Vec<&str> = words.split(' ').collect();
    assert_eq!(words[1..], ["--from", "implement"]);
    let resume = |words: &[&str]| project.resume_unattended(&[words, &["--yes"]].concat());
    resume(&words[1..]).exits(0);
    assert_eq!(begun(&project), "T1T2T2");
    // The other ticket stands as it did, with what shows it.
    let summary = project.artifact("summary.md");
    assert!(
        summary.starts_with("# Todo\n\n2 of 2 tickets done"),
        "{summary}"
    );
    // What builds upon something that was taken back is worked again with it.
    undo(&project, "T1");
    resume(&["--from", "implement"]).exits(0);
    assert_eq!(begun(&project), "T1T2T2T1T2");
    // And with nothing taken back, or the plan made anew, everything is.
    resume(&["--from", "implement"]).exits(0);
    assert_eq!(begun(&project), "T1T2T2T1T2T1T2");
    undo(&project, "T2");
    resume(&["--from", "plan"]).exits(0);
    assert_eq!(begun(&project), "T1T2T2T1T2T1T2T1T2");
    project.run(&["undo", "all"]).exits(0);
    assert_eq!(tree(&project.root()), before);
    project.journal().assert_whole();
}

#[test]
fn what_a_person_writes_between_two_undos_is_never_overwritten() {
    let server = todo_server();
    let (project, before) = built(&server);
    undo(&project, "T2");
    let mine = format!("{}and mine\n", project.read("runs.log"));
    fs::write(project.root().join("runs.log"), &mine).unwrap();
    fs::write(project.root().join("test_done.py"), "mine\n").unwrap();
    project
        .run(&["undo", "all"])
        .exits(1)
        .says("left alone: runs.log (somebody else changed it as well)");
    let mut left = tree(&project.root());
    assert_eq!(left.remove("test_done.py").unwrap(), b"mine\n");
    assert_eq!(left.remove("runs.log").unwrap(), mine.into_bytes());
    assert_eq!(left["mine.txt"], before["mine.txt"]);
    assert_eq!(left.len(), 1);
    // Nor by putting there again what was taken back before.
    for _ in 0..2 {
        project.run(&["undo", "--redo"]);
        assert_eq!(project.read("test_done.py"), "mine\n");
        assert!(project.read("runs.log").ends_with("and mine\n"));
    }
}

#[test]
fn what_is_taken_back_in_the_middle_of_a_ticket_is_ours_as_well() {
    for words in ["T1", "T2", "all", "T1 redo"] {
        let mut asked_once = false;
        let server = todo::server(move |asked| {
            let is_it = asked.ticket() == Some("T2") && asked.turn() == 2 && !asked_once;
            asked_once |= is_it;
            is_it.then(|| Says::text("What now?\n[NEEDS_USER_INPUT]"))
        });
        let project = Project::with(&server).file("runs.log", "before all of it\n");
        let before = tree(&project.root());
        let answers = project.answers_file().display().to_string();
        let project = project.config("approvals:\n  documents: yes\n  plan: yes\n");
        project
            .start(&["--answers", &answers, "--no-input"])
            .exits(3);
        undo(&project, words);
        project.resume_unattended(&["--yes", "--until", "implement"]);
        let ran = project.run(&["undo", "all"]);
        assert_eq!(tree(&project.root()), before, "{words}: {}", ran.stderr);
    }
}
