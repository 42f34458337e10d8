//! Scenes in which more happens than one run of the pipeline: a person is called, says something,
//! takes work back, forks it; a ticket is done more than once; work lands beside the project.

#![expect(clippy::unwrap_used, reason = "a scene stops where it fails")]

use std::process::Command;

use serde_json::json;

use super::super::project::Project;
use super::super::todo::{self, Asked, Form, Says};

/// The project as a repository of Ada's with one commit.
pub(crate) fn in_repository(project: Project) -> Project {
    let ada = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n";
    std::fs::write(project.home().join(".gitconfig"), ada).unwrap();
    let project = project
        .file(".gitignore", "__pycache__/\n")
        .file("mine.txt", "mine\n");
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-q", "-m", "Mine"],
    ] {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(project.root());
        git.env("HOME", project.home())
            .env("GIT_CONFIG_NOSYSTEM", "1");
        assert!(git.status().unwrap().success(), "{arguments:?}");
    }
    project
}

/// The PRD waits for an answer, the second ticket is blocked, and each time the person is called by
/// a command of their own; one of them fails.
pub(super) fn called() -> Project {
    let server = todo::server(|asked| {
        let never = asked.form().is_none() && asked.ticket() == Some("T2");
        never.then(|| Says::text("Nothing to do.\n[TASK_COMPLETE]"))
    });
    let commands = json!({"notify": {"commands": {
        "asked": "true", "blocked": "echo no way out >&2; exit 7", "finished": "true",
    }}});
    let project = Project::with(&server)
        .answers("storage: A\nsurface: A\n")
        .config(&commands.to_string());
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    let project = project.answers("approve-plan: yes\n");
    project.resume_unattended(&[]).exits(1);
    project
}

/// The person says something to the model, to a ticket to come, and to all.
pub(super) fn told() -> Project {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    project.run(&["tell", "keep it small"]).exits(0);
    project.resume_unattended(&["--until", "plan"]).exits(0);
    project
        .run(&["tell", "--ticket", "T2", "mark by number"])
        .exits(0);
    project
        .run(&["tell", "--all", "no other packages"])
        .exits(0);
    project.resume_unattended(&[]).exits(0);
    project
}

/// A ticket is taken back and put there again, and so is everything.
pub(super) fn undone() -> Project {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    project.run(&["undo", "T2", "--yes"]).exits(0);
    project.run(&["undo", "--redo", "--yes"]).exits(0);
    project.resume_unattended(&[]).exits(0);
    project.run(&["undo", "all", "--yes"]).exits(0);
    project
}

/// The second ticket is done again in a folder of its own; the first session is gone.
pub(super) fn forked() -> Project {
    let server = todo::todo_server();
    let project = Project::with(&server).file("notes.txt", "mine\n");
    project.start_unattended(&[]).exits(0);
    let old = project.session();
    let old = old.file_name().unwrap().to_str().unwrap();
    let ran = project.run(&["fork", "--at", "T2", "-s", old]).exits(0);
    project.run(&["sessions", "delete", old, "--yes"]).exits(0);
    project
        .run(&["resume", ran.stdout.trim(), "--yes", "--no-input"])
        .exits(0);
    project
}

/// Of three attempts the one that passes with the fewest lines stays.
pub(super) fn best_of_three() -> Project {
    let server = todo::server(|asked| Some(several(asked)));
    let project = Project::with(&server);
    project.start_unattended(&["--best-of", "3"]).exits(0);
    project
}

/// One ticket. The first attempt at it passes with much code, the second with less, the third
/// fails; which one it is shows in the seed.
pub(crate) fn several(asked: &Asked) -> Says {
    match asked.form() {
        Some(Form::Tickets) => {
            let mut ticket = todo::ticket("T1", "Add todos", "F1", &[]);
            ticket["features"] = json!(["F1", "F2"]);
            return Says::json(&json!({"tickets": [ticket]}));
        }
        Some(Form::Plan) => {
            let mut plan = todo::document(Form::Plan);
            plan["tickets"] = json!([todo::planned("T1", "test_add")]);
            return Says::json(&plan);
        }
        None if asked.ticket() == Some("T1") => {}
        Some(_) | None => return todo::says(asked),
    }
    let mut files = vec![todo::write("test_add.py", todo::TEST_ADD)];
    match asked.0["options"]["seed"].as_u64().unwrap_or_default() / 1000 {
        1 => {
            let code = format!("{}\n{}", todo::CODE, "# much more\n".repeat(20));
            files.push(todo::write("todo.py", &code));
            files.push(todo::write("debris.py", "x = 1\n"));
        }
        2 => files.push(todo::write("todo.py", todo::CODE)),
        _ => files.push(todo::write("todo.py", "def list():\n    return []\n")),
    }
    match asked.turn() {
        0 => Says::Calls(files),
        _ => Says::text("It is built.\n[TASK_COMPLETE]"),
    }
}

/// A fresh reader finds the first ticket wanting; the model does what it was told, and the reader
/// looks again.
pub(super) fn criticised() -> Project {
    let server = todo::server(|asked| {
        if asked.judged_ticket() == Some("T1") && asked.form() == Some(Form::Critique) {
            let is_there = asked.opening().contains("def careful");
            return (!is_there).then(|| Says::json(&asked.judged("not_met")));
        }
        let careful = "\n\ndef careful(items, number):\n    return done(items, number)\n";
        let is_told = asked.last().contains("A reviewer who read only");
        (asked.form().is_none() && is_told).then(|| {
            Says::Calls(vec![todo::write(
                "todo.py",
                &format!("{}{careful}", todo::CODE),
            )])
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    project
}

/// Each ticket becomes a commit in a worktree of the session's own.
pub(super) fn in_a_worktree() -> Project {
    let server = todo::todo_server();
    let project = in_repository(Project::with(&server));
    project.start_unattended(&["--worktree"]).exits(0);
    project
}
