//! A session taken up another way: the old one stays byte for byte, the new one goes on from the
//! moment at which it was cut, with the files of that moment.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::fake_ollama::FakeModel;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::scenes::in_repository;
use crate::support::todo::{self, todo_server};

/// Every file below a folder.
fn content(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(root).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

/// A fork of the only session: its id, its project and its journal.
fn fork(project: &Project, at: &str, more: &[&str]) -> (String, PathBuf, Journal) {
    let old = project.session_named(&first(project));
    let before = (content(&old), content(&project.root()));
    let id = old.file_name().unwrap().to_str().unwrap();
    let ran = project
        .run(&[&["fork", "--at", at, "-s", id], more].concat())
        .exits(0);
    assert!(
        (content(&old), content(&project.root())) == before,
        "the old one was touched"
    );
    let id = ran.stdout.trim().to_owned();
    let journal = Journal::read(&project.session_named(&id).join("journal.jsonl"));
    let folder = journal.0[0]["project"].as_str().unwrap();
    (id, PathBuf::from(folder), journal)
}

fn names(project: &Path) -> Vec<String> {
    let files = content(project).into_keys();
    files
        .filter(|path| !path.starts_with("__pycache__"))
        .map(|path| path.display().to_string())
        .collect()
}

/// The session with its copy of the project, finished.
fn finished(project: &Project, id: &str) -> Journal {
    let answers = project.answers_file().display().to_string();
    let arguments = ["resume", id, "--answers", &answers, "--yes", "--no-input"];
    project.run(&arguments).exits(0);
    let journal = Journal::read(&project.session_named(id).join("journal.jsonl"));
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    journal
}

#[test]
fn a_ticket_is_done_again_in_a_folder_of_its_own() {
    let server = todo_server();
    let project = Project::with(&server).file("notes.txt", "mine\n");
    project.start_unattended(&[]).exits(0);
    let old = project.journal();
    let (id, folder, journal) = fork(&project, "T2", &[]);
    assert_eq!(
        folder.file_name().unwrap().to_str().unwrap(),
        format!("project-fork-{}", id.rsplit('-').next().unwrap())
    );
    assert_eq!(
        names(&folder),
        ["notes.txt", "runs.log", "test_add.py", "todo.py"]
    );
    let last = journal.0.len();
    let from = &journal.0[0]["forked_from"];
    assert_eq!(from["seq"], json!(last));
    assert!(
        project
            .session_named(from["session"].as_str().unwrap())
            .is_dir()
    );
    assert_eq!(journal.0[last - 1]["event"], "ticket_finished");
    for (one, other) in old.0.iter().zip(&journal.0).skip(1) {
        assert_eq!((&one["at"], &one["event"]), (&other["at"], &other["event"]));
        assert_ne!(one["sum"], other["sum"], "the chain is the new session's");
    }
    let done = finished(&project, &id);
    assert_eq!(done.tickets(), [("T1", "completed"), ("T2", "completed")]);
    assert_eq!(
        names(&folder),
        [
            "notes.txt",
            "runs.log",
            "test_add.py",
            "test_done.py",
            "todo.py"
        ]
    );
    let todo = |root: &Path| fs::read_to_string(root.join("todo.py")).unwrap();
    assert_eq!(todo(&folder), todo(&project.root()));
    // What it changed, the part before the fork included, can be taken back there.
    let ran = project.run(&["undo", "all", "--yes", "-s", &id]).exits(0);
    assert!(!ran.stderr.contains("left alone"), "{}", ran.stderr);
    assert_eq!(names(&folder), ["notes.txt"]);
    assert!(project.root().join("todo.py").exists());
}

#[test]
fn a_phase_is_done_again_with_another_model() {
    let server = todo_server().model(FakeModel::new("other"));
    let project = Project::with(&server);
    project.start_unattended(&["--model", "tiny"]).exits(0);
    let into = project.loop_home().join("elsewhere");
    let (id, folder, journal) = fork(
        &project,
        "plan",
        &["--model", "other", "--into", into.to_str().unwrap()],
    );
    assert_eq!(folder, into.canonicalize().unwrap());
    assert!(names(&folder).is_empty());
    let resumed = journal.0.last().unwrap();
    assert_eq!(resumed["settings"]["model"]["name"], "other");
    let before = server.chats().len();
    let done = finished(&project, &id);
    assert_eq!(done.phases().len(), 6);
    let chats = server.chats();
    assert!(
        chats[before..]
            .iter()
            .all(|chat| chat.json["model"] == "other")
    );
    let artifacts = project.session_named(&id).join("artifacts");
    assert!(artifacts.join("prd.md").is_file());
}

#[test]
fn any_line_will_do_and_no_call_is_cut_in_two() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let lines = project.journal().0;
    for (place, line) in lines.iter().enumerate().skip(1).step_by(9) {
        let place = (place + 1).to_string();
        let (id, folder, journal) = fork(&project, &place, &[]);
        let open = journal.of("tool_started").len() - journal.of("tool_finished").len();
        assert_eq!(open, 0, "{line}");
        assert!(journal.0.len() <= place.parse().unwrap(), "{line}");
        fs::remove_dir_all(&folder).unwrap();
        project.run(&["sessions", "delete", &id, "--yes"]).exits(0);
    }
    // Between the writing of a file and the next content that was kept.
    let write = lines
        .iter()
        .position(|line| line["event"] == "tool_finished" && line["ticket"] == "T1");
    let (id, folder, _) = fork(&project, &(write.unwrap() + 1).to_string(), &[]);
    assert!(names(&folder).len() <= 2, "{:?}", names(&folder));
    finished(&project, &id);
}

