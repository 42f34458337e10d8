//! `loop models probe`: models of three qualities, their cards, and what a start makes of them.

use serde_json::{Value, json};

use super::{json, tools};
use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says};

/// How good a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quality {
    /// Does what it is told.
    Good,
    /// Writes its calls as text, cannot choose a passage, forgets what it read first, forgets to
    /// end.
    Middling,
    /// Talks.
    Poor,
}

/// What is asked in a probe, by the words that only a probe uses.
fn answer(quality: Quality, asked: &Asked) -> Option<Says> {
    let ask = asked.opening();
    let call = |name: &'static str, arguments: Value| match quality {
        Quality::Good => Says::call(name, arguments),
        Quality::Middling => Says::json(&json!({"name": name, "arguments": arguments})),
        Quality::Poor => Says::text("I would use a tool for that, if I were you."),
    };
    let told = |words: &str| ask.contains(words);
    Some(if asked.last() == "Say yes." {
        Says::text("yes")
    } else if told("PRD for a command line program") {
        match quality {
            Quality::Good | Quality::Middling => Says::json(&todo::document(Form::Prd)),
            Quality::Poor => Says::text("{\"title\": \"\"}"),
        }
    } else if told("What are the codes") {
        Says::text(match quality {
            Quality::Good => "48213, 90567 and 31742",
            Quality::Middling => "I only know 31742",
            Quality::Poor => "There are no boxes.",
        })
    } else if told("data has a number in it") {
        match asked.turn() {
            0 => call("list_dir", json!({"path": "data"})),
            1 => call("read_file", json!({"path": "data/code.txt"})),
            _ if quality == Quality::Good => Says::text("It is 7319.\n[TASK_COMPLETE]"),
            _ => Says::text("It is 7319."),
        }
    } else if told("with edit_file") {
        let passage = match quality {
            Quality::Good => [
                "discount(net):\n    rate = 7",
                "discount(net):\n    rate = 15",
            ],
            Quality::Middling | Quality::Poor => ["rate = 7", "rate = 15"],
        };
        let [old, new] = passage;
        call(
            "edit_file",
            json!({"path": "src/shop.py", "old_text": old, "new_text": new}),
        )
    } else if told("with write_file") {
        let content = "def price(net):\n    rate = 7\n    return net + net * rate / 100\n\n\ndef discount(net):\n    rate = 15\n    return net - net * rate / 100\n";
        call(
            "write_file",
            json!({"path": "src/shop.py", "content": content}),
        )
    } else if told("Read the file src/app.py") {
        call("read_file", json!({"path": "src/app.py"}))
    } else if told("Create the file notes.txt") {
        call(
            "write_file",
            json!({"path": "notes.txt", "content": "water the plants\n"}),
        )
    } else if told("replace the passage `limit = 10`") {
        call(
            "edit_file",
            json!({"path": "src/app.py", "old_text": "limit = 10", "new_text": "limit = 20"}),
        )
    } else if told("List the folder src") {
        call("list_dir", json!({"path": "src"}))
    } else if told("contain FIXME") {
        call("search_files", json!({"pattern": "FIXME"}))
    } else if told("Run the command: python3") {
        call("run_command", json!({"command": "python3 -m unittest"}))
    } else if told("which colour the button") {
        call("ask_user", json!({"question": "Which colour?"}))
    } else {
        return None;
    })
}

/// A server with that model, which builds the todo app when it is not probed.
fn serving(quality: Quality) -> FakeOllama {
    let gpu = match quality {
        Quality::Good => 32_768,
        Quality::Middling => 8_192,
        Quality::Poor => 0,
    };
    let model = FakeModel::new("tiny")
        .window(65_536)
        .on_gpu_up_to(gpu)
        .size(1_000_000_000);
    FakeOllama::new().model(model).deciding(move |request| {
        let asked = Asked(request.json.clone());
        let says = answer(quality, &asked).unwrap_or_else(|| todo::says(&asked));
        says.script(request)
    })
}

fn probed(quality: Quality) -> (FakeOllama, Project, Value) {
    let server = serving(quality);
    let project = Project::with(&server);
    let card = json(&project.run(&["models", "probe", "tiny", "--json"]).exits(0));
    (server, project, card)
}

