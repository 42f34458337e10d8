//! Models that go in circles, each in its own way: told, stopped at the count that the rules name,
//! and begun afresh.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Says};

/// Rule and count of each note about a circle, in order.
fn circles(journal: &Journal) -> Vec<(String, u64)> {
    let notes = journal.of("note").into_iter();
    notes
        .filter(|note| note["kind"] == "loop")
        .map(|note| {
            let rule = note["data"]["rule"].as_str().unwrap().to_owned();
            (rule, note["data"]["count"].as_u64().unwrap())
        })
        .collect()
}

fn expected(rule: &str, counts: impl IntoIterator<Item = u64>) -> Vec<(String, u64)> {
    let counts = counts.into_iter();
    counts.map(|count| (rule.to_owned(), count)).collect()
}

/// Whether the first attempt at the first ticket is asked for its next step.
fn is_first_attempt(asked: &Asked) -> bool {
    asked.form().is_none()
        && asked.ticket() == Some("T1")
        && !asked.opening().contains("Attempt 1 at this ticket failed")
}

/// How often a tool ran for a ticket before its first attempt failed.
fn calls_before_the_end(journal: &Journal, tool: &str) -> usize {
    let of_ticket = journal.0.iter().filter(|line| line["ticket"] == "T1");
    of_ticket
        .take_while(|line| line["event"] != "attempt_failed")
        .filter(|line| line["event"] == "tool_started" && line["call"]["name"] == tool)
        .count()
}

/// The first attempt ended because of this rule, and the second one completed the ticket.
#[track_caller]
fn ends_by(journal: &Journal, rule: &str) {
    let failed = journal.of("attempt_failed");
    assert_eq!(failed.len(), 1, "{failed:?}");
    let reason = failed[0]["reason"].as_str().unwrap();
    assert!(reason.contains(rule), "{reason}");
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
    assert_eq!(journal.outcome(), Some("completed"));
}

#[test]
fn a_run_that_makes_progress_hears_of_no_rule() {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(circles(&project.journal()), []);

    let demo = Project::without_server().run(&["demo", "--json"]).exits(0);
    let lines = demo
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let journal = Journal(lines.collect());
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(circles(&journal), []);
}

#[test]
fn a_model_that_repeats_a_call_is_told_twice_and_stopped_after_four() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let server = todo::server(move |asked| {
        is_first_attempt(asked).then(|| {
            ears.lock().unwrap().push(asked.last().to_owned());
            Says::call("read_file", json!({"path": "notes.txt"}))
        })
    });
    let project = Project::with(&server).file("notes.txt", "hello\n");
    let ran = project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("same_call", 2..=4));
    assert_eq!(calls_before_the_end(&journal, "read_file"), 4);
    ends_by(&journal, "same_call");
    let heard = heard.lock().unwrap();
    assert!(!heard[1].contains("same call"), "{}", heard[1]);
    assert!(heard[2].contains("1: hello") && heard[2].contains("same call with the same result"));
    assert!(
        heard[3].contains("Change it with edit_file"),
        "{}",
        heard[3]
    );
    assert_eq!(heard.len(), 4);
    ran.says("going in circles: the same call with the same result");
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("Going in circles was noticed: same_call 3."),
        "{summary}"
    );
}

