//! Sessions of many kinds in which everybody says everything that is nobody's business: what is
//! left of it in a recording that goes to somebody else, which is nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::{lines, recorded, repeat};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::scenes::in_repository;
use crate::support::todo::{self, Asked};

/// Everything that a command can find out.
const LOOK: &str = "pwd; pwd -P; cd ..; pwd; cd -; echo $HOME $SECRET_NAME $USER; uname -n; cat /etc/hostname; cat /etc/machine-id; git var GIT_AUTHOR_IDENT; env; tr '\\0' '\\n' < /proc/self/environ; cat /proc/self/mounts /proc/self/cmdline; ls -l /proc/self/cwd; id -un; echo ~; git config --list; true";

/// What must not be told: what it is, and its words.
fn canaries(project: &Project) -> Vec<(&'static str, String)> {
    let text = |path: &Path| path.display().to_string();
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let root = project.root();
    vec![
        ("home", text(&project.home())),
        ("project", text(&root)),
        ("what it is in", text(root.parent().unwrap())),
        ("sessions", text(&project.loop_home().join("sessions"))),
        ("machine", machine.trim().to_owned()),
        ("user", "adalov".to_owned()),
        ("name", "Ada Lovelace".to_owned()),
        ("address", "ada@example.org".to_owned()),
        ("value", "hush-4711-hush".to_owned()),
        ("variable", "SECRET_NAME".to_owned()),
        ("tools", "/opt/adas tools/cargo".to_owned()),
    ]
}

/// All of it in one line.
fn all(project: &Project) -> String {
    let canaries = canaries(project).into_iter();
    let words: Vec<String> = canaries.map(|(_, word)| word).collect();
    words.join(" ; ")
}

/// A project of Ada's, and a model that thinks, says, writes and runs all of it before it works.
fn project(server: &FakeOllama) -> Project {
    let project = Project::with(server)
        .config("commands:\n  env: [SECRET_NAME]\n")
        .variable("SECRET_NAME", "hush-4711-hush")
        .variable("CARGO_HOME", "/opt/adas tools/cargo")
        .variable("USER", "adalov");
    in_repository(project)
}

fn server(is_stuck: bool) -> FakeOllama {
    let able = ["completion", "tools", "thinking"];
    FakeOllama::new()
        .model(FakeModel::new("tiny").capabilities(&able))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let is_work = asked.form().is_none() && asked.ticket() == Some("T1");
            if !is_work {
                return todo::says(&asked).script(request);
            }
            // The person's words come back out of the model's mouth.
            let opening = asked.opening();
            let words = opening.lines().find(|line| line.contains(" ; "));
            let words = words.unwrap_or_default().to_owned();
            if asked.turn() == 0 {
                let path = words.split(" ; ").next().unwrap_or_default();
                let path = path.rsplit(' ').next().unwrap_or_default();
                let thinks = format!("It is in {words}.");
                let note = json!({"path": "notes.txt", "content": format!("{words}\n")});
                return Script::stream()
                    .thinking(&thinks)
                    .text(&thinks)
                    .call("read_file", &json!({"path": format!("{path}/.bashrc")}))
                    .call("list_dir", &json!({"path": path}))
                    .call(
                        "run_command",
                        &json!({"command": format!("{LOOK}; ls {path}")}),
                    )
                    .call("write_file", &note)
                    .done_with("stop", 500, 50);
            }
            if is_stuck && !opening.contains("go on") {
                let gives_up = "It cannot be done.\n[TASK_COMPLETE]";
                return Script::stream().text(gives_up).done_with("stop", 500, 5);
            }
            let none = Vec::new();
            todo::after(none, &asked).script(request)
        })
}

