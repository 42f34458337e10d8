//! A word of the person reaches the next request of the right conversation, once, behind everything
//! that was said before; and the conversations that are to hear it later.

use std::io::Write as _;
use std::sync::mpsc;

use serde_json::Value;

use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, todo_server};

const WORD: &str = "Name the file with an underscore, please.";

/// Where the test speaks while the model does.
type When = Box<dyn Fn(&Asked) -> bool + Send>;

/// A whole run; once, at that request, the words are told while the reply is on its way. Gives all
/// chats, and the place of that one.
fn told_at(when: When, words: &[&str]) -> (Project, Vec<RequestSeen>, usize) {
    let (speak, asked) = mpsc::channel::<()>();
    let (spoken, go_on) = mpsc::channel::<()>();
    let mut speaks = Some(go_on);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            if when(&asked)
                && let Some(go_on) = speaks.take()
            {
                speak.send(()).unwrap();
                go_on.recv().unwrap();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    let mut run = project.spawn_start();
    asked.recv().unwrap();
    let place = server.chats().len() - 1;
    let mut arguments = vec!["tell"];
    arguments.extend(words);
    project.run(&arguments).exits(0);
    spoken.send(()).unwrap();
    assert!(run.wait().unwrap().success());
    (project, server.chats(), place)
}

fn in_ticket(ticket: &'static str, turn: usize) -> When {
    Box::new(move |asked| asked.ticket() == Some(ticket) && asked.turn() == turn)
}

/// The messages as they stand in the body, without the closing bracket.
fn messages(request: &RequestSeen) -> &str {
    let body = std::str::from_utf8(&request.body).unwrap();
    let (_, messages) = body.split_once("\"messages\":[").unwrap();
    messages.strip_suffix("]}").unwrap()
}

fn mentions(request: &RequestSeen) -> usize {
    messages(request).matches(WORD).count()
}

fn journaled(journal: &Journal) -> Vec<(Value, Value)> {
    let told = journal.of("told").into_iter();
    told.map(|line| (line["text"].clone(), line["to"].clone()))
        .collect()
}

#[test]
fn it_reaches_the_very_next_request_once_and_extends_it_byte_for_byte() {
    let (project, chats, at) = told_at(in_ticket("T1", 1), &[WORD]);
    let next = &chats[at + 1];
    assert_eq!((mentions(&chats[at]), mentions(next)), (0, 1));
    assert!(messages(next).starts_with(messages(&chats[at])));
    // At the end, as a message of its own behind the result.
    let last = next.json["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["role"], "user");
    assert!(last["content"].as_str().unwrap().contains(WORD));
    // It stays where it is, and no other conversation hears it.
    for chat in &chats {
        let asked = Asked(chat.json.clone());
        let is_later = asked.ticket() == Some("T1") && asked.turn() > 1;
        assert_eq!(mentions(chat), usize::from(is_later), "{}", messages(chat));
    }
    let journal = project.journal();
    assert_eq!(journaled(&journal), [(Value::from(WORD), Value::Null)]);
    assert!(project.artifact("summary.md").contains(WORD));
    assert_eq!(
        std::fs::read_dir(project.session().join("inbox"))
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .starts_with("tell-")
            })
            .count(),
        0
    );
}

#[test]
fn a_document_hears_it_when_it_is_asked_for_next() {
    let is_prd: When = Box::new(|asked| asked.form() == Some(todo::Form::Prd));
    let (_, chats, at) = told_at(is_prd, &[WORD]);
    // The PRD was good: the next conversation is another one, and opens with its own words.
    let next = &chats[at + 1];
    assert_eq!(mentions(next), 1);
    let asked = Asked(next.json.clone());
    assert!(
        asked.opening().ends_with("Follow that from here on."),
        "{}",
        asked.opening()
    );
    assert_eq!(chats.iter().map(mentions).sum::<usize>(), 1);
}

#[test]
fn a_ticket_to_come_opens_with_it() {
    let (project, chats, _) = told_at(in_ticket("T1", 0), &["--ticket", "T2", WORD]);
    for chat in &chats {
        let asked = Asked(chat.json.clone());
        let hears = asked.ticket() == Some("T2");
        assert_eq!(mentions(chat), usize::from(hears));
        assert_eq!(asked.opening().contains(WORD), hears);
    }
    let to = serde_json::json!({"ticket": "T2"});
    assert_eq!(journaled(&project.journal()), [(Value::from(WORD), to)]);
}

