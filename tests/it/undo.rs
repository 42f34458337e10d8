//! Looking at what a session changed, and taking it back: with the real program, in projects that
//! are no repository and in one that is as untidy as they get.

#![expect(clippy::unwrap_used, reason = "tests")]

mod beside;
mod hands;
mod meanwhile;
mod orders;
mod properties;
mod shapes;
mod untidy;
mod words;

use std::fs;
use std::path::PathBuf;

use loop_orchestration::config::Environment;
use loop_orchestration::git::{Git, Snapshots};
use loop_orchestration::store::SessionLock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::pty::Program;
use crate::support::todo::{self, Says, todo_server};

/// A project of its own, empty, and the snapshots of a session in it.
fn ground() -> (TempDir, PathBuf, Snapshots) {
    let place = TempDir::new().unwrap();
    let root = place.path().join("project");
    fs::create_dir(&root).unwrap();
    fs::create_dir(place.path().join("session")).unwrap();
    let search_path = Environment::of_process().search_path();
    let git = Git::find(&search_path, None, &root).unwrap();
    let snapshots = Snapshots::open(git, &place.path().join("session"), &root);
    (place, root, snapshots)
}

/// A project in which both tickets were built.
fn built(server: &FakeOllama) -> Project {
    let project = Project::with(server).file("mine.txt", "mine\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    project
}

/// The names of the project's files.
fn names(project: &Project) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(project.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "__pycache__")
        .collect();
    names.sort();
    names
}

const ALL: [&str; 5] = [
    "mine.txt",
    "runs.log",
    "test_add.py",
    "test_done.py",
    "todo.py",
];