#[test]
fn exploring_in_circles_begins_afresh_and_is_given_up_in_the_end() {
    let server = todo::server(|asked| {
        asked
            .is_research()
            .then(|| Says::call("list_dir", json!({})))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.of("attempt_failed").len(), 2);
    let three = expected("same_call", [2, 3, 4, 2, 3, 4, 2, 3, 4]);
    assert_eq!(circles(&journal), three);
    assert_eq!(*journal.phases().last().unwrap(), ("research", "blocked"));
}

#[test]
fn edits_that_never_fit_lead_to_the_whole_file() {
    let server = todo::server(|asked| {
        if !is_first_attempt(asked) {
            return None;
        }
        if asked
            .last()
            .contains("send the whole new file with write_file")
        {
            return Some(Says::call("read_file", json!({"path": "todo.py"})));
        }
        if asked.last().contains("1: # nothing") {
            return Some(Says::Calls(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", todo::TEST_ADD),
            ]));
        }
        if asked.last().contains("replaced") || asked.last().contains("created") {
            return Some(Says::text("It is there.\n[TASK_COMPLETE]"));
        }
        let wrong = format!("def add_{}():", asked.turn());
        Some(Says::call(
            "edit_file",
            json!({"path": "todo.py", "old_text": wrong, "new_text": "def add():"}),
        ))
    });
    let project = Project::with(&server).file("todo.py", "# nothing\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("failing_edits", [3]));
    assert_eq!(journal.of("attempt_failed").len(), 0);
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
}

#[test]
fn edits_to_and_fro_end_the_attempt() {
    let server = todo::server(|asked| {
        is_first_attempt(asked).then(|| {
            let (old, new) = if asked.turn() % 2 == 0 {
                ("one", "two")
            } else {
                ("two", "one")
            };
            Says::call(
                "edit_file",
                json!({"path": "x.py", "old_text": old, "new_text": new}),
            )
        })
    });
    let project = Project::with(&server).file("x.py", "a = 'one'\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("alternation", 2..=4));
    assert_eq!(calls_before_the_end(&journal, "edit_file"), 8);
    ends_by(&journal, "alternation");
}

#[test]
fn a_command_that_fails_alike_whatever_its_times_ends_the_attempt() {
    let server = todo::server(|asked| {
        is_first_attempt(asked).then(|| {
            let command = "echo \"NameError: x, after $(date +%N)ms\"; exit 1";
            Says::call("run_command", json!({"command": command}))
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("same_failure", 2..=4));
    ends_by(&journal, "same_failure");
    assert!(journal.says("It says: \\\"NameError: x, after"));
}

#[test]
fn the_same_claim_again_is_not_checked_for_ever() {
    let server = todo::server(|asked| {
        is_first_attempt(asked).then(|| Says::text("All tests pass.\n[TASK_COMPLETE]"))
    });
    let project = Project::with(&server).config("limits:\n  repairs: 9\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("same_text", [2, 3]));
    let failed = journal.of("attempt_failed");
    assert_eq!(failed.len(), 1);
    // What the next attempt is told is what failed.
    assert!(
        failed[0]["reason"]
            .to_string()
            .contains("nothing in the project has changed"),
        "{failed:?}"
    );
    let last = server
        .chats()
        .into_iter()
        .rfind(|chat| is_first_attempt(&Asked(chat.json.clone())));
    let last = Asked(last.unwrap().json);
    assert!(
        last.last().contains("word for word your message before"),
        "{}",
        last.last()
    );
}

/// A server whose model answers the first attempt at the first ticket with such a stream.
fn streaming(stream: impl Fn(&Asked) -> Option<Script> + Send + 'static) -> FakeOllama {
    let model = FakeModel::new("tiny").capabilities(&["completion", "tools", "thinking"]);
    FakeOllama::new().model(model).deciding(move |request| {
        let asked = Asked(request.json.clone());
        let stream = is_first_attempt(&asked).then(|| stream(&asked)).flatten();
        stream.unwrap_or_else(|| todo::says(&asked).script(request))
    })
}

/// The requests of the first attempt at the first ticket.
fn requests(server: &FakeOllama) -> Vec<Value> {
    let chats = server.chats().into_iter().map(|chat| chat.json);
    chats
        .filter(|json| is_first_attempt(&Asked(json.clone())))
        .collect()
}

#[test]
fn a_reply_that_repeats_itself_is_cut_and_asked_for_otherwise() {
    // The stream never ends by itself: only a client that goes away ends it.
    let server = streaming(|_| {
        let piece = "I will now look at the file again.\n";
        let script = (0..400).fold(Script::stream(), |script, _| script.text(piece));
        Some(script.hang())
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("repetition", 1..=3));
    ends_by(&journal, "repetition");
    let requests = requests(&server);
    assert_eq!(requests.len(), 3);
    let seeds: Vec<&Value> = requests
        .iter()
        .map(|json| &json["options"]["seed"])
        .collect();
    // The third is a call forced through a schema, beside the conversation.
    assert_eq!(seeds, [&Value::Null, &json!(1), &json!(3)]);
    let told = Asked(requests[1].clone());
    assert!(
        told.last()
            .contains("\"I will now look at the file again.\""),
        "{}",
        told.last()
    );
    // Nothing of what repeated itself was kept.
    assert!(
        !requests[2]
            .to_string()
            .contains(&"look at the file again.\\n".repeat(2))
    );
    assert!(!journal.says(&"look at the file again.\\n".repeat(2)));
}

#[test]
fn thinking_without_end_is_cut_and_then_done_without() {
    let server = streaming(|asked| {
        let thoughts = (0..4_000).map(|number| format!("so {number}, hm. "));
        let script = thoughts.fold(Script::stream(), |script, it| script.thinking(&it));
        (asked.0["think"] != json!(false)).then(|| script.hang())
    });
    let project = Project::with(&server).config("model:\n  think: on\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let requests = requests(&server);
    let thinks: Vec<&Value> = requests.iter().map(|json| &json["think"]).take(4).collect();
    // Told once, then for that turn without; the next turn may think again.
    assert_eq!(
        thinks,
        [&json!(true), &json!(true), &json!(false), &json!(true)]
    );
    assert!(
        Asked(requests[1].clone())
            .last()
            .contains("more than 6144 tokens")
    );
    assert!(circles(&journal).starts_with(&expected("thinking", [1, 2])));
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
}

#[test]
fn what_was_noticed_is_remembered_by_a_resume() {
    let server = todo::server(|asked| {
        is_first_attempt(asked).then(|| match asked.turn() {
            2 => Says::call("ask_user", json!({"question": "Shall I go on?"})),
            _ => Says::call("read_file", json!({"path": "notes.txt"})),
        })
    });
    let project = Project::with(&server).file("notes.txt", "hello\n");
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    assert_eq!(circles(&project.journal()), expected("same_call", [2]));
    let project = project.answers("Shall I go on?: yes\n");
    project.resume_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(circles(&journal), expected("same_call", 2..=4));
    assert_eq!(calls_before_the_end(&journal, "read_file"), 4);
    ends_by(&journal, "same_call");
}
