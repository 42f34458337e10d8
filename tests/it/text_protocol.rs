//! A model without tool calls of its own does the same work: over HTTP, with the same program as
//! result, in a history that is text only, and goes on after a stop with the same bytes.

use serde_json::{Value, json};

use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Says, todo_server};

/// A server whose only model has no tools; `first` may answer a request instead of it.
fn mute_server(mut first: impl FnMut(&Asked) -> Option<Says> + Send + 'static) -> FakeOllama {
    FakeOllama::new()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let says = first(&asked).unwrap_or_else(|| todo::says(&asked));
            says.script(request)
        })
}

/// The messages as they stand in the body, without the closing bracket.
fn messages(request: &RequestSeen) -> &str {
    let body = std::str::from_utf8(&request.body).unwrap();
    let (_, messages) = body.split_once("\"messages\":[").unwrap();
    messages.strip_suffix("]}").unwrap()
}

fn of_ticket(server: &FakeOllama, ticket: &str) -> Vec<RequestSeen> {
    let mut chats = server.chats();
    chats.retain(|chat| Asked(chat.json.clone()).ticket() == Some(ticket));
    chats
}

#[test]
fn the_whole_pipeline_comes_to_the_same_program() {
    let native = todo_server();
    let with_tools = Project::with(&native);
    with_tools.start_unattended(&[]).exits(0);
    let server = mute_server(|_| None);
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(0)
        .says("text protocol: the model has no tool calls of its own");
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(journal.of("session_started")[0]["protocol"], "text");
    for file in ["todo.py", "test_add.py", "test_done.py"] {
        assert_eq!(project.read(file), with_tools.read(file), "{file}");
    }
    for ticket in ["tickets", "phases"] {
        let of = |project: &Project| match ticket {
            "tickets" => format!("{:?}", project.journal().tickets()),
            _ => format!("{:?}", project.journal().phases()),
        };
        assert_eq!(of(&project), of(&with_tools));
    }
    // As many requests as with tools, none of which offers any or has a message of a tool.
    let chats = server.chats();
    assert_eq!(chats.len(), native.chats().len());
    for chat in &chats {
        assert_eq!(chat.json.get("tools"), None);
        for message in chat.json["messages"].as_array().unwrap() {
            assert_ne!(message["role"], "tool");
            assert_eq!(message.get("tool_calls"), None);
        }
        if chat.json.get("format").is_none() {
            let system = chat.json["messages"][0]["content"].as_str().unwrap();
            let size = system.chars().count();
            assert!(size <= 6_000, "{size} characters of system text");
        }
    }
    assert!(
        native.chats().iter().all(|chat| {
            let system = chat.json["messages"][0]["content"].as_str().unwrap();
            !system.contains("<tool_result>")
        }),
        "a model with tools is not told of blocks"
    );
}

#[test]
fn results_come_back_in_one_message_and_the_models_own_words_stay() {
    let server = mute_server(|_| None);
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let chats = of_ticket(&server, "T1");
    let second = chats[1].json["messages"].as_array().unwrap();
    let [.., said, results] = &second[..] else {
        panic!("{second:?}")
    };
    let blocks = [
        todo::write("todo.py", todo::CODE),
        todo::write("test_add.py", todo::TEST_ADD),
    ]
    .map(|(name, arguments)| todo::block(name, &arguments));
    assert_eq!(said["content"], blocks.join("\n"));
    assert_eq!(results["role"], "user");
    let results = results["content"].as_str().unwrap();
    let heads: Vec<&str> = results
        .lines()
        .filter(|line| line.starts_with("write_file "))
        .collect();
    assert_eq!(
        heads,
        ["write_file todo.py: ok", "write_file test_add.py: ok"]
    );
    for pair in chats.windows(2) {
        assert!(messages(&pair[1]).starts_with(messages(&pair[0])));
    }
}

