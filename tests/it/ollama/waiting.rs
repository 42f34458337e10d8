//! What is told while a request is out and nothing has come back, and how long it may take.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loop_orchestration::engine::ports::Progress;
use loop_orchestration::ollama::ServerSettings;

use super::{block_on, chat, hasty, replied, request, user};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, gate};

/// A server that answers the second chat only once the looks meanwhile have gone through all this.
fn slow(listed: &'static [&'static [&'static str]]) -> FakeOllama {
    let (open, gate) = gate();
    let open = Mutex::new(Some(open));
    let mut gate = Some(gate);
    let chats = Arc::new(AtomicUsize::new(0));
    let (asked, looks) = (Arc::clone(&chats), AtomicUsize::new(0));
    FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .listing(move |_| {
            if asked.load(Ordering::SeqCst) < 2 {
                return None;
            }
            let models = listed.get(looks.fetch_add(1, Ordering::SeqCst));
            if models.is_none() {
                drop(open.lock().unwrap().take());
            }
            Some(models.or(listed.last()).unwrap().to_vec())
        })
        .deciding(move |_| {
            if chats.fetch_add(1, Ordering::SeqCst) == 1 {
                gate.take().unwrap().wait();
            }
            Script::stream().text("ok").done_with("stop", 10_000, 10)
        })
}

/// What is told of the second of two chats of one conversation.
fn told_of_the_second(fake: &FakeOllama) -> Vec<Progress> {
    let settings = ServerSettings {
        look_every: Duration::from_millis(1),
        ..ServerSettings::new(&fake.url())
    };
    block_on(async {
        let mut server = hasty(&settings);
        let mut messages = vec![user(&"words ".repeat(6_000))];
        let mut told = Vec::new();
        for _ in 0..2 {
            let mut request = request(&messages);
            request.conversation = Some(1);
            let (reply, progress) = chat(&mut server, &request).await;
            reply.unwrap();
            told = progress;
            messages.push(replied("ok"));
            messages.push(user(&"more ".repeat(100)));
        }
        told
    })
}

#[test]
fn loading_and_reading_are_told_apart() {
    let fake = slow(&[&[], &["other:7b"], &["other:7b"], &["tiny:latest"]]);
    let told = told_of_the_second(&fake);
    let [
        Progress::Waiting,
        Progress::Loading { beside: None },
        Progress::Loading {
            beside: Some(other),
        },
        Progress::Reading { tokens, expected },
        Progress::Text(_),
    ] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(other, "other:7b");
    // A model that was loaded anew reads everything; the stand-in takes a millisecond a token.
    assert!((9_900..10_400).contains(tokens), "{tokens}");
    assert_eq!(*expected, Some(Duration::from_millis(*tokens)));
    let chats = fake.chats();
    assert_eq!(chats[0].connection, chats[1].connection);
    let requests = fake.requests();
    let mut looks = requests.iter().filter(|seen| seen.path == "/api/ps");
    assert!(looks.all(|look| look.connection != chats[1].connection));
}

#[test]
fn what_the_model_knows_already_is_not_to_be_read() {
    let told = told_of_the_second(&slow(&[&["tiny:latest"]]));
    let [
        Progress::Waiting,
        Progress::Reading { tokens, expected },
        Progress::Text(_),
    ] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert!((100..300).contains(tokens), "{tokens}");
    assert_eq!(*expected, Some(Duration::from_millis(*tokens)));
}

#[test]
fn a_server_that_does_not_list_its_models_is_waited_for() {
    let (open, gate) = gate();
    let open = Mutex::new(Some(open));
    let mut gate = Some(gate);
    let fake = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .listing(move |look| {
            if look == 3 {
                drop(open.lock().unwrap().take());
            }
            None
        })
        .deciding(move |_| {
            gate.take().unwrap().wait();
            Script::says("ok")
        });
    let settings = ServerSettings {
        look_every: Duration::from_millis(1),
        ..ServerSettings::new(&fake.url())
    };
    let (reply, told) =
        block_on(async { chat(&mut hasty(&settings), &request(&[user("hi")])).await });
    assert_eq!(reply.unwrap().content, "ok");
    assert_eq!(told, [Progress::Waiting, Progress::Text("ok".to_owned())]);
}
