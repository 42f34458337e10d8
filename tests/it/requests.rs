//! What goes over the wire in a whole run: every request, and each against the one before it.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::fake_ollama::script::RequestSeen;
use crate::support::project::Project;
use crate::support::shape::check_roles;
use crate::support::todo::{self, Asked, Says, todo_server};

/// The messages as they stand in the body, without the closing bracket.
fn messages(request: &RequestSeen) -> &str {
    let body = std::str::from_utf8(&request.body).unwrap();
    let (_, messages) = body.split_once("\"messages\":[").unwrap();
    messages.strip_suffix("]}").unwrap()
}

/// Whether both belong to one conversation: they open with the same words and have the same tools.
fn is_one_conversation(one: &RequestSeen, other: &RequestSeen) -> bool {
    let opening = |request: &RequestSeen| {
        let messages = request.json["messages"].as_array().unwrap();
        messages[..2.min(messages.len())].to_vec()
    };
    one.json["tools"] == other.json["tools"]
        && one.json["format"] == other.json["format"]
        && opening(one) == opening(other)
}

/// What must hold of each request by itself.
fn check_alone(request: &RequestSeen, num_ctx: u64) {
    let body = &request.json;
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys.last().unwrap().as_str(), "messages", "{keys:?}");
    assert_eq!(body["truncate"], json!(false));
    assert_eq!(body["shift"], json!(false));
    assert_eq!(body["stream"], json!(true));
    assert_eq!(body["options"]["num_ctx"], json!(num_ctx));
    assert!(body.get("think").is_some(), "{keys:?}");
    assert!(body.get("keep_alive").is_some(), "{keys:?}");
    assert!(
        body.get("format").is_none() || body.get("tools").is_none_or(|tools| tools == &json!([])),
        "format and tools together"
    );
    let system = body["messages"][0]["content"].as_str().unwrap();
    let tools = body.get("tools").map(Value::to_string).unwrap_or_default();
    if body.get("format").is_none() {
        let size = system.chars().count() + tools.chars().count();
        assert!(size <= 6_000, "{size} characters of system text and tools");
        assert!(std::str::from_utf8(&request.body).unwrap().contains(&tools));
    } else if body["messages"][0]["role"] == "system" {
        let size = system.chars().count();
        assert!(size <= 3_500, "{size} characters of system text");
    }
}

#[test]
fn every_request_of_a_run_is_as_the_contract_says() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let chats = server.chats();
    assert!(chats.len() > 15, "{} requests", chats.len());
    for chat in &chats {
        check_alone(chat, 16_384);
        check_roles(chat).unwrap();
    }
    let connections: BTreeSet<usize> = chats.iter().map(|chat| chat.connection).collect();
    assert_eq!(connections.len(), 1, "one kept connection");
    assert!(server.connections() <= 2, "{}", server.connections());
    let requests = server.requests();
    let probes = requests
        .iter()
        .take_while(|request| request.path != "/api/chat");
    assert!(probes.count() <= 3);
    let side = requests
        .iter()
        .filter(|request| request.path != "/api/chat")
        .count();
    assert!(side <= 4, "{side} requests that are no chats");
}

#[test]
fn requests_of_one_conversation_extend_each_other_byte_for_byte() {
    // Mistakes on the way: an unknown tool, silence, a failing check.
    let server = todo::server(|asked| {
        if asked.ticket() != Some("T1") || asked.form().is_some() {
            return None;
        }
        Some(match asked.turn() {
            0 => Says::call("make_coffee", json!({"strength": 3})),
            1 => Says::text("Let me think."),
            2 => Says::call("write_file", json!({"path": "todo.py"})),
            3 => Says::Calls(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", "import nothing\n"),
                ("read_file", json!({"path": "missing.py"})),
            ]),
            5 => Says::Calls(vec![todo::write("test_add.py", todo::TEST_ADD)]),
            _ => Says::text("Done.\n[TASK_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let chats = server.chats();
    let mut pairs = 0;
    for pair in chats.windows(2) {
        check_roles(&pair[1]).unwrap();
        if !is_one_conversation(&pair[0], &pair[1]) {
            continue;
        }
        pairs += 1;
        assert!(
            messages(&pair[1]).starts_with(messages(&pair[0])),
            "history was changed between\n{}\nand\n{}",
            messages(&pair[0]),
            messages(&pair[1])
        );
        let tools = |request: &RequestSeen| request.json["tools"].to_string();
        assert_eq!(tools(&pair[0]), tools(&pair[1]));
    }
    assert!(pairs >= 8, "{pairs} pairs");
    assert_eq!(project.journal().tickets()[0], ("T1", "completed"));
}

#[test]
fn a_resumed_conversation_is_extended_as_well() {
    let server = todo::server(|asked| {
        (asked.ticket() == Some("T2") && asked.turn() == 1)
            .then(|| Says::call("ask_user", json!({"question": "Really?"})))
    });
    let project = Project::with(&server);
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    let project = project.answers("Really?: yes\n");
    project.resume_unattended(&[]).exits(0);
    let chats = server.chats();
    let before = chats
        .windows(2)
        .filter(|pair| is_one_conversation(&pair[0], &pair[1]));
    for pair in before {
        assert!(messages(&pair[1]).starts_with(messages(&pair[0])));
    }
    let of_ticket = chats
        .iter()
        .filter(|chat| Asked(chat.json.clone()).ticket() == Some("T2"));
    let mut models: Vec<usize> = of_ticket.map(|chat| chat.connection).collect();
    models.dedup();
    assert_eq!(
        models.len(),
        2,
        "the second ticket was worked on by two processes"
    );
}

#[test]
fn a_small_window_is_never_exceeded_however_long_the_work() {
    const WINDOW: u64 = 4096;
    // Thirty turns that read, each result as large as it may be.
    let mut turns = 0;
    let server = todo::server(move |asked| {
        if !asked.is_research() {
            return None;
        }
        turns += 1;
        Some(if turns == 30 {
            Says::text("It is all in big.txt; there is nothing to add to that.\n[PHASE_COMPLETE]")
        } else {
            Says::call(
                "read_file",
                json!({"path": "big.txt", "start_line": turns, "end_line": 390}),
            )
        })
    });
    let lines = "one line of a very long file\n".repeat(400);
    let project = Project::with(&server).file("big.txt", &lines);
    project
        .start_unattended(&["--num-ctx", "4096", "--until", "research"])
        .exits(0);
    let journal = project.journal();
    assert!(
        journal.of("compacted").len() >= 3,
        "{}",
        journal.of("compacted").len()
    );
    for chat in server.chats() {
        check_alone(&chat, WINDOW);
        check_roles(&chat).unwrap();
        let bytes = chat.json["messages"].to_string().len()
            + chat
                .json
                .get("tools")
                .map_or(0, |tools| tools.to_string().len());
        let tokens = bytes as u64 / 4;
        assert!(
            tokens + 512 <= WINDOW,
            "{tokens} tokens leave no room for an answer"
        );
        let answer = chat.json["options"]["num_predict"].as_u64().unwrap();
        assert!(answer >= 512, "only {answer} tokens for the answer");
    }
}
