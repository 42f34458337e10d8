//! A model that commits by itself.

use std::process::Command;

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

/// The project is a repository from the start.
fn with_repository(commands: &[&str]) -> super::Played {
    let mut scene = Scene::new();
    for line in commands {
        scene = scene.then(vec![command(line)]);
    }
    scene.run_prepared(|root| {
        let made = Command::new("sh")
            .args(["-c", &format!("{COMMIT} && git add -A && git -c user.name=M -c user.email=m@example.com commit -q -m two")])
            .current_dir(root)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    })
}