/// A session of each kind. The task says all of it; what else says it is told with the kind.
fn play(kind: &str, project: Project) -> Project {
    let words = all(&project);
    let task = format!("Build a todo app for {words}");
    let answers = project.answers_file().display().to_string();
    let start = |more: &[&str]| {
        let start = ["start", &task, "--answers", &answers, "--no-input"];
        project.run(&[&start[..], more].concat())
    };
    let resume = || project.resume_unattended(&["--yes"]);
    let id = || {
        let folder = project.session();
        folder.file_name().unwrap().to_str().unwrap().to_owned()
    };
    match kind {
        "plain" => drop(start(&["--yes"]).exits(0)),
        "in a worktree" => drop(start(&["--yes", "--worktree"]).exits(0)),
        "a commit hook" => {
            let hook = project.root().join(".git/hooks/pre-commit");
            std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
            std::fs::write(&hook, format!("#!/bin/sh\n{LOOK}\n")).unwrap();
            std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
            start(&["--yes", "--commit", "--commit-hooks"]).exits(0);
        }
        "a person's command" => {
            let fails = format!("echo '{words}' >&2; exit 7");
            let config = json!({
                "commands": {"env": ["SECRET_NAME"]},
                "notify": {"commands": {"finished": fails}},
            });
            let project = project.config(&config.to_string());
            let start = ["start", &task, "--answers", &answers, "--no-input", "--yes"];
            project.run(&start).exits(0);
            return project;
        }
        "told" => {
            start(&["--until", "plan"]).exits(0);
            project.run(&["tell", "--all", &words]).exits(0);
            project.run(&["tell", "--ticket", "T2", &words]).exits(0);
            resume().exits(0);
        }
        "answered from elsewhere" => {
            std::fs::write(&answers, "").unwrap();
            start(&[]).exits(3);
            project.run(&["answer", "storage", &words]).exits(0);
            resume();
        }
        "forked" => {
            start(&["--yes"]).exits(0);
            let old = id();
            let ran = project.run(&["fork", "--at", "T2", "-s", &old]).exits(0);
            project.run(&["sessions", "delete", &old, "--yes"]).exits(0);
            let new = ran.stdout.trim();
            project
                .run(&["resume", new, "--yes", "--no-input"])
                .exits(0);
        }
        "undone" => {
            start(&["--yes"]).exits(0);
            project.run(&["undo", "all", "--yes"]).exits(0);
        }
        "blocked and tried again" => {
            start(&[]);
            let retry = format!("retry go on, in {words}");
            project.run(&["answer", "blocked-T1", &retry]).exits(0);
            resume();
        }
        "the best of three" => drop(start(&["--yes", "--best-of", "3"]).exits(0)),
        other => panic!("no kind: {other}"),
    }
    project
}

#[test]
fn nothing_of_anybodys_is_left_in_any_kind_of_session() {
    for kind in [
        "plain",
        "in a worktree",
        "a commit hook",
        "a person's command",
        "told",
        "answered from elsewhere",
        "forked",
        "undone",
        "blocked and tried again",
        "the best of three",
    ] {
        let server = server(kind.starts_with("blocked"));
        let project = play(kind, project(&server));
        let said = |options: &[&str]| -> String {
            let lines = lines(&recorded(&project, options));
            let text: String = lines.iter().map(Value::to_string).collect();
            text.replace("\\n", "\n")
        };
        let whole = said(&[]);
        for (what, word) in canaries(&project) {
            assert!(whole.contains(&word), "{kind}: {what} is nowhere");
        }
        for option in ["--redact", "--redact=contents"] {
            let text = said(&[option]).to_lowercase();
            for (what, word) in canaries(&project) {
                let Some(at) = text.find(&word.to_lowercase()) else {
                    continue;
                };
                let around: String = text
                    .chars()
                    .skip(at.saturating_sub(300))
                    .take(500)
                    .collect();
                panic!("{kind} {option}: {what} is left in {around}");
            }
        }
        let repeated = repeat(&project, &recorded(&project, &["--redact"]));
        let difference = &repeated["difference"];
        assert_eq!(*difference, Value::Null, "{kind}: {repeated:#}");
    }
}
