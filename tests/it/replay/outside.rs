//! Sessions in which more happens than the program decides: the person is called by their own
//! commands, says something, takes changes back; and recordings of sessions that land elsewhere.

use serde_json::{Value, json};

use super::{lines, recorded, repeat, repeats};
use crate::support::project::Project;
use crate::support::scenes::in_repository;
use crate::support::todo::{self, todo_server};

/// The recording without names comes to the same as well.
#[track_caller]
fn repeats_without_names(project: &Project) {
    repeats(project);
    let file = recorded(project, &["--redact"]);
    let repeated = repeat(project, &file);
    assert_eq!(repeated["difference"], Value::Null, "{repeated:#}");
}

#[test]
fn work_that_lands_in_a_repository_repeats_without_one() {
    let formats = "echo '# formatted' >> todo.py";
    for (options, hook_says) in [
        (&["--worktree"][..], ""),
        (&["--commit"], ""),
        (&["--commit", "--commit-hooks"], "echo looked"),
        (&["--commit", "--commit-hooks"], formats),
        (&["--commit", "--commit-hooks"], "echo no >&2; exit 1"),
    ] {
        let server = todo_server();
        let project = in_repository(Project::with(&server));
        let hook = project.root().join(".git/hooks/pre-commit");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\n{hook_says}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&hook, mode).unwrap();
        project.start_unattended(options);
        let journal = project.journal();
        let hooks = journal.of("checked").into_iter();
        let hooks = hooks.filter(|line| line["gate"] == "hook").count();
        assert_eq!(hooks > 0, !hook_says.is_empty(), "{options:?}");
        repeats_without_names(&project);
    }
}

#[test]
fn a_recording_is_repeated_beside_any_repository_and_commits_nothing() {
    let server = todo_server();
    let project = in_repository(Project::with(&server));
    project.start_unattended(&["--commit"]).exits(0);
    let file = recorded(&project, &[]).display().to_string();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        let out = git.arg("-C").arg(project.root()).args(arguments);
        String::from_utf8(out.output().unwrap().stdout).unwrap()
    };
    let head = git(&["rev-parse", "HEAD"]);
    // The scratch copy is made inside the person's repository.
    let scratch = project.root().join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    let mut replay = project.command(&["replay", &file]);
    let ran = replay.env("TMPDIR", &scratch).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(git(&["rev-parse", "HEAD"]), head);
    assert_eq!(git(&["status", "--porcelain"]), "");
}

#[test]
fn nothing_of_the_session_before_is_left_in_a_fork_without_names() {
    let server = todo::server(|asked| {
        let look = vec![("run_command", json!({"command": "pwd"}))];
        (asked.form().is_none() && asked.ticket() == Some("T1")).then(|| todo::after(look, asked))
    });
    for options in [&[][..], &["--worktree"]] {
        let project = in_repository(Project::with(&server));
        project.start_unattended(options).exits(0);
        let old = project.session();
        let id = old.file_name().unwrap().to_str().unwrap();
        let into = project.home().join("elsewhere/again");
        let into = into.to_str().unwrap();
        project
            .run(&["fork", "--at", "T2", "-s", id, "--into", into])
            .exits(0);
        project.run(&["sessions", "delete", id, "--yes"]).exits(0);
        let whole: String = lines(&recorded(&project, &[]))
            .iter()
            .map(Value::to_string)
            .collect();
        let root = project.root().canonicalize().unwrap();
        let root = root.to_str().unwrap();
        assert!(whole.contains(root));
        let text: String = lines(&recorded(&project, &["--redact"]))
            .iter()
            .map(Value::to_string)
            .collect();
        assert!(!text.contains(root), "{options:?}");
        repeats_without_names(&project);
    }
}
