//! Text that would act on a terminal, put wherever text comes from: the task, the model's documents,
//! questions and replies, the names of files and models, what files hold, what commands print. The
//! real binary writes none of it as it came, and no request carries it to the model.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use loop_orchestration::engine::neutral::is_hostile;
use serde_json::{Value, json};

use crate::support::fake_ollama::{FakeModel, FakeOllama};
use crate::support::project::{Project, Ran};
use crate::support::todo::{self, Asked, Form, Says};

/// Hides, conceals, renames the window, goes back a line, reorders; the colour is none of ours.
const EVIL: &str = "\x1b[8mE\x1b]0;t\x07\x1b[35mV\u{9b}2J\u{202e}I\u{2066}L\u{200b}\x08\x7f\r";

/// Colours of ours: dim, bold, the four of the screen, and the end of them.
const OURS: &[&str] = &[
    "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m",
];

#[track_caller]
fn is_neutral(what: &str, text: &str) {
    let plain = OURS
        .iter()
        .fold(text.to_owned(), |text, ours| text.replace(ours, ""));
    let found = plain
        .char_indices()
        .find(|(_, character)| is_hostile(*character));
    if let Some((at, character)) = found {
        let from = (0..=at.saturating_sub(120))
            .rev()
            .find(|at| plain.is_char_boundary(*at));
        let rest: String = plain[from.unwrap_or(0)..].chars().take(240).collect();
        panic!("{what}: {character:?} in {rest:?}");
    }
}

#[track_caller]
fn both(what: &str, ran: &Ran) {
    is_neutral(&format!("{what}, standard output"), &ran.stdout);
    is_neutral(&format!("{what}, standard error"), &ran.stderr);
}

/// The value with the text at the end of every sentence in it; identifiers, commands and paths stay.
fn stained(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(' ') && !text.starts_with("python3") => {
            Value::String(format!("{text} {EVIL}"))
        }
        Value::Array(items) => items.into_iter().map(stained).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, item)| (key, stained(item)))
            .collect(),
        other => other,
    }
}

/// A model that stains everything it says.
fn server() -> FakeOllama {
    FakeOllama::new()
        .model(FakeModel::new(&format!("tiny{}", "\x1b[35m\u{202e}")))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            let says = match asked.form() {
                Some(Form::Decision) => todo::says(&asked),
                Some(form) => Says::json(&stained(todo::document(form))),
                None => at_work(&asked),
            };
            says.script(request)
        })
}

/// In its first ticket it looks at what is there, asks a person, and says what it thinks.
fn at_work(asked: &Asked) -> Says {
    if asked.is_research() {
        return todo::after(vec![("search_files", json!({"pattern": "here"}))], asked);
    }
    if asked.ticket() != Some("T1") {
        return match todo::says(asked) {
            Says::Text(text) => Says::text(&format!("{EVIL}\n{text}")),
            calls @ Says::Calls(_) => calls,
        };
    }
    let calls = vec![
        ("list_dir", json!({})),
        ("read_file", json!({"path": "evil.txt"})),
        ("run_command", json!({"command": "cat evil.txt; ls"})),
        ("run_command", json!({"command": format!("echo {EVIL}")})),
        ("read_file", json!({"path": format!("no{EVIL}")})),
        ("write_file", json!({"path": "made.txt", "content": EVIL})),
        (
            "ask_user",
            json!({"question": format!("Which? {EVIL}"), "options": [format!("a {EVIL}")]}),
        ),
    ];
    todo::after(calls, asked)
}

fn project(server: &FakeOllama) -> Project {
    let project = Project::with(server)
        .file("evil.txt", &format!("here {EVIL}\n"))
        .file("AGENTS.md", &format!("Use tabs. {EVIL}\n"));
    let name = format!("n{}.txt", EVIL.replace('\0', ""));
    fs::write(project.root().join(name), "here\n").unwrap();
    project
}

fn start(project: &Project, more: &[&str]) -> Ran {
    let task = format!("Build a todo app {EVIL}");
    let answers = project.answers_file().display().to_string();
    let arguments = ["start", &task, "--no-input", "--answers", &answers];
    project.run(&[&arguments[..], more].concat())
}

fn files_are_neutral(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = fs::read_to_string(&path).unwrap();
            is_neutral(&path.display().to_string(), &text);
        }
    }
}

#[test]
fn a_whole_run_writes_nothing_that_acts_on_a_terminal() {
    let server = server();
    let project = project(&server);
    let ran = start(&project, &["--yes", "--verbose", "--color", "always"]);
    both("start", &ran);
    let ran = ran.exits(0);
    assert!(ran.stderr.contains("\x1b["), "there are colours of ours");
    let journal = project.journal();
    assert!(
        journal.of("tool_finished").len() >= 13,
        "{}",
        journal.of("tool_finished").len()
    );
    assert_eq!(journal.outcome(), Some("completed"));

    let session = project.session();
    files_are_neutral(&session);
    files_are_neutral(&session.join("artifacts"));
    let id = session.file_name().unwrap().to_str().unwrap().to_owned();
    for arguments in [
        &["sessions", "list"][..],
        &["sessions", "list", "--json"],
        &["--list"],
        &["sessions", "show"],
        &["sessions", "show", &id, "--json"],
        &["sessions", "export"],
        &["resume", &id],
        &["doctor"],
        &["doctor", "--json"],
    ] {
        let ran = project.run(arguments);
        both(&arguments.join(" "), &ran);
        assert!(
            !ran.stdout.is_empty() || !ran.stderr.is_empty(),
            "{arguments:?}"
        );
    }
    // JSON says all of it, in escapes.
    let listed = project.run(&["sessions", "show", &id, "--json"]);
    serde_json::from_str::<Value>(&listed.stdout).unwrap();

    for request in server.chats() {
        for message in Asked(request.json).messages() {
            if message["role"] != "assistant" {
                is_neutral("a request", message["content"].as_str().unwrap());
            }
        }
    }
}

#[test]
fn events_as_json_say_everything_and_act_on_nothing() {
    let server = server();
    let project = project(&server);
    let ran = start(&project, &["--yes", "--json"]);
    both("start --json", &ran);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The model's own words are kept, byte for byte.
    assert!(
        lines
            .iter()
            .any(|line| line["event"] == "replied" && line.to_string().contains('\u{202e}'))
    );
    ran.exits(0);
}

#[test]
fn questions_errors_and_skills_act_on_nothing() {
    let server = server();
    let project = project(&server).answers("storage: A\nsurface: A\n").file(
        ".loop/skills/ticket-writer/SKILL.md",
        &format!("---\nname: ticket-writer\ndescription: Cuts work.\n---\nSing {EVIL}\n"),
    );
    let ran = start(&project, &["--trust-project"]);
    both("a question that nobody answers", &ran);
    ran.exits(3);
    let evil = format!("x{EVIL}");
    for arguments in [
        &["skills", "list"][..],
        &["skills", "show", "ticket-writer"],
        &["skills", "show", &evil],
        &["sessions", "show", &evil],
        &["resume", &evil],
        &["doctor", "--model", &evil],
        &["config", "show", "--config", &evil],
    ] {
        both(&arguments.join(" "), &project.run(arguments));
    }
}
