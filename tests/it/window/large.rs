//! A small window and a large project, with a server that counts finely and refuses what is too
//! long.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Says};

const WINDOW: u64 = 8_192;
const FOLDERS: usize = 400;
const FILES_EACH: usize = 250;

/// 2.5 bytes of tools and messages are a token.
fn tokens(asked: &Asked) -> u64 {
    let bytes = asked.0["messages"].to_string().len() + asked.0["tools"].to_string().len();
    bytes as u64 * 2 / 5
}

/// A model that looks at what is too large to be looked at before it works.
fn says(asked: &Asked) -> Says {
    let curious = [
        ("list_dir", json!({})),
        ("list_dir", json!({"path": "data/d17"})),
        ("search_files", json!({"pattern": "line"})),
        ("search_files", json!({"pattern": "nothing_has_this"})),
        ("read_file", json!({"path": "big.txt"})),
        (
            "read_file",
            json!({"path": "big.txt", "start_line": 20_000, "end_line": 39_000}),
        ),
        ("run_command", json!({"command": "cat big.txt"})),
        ("list_dir", json!({"path": "data"})),
    ];
    let looks = asked.form().is_none() && asked.ticket() != Some("T2");
    // A conversation that was shortened has forgotten how often it has spoken.
    let done = asked
        .messages()
        .iter()
        .map(ToString::to_string)
        .collect::<String>();
    let next = curious.iter().find(|(name, arguments)| {
        let steps = format!(
            "- {name} {}",
            arguments["path"]
                .as_str()
                .or(arguments["command"].as_str())
                .or(arguments["pattern"].as_str())
                .unwrap_or_default()
        );
        asked.has_tool(name)
            && !done.contains(&arguments.to_string().replace('"', "\\\""))
            && !done.contains(&arguments.to_string())
            && !done.contains(&steps)
    });
    match next {
        Some((name, arguments)) if looks => Says::call(name, arguments.clone()),
        _ => {
            let wrote = |file: &str| {
                done.contains(&format!("write_file {file}"))
                    || done.contains(&format!("\"path\":\"{file}\""))
            };
            match asked.ticket() {
                Some("T1") if asked.form().is_none() && !wrote("todo.py") => Says::Calls(vec![
                    todo::write("todo.py", todo::CODE),
                    todo::write("test_add.py", todo::TEST_ADD),
                ]),
                Some("T1") if asked.form().is_none() => Says::text("It is built.\n[TASK_COMPLETE]"),
                _ => todo::says(asked),
            }
        }
    }
}

#[test]
fn a_hundred_thousand_files_and_a_long_one_fit_into_a_small_window() {
    let counted = Arc::new(Mutex::new(Vec::new()));
    let counts = Arc::clone(&counted);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let tokens = tokens(&asked);
            counts.lock().unwrap().push(tokens);
            if tokens > WINDOW {
                let inner = json!({"error": {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": tokens, "n_ctx": WINDOW}});
                return Script::error(400, &inner.to_string());
            }
            says(&asked).counted(&asked, tokens)
        });
    let project = Project::large(&server);
    for folder in 0..FOLDERS {
        let folder = project.root().join(format!("data/d{folder}"));
        fs::create_dir_all(&folder).unwrap();
        for file in 0..FILES_EACH {
            fs::File::create(folder.join(format!("file_{file}.txt"))).unwrap();
        }
    }
    let project = project.file(
        "big.txt",
        &"a line of a file of two megabytes, with some words\n".repeat(40_000),
    );
    project
        .start_unattended(&["--num-ctx", "8192", "--sandbox", "off"])
        .exits(0);
    let counted = counted.lock().unwrap();
    let most = counted.iter().max().unwrap();
    assert!(*most <= WINDOW, "{most} tokens");
    assert!(*most > WINDOW / 2, "{most} tokens leave the window empty");
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    assert!(!journal.of("compacted").is_empty());
    assert!(!journal.says("too long"), "a request was refused");
    for call in ["list_dir", "search_files", "read_file", "run_command"] {
        assert!(
            journal
                .of("tool_started")
                .iter()
                .any(|line| line["call"]["name"] == call),
            "{call}"
        );
    }
}