#[test]
fn a_good_model_gets_the_largest_window_on_its_card_and_all_tools() {
    let (server, project, card) = probed(Quality::Good);
    assert_eq!(card["verdict"], "good", "{card:#}");
    let advice = &card["advice"];
    assert_eq!(advice["tools"], "native");
    assert_eq!(advice["edits"], "replace");
    assert_eq!(advice["window"], 32_768);
    assert_eq!(advice["answer"], "quarter");
    assert_eq!(card["measured"]["reads_per_second"], 1_000);
    assert_eq!(card["measured"]["writes_per_second"], 500);

    let before = server.chats().len();
    project.start_unattended(&["--until", "implement"]).exits(0);
    let chats = &server.chats()[before..];
    for chat in chats {
        assert_eq!(chat.json["options"]["num_ctx"], 32_768);
    }
    let builds = chats
        .iter()
        .find(|chat| tools(chat).contains(&"write_file"));
    assert!(tools(builds.unwrap()).contains(&"edit_file"));
    assert_eq!(builds.unwrap().json["options"]["num_predict"], 8_192);
}

#[test]
fn a_middling_model_gets_a_small_window_and_writes_files_whole() {
    let (server, project, card) = probed(Quality::Middling);
    assert_eq!(card["verdict"], "usable", "{card:#}");
    let advice = &card["advice"];
    assert_eq!(advice["tools"], "text");
    assert_eq!(advice["edits"], "whole_file");
    assert_eq!(advice["window"], 8_192);
    assert_eq!(advice["answer"], "third");
    let rows = card["rows"].as_array().unwrap();
    let row = |what: &str| rows.iter().find(|row| row["what"] == what).unwrap();
    assert_eq!(
        row("tool calls")["detail"],
        "7 of 7 as asked, 7 of them written as text"
    );
    assert_eq!(row("marker")["came"], "badly");
    assert_eq!(row("window 16384")["came"], "partly");

    let before = server.chats().len();
    project.start_unattended(&["--until", "implement"]).exits(0);
    let chats = &server.chats()[before..];
    for chat in chats {
        assert_eq!(chat.json["options"]["num_ctx"], 8_192);
    }
    let system = |chat: &RequestSeen| {
        chat.json["messages"][0]["content"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let builds = chats
        .iter()
        .find(|chat| system(chat).contains("<write_file>"))
        .unwrap();
    assert!(tools(builds).is_empty(), "calls are written as text");
    assert_eq!(builds.json["options"]["num_predict"], 8_192 / 3);
    let system = system(builds);
    assert!(!system.contains("<edit_file>"), "{system}");
    assert!(
        system.contains("its complete new text with write_file."),
        "{system}"
    );
    // It is frozen, so a later probe changes nothing here.
    let journal = project.journal();
    let frozen = &journal.of("session_started")[0]["manners"]["models"]["tiny"];
    assert_eq!(frozen["edits"], "whole_file");
    assert_eq!(frozen["tools"], "text");
    assert!(frozen["patience"]["first_byte_seconds"].as_u64().unwrap() > 0);

    let doctor = project.run(&["doctor"]).exits(0).stdout;
    for text in [
        "card      usable",
        "edits: files are written whole",
        "the model's card says so",
    ] {
        assert!(doctor.contains(text), "{text} is not in {doctor}");
    }
    let list = project.run(&["models", "list"]).exits(0).stdout;
    assert!(list.contains("usable"), "{list}");
}

#[test]
fn a_poor_model_is_not_for_this_and_a_start_says_so() {
    let (_server, project, card) = probed(Quality::Poor);
    assert_eq!(card["verdict"], "not_for_this", "{card:#}");
    assert_eq!(card["measured"]["loads"].as_array().unwrap().len(), 1);
    assert_eq!(card["measured"]["turns"], 0);
    let advice = &card["advice"];
    assert_eq!(
        (&advice["tools"], &advice["edits"]),
        (&json!("text"), &json!("replace"))
    );
    assert_eq!(advice["window"], 16_384);
    project.start_unattended(&["--until", "prd"]).exits(0);
    assert!(project.journal().says("not for this"));
}

#[test]
fn the_card_is_shown_and_kept_by_digest_and_belongs_to_its_server() {
    let server = serving(Quality::Good);
    let project = Project::with(&server);
    let ran = project.run(&["models", "probe", "tiny"]).exits(0);
    for text in [
        "tiny (1.0 GB): good",
        "+ tool calls       7 of 7 as asked",
        "+ recall           yes at 10 %, yes at 50 %, yes at 90 %",
        "reading          1000 tokens a second",
        "+ window 32768     1.0 GB, 100 % of it on the graphics card",
        "settings that follow:",
    ] {
        assert!(ran.stdout.contains(text), "{text} is not in {}", ran.stdout);
    }
    assert!(ran.stderr.contains("a call of edit_file"), "{}", ran.stderr);
    let models = project.loop_home().join("models");
    let files: Vec<_> = std::fs::read_dir(&models).unwrap().collect();
    assert_eq!(files.len(), 1);
    assert!(project.sessions().is_empty());
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0);

    // The same weights on another server: speed and memory are not theirs.
    let other = serving(Quality::Good);
    let project = project.variable("OLLAMA_HOST", &other.url());
    let found = json(&project.run(&["doctor", "--json"]).exits(0));
    let model = &found["server"]["model"];
    assert_eq!(model["card"]["verdict"], "good");
    assert_eq!(model["manner"]["patience"], Value::Null);
    assert!(!model["window_reason"].as_str().unwrap().contains("card"));
}

#[test]
fn a_probe_needs_a_model_and_a_server() {
    let server = FakeOllama::new();
    let project = Project::with(&server);
    project
        .run(&["models", "probe", "absent"])
        .exits(5)
        .says("ollama pull absent");
    let gone = Project::without_server();
    gone.run(&["models", "probe", "tiny"])
        .exits(5)
        .says("Is it running?");
}

#[test]
fn faults_of_the_model_count_against_it_and_end_nothing() {
    let server = FakeOllama::answering([]).deciding(|request| {
        let asked = Asked(request.json.clone());
        if asked.last().contains("PRD") {
            Says::text("No.").script(request)
        } else {
            Script::error(400, "no")
        }
    });
    let project = Project::with(&server);
    let card = json(&project.run(&["models", "probe", "tiny", "--json"]).exits(0));
    assert_eq!(card["verdict"], "not_for_this");
    assert_eq!(card["measured"]["loads"], json!([]));
}

#[test]
fn a_model_that_never_answers_gets_no_card() {
    let server = FakeOllama::answering([]).deciding(|_| Script::error(400, "no room"));
    let project = Project::with(&server);
    let ran = project.run(&["models", "probe", "tiny"]).exits(5);
    let ran = ran.says("gave no answer at all");
    assert!(ran.stderr.contains("no room"), "{}", ran.stderr);
    assert!(!project.loop_home().join("models").exists());
}

#[test]
fn a_model_that_only_embeds_and_one_without_a_name_are_refused() {
    let server = FakeOllama::new().model(
        FakeModel::new("numbers")
            .capabilities(&["embedding"])
            .window(512),
    );
    let project = Project::with(&server);
    project
        .run(&["models", "probe", "numbers"])
        .exits(5)
        .says("only makes embeddings");
    project
        .run(&["start", "build a shop", "--model", "numbers", "--no-input"])
        .exits(5)
        .says("only makes embeddings");
    project
        .run(&["models", "probe", ""])
        .exits(2)
        .says("is empty");
}

#[test]
fn a_password_in_the_address_is_never_shown() {
    let project =
        Project::without_server().variable("OLLAMA_HOST", "http://me:hunter2-secret@127.0.0.1:9");
    for arguments in [
        &["models", "list"][..],
        &["doctor"],
        &["start", "build a shop", "--no-input"],
    ] {
        let ran = project.run(arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("127.0.0.1:9"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_model_without_the_tools_capability_can_be_probed() {
    let server = FakeOllama::new()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            assert!(asked.0.get("tools").is_none());
            answer(Quality::Middling, &asked).unwrap().script(request)
        });
    let project = Project::with(&server);
    let card = json(&project.run(&["models", "probe", "mute", "--json"]).exits(0));
    assert_eq!(card["verdict"], "usable", "{card:#}");
    assert_eq!(card["advice"]["tools"], "text");
}
