//! What is tried when a call goes wrong: one rung a failure, one rung back a success, an end that
//! is reached, and a history in which NOTHING malformed stands. (The shape of every request is
//! looked at by the stand-in itself.)

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, shapes};
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says};

/// What goes wrong with the requests of the first ticket, one after another; then NOTHING does.
type Troubles = Vec<Trouble>;
type Trouble = fn() -> Option<Script>;

/// A model that goes on where its work stands, however often it has spoken.
fn steady(asked: &Asked) -> Says {
    // A result: natively of that tool and with those words, else with that head.
    let done = |tool: &str, words: &str, head: &str| {
        asked.messages().iter().any(|message| {
            let content = message["content"].as_str().unwrap_or_default();
            (message["tool_name"] == tool && content.contains(words))
                || (message["role"] == "user" && content.contains(head))
        })
    };
    if asked.form().is_some_and(|form| form != Form::Call) || asked.ticket() != Some("T1") {
        return todo::says(asked);
    }
    if done(
        "run_command",
        "",
        "run_command python3 -m unittest test_add: ok",
    ) {
        Says::text("Built, and its test passes.\n[TASK_COMPLETE]")
    } else if done("write_file", "test_add.py", "write_file test_add.py: ok") {
        Says::call(
            "run_command",
            json!({"command": "python3 -m unittest test_add"}),
        )
    } else if asked.form() == Some(Form::Call) {
        Says::Calls(vec![todo::write("notes.txt", "forced\n")])
    } else {
        Says::Calls(vec![
            todo::write("todo.py", todo::CODE),
            todo::write("test_add.py", todo::TEST_ADD),
        ])
    }
}

struct Ran {
    server: FakeOllama,
    project: Project,
}

impl Ran {
    /// The requests for the first ticket.
    fn chats(&self) -> Vec<RequestSeen> {
        let mut chats = self.server.chats();
        chats.retain(|chat| Asked(chat.json.clone()).ticket() == Some("T1"));
        chats
    }

    fn journal(&self) -> Journal {
        self.project.journal()
    }

    /// Every step on the ladder: from and to.
    fn steps(&self) -> Vec<(String, String)> {
        let journal = self.journal();
        let notes = journal.of("note").into_iter();
        notes
            .filter(|note| note["kind"] == "ladder")
            .map(|note| (word(&note["data"]["from"]), word(&note["data"]["to"])))
            .collect()
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn steps(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect()
}

/// One run with these troubles, to the end of the first ticket and beyond.
fn run_with(troubles: Troubles, options: &[&str], code: i32) -> Ran {
    let troubles = Arc::new(Mutex::new(troubles.into_iter()));
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let trouble = (asked.ticket() == Some("T1") && asked.form() != Some(Form::Decision))
                .then(|| troubles.lock().ok()?.next())
                .flatten();
            trouble
                .and_then(|trouble| trouble())
                .unwrap_or_else(|| steady(&asked).script(request))
        });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(options).exits(code);
    project.journal().assert_whole();
    Ran { server, project }
}

/// A call without what it needs, as the server finds it.
const NO_CONTENT: Trouble = || Some(Script::calls(&[("write_file", json!({"path": "todo.py"}))]));

/// A call as text that cannot be read.
const DAMAGED_TEXT: Trouble = || {
    Some(Script::says(
        "<tool_call>{\"name\": \"write_file\", \"arguments\": {\"path\": \"a\" \"content\"}}</tool_call>",
    ))
};

const UNREADABLE: Trouble = || Some(shapes::unreadable_call());

const CUT_CALL: Trouble = || {
    let script = Script::stream().call("write_file", &todo::write("todo.py", "x = 1\n").1);
    Some(script.done_with("length", 100, 8192))
};

const PROSE: Trouble = || Some(Script::says("I would rather not."));

const BROKEN_BLOCK: Trouble = || {
    Some(Script::says(
        "<write_file>\n<path>todo.py</path>\n<content>\nx = 1\n",
    ))
};

const NOTHING: Trouble = || None;

