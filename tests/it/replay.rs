//! Recorded sessions, repeated without a model: sessions of every kind come to the same, and what
//! was changed in a recording is found at its place.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::todo::{self, Form, Says, todo_server};

/// Records the only session of the project and repeats it; it must come to the same.
#[track_caller]
fn repeats(project: &Project) {
    let repeated = repeat(project, &[]);
    assert_eq!(repeated["difference"], Value::Null, "{repeated:#}");
    assert_eq!(repeated["same"], repeated["lines"]);
    assert_eq!(repeated["lines"], project.journal().0.len());
}

/// Records with these options, and repeats.
#[track_caller]
fn repeat(project: &Project, options: &[&str]) -> Value {
    let file = record(project, options);
    let ran = project.run(&["replay", &file, "--json"]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

#[track_caller]
fn record(project: &Project, options: &[&str]) -> String {
    let file = project.loop_home().join("a.replay").display().to_string();
    let session = project.session();
    let id = session.file_name().unwrap().to_str().unwrap();
    let all = [&["sessions", "export", id, "--replay", &file], options].concat();
    project.run(&all).exits(0);
    file
}

#[test]
fn a_whole_session_repeats() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    repeats(&project);
}

#[test]
fn a_resumed_session_of_a_project_with_files_repeats() {
    let server = todo_server();
    let project = Project::with(&server)
        .file("notes/old.txt", "to be kept\n")
        .file(".gitignore", "secret.log\n")
        .file("secret.log", "not kept\n");
    project.start_unattended(&["--until", "plan"]).exits(0);
    std::fs::write(project.root().join("notes/new.txt"), "by the person\n").unwrap();
    project.resume_unattended(&[]).exits(0);
    repeats(&project);
}

#[test]
fn a_simple_task_repeats() {
    let server = todo::server(|asked| match asked.form() {
        Some(Form::Questions) => Some(Says::json(&json!({"simple": true, "questions": []}))),
        _ => None,
    });
    let project = Project::with(&server);
    project.start_unattended(&[]);
    repeats(&project);
}