#[test]
fn a_fork_can_be_recorded_and_repeated_like_any_session() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let (id, ..) = fork(&project, "T2", &[]);
    finished(&project, &id);
    let file = project.loop_home().join("a.replay").display().to_string();
    project
        .run(&["sessions", "export", &id, "--replay", &file])
        .exits(0);
    let ran = project.run(&["replay", &file, "--json"]);
    let repeated: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(repeated["difference"], Value::Null, "{repeated:#}");
}

#[test]
fn a_session_that_changed_nothing_yet_is_forked_with_the_project_as_it_is() {
    let server = todo_server();
    let project = Project::with(&server).file("notes.txt", "mine\n");
    project.start_unattended(&["--until", "tickets"]).exits(0);
    let (id, folder, _) = fork(&project, "tickets", &[]);
    assert_eq!(names(&folder), ["notes.txt"]);
    finished(&project, &id);
    project
        .run(&["fork", "--at", "1", "-s", &first(&project)])
        .exits(0)
        .says("the project is as it is now");
}

#[test]
fn a_session_that_was_stopped_early_and_gone_on_with_is_forked_without_its_work() {
    let server = todo_server();
    let project = Project::with(&server).file("notes.txt", "mine\n");
    project.start_unattended(&["--until", "prd"]).exits(0);
    let early = project.journal().0.len().to_string();
    project.resume_unattended(&["--yes"]).exits(0);
    assert_eq!(project.journal().outcome(), Some("completed"));
    for at in ["prd", "tickets", "research", "1", &early] {
        let (_, folder, _) = fork(&project, at, &[]);
        assert_eq!(names(&folder), ["notes.txt"], "{at}");
    }
    let ran = project.run(&["fork", "--at", "prd", "-s", &first(&project)]);
    assert!(!ran.exits(0).stderr.contains("as it is now"));
}

#[test]
fn the_persons_repository_is_left_alone_by_a_fork_of_a_worktree() {
    let server = todo_server();
    let project = in_repository(Project::with(&server));
    project.start_unattended(&["--worktree"]).exits(0);
    let worktree = project.session().join("worktree");
    for inside in [project.root().join("inside"), worktree.join("inside")] {
        project
            .run(&["fork", "--at", "T2", "--into", inside.to_str().unwrap()])
            .exits(2)
            .says("part of the project itself");
        assert!(!inside.exists());
    }
    let (id, folder, _) = fork(&project, "T2", &[]);
    assert!(!folder.starts_with(project.root().canonicalize().unwrap()));
    let head = || fs::read(project.root().join(".git/refs/heads/main")).unwrap();
    let before = (head(), content(&project.root()));
    finished(&project, &id);
    assert!(folder.join("test_done.py").exists());
    assert!((head(), content(&project.root())) == before);
}