#[test]
fn the_first_failure_is_answered_with_the_right_form_of_this_very_call() {
    let ran = run_with(vec![NO_CONTENT], &[], 0);
    assert_eq!(ran.steps(), steps(&[("native", "corrected")]));
    let chats = ran.chats();
    let messages = chats[1].json["messages"].as_array().unwrap();
    let [.., said, answer] = &messages[..] else {
        panic!("{messages:?}")
    };
    // The call itself is told in words: its syntax would be copied.
    assert_eq!(
        said["content"],
        "I tried to call write_file for todo.py, but that call could not be used."
    );
    assert_eq!(said.get("tool_calls"), None);
    let answer = answer["content"].as_str().unwrap();
    for words in [
        "'content'",
        r#"{"name":"write_file","arguments":{"path":"todo.py","content":"..."}}"#,
    ] {
        assert!(answer.contains(words), "{answer}");
    }
    assert!(chats[1].json.get("tools").is_some());
    assert_eq!(ran.journal().tickets()[0], ("T1", "completed"));
}

#[test]
fn the_second_failure_forces_the_call_and_it_enters_history_well_formed() {
    let all: [Troubles; 3] = [
        vec![NO_CONTENT, NO_CONTENT],
        vec![DAMAGED_TEXT, CUT_CALL],
        vec![UNREADABLE, UNREADABLE],
    ];
    for troubles in all {
        let ran = run_with(troubles, &[], 0);
        assert_eq!(
            ran.steps(),
            steps(&[
                ("native", "corrected"),
                ("corrected", "forced"),
                ("forced", "native"),
            ])
        );
        let chats = ran.chats();
        let forced = &chats[2].json;
        assert_eq!(forced.get("tools"), None);
        assert_eq!(forced["think"], json!(false));
        let names = &forced["format"]["properties"]["name"]["enum"];
        assert!(names.as_array().unwrap().contains(&json!("write_file")));
        // The next request has the call and its result, and offers the tools again.
        let next = chats[3].json["messages"].as_array().unwrap();
        let [.., call, result] = &next[..] else {
            panic!("{next:?}")
        };
        assert_eq!(
            call["tool_calls"][0]["function"]["arguments"],
            json!({"path": "notes.txt", "content": "forced\n"})
        );
        assert_eq!(result["role"], "tool");
        assert!(chats[3].json.get("tools").is_some());
        assert_eq!(ran.project.read("notes.txt"), "forced\n");
        let journal = ran.journal();
        let replied = journal.of("replied").into_iter();
        assert_eq!(replied.filter(|line| line["to"] == "forced").count(), 1);
        assert_eq!(journal.tickets()[0], ("T1", "completed"));
    }
}

#[test]
fn a_known_tool_is_forced_with_its_own_arguments() {
    let ran = run_with(vec![NO_CONTENT, NO_CONTENT], &[], 0);
    let format = &ran.chats()[2].json["format"];
    assert_eq!(format["properties"]["name"]["enum"], json!(["write_file"]));
    let arguments = &format["properties"]["arguments"];
    assert_eq!(arguments["required"], json!(["path", "content"]));
    assert_eq!(arguments["properties"]["content"]["type"], "string");
    assert!(!format.to_string().contains("$ref"));
}

#[test]
fn a_success_is_one_rung_back() {
    // Right after a forced call the next failure forces again; after a good call it is corrected.
    let ran = run_with(
        vec![NO_CONTENT, NO_CONTENT, NOTHING, NO_CONTENT, NOTHING],
        &[],
        0,
    );
    assert_eq!(
        ran.steps(),
        steps(&[
            ("native", "corrected"),
            ("corrected", "forced"),
            ("forced", "native"),
            ("corrected", "forced"),
            ("forced", "native"),
        ])
    );
    let ran = run_with(vec![NO_CONTENT, NOTHING, NO_CONTENT], &[], 0);
    assert_eq!(
        ran.steps(),
        steps(&[("native", "corrected"), ("native", "corrected")])
    );
}