#[test]
fn what_a_session_changed_is_shown_without_a_repository() {
    let server = todo_server();
    let project = built(&server);
    let all = project.run(&["diff"]).exits(0).stdout;
    assert!(all.starts_with(" runs.log     | +2 -0  (new)\n"), "{all}");
    assert!(all.contains("+def add(items, text):"), "{all}");
    assert!(!all.contains("mine.txt") && !all.contains('\x1b'), "{all}");
    let one = project.run(&["diff", "t2"]).exits(0).stdout;
    assert!(
        one.contains("b/test_done.py") && !one.contains("b/todo.py"),
        "{one}"
    );
    // What a command changed is the ticket's, and only the ticket's part of it.
    assert!(one.contains("\n T1\n+T2\n"), "{one}");
    let json = project.run(&["diff", "T1", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["ticket"], "T1");
    assert_eq!(
        json["files"][0],
        json!({"path": "runs.log", "change": "added", "added": 1, "removed": 0, "changed_since": true})
    );
    assert_eq!(json["files"].as_array().unwrap().len(), 3);
    project
        .run(&["diff", "T9"])
        .exits(2)
        .says("there is no ticket 'T9' in this session\nhint: there are T1, T2, and all");
    project.run(&["undo", "T9"]).exits(2);
}

#[test]
fn everything_is_taken_back_and_put_there_again() {
    let server = todo_server();
    let project = built(&server);
    let before = project.read("todo.py");
    let ran = project.run(&["undo", "all"]).exits(0);
    assert_eq!(names(&project), ["mine.txt"]);
    assert!(ran.stderr.contains("removed: todo.py"), "{}", ran.stderr);
    project
        .run(&["diff"])
        .exits(0)
        .says("nothing is left of what session");
    project
        .run(&["undo"])
        .exits(0)
        .says("nothing is left to take back");
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap();
    assert!(ran.stderr.contains(&format!("loop undo --redo -s {id}")));
    project.run(&["undo", "--redo", "-s", id]).exits(0);
    assert_eq!(names(&project), ALL);
    assert_eq!(project.read("todo.py"), before);
    project
        .run(&["undo", "--redo"])
        .exits(0)
        .says("nothing was taken back");
    // And back once more: the first undo stands in nobody's way.
    project.run(&["undo", "--yes"]).exits(0);
    assert_eq!(names(&project), ["mine.txt"]);
    project.journal().assert_whole();
}

#[test]
fn one_ticket_is_taken_back_and_the_session_knows() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let ran = project.run(&["undo", "T2"]).exits(0);
    assert_eq!(ran.stdout, "");
    assert!(!project.root().join("test_done.py").exists());
    assert_eq!(project.read("runs.log"), "T1\n");
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("**T2 Mark todos done**: taken back by the person"),
        "{summary}"
    );
    let shown = project.run(&["sessions", "show"]).exits(0).stdout;
    assert_eq!(shown, summary);
    let list = project.run(&["sessions", "list"]).exits(0).stdout;
    assert!(list.contains("completed"), "{list}");
    let json = project.run(&["sessions", "show", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tickets"][0]["taken_back"], false);
    assert_eq!(json["tickets"][1]["taken_back"], true);
    project
        .run(&["diff", "T2"])
        .exits(0)
        .says("nothing is left of what T2 changed");
    // The repair of the review's findings has a name as well.
    let repaired = project.run(&["diff", "refactor"]).exits(0).stdout;
    assert!(repaired.contains("+\"\"\"Todos.\"\"\""), "{repaired}");
    project.run(&["undo", "refactor"]).exits(0);
    assert!(!project.read("todo.py").contains("Todos."));
}

#[test]
fn a_file_that_somebody_else_changed_since_is_left_alone_and_named() {
    let server = todo_server();
    let project = built(&server);
    let mine = format!("{}# mine\n", project.read("todo.py"));
    fs::write(project.root().join("todo.py"), &mine).unwrap();
    let ran = project.run(&["undo", "all"]).exits(1);
    assert!(
        ran.stderr.contains("left alone: todo.py ("),
        "{}",
        ran.stderr
    );
    assert_eq!(names(&project), ["mine.txt", "todo.py"]);
    assert_eq!(project.read("todo.py"), mine);
    project.run(&["undo", "--redo"]).exits(0);
    assert_eq!(names(&project), ALL);
    // The second ticket went on with the first one's file.
    project
        .run(&["undo", "T1"])
        .exits(1)
        .says("left alone: runs.log (T2 changed it later)");
    assert_eq!(project.read("runs.log"), "T1\nT2\n");
}

#[test]
fn what_a_person_changes_meanwhile_is_never_taken_back() {
    // The first attempt at T1 changes something, a person too, and it fails.
    let root = std::sync::Arc::new(std::sync::Mutex::new(None::<std::path::PathBuf>));
    let place = root.clone();
    let mut attempts = 0;
    let server = todo::server(move |asked| {
        if asked.ticket() != Some("T1") || asked.form().is_some() {
            return None;
        }
        attempts += usize::from(asked.turn() == 0);
        if attempts > 1 {
            return None;
        }
        Some(match asked.turn() {
            0 => Says::Calls(vec![todo::write("wrong.py", "no\n")]),
            1 => Says::call("run_command", json!({"command": "echo no > left.txt"})),
            _ => {
                let root = place.lock().unwrap().clone().unwrap();
                fs::write(root.join("notes.txt"), "mine, in the middle of the night\n").unwrap();
                Says::text("I am done.")
            }
        })
    });
    let project = Project::with(&server);
    *root.lock().unwrap() = Some(project.root());
    let project = project.config("limits:\n  attempts: 2\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert!(!project.root().join("wrong.py").exists());
    assert!(!project.root().join("left.txt").exists());
    let told = "Changed by somebody else while T1 was worked on, so never taken back: notes.txt";
    assert!(project.journal().says(told));
    project.run(&["undo", "all"]).exits(0);
    assert_eq!(names(&project), ["notes.txt"]);
    let all = project.run(&["diff", "--json"]).exits(0).stdout;
    assert!(!all.contains("notes.txt"), "{all}");
}

#[test]
fn what_changed_between_two_runs_is_told_once() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    fs::write(project.root().join("mine.txt"), "mine\n").unwrap();
    project
        .resume_unattended(&["--from", "implement", "--until", "implement", "--yes"])
        .exits(0);
    let journal = project.journal();
    let told: Vec<_> = journal
        .of("warned")
        .into_iter()
        .filter(|line| {
            line["text"]
                .as_str()
                .unwrap()
                .contains("before T1 was begun")
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    project.run(&["undo", "all"]).exits(0);
    assert_eq!(names(&project), ["mine.txt"]);
}

#[test]
fn a_ticket_under_way_begins_afresh_after_an_undo() {
    let server = todo::server(|asked| {
        (asked.ticket() == Some("T2") && asked.turn() == 1)
            .then(|| Says::text("What now?\n[NEEDS_USER_INPUT]"))
    });
    let project = Project::with(&server);
    let answers = project.answers_file().display().to_string();
    let project = project.config("approvals:\n  documents: yes\n  plan: yes\n");
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    assert!(project.root().join("test_done.py").exists());
    project.run(&["undo", "T2"]).exits(0);
    assert!(!project.root().join("test_done.py").exists());
    let journal = project.journal();
    assert_eq!(journal.of("attempt_failed").len(), 1);
    journal.assert_whole();
}

#[test]
fn a_running_session_is_not_taken_back_but_can_be_looked_at() {
    let server = todo_server();
    let project = built(&server);
    let folder = project.session();
    let id = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let _lock = SessionLock::acquire(&folder, &id).unwrap();
    project.run(&["undo", "all"]).exits(6);
    assert_eq!(names(&project), ALL);
    project.run(&["diff"]).exits(0);
    let left: Vec<_> = fs::read_dir(folder.join("snapshots.git"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("index."))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_session_without_changes_says_so() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "tickets"]).exits(0);
    project.run(&["diff"]).exits(0).says("has changed nothing");
    project
        .run(&["diff", "T1"])
        .exits(0)
        .says("T1 has changed nothing");
    project
        .run(&["undo"])
        .exits(0)
        .says("nothing is left to take back");
}

#[test]
fn in_a_terminal_a_doubtful_file_is_a_question() {
    let server = todo_server();
    let project = built(&server);
    fs::write(project.root().join("todo.py"), "mine\n").unwrap();
    let ask = |answers: [&str; 2], code| {
        let command = project.command(&["undo", "all"]);
        let mut program = Program::start(&command, 80, 24);
        program.console.wait_for("earlier content? [y/N]");
        program.console.send(answers[0]);
        if answers[0].starts_with('y') {
            program
                .console
                .wait_for("todo.py: somebody else changed it as well.");
            program.console.wait_for("all the same? [y/N]");
            program.console.send(answers[1]);
        }
        assert_eq!(program.wait(), code, "{}", program.console.screen.text());
    };
    ask(["\r", ""], 1);
    assert_eq!(names(&project), ALL);
    ask(["y\r", "n\r"], 1);
    assert_eq!(names(&project), ["mine.txt", "todo.py"]);
    project.run(&["undo", "--redo"]).exits(0);
    ask(["y\r", "y\r"], 0);
    assert_eq!(names(&project), ["mine.txt"]);
    // Even that can be had again.
    project.run(&["undo", "--redo"]).exits(0);
    assert_eq!(project.read("todo.py"), "mine\n");
}

#[test]
fn a_difference_is_shown_on_a_terminal() {
    let server = todo_server();
    let project = built(&server);
    let mut program = Program::start(&project.command(&["diff", "T2"]), 80, 24);
    assert_eq!(program.wait(), 0);
    let coloured = program.console.screen.text();
    assert!(coloured.contains("T2"), "{coloured}");
}

#[test]
fn what_changed_while_only_checks_ran_can_be_had_again() {
    // It looks like a trace of the check, and may be a person's.
    let server = todo::server(|asked| {
        (asked.form() == Some(todo::Form::Plan)).then(|| {
            let mut plan = todo::document(todo::Form::Plan);
            plan["run"] = json!(["echo mine > in-between.txt"]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(0)
        .says("put back as they were: in-between.txt (if that was you: loop undo --redo)");
    assert!(!project.root().join("in-between.txt").exists());
    project.run(&["undo", "--redo"]).exits(0);
    assert_eq!(project.read("in-between.txt"), "mine\n");
}