#[test]
fn all_hear_what_is_for_all_from_then_on() {
    let (project, chats, at) = told_at(in_ticket("T1", 1), &["--all", WORD]);
    for (place, chat) in chats.iter().enumerate() {
        assert_eq!(
            mentions(chat),
            usize::from(place > at),
            "{place}: {}",
            messages(chat)
        );
    }
    assert_eq!(
        journaled(&project.journal()),
        [(Value::from(WORD), Value::from("all"))]
    );
}

#[test]
fn what_cannot_be_told_is_refused() {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project
        .run(&["tell", WORD])
        .exits(2)
        .says("there is no session");
    project
        .run(&["start", crate::support::project::TASK, "--no-input"])
        .exits(3);
    project.run(&["tell", " "]).exits(2).says("nothing to tell");
    project
        .run(&["tell", &"x".repeat(4_001)])
        .exits(2)
        .says("longer than 4000");
    project
        .run(&["tell", "--ticket", "T9", WORD])
        .exits(2)
        .says("there is no ticket 'T9'");
    project
        .run(&["tell", WORD])
        .exits(0)
        .says("it is told after: loop resume");
    project.resume_unattended(&["--yes"]).exits(0);
    let journal = project.journal();
    assert_eq!(journaled(&journal).len(), 1);
    // It waited for the run, and reached its first request.
    assert_eq!(
        server
            .chats()
            .iter()
            .filter(|chat| mentions(chat) == 1)
            .count(),
        1
    );
    project
        .run(&["tell", WORD])
        .exits(1)
        .says("is over (completed)");
}

#[test]
fn a_claim_that_is_repeated_because_of_it_is_no_circle() {
    let (project, ..) = told_at(in_ticket("T1", 2), &[WORD]);
    let journal = project.journal();
    let claims = journal.of("replied").into_iter();
    let claims = claims.filter(|line| {
        let text = line["reply"]["content"].as_str().unwrap_or_default();
        line["ticket"] == "T1" && text.contains("TASK_COMPLETE")
    });
    assert_eq!(claims.count(), 2);
    let circles = journal.of("note").into_iter();
    let circles: Vec<_> = circles.filter(|note| note["kind"] == "loop").collect();
    assert!(circles.is_empty(), "{circles:?}");
}

/// A request that was not answered may have been read: what it held stays as it was.
#[test]
fn after_a_request_that_failed_nothing_of_it_is_changed() {
    let mut chats = 0;
    let (told, go_on) = mpsc::channel::<()>();
    let (failed, seen) = mpsc::channel::<()>();
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            if asked.ticket() == Some("T1") && asked.turn() == 0 {
                chats += 1;
                if chats == 1 {
                    failed.send(()).unwrap();
                    go_on.recv().unwrap();
                    return Script::stream().text("I").cut();
                }
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    let mut run = project.spawn_start();
    seen.recv().unwrap();
    project.run(&["tell", WORD]).exits(0);
    told.send(()).unwrap();
    assert!(run.wait().unwrap().success());
    let of_ticket: Vec<RequestSeen> = server
        .chats()
        .into_iter()
        .filter(|chat| Asked(chat.json.clone()).ticket() == Some("T1"))
        .collect();
    let (first, second) = (&of_ticket[0], &of_ticket[1]);
    assert_eq!((mentions(first), mentions(second)), (0, 1));
    assert!(messages(second).starts_with(messages(first)));
}

#[test]
fn a_word_may_come_from_standard_input() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start(&["--no-input"]).exits(3);
    let mut tell = project.command(&["tell", "-"]);
    let mut tell = tell.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut input = tell.stdin.take().unwrap();
    writeln!(input, "{WORD}").unwrap();
    drop(input);
    assert!(tell.wait().unwrap().success());
    let inbox = std::fs::read_dir(project.session().join("inbox")).unwrap();
    let letters = inbox.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    assert_eq!(letters.filter(|letter| letter.contains(WORD)).count(), 1);
}
