//! Real test suites in whole runs: each is found by the program, run behind the best wall of this
//! machine, and counted. What this machine cannot run without a wall is left out, and said. Go,
//! Java and Ruby are not among them: their runners need packages that tests cannot have.
#![expect(clippy::unwrap_used, reason = "tests")]

mod baseline;
mod languages;
mod slow;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::sandbox_ground::{Ground, say, tiers};
use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::{Project, Ran};
use crate::support::todo::{self, Asked, Form, Says};

/// A language with its runner: a project with a test that works, and what a ticket adds to it.
struct Suite {
    name: &'static str,
    /// Where this works, the program takes another runner.
    unless: &'static str,
    /// The project as it is found.
    files: &'static [(&'static str, &'static str)],
    /// A test that fails from the start.
    broken: (&'static str, &'static str),
    /// Calls that add code and its test; `HALF` stands for the expression that counts.
    adds: fn() -> Vec<(&'static str, Value)>,
    /// Where the code is, the expression that is wrong, and the right one.
    half: (&'static str, &'static str, &'static str),
    /// How the program runs it.
    command: &'static str,
    /// How the failing tests are called: the new one, and the one from the start.
    failing: (&'static str, &'static str),
}

/// A call that writes a file.
fn writes(path: &str, text: &str) -> (&'static str, Value) {
    ("write_file", json!({"path": path, "content": text}))
}

impl Suite {
    /// Whether this machine has what it takes; says what it leaves out, and why.
    fn runs_here(&self) -> bool {
        if Command::new("bash")
            .args(["-c", self.unless])
            .output()
            .is_ok_and(|output| output.status.success())
        {
            say(&format!("left out: {}: {} works", self.name, self.unless));
            return false;
        }
        let place = tempfile::tempdir().unwrap();
        for (path, text) in self.files {
            let path = place.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let output = Command::new("bash")
            .args(["-c", self.command])
            .current_dir(place.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", std::env::home_dir().unwrap())
            .env("CARGO_NET_OFFLINE", "true")
            .env("npm_config_offline", "true")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let why = said.trim().lines().last().unwrap_or("it fails").to_owned();
            say(&format!("left out: {}: without a wall, {why}", self.name));
        }
        output.status.success()
    }

    /// The project with its model, in a home with the toolchains of this machine.
    fn project(&self, server: &FakeOllama, more: &[(&str, &str)]) -> Project {
        let home = std::env::home_dir().unwrap();
        let project = Project::with(server).variable("HOME", home.to_str().unwrap());
        self.files
            .iter()
            .chain(more)
            .fold(project, |project, (path, text)| project.file(path, text))
    }

    fn adds(&self, expression: &str) -> Vec<(&'static str, Value)> {
        let filled = |arguments: Value| -> Value {
            let text = arguments.to_string().replace("HALF", expression);
            serde_json::from_str(&text).unwrap()
        };
        let calls = (self.adds)().into_iter();
        calls
            .map(|(name, arguments)| (name, filled(arguments)))
            .collect()
    }

    fn repairs(&self) -> Says {
        let (path, wrong, right) = self.half;
        let edit = json!({"path": path, "old_text": wrong, "new_text": right});
        Says::call("edit_file", edit)
    }
}

/// A model that does a simple task: these replies of the ticket, one after another.
fn simple(mut ticket: impl FnMut(&Asked) -> Says + Send + 'static) -> FakeOllama {
    todo::server(move |asked| match asked.form() {
        Some(Form::Questions) => Some(Says::json(&json!({"simple": true, "questions": []}))),
        Some(_) => None,
        None => Some(ticket(asked)),
    })
}

/// `start` of a simple task, nobody there.
fn start(project: &Project) -> Ran {
    project.run(&["start", "add a half function", "--no-input"])
}

fn done() -> Says {
    Says::text("It is built and its test passes.\n[TASK_COMPLETE]")
}

/// The receipts of this gate.
fn receipts<'a>(journal: &'a Journal, gate: &str) -> Vec<&'a Value> {
    let checks = journal.of("checked").into_iter();
    checks.filter(|line| line["gate"] == gate).collect()
}

/// The best wall of this machine.
fn best_wall() -> &'static str {
    tiers(&Ground::new())[0].name()
}

/// The names of what stands in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    // Left by a runner that some machines have.
    names.retain(|name| name != ".pytest_cache");
    names.sort();
    names
}