#[test]
fn a_fork_of_a_folder_in_a_repository_is_put_beside_the_repository() {
    let server = todo_server();
    let project = in_repository(Project::with(&server).file("inner/notes.txt", "mine\n"));
    let inner = project.root().join("inner");
    let answers = project.answers_file().display().to_string();
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        let out = command.current_dir(&inner).output().unwrap();
        assert!(out.status.success(), "{out:?}");
    };
    let all = [
        "--until",
        "plan",
        "--no-input",
        "--yes",
        "--answers",
        &answers,
    ];
    run(&[&["start", "Build a todo app"], &all[..]].concat());
    let (_, folder, _) = fork(&project, "plan", &[]);
    let root = project.root().canonicalize().unwrap();
    assert_eq!(folder.parent(), root.parent());
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("inner-fork-"), "{name}");
}

#[test]
fn a_folder_is_judged_by_where_it_leads() {
    let server = todo_server();
    let project = in_repository(Project::with(&server));
    project.start_unattended(&["--until", "plan"]).exits(0);
    // The program runs in the project.
    for (into, expected) in [
        ("../beside", "beside"),
        ("./not/there/../../../also/./beside", "also/beside"),
    ] {
        let (_, folder, _) = fork(&project, "plan", &["--into", into]);
        let place = project.root().parent().unwrap().canonicalize().unwrap();
        assert_eq!(folder, place.join(expected));
    }
    assert!(!project.root().join("not").exists());
    let link = project.home().join("link");
    std::os::unix::fs::symlink(project.root(), &link).unwrap();
    for into in ["../home/link/x", "../project/x", "x/../y"] {
        project
            .run(&[
                "fork",
                "--at",
                "plan",
                "-s",
                &first(&project),
                "--into",
                into,
            ])
            .exits(2)
            .says("part of the project itself");
    }
    // A worktree without its files is as good as an empty folder.
    let worktree = project.home().join("worktree");
    let mut git = std::process::Command::new("git");
    git.args(["worktree", "add", "-q", "--no-checkout", "-b", "try"])
        .arg(&worktree)
        .current_dir(project.root());
    assert!(git.status().unwrap().success());
    let (id, folder, _) = fork(&project, "plan", &["--into", worktree.to_str().unwrap()]);
    finished(&project, &id);
    assert!(folder.join("todo.py").exists() && folder.join(".git").is_file());
    assert!(!project.root().join("todo.py").exists());
}

/// The id of the session that is no fork.
fn first(project: &Project) -> String {
    let is_first = |folder: &PathBuf| {
        let journal = Journal::read(&folder.join("journal.jsonl"));
        journal.0[0]["forked_from"].is_null()
    };
    let folder = project.sessions().into_iter().find(is_first).unwrap();
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_is_refused_and_leaves_nothing_behind() {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "plan"]).exits(0);
    let full = project.home().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("a"), "").unwrap();
    let refused = |arguments: &[&str], words: &str| {
        let all = [&["fork"], arguments].concat();
        project.run(&all).exits(2).says(words).says("hint: ");
    };
    refused(&["--at", "T9"], "was never at 'T9'");
    refused(&["--at", "refactor"], "was never at 'refactor'");
    refused(&["--at", "9999"], "was never at '9999'");
    refused(&["--at", "0"], "was never at '0'");
    refused(
        &["--at", "plan", "--into", full.to_str().unwrap()],
        "it is not empty",
    );
    let inside = project.root().join("inside");
    refused(
        &["--at", "plan", "--into", inside.to_str().unwrap()],
        "part of the project itself",
    );
    assert!(!inside.exists());
    assert_eq!(project.sessions().len(), 1);
}