#[test]
fn when_forcing_fails_the_work_goes_on_in_text_with_what_was_done() {
    let ran = run_with(vec![NOTHING, NO_CONTENT, DAMAGED_TEXT, PROSE], &[], 0);
    assert_eq!(
        ran.steps(),
        steps(&[
            ("native", "corrected"),
            ("corrected", "forced"),
            ("forced", "text"),
        ])
    );
    let chats = ran.chats();
    let text = &chats[4].json;
    assert_eq!((text.get("tools"), text.get("format")), (None, None));
    let messages = text["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "a new opening");
    let system = messages[0]["content"].as_str().unwrap();
    assert!(system.contains("<write_file>\n<path>"), "{system}");
    let opening = messages[1]["content"].as_str().unwrap();
    for words in [
        "# Your ticket\nT1 ",
        "# Work so far",
        "- write_file todo.py: ok",
        "- write_file test_add.py: ok",
    ] {
        assert!(opening.contains(words), "{words} is not in {opening}");
    }
    assert!(!opening.contains("- told:"), "{opening}");
    let journal = ran.journal();
    let started = journal.of("conversation_started");
    let in_text = started.iter().filter(|line| line["protocol"] == "text");
    // The first ticket's second opening, the second ticket, the repair.
    assert_eq!(in_text.count(), 3);
    assert_eq!(journal.outcome(), Some("completed"));
}

#[test]
fn faults_of_the_server_while_a_call_is_forced_are_failures_too() {
    for broken in [UNREADABLE, || Some(shapes::format_cut())] {
        let ran = run_with(vec![UNREADABLE, UNREADABLE, broken], &[], 0);
        assert_eq!(ran.steps().last(), steps(&[("forced", "text")]).last());
        assert_eq!(ran.journal().outcome(), Some("completed"));
    }
    // A stream that breaks is the way's fault: the same call is asked for again.
    let cut: Trouble = || Some(shapes::server_killed());
    let ran = run_with(vec![NO_CONTENT, NO_CONTENT, cut, cut], &[], 0);
    assert_eq!(ran.steps().last(), steps(&[("forced", "native")]).last());
}

#[test]
fn the_last_rung_is_an_attempt_that_failed_and_it_is_reached_soon() {
    let ran = run_with(
        vec![
            NO_CONTENT,
            NO_CONTENT,
            PROSE,
            BROKEN_BLOCK,
            BROKEN_BLOCK,
            PROSE,
        ],
        &[],
        1,
    );
    assert_eq!(
        ran.steps(),
        steps(&[
            ("native", "corrected"),
            ("corrected", "forced"),
            ("forced", "text"),
            ("text", "corrected"),
            ("corrected", "forced"),
        ])
    );
    let chats = ran.chats();
    assert_eq!(chats.len(), 6);
    let answer = Asked(chats[4].json.clone());
    let block = "<write_file>\n<path>todo.py</path>\n<content>\n...\n</content>\n</write_file>";
    let block = block.replace("todo.py", "...");
    assert!(answer.last().contains(&block), "{}", answer.last());
    let journal = ran.journal();
    assert_eq!(journal.tickets()[0], ("T1", "blocked"));
    assert!(journal.says("3 replies in a row could not be used"));
}

#[test]
fn a_forced_call_is_text_in_the_text_protocol() {
    let troubles: Troubles = vec![NO_CONTENT, NO_CONTENT, PROSE, BROKEN_BLOCK, BROKEN_BLOCK];
    let ran = run_with(troubles, &[], 0);
    let chats = ran.chats();
    let messages = chats[6].json["messages"].as_array().unwrap();
    let [.., call, result] = &messages[..] else {
        panic!("{messages:?}")
    };
    assert_eq!(
        call["content"],
        "<write_file>\n<path>notes.txt</path>\n<content>\nforced\n</content>\n</write_file>"
    );
    assert_eq!(result["role"], "user");
    let result = result["content"].as_str().unwrap();
    assert!(
        result.starts_with("<tool_result>\nwrite_file notes.txt: ok\n"),
        "{result}"
    );
    assert!(!result.contains("(no usable reply)"));
    assert_eq!(ran.journal().tickets()[0], ("T1", "completed"));
}

#[test]
fn a_model_that_turns_out_to_have_no_tools_goes_on_in_text() {
    let server = FakeOllama::new()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .deciding(|request| steady(&Asked(request.json.clone())).script(request));
    let project = Project::with(&server);
    project
        .start_unattended(&["--skip-check", "--model", "mute"])
        .exits(0)
        .says("as blocks of text");
    let journal = project.journal();
    assert_eq!(journal.outcome(), Some("completed"));
    // Found out once, by the first request with tools.
    let chats = server.chats();
    let with_tools = chats.iter().filter(|chat| chat.json.get("tools").is_some());
    assert_eq!(with_tools.count(), 1);
    let notes = journal.of("note").into_iter();
    let notes: Vec<&Value> = notes.filter(|note| note["kind"] == "ladder").collect();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0]["data"]["to"], "text");
    assert_eq!(notes[0]["data"]["model"], "mute");
}
