//! Suites that take long: they wait until the test lets them go on, by a file in their `/tmp`.

use std::fs;

use serde_json::json;

use super::{done, receipts, simple, start, writes};
use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::pty::Program;
use crate::support::todo::Says;

/// Waits for the file `go`, and leaves its number in `pid` meanwhile.
const TEST_SLOW: &str = "import os, tempfile, time, unittest\n\n\nGO = os.path.join(tempfile.gettempdir(), 'go')\n\n\nclass Slow(unittest.TestCase):\n    def test_slow(self):\n        open('pid', 'w').write(str(os.getpid()))\n        while not os.path.exists(GO):\n            time.sleep(0.01)\n";

const TEST_HALF: &str = "import unittest\nfrom half import half\n\n\nclass Half(unittest.TestCase):\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n";

fn server() -> FakeOllama {
    simple(|asked| match asked.turn() {
        0 => Says::Calls(vec![
            writes("half.py", "def half(n):\n    return n / 2\n"),
            writes("test_half.py", TEST_HALF),
        ]),
        _ => done(),
    })
}

fn project(server: &FakeOllama, config: &str) -> Project {
    Project::with(server)
        .config(config)
        .file(".gitignore", "pid\n")
        .file("test_slow.py", TEST_SLOW)
}

/// In a terminal: what it is doing stands at the bottom.
fn program(project: &Project, arguments: &[&str]) -> Program {
    Program::start(&project.command(arguments), 80, 24)
}

const TASK: [&str; 2] = ["start", "add a half function"];

#[test]
fn a_suite_takes_the_time_of_checks_and_not_that_of_commands() {
    let defaults = Project::without_server().run(&["config", "show"]).exits(0);
    assert!(defaults.stdout.contains("max_timeout_seconds: 600"));
    let server = server();
    let project = project(&server, "commands:\n  timeout_seconds: 1\n");
    let mut program = program(&project, &TASK);
    // Longer than a command of the model's may take, and the person sees that it runs.
    program.console.wait_for("running python3 -m ");
    program
        .console
        .wait_until(|screen| screen.text().contains("0:02"));
    fs::write(project.session().join("tmp/go"), "").unwrap();
    program.console.wait_for("is complete");
    assert_eq!(program.wait(), 0);
    let journal = project.journal();
    let before = receipts(&journal, "before")[0];
    assert_eq!(
        (&before["passed"], &before["tests"]),
        (&json!(true), &json!(1))
    );
    assert!(before["ms"].as_u64().unwrap() > 1_000, "{before}");
    assert_eq!(receipts(&journal, "verify")[0]["tests"], 2);
}

#[test]
fn a_suite_that_takes_longer_than_allowed_shows_nothing_and_says_what_to_raise() {
    let server = server();
    let config = "commands:\n  timeout_seconds: 1\n  max_timeout_seconds: 1\nlimits:\n  attempts: 1\n  repairs: 1\n";
    let project = project(&server, config);
    start(&project).exits(1);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "blocked")]);
    for gate in ["before", "verify"] {
        let receipt = receipts(&journal, gate)[0];
        assert_eq!(
            (&receipt["timed_out"], &receipt["passed"]),
            (&json!(true), &json!(false)),
            "{receipt}"
        );
    }
    let told = "did not end within 1 s, which is commands.max_timeout_seconds";
    assert!(journal.says(told), "{:?}", journal.of("warned"));
    assert!(project.artifact("summary.md").contains(told));
    assert!(!project.root().join("half.py").exists(), "taken back");
}

#[test]
fn ctrl_c_ends_a_suite_and_a_resume_runs_it_again() {
    let server = server();
    let project = project(&server, "");
    let pid = project.root().join("pid");
    let mut first = program(&project, &TASK);
    first.console.wait_for("running python3 -m ");
    first
        .console
        .wait_until(|_| fs::read_to_string(&pid).is_ok_and(|pid| !pid.is_empty()));
    first.console.send("\x03");
    first.console.wait_for("hint: go on with: loop resume ");
    assert_eq!(first.wait(), 130);
    let journal = project.journal();
    assert_eq!(journal.0.last().unwrap()["why"], "signal");
    assert!(
        receipts(&journal, "before").is_empty(),
        "no receipt of half a run"
    );
    fs::write(project.session().join("tmp/go"), "").unwrap();
    project.resume_unattended(&[]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(receipts(&journal, "before").len(), 1);
    assert_eq!(journal.tickets(), [("T1", "completed")]);
}
