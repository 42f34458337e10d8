//! Several requests: one connection, growing bodies, and leaving in the middle.

use std::sync::Arc;

use loop_orchestration::engine::message::{Message, Role};
use loop_orchestration::engine::ports::{Model, Progress};
use serde_json::json;
use tokio::sync::mpsc;

use super::{block_on, chat, request, server, user};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, gate};

#[test]
fn a_conversation_grows_byte_for_byte_on_one_connection() {
    let fake = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|chat| {
            let count = chat.json["messages"].as_array().unwrap().len();
            Script::says(&format!("{count} messages"))
        });
    block_on(async {
        let mut server = server(&fake.url());
        server.version().await.unwrap();
        let mut messages = vec![user("one")];
        for count in 1..=5 {
            let mut request = request(&messages);
            request.conversation = Some(7);
            let (reply, _) = chat(&mut server, &request).await;
            let said = reply.unwrap().content;
            assert_eq!(said, format!("{} messages", 2 * count - 1));
            messages.push(Message::text(Role::Assistant, said));
            messages.push(user("more"));
        }
    });
    let chats = fake.chats();
    for pair in chats.windows(2) {
        let shared = pair[0].body.strip_suffix(b"]}").unwrap();
        assert!(pair[1].body.starts_with(shared));
    }
    assert_eq!(fake.connections(), 1);
    assert_eq!(chats[4].connection, 1);
    assert_eq!(chats[0].header("content-type"), Some("application/json"));
    let keys: Vec<_> = chats[0].json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "model",
            "stream",
            "think",
            "truncate",
            "shift",
            "keep_alive",
            "options",
            "messages"
        ]
    );
    let lossy = [&chats[0].json["truncate"], &chats[0].json["shift"]];
    assert_eq!(lossy, [&json!(false), &json!(false)]);
}

#[test]
fn a_fault_leaves_the_connection_usable() {
    let fake = FakeOllama::answering([
        Script::error(404, "model 'tiny' not found"),
        Script::says("again"),
    ]);
    block_on(async {
        let mut server = server(&fake.url());
        let messages = [user("hi")];
        assert!(chat(&mut server, &request(&messages)).await.0.is_err());
        assert!(chat(&mut server, &request(&messages)).await.0.is_ok());
    });
    assert_eq!(fake.connections(), 1);
}

#[test]
fn dropping_a_request_that_waits_closes_its_connection() {
    let fake = Arc::new(FakeOllama::answering([
        Script::silence(),
        Script::says("next"),
    ]));
    block_on(async {
        let mut server = server(&fake.url());
        let messages = [user("hi")];
        let request = request(&messages);
        tokio::select! {
            (reply, _) = chat(&mut server, &request) => panic!("{reply:?}"),
            () = beside(&fake, |fake| fake.wait_for_requests(1)) => {}
        }
        beside(&fake, |fake| fake.wait_for_hangups(1)).await;
        assert_eq!(chat(&mut server, &request).await.0.unwrap().content, "next");
    });
}

#[test]
fn dropping_a_request_in_its_stream_closes_its_connection() {
    let fake = Arc::new(FakeOllama::answering([Script::stream()
        .text("half")
        .hang()]));
    block_on(async {
        let mut server = server(&fake.url());
        let messages = [user("hi")];
        let (tell, mut told) = mpsc::unbounded_channel();
        let mut on_progress = |progress| tell.send(progress).unwrap();
        let request = request(&messages);
        tokio::select! {
            reply = server.chat(&request, &mut on_progress) => panic!("{reply:?}"),
            () = async {
                assert_eq!(told.recv().await, Some(Progress::Waiting));
                assert_eq!(told.recv().await, Some(Progress::Text("half".to_owned())));
            } => {}
        }
        beside(&fake, |fake| fake.wait_for_hangups(1)).await;
    });
}

#[test]
fn questions_are_answered_while_a_chat_is_under_way() {
    let (open, gate) = gate();
    let fake = FakeOllama::answering([Script::stream().wait(gate).text("late").done()]);
    block_on(async {
        let mut server = server(&fake.url());
        let aside = server.beside();
        let messages = [user("hi")];
        let request = request(&messages);
        let ((reply, _), loaded) = tokio::join!(chat(&mut server, &request), async {
            while aside.ps().await.unwrap().is_empty() {}
            let loaded = aside.ps().await.unwrap();
            open.send(()).unwrap();
            loaded
        });
        assert_eq!(reply.unwrap().content, "late");
        assert_eq!(loaded[0].name, "tiny");
        assert_eq!(loaded[0].context_length, Some(8192));
    });
    assert_eq!(fake.connections(), 2);
}

/// Waits without holding up the runtime, which has the client's connection to serve.
async fn beside(fake: &Arc<FakeOllama>, wait: impl FnOnce(&FakeOllama) + Send + 'static) {
    let fake = Arc::clone(fake);
    tokio::task::spawn_blocking(move || wait(&fake))
        .await
        .unwrap();
}
