//! `loop watch --once`: one frame as text, and what is refused.

use std::fs;

use super::masked;
use crate::support::project::Project;
use crate::support::todo::todo_server;

/// The lines of the only session's journal.
fn lines(project: &Project) -> Vec<String> {
    let text = fs::read_to_string(project.session().join("journal.jsonl")).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// Puts a session of that id beside the others.
fn put(project: &Project, id: &str, journal: &str) {
    let folder = project.loop_home().join("sessions").join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("journal.jsonl"), journal).unwrap();
}

#[test]
fn a_frame_is_plain_text_of_the_size_that_was_asked_for() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    for (name, size) in [
        ("once_60x20", ["60", "20"]),
        ("once_100x30", ["100", "30"]),
        ("once_200x50", ["200", "50"]),
    ] {
        let frame = project
            .run(&["watch", "--once", "--width", size[0], "--height", size[1]])
            .exits(0);
        assert!(!frame.stdout.contains('\x1b'), "{name}");
        assert_eq!(frame.stdout.lines().count().to_string(), size[1]);
        insta::assert_snapshot!(name, masked(&frame.stdout));
    }
    let colours = project
        .run(&["watch", "--once", "--color", "always"])
        .exits(0);
    assert!(colours.stdout.contains("\x1b[32m"));
    let usual = project.run(&["watch", "--once"]).exits(0);
    assert_eq!(usual.stdout.lines().count(), 24);
}

#[test]
fn damaged_sessions_are_listed_as_such_and_never_hide_the_others() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let lines = lines(&project);
    let half = lines[..lines.len() / 2].concat();
    put(&project, "20200101-000000-half", &half);
    put(&project, "20200101-000001-none", "");
    put(&project, "20200101-000002-odd0", "not a journal\n");
    let mut changed = lines.clone();
    changed[9] = changed[9].replace("\"seq\":10", "\"seq\":11");
    put(&project, "20200101-000003-edit", &changed.concat());
    let frame = |arguments: &[&str]| {
        let mut all = vec!["watch", "--once"];
        all.extend(arguments);
        masked(&project.run(&all).exits(0).stdout)
    };
    insta::assert_snapshot!("list_80x24", frame(&[]));
    insta::assert_snapshot!("list_160x24", frame(&["--width", "160"]));
    insta::assert_snapshot!("half_80x24", frame(&["half"]));
    insta::assert_snapshot!(
        "damaged_60x20",
        frame(&["edit", "--width", "60", "--height", "20"])
    );
    for id in ["none", "odd0"] {
        assert!(
            frame(&[id]).contains("This session cannot be read."),
            "{id}"
        );
    }
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let project = Project::without_server();
    project
        .run(&["watch"])
        .exits(2)
        .says("loop watch needs a terminal")
        .says("hint: loop watch --once");
    project
        .run(&["watch", "nothing"])
        .exits(2)
        .says("no session matches");
    project.run(&["watch", "--once", "nothing"]).exits(2);
    project
        .run(&["watch", "--width", "80"])
        .exits(2)
        .says("--once");
    project.run(&["watch", "--once", "--width", "0"]).exits(2);
    let empty = project.run(&["watch", "--once"]).exits(0);
    assert!(empty.stdout.contains("There are no sessions yet."));
}
