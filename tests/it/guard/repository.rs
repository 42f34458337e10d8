//! A model that commits by itself.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;
use crate::support::todo::{self, Says};

use super::{Scene, command};

const COMMIT: &str = "git init -q . 2>/dev/null; git -c user.name=M -c user.email=m@example.com commit -q --allow-empty -m one";

#[test]
fn a_commit_of_the_models_own_is_refused_and_told() {
    let played = with_repository(&[
        "git add -A && git -c user.name=M -c user.email=m@example.com commit -q -m mine",
    ]);
    let guard = played.guard();
    assert!(
        guard
            .iter()
            .any(|(passed, text)| !passed && text.contains("moved the repository from commit")),
        "{guard:?}"
    );
    assert_ne!(played.journal.tickets(), [("T1", "completed")]);
    let told: Vec<_> = played.journal.of("warned");
    assert!(
        told.iter()
            .any(|line| line["text"].as_str().unwrap().contains("git reset --soft")),
        "{told:?}"
    );
}

#[test]
fn a_commit_that_is_taken_back_is_forgiven() {
    let played = with_repository(&[
        "git add -A && git -c user.name=M -c user.email=m@example.com commit -q -m mine",
        "git reset -q --soft HEAD~1",
    ]);
    assert_eq!(
        played.journal.tickets(),
        [("T1", "completed")],
        "{:?}",
        played.guard()
    );
}

/// A commit by whoever runs it.
const BY: &str = "git add -A && git -c user.name=P -c user.email=p@example.com commit -q --allow-empty -m of-it\n";

#[test]
fn a_persons_commit_during_a_command_is_no_fault_of_the_model() {
    // A script that the model did not write stands for the person.
    let played = prepared(
        Scene::new()
            .file("wait.sh", BY)
            .then(vec![command("sh wait.sh")]),
    );
    assert_eq!(
        played.journal.tickets(),
        [("T1", "completed")],
        "{:?}",
        played.guard()
    );
    assert!(played.journal.says("taken for a commit of your own"));
}

#[test]
fn a_commit_by_a_script_of_the_models_refused_for() {
    let script = Scene::new()
        .then(vec![todo::write("go.sh", BY)])
        .then(vec![command("sh go.sh")]);
    let test = todo::TEST_ADD.replace(
        "import unittest\n",
        &format!(
            "import subprocess\nimport unittest\n\nsubprocess.run({:?}, shell=True)\n",
            BY.trim()
        ),
    );
    let test = Scene::new().only(vec![
        todo::write("todo.py", todo::CODE),
        todo::write("test_add.py", &test),
    ]);
    for scene in [script, test] {
        let played = prepared(scene);
        assert_ne!(played.journal.tickets(), [("T1", "completed")]);
        let guard = played.guard();
        assert!(
            guard
                .iter()
                .any(|(passed, text)| !passed && text.contains("moved the repository from commit")),
            "{guard:?}"
        );
    }
}

#[test]
fn an_attempt_after_one_that_committed_goes_on_from_there() {
    let server = todo::server(|asked| {
        let is_first = !asked.opening().contains("moved the repository");
        (asked.ticket().is_some() && asked.turn() == 1 && is_first)
            .then(|| Says::Calls(vec![command(BY.trim())]))
    });
    let project = Project::with(&server)
        .config("limits:\n  attempts: 2\n  repairs: 1\n")
        .file("notes.txt", "mine\n");
    prepare(&project.root());
    project.start_unattended(&["--until", "implement"]).exits(0);
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    assert_eq!(journal.of("attempt_failed").len(), 2, "one of each ticket");
    assert!(journal.says("git reset --soft"));
}

/// The project is a repository from the start.
fn with_repository(commands: &[&str]) -> super::Played {
    let mut scene = Scene::new();
    for line in commands {
        scene = scene.then(vec![command(line)]);
    }
    prepared(scene)
}

fn prepared(scene: Scene) -> super::Played {
    scene.run_prepared(prepare)
}

fn prepare(root: &Path) {
    let made = Command::new("sh")
            .args(["-c", &format!("{COMMIT} && git add -A && git -c user.name=M -c user.email=m@example.com commit -q -m two")])
            .current_dir(root)
            .output()
            .unwrap();
    assert!(made.status.success(), "{made:?}");
}
