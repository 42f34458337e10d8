//! `loop demo` as a stranger starts it: the real binary, an empty home, no server. What it builds
//! is tried out by the test itself.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::todo::{self, Says};

/// A home that nobody has used yet, with a place for temporary files that can be looked into.
struct Stranger {
    folder: TempDir,
}

impl Stranger {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["home", "loop", "temporary", "here"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loop"));
        command
            .args(arguments)
            .current_dir(self.path("here"))
            .env("HOME", self.path("home"))
            .env("LOOP_HOME", self.path("loop"))
            .env("TMPDIR", self.path("temporary"))
            // Nothing listens there.
            .env("OLLAMA_HOST", "127.0.0.1:9");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Everything in a folder, however deep.
    fn files(&self, name: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.path(name)];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path.clone());
                }
                found.push(path);
            }
        }
        found
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn journal(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}")))
        .collect()
}

fn events<'a>(journal: &'a [Value], event: &str) -> Vec<&'a Value> {
    journal
        .iter()
        .filter(|line| line["event"] == event)
        .collect()
}

fn python(project: &Path, arguments: &[&str]) -> Output {
    Command::new("python3")
        .args(arguments)
        .current_dir(project)
        .output()
        .unwrap()
}

#[test]
fn what_it_keeps_works_and_its_journal_shows_why() {
    let stranger = Stranger::new();
    let output = stranger.run(&["demo", "--keep", "built/todo"]);
    assert!(output.status.success(), "{}", said(&output));
    let banner = "the model's part is scripted; everything else is real";
    assert!(said(&output).contains(banner), "{}", said(&output));
    let card = printed(&output);
    for words in [
        "built, and shown to work",
        "sent it back",
        "1. [x] Water the plants",
        "loop sessions show ",
        "ollama pull ",
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }

    let project = stranger.path("here/built/todo");
    let tests = python(&project, &["-m", "unittest"]);
    assert!(tests.status.success(), "{}", said(&tests));
    assert!(said(&tests).contains("Ran 5 tests"), "{}", said(&tests));
    let zero = python(&project, &["todo.py", "done", "0"]);
    assert_eq!(zero.status.code(), Some(1), "the review's finding");

    let sessions: Vec<PathBuf> = stranger
        .files("loop/sessions")
        .into_iter()
        .filter(|path| path.ends_with("journal.jsonl"))
        .collect();
    assert_eq!(sessions.len(), 1);
    let journal = journal(&std::fs::read_to_string(&sessions[0]).unwrap());
    let finished: Vec<_> = events(&journal, "ticket_finished")
        .into_iter()
        .map(|line| {
            (
                line["ticket"].clone(),
                line["outcome"].clone(),
                line["proof"].clone(),
            )
        })
        .collect();
    let done = |id: &str| (id.into(), "completed".into(), "shown".into());
    assert_eq!(finished, [done("T1"), done("T2")]);
    let checks: Vec<_> = events(&journal, "checked")
        .into_iter()
        .filter(|line| line["gate"] == "verify" && line["ticket"] == "T1")
        .map(|line| (line["command"].clone(), line["passed"].clone()))
        .collect();
    let check =
        |what: &str, passed: bool| (format!("python3 -m unittest {what}").into(), passed.into());
    assert_eq!(
        checks,
        [
            check("test_add", false),
            check("test_add", true),
            check("discover", true)
        ],
        "claimed untested, then repaired"
    );
    let kept: Vec<_> = events(&journal, "note")
        .into_iter()
        .filter(|line| line["kind"] == "kept")
        .collect();
    assert_eq!(kept.len(), 1, "the review's warning was repaired");
    assert_eq!(journal.last().unwrap()["event"], "session_finished");
    assert_eq!(stranger.files("temporary"), Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_left_behind_and_no_configuration_is_read() {
    let stranger = Stranger::new();
    std::fs::write(stranger.path("loop/config.yaml"), "no such key: 1").unwrap();
    let output = stranger.run(&["demo", "--quiet"]);
    assert!(output.status.success(), "{}", said(&output));
    let card = printed(&output);
    assert!(card.contains("built, and shown to work"), "{card}");
    assert!(card.contains("--keep"), "{card}");
    assert!(!said(&output).contains("question"), "{}", said(&output));
    for name in ["home", "temporary", "here"] {
        assert_eq!(stranger.files(name), Vec::<PathBuf>::new());
    }
    assert_eq!(stranger.files("loop"), [stranger.path("loop/config.yaml")]);
}

#[test]
fn as_json_it_prints_the_journal_and_nothing_else() {
    let stranger = Stranger::new();
    let output = stranger.run(&["demo", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let journal = journal(&printed(&output));
    let numbers: Vec<_> = journal.iter().map(|line| line["seq"].as_u64()).collect();
    let expected: Vec<_> = (1..=journal.len() as u64).map(Some).collect();
    assert_eq!(numbers, expected);
    assert_eq!(journal[0]["event"], "session_started");
    assert_eq!(journal.last().unwrap()["event"], "session_finished");
    assert_eq!(said(&output), "");
}

fn refused(output: &Output, words: &str) {
    assert_eq!(output.status.code(), Some(2), "{}", said(output));
    assert!(said(output).contains(words), "{}", said(output));
    assert!(said(output).contains("hint: "), "{}", said(output));
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let stranger = Stranger::new();
    std::fs::write(stranger.path("here/mine.txt"), "mine").unwrap();
    refused(&stranger.run(&["demo", "--keep", "."]), "is not empty");
    refused(&stranger.run(&["demo", "--keep", "mine.txt"]), "mine.txt");
    assert_eq!(stranger.files("here"), [stranger.path("here/mine.txt")]);
    assert_eq!(stranger.files("loop"), Vec::<PathBuf>::new());
}

#[test]
fn without_python_it_says_so() {
    let stranger = Stranger::new();
    let output = stranger
        .command(&["demo"])
        .env("PATH", stranger.path("home"))
        .output()
        .unwrap();
    refused(&output, "python3 is not installed");
}

#[test]
fn with_a_model_of_ones_own_it_ends_in_a_card_that_can_be_shown() {
    let server = todo::todo_server();
    let stranger = Stranger::new();
    let output = stranger
        .command(&["demo", "--model", "tiny"])
        .env("OLLAMA_HOST", server.url())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let card = String::from_utf8(output.stdout).unwrap();
    for line in [
        "loop demo --model tiny",
        "finished    yes",
        "tickets     2 of 2 done and shown by tests that ran, 0 done but not shown",
        "attempts    2 begun, 0 failed",
        "repairs     none",
        "native tool calls, thinking off",
    ] {
        assert!(card.contains(line), "{line} is not in {card}");
    }
    // Nothing of the machine, and nothing is left of the run.
    for secret in [server.url(), stranger.path("").display().to_string()] {
        assert!(!card.contains(&secret), "{secret} is in {card}");
    }
    assert_eq!(stranger.files("temporary"), Vec::<PathBuf>::new());
}

#[test]
fn a_model_that_fails_says_so_on_its_card() {
    let server = todo::server(|asked| {
        let builds = asked.form().is_none() && asked.ticket() == Some("T2");
        builds.then(|| Says::text("It cannot be done.\n[TASK_COMPLETE]"))
    });
    let stranger = Stranger::new();
    let output = stranger
        .command(&["demo", "--model", "tiny"])
        .env("OLLAMA_HOST", server.url())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let card = String::from_utf8(output.stdout).unwrap();
    assert!(card.contains("finished    no: "), "{card}");
    assert!(card.contains("tickets     1 of 2 done"), "{card}");
    assert!(card.contains("failed      T2: "), "{card}");
}