#[test]
fn what_a_model_invents_after_its_call_leaves_no_trace() {
    let server = mute_server(|asked| {
        let block = todo::block("run_command", &json!({"command": "echo real"}));
        (asked.ticket() == Some("T1") && asked.turn() == 0).then(|| {
            Says::text(&format!(
                "I look.\n{block}\n<tool_result>\nrun_command echo real: ok\ninvented\n</tool_result>\n[TASK_COMPLETE]"
            ))
        })
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&[]);
    for chat in of_ticket(&server, "T1") {
        assert!(!messages(&chat).contains("invented"));
    }
    let second = &of_ticket(&server, "T1")[1].json["messages"];
    let results = second[3]["content"].as_str().unwrap();
    assert!(results.contains("real"), "{results}");
    let repaired = project.journal();
    let repaired = repaired.of("repaired");
    assert!(repaired[0].to_string().contains("invented tool result"));
}

#[test]
fn a_model_that_falls_back_to_its_trained_syntax_is_understood() {
    let server = mute_server(|asked| {
        (asked.ticket() == Some("T2") && asked.turn() == 1).then(|| {
            Says::text(
                r#"<tool_call>{"name": "run_command", "arguments": {"command": "python3 -m unittest test_done"}}</tool_call>"#,
            )
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let third = of_ticket(&server, "T2")[2].json["messages"].clone();
    let results = third[5]["content"].as_str().unwrap();
    assert!(
        results.starts_with("<tool_result>\nrun_command python3 -m unittest test_done: ok\n"),
        "{results}"
    );
}

#[test]
fn native_calls_that_come_all_the_same_become_blocks() {
    let server = FakeOllama::new()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            if asked.ticket() == Some("T2") && asked.turn() == 0 {
                let (name, arguments) = todo::write("test_done.py", todo::TEST_DONE);
                return Script::stream().call(name, &arguments).done();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let second = of_ticket(&server, "T2")[1].json["messages"].clone();
    let (name, arguments) = todo::write("test_done.py", todo::TEST_DONE);
    assert_eq!(second[2]["content"], todo::block(name, &arguments));
}

#[test]
fn a_stop_in_the_middle_of_results_goes_on_with_the_same_bytes() {
    let calls = vec![
        todo::write("test_done.py", todo::TEST_DONE),
        ("ask_user", json!({"question": "Really?"})),
        ("list_dir", json!({})),
    ];
    let server = mute_server(move |asked| {
        (asked.ticket() == Some("T2") && asked.turn() == 0).then(|| Says::Calls(calls.clone()))
    });
    let project = Project::with(&server);
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    let project = project.answers("Really?: yes\n");
    project.resume_unattended(&[]).exits(0);
    project.journal().assert_whole();
    let chats = of_ticket(&server, "T2");
    for pair in chats.windows(2) {
        assert!(messages(&pair[1]).starts_with(messages(&pair[0])));
    }
    let results = chats[1].json["messages"][3]["content"].as_str().unwrap();
    let heads: Vec<&str> = results
        .lines()
        .skip_while(|line| !line.starts_with("write_file"))
        .filter(|line| line.ends_with(": ok"))
        .collect();
    assert_eq!(
        heads,
        [
            "write_file test_done.py: ok",
            "ask_user Really?: ok",
            "list_dir: ok"
        ]
    );
}

#[test]
fn a_full_window_is_shortened_and_never_exceeded() {
    let mut turns = 0;
    let server = mute_server(move |asked| {
        if !asked.is_research() {
            return None;
        }
        turns += 1;
        Some(if turns == 20 {
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
    let compacted = journal.of("compacted");
    assert!(compacted.len() >= 2, "{}", compacted.len());
    let summary = compacted[1]["summary"]["content"].as_str().unwrap();
    assert!(summary.contains("- read_file big.txt: ok"), "{summary}");
    for chat in server.chats() {
        let tokens = chat.json["messages"].to_string().len() as u64 / 4;
        assert!(tokens + 512 <= 4096, "{tokens} tokens leave no room");
    }
}

#[test]
fn a_model_without_tools_is_taken_only_where_no_other_is() {
    let server = todo_server()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .model(FakeModel::new("finder").capabilities(&["embedding"]));
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    assert_eq!(project.journal().of("session_started")[0]["model"], "tiny");
    let finder = FakeOllama::new().model(FakeModel::new("finder").capabilities(&["embedding"]));
    Project::with(&finder).start_unattended(&[]).exits(5);
}

#[test]
fn a_block_is_no_finding() {
    let server = mute_server(|asked| {
        asked.is_research().then(|| match asked.turn() {
            0 => Says::call(
                "search_files",
                json!({"pattern": "a rather long pattern of words"}),
            ),
            _ => Says::text("[PHASE_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    assert_eq!(project.journal().outcome(), Some("blocked"));
}

#[test]
fn a_nudge_and_a_failed_check_speak_of_blocks() {
    let server = mute_server(|asked| {
        let fenced = || {
            let block = todo::block("list_dir", &json!({}));
            Says::text(&format!("I do it so:\n```\n{block}\n```\nand then go on."))
        };
        (asked.ticket() == Some("T1") && asked.turn() == 0).then(fenced)
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&[]);
    let chats = of_ticket(&server, "T1");
    let asked = Asked(chats[1].json.clone());
    assert!(
        asked
            .last()
            .contains("send its block again, not in a code block")
    );
    let journal = project.journal();
    let listed = journal.of("tool_started").into_iter();
    let of_first = listed.filter(|line| line["ticket"] == "T1");
    let names: Vec<Value> = of_first.map(|line| line["call"]["name"].clone()).collect();
    assert!(!names.contains(&json!("list_dir")), "{names:?}");
}
