//! The tools against a real project folder: what they give, what they refuse, what stays whole.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use loop_orchestration::engine::call::{CallId, ToolCall};
use loop_orchestration::engine::ports::{Access, Command, Confine, Finished};
use loop_orchestration::engine::settings::CommandSettings;
use loop_orchestration::engine::tool::{ToolResult, ToolStatus};
use loop_orchestration::tools::{
    Executed, PlannedWrite, Toolbox, Workspace, commit, current_hash, execute, plan_write,
};
use serde_json::{Value, json};
use tempfile::TempDir;

mod races;
mod reading;
mod surveying;
mod temporary;
mod writing;

/// A sandbox that runs nothing and tells what it was asked.
struct Echo;

impl Confine for Echo {
    async fn run(&self, command: &Command) -> std::io::Result<Finished> {
        Ok(Finished {
            exit: Some(3),
            signal: None,
            stopped: None,
            output: format!("{} in {}", command.line, command.folder.display()),
            output_bytes: 0,
            output_sha256: String::new(),
            took: Duration::ZERO,
        })
    }

    fn tier(&self) -> &'static str {
        "none"
    }
}

/// A project in a temporary folder, beside an outside that must stay as it is.
struct Project {
    temporary: TempDir,
    workspace: Workspace,
    read: BTreeSet<String>,
    max_chars: usize,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        fs::create_dir(&root).unwrap();
        fs::create_dir(temporary.path().join("outside")).unwrap();
        fs::write(temporary.path().join("outside/secret.txt"), "OUTSIDE\n").unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let workspace = Workspace::open(&root, &[PathBuf::from("state")]).unwrap();
        Self {
            temporary,
            workspace,
            read: BTreeSet::new(),
            max_chars: 8_000,
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.workspace.root().join(path)
    }

    fn outside(&self) -> PathBuf {
        self.temporary.path().join("outside")
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).unwrap().permissions().mode() & 0o7777
    }

    fn execute(&self, name: &str, arguments: Value) -> Executed {
        let settings = CommandSettings::default();
        let toolbox = Toolbox {
            workspace: &self.workspace,
            confine: &Echo,
            settings: &settings,
            access: Access::Write,
            read: &self.read,
            max_chars: self.max_chars,
        };
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(execute(&call(name, arguments), &toolbox))
    }

    /// Runs a call to its end, the write included.
    fn run(&self, name: &str, arguments: Value) -> ToolResult {
        match self.execute(name, arguments) {
            Executed::Result(result) => result,
            Executed::Planned(planned) => commit(&self.workspace, &planned),
            Executed::Question { .. } => panic!("a question"),
        }
    }

    fn plan(&self, name: &str, arguments: Value) -> Result<PlannedWrite, ToolResult> {
        plan_write(&self.workspace, &call(name, arguments), &self.read)
    }

    fn read_file(&self, path: &str) -> ToolResult {
        self.run("read_file", json!({ "path": path }))
    }
}

fn call(name: &str, arguments: Value) -> ToolCall {
    ToolCall {
        id: CallId("c1".to_owned()),
        name: name.to_owned(),
        arguments,
    }
}

fn ok(text: &str) -> ToolResult {
    ToolResult::new(ToolStatus::Ok, text)
}

fn failed(text: &str) -> ToolResult {
    ToolResult::new(ToolStatus::Failed, text)
}

fn denied(text: &str) -> ToolResult {
    ToolResult::new(ToolStatus::Denied, text)
}

fn fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

#[test]
fn a_command_goes_to_the_sandbox_and_its_end_is_told() {
    let project = Project::new(&[]);
    let result = project.run("run_command", json!({"command": "make test"}));
    assert_eq!(
        result,
        failed(&format!(
            "exit code 3 (sandbox: none)\nmake test in {}",
            project.workspace.root().display()
        ))
    );
}

#[test]
fn a_question_is_handed_back() {
    let project = Project::new(&[]);
    assert_eq!(
        project.execute(
            "ask_user",
            json!({"question": "Which?", "options": ["a", "b"]})
        ),
        Executed::Question {
            question: "Which?".to_owned(),
            options: vec!["a".to_owned(), "b".to_owned()],
        }
    );
}

#[test]
fn a_call_that_lacks_something_is_told_what() {
    let project = Project::new(&[]);
    assert_eq!(
        project.run("read_file", json!({})),
        failed("read_file needs the text path")
    );
    assert_eq!(
        project.run("write_file", json!({"path": "a"})),
        failed("write_file needs the text content")
    );
    assert!(
        project
            .run("delete_file", json!({}))
            .text
            .starts_with("there is no tool delete_file; there are read_file")
    );
}

#[test]
fn resume_can_tell_whether_a_write_happened() {
    let project = Project::new(&[("a.txt", "one\n")]);
    let planned = project
        .plan(
            "edit_file",
            json!({"path": "a.txt", "old_text": "one", "new_text": "two"}),
        )
        .unwrap();
    let now = || current_hash(&project.workspace, "a.txt").unwrap();
    assert_eq!(now(), planned.before_hash);
    assert_eq!(commit(&project.workspace, &planned).status, ToolStatus::Ok);
    assert_eq!(now(), Some(planned.after_hash.clone()));
    // A second time it is not done again.
    assert_eq!(
        commit(&project.workspace, &planned).status,
        ToolStatus::Failed
    );
    assert_eq!(current_hash(&project.workspace, "none.txt"), Ok(None));
}

#[test]
fn hostile_links_lead_nowhere() {
    let project = Project::new(&[("a.txt", "inside\n")]);
    symlink(project.outside(), project.path("folder")).unwrap();
    symlink("../outside/secret.txt", project.path("relative")).unwrap();
    symlink(
        project.outside().join("secret.txt"),
        project.path("absolute"),
    )
    .unwrap();
    for path in ["folder/secret.txt", "relative", "absolute"] {
        for result in [
            project.read_file(path),
            project.run("write_file", json!({"path": path, "content": "x"})),
            project.run(
                "edit_file",
                json!({"path": path, "old_text": "O", "new_text": "x"}),
            ),
            project.run("search_files", json!({"path": path, "pattern": "OUTSIDE"})),
        ] {
            assert_eq!(result.status, ToolStatus::Denied, "{path}: {}", result.text);
            assert!(
                result.text.contains("leads out of the project"),
                "{}",
                result.text
            );
        }
    }
    let result = project.run(
        "write_file",
        json!({"path": "folder/new.txt", "content": "x"}),
    );
    assert_eq!(result.status, ToolStatus::Denied);
    assert_eq!(
        project.run("list_dir", json!({"path": "folder"})).status,
        ToolStatus::Denied
    );
    assert_eq!(fs::read_dir(project.outside()).unwrap().count(), 1);
}
