//! What is tried again, how often, and what is waited for.

use std::net::TcpListener;
use std::time::Duration;

use loop_orchestration::engine::ports::Progress;
use loop_orchestration::engine::reply::Fault;
use loop_orchestration::ollama::{Backoff, Server, ServerSettings};

use super::{ask, block_on, chat, hasty, request, server, shown_text, user};
use crate::support::fake_ollama::{FakeOllama, Script, Splits, shapes};

/// The reasons for which the client tried again.
fn reasons(told: &[Progress]) -> Vec<&str> {
    told.iter()
        .filter_map(|progress| match progress {
            Progress::Retrying { why, .. } => Some(why.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn faults_that_pass_are_survived() {
    for shape in [
        shapes::busy as fn() -> Script,
        shapes::taken_back,
        shapes::killed_in_load,
        shapes::killed_in_stream,
        Script::drop_connection,
        || Script::stream().cut(),
        || Script::plain(502, "bad gateway"),
        || Script::error(500, "something else"),
    ] {
        for splits in [Splits::Whole, Splits::EveryByte] {
            let scripts = [
                shape().split(splits.clone()),
                shape().split(splits),
                shapes::text(),
            ];
            let fake = FakeOllama::answering(scripts);
            let (result, told) = ask(&fake);
            assert_eq!(result.unwrap().content, "Grüße, テスト <b>&</b>");
            assert_eq!(reasons(&told).len(), 2, "{told:?}");
            let chats = fake.chats();
            assert_eq!(chats[0].body, chats[2].body);
        }
    }
}

#[test]
fn trying_again_has_an_end() {
    for (shape, requests, expected) in [
        (
            shapes::busy as fn() -> Script,
            7,
            "the model's server answered 503: server busy, please try again.  maximum pending requests exceeded",
        ),
        (
            shapes::killed_in_stream,
            4,
            "the model's server answered 500: an error was encountered while running the model: unexpected EOF",
        ),
        (
            shapes::taken_back,
            3,
            "the model's server answered 499: request canceled",
        ),
    ] {
        let fake = FakeOllama::answering((0..9).map(|_| shape()));
        let (result, told) = ask(&fake);
        assert_eq!(result.unwrap_err().to_string(), expected);
        assert_eq!(fake.chats().len(), requests);
        assert!(
            reasons(&told).iter().all(|why| *why == expected),
            "{told:?}"
        );
    }
}

#[test]
fn a_retry_starts_from_nothing() {
    let fake = FakeOllama::answering([shapes::killed_in_stream(), Script::says("whole")]);
    let (result, told) = ask(&fake);
    assert_eq!(result.unwrap().content, "whole");
    assert_eq!(shown_text(&told), "tick tock whole");
}

#[test]
fn pauses_are_told_before_they_are_made() {
    let fake = FakeOllama::answering([shapes::busy(), shapes::busy(), Script::says("ok")]);
    let (_, told) = block_on(async {
        let settings = ServerSettings::new(&fake.url());
        let backoff = Backoff {
            first: Duration::from_nanos(2),
            longest: Duration::from_nanos(3),
        };
        let mut server = Server::new(&settings).unwrap().with_backoff(backoff);
        chat(&mut server, &request(&[user("hi")])).await
    });
    let pauses: Vec<_> = told
        .iter()
        .filter_map(|progress| match progress {
            Progress::Retrying { after, .. } => Some(after.as_nanos()),
            _ => None,
        })
        .collect();
    assert_eq!(pauses, [2, 3]);
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (result, told) = block_on(async { chat(&mut server(&url), &request(&[user("hi")])).await });
    let Err(Fault::Unreachable { url: named, detail }) = result else {
        panic!("{result:?}")
    };
    assert_eq!(named, url);
    assert!(detail.contains("refused"), "{detail}");
    assert_eq!(reasons(&told).len(), 4);
}

#[test]
fn a_server_that_comes_back_is_reached() {
    let first = FakeOllama::answering([Script::says("before")]);
    block_on(async {
        let mut server = server(&first.url());
        let messages = [user("hi")];
        assert!(chat(&mut server, &request(&messages)).await.0.is_ok());
        let address = first.url().replace("http://", "");
        drop(first);
        let again = FakeOllama::listening(TcpListener::bind(address).unwrap())
            .model(crate::support::fake_ollama::FakeModel::new("tiny"))
            .replies([Script::says("after")]);
        let (reply, _) = chat(&mut server, &request(&messages)).await;
        assert_eq!(reply.unwrap().content, "after");
        assert_eq!(again.chats().len(), 1);
    });
}

#[test]
fn silence_is_not_waited_for_without_end() {
    let limited = |fake: &FakeOllama, first_byte, idle| {
        let settings = ServerSettings {
            first_byte,
            idle,
            ..ServerSettings::new(&fake.url())
        };
        block_on(async { chat(&mut hasty(&settings), &request(&[user("hi")])).await })
    };
    let (short, long) = (Duration::from_millis(20), Duration::from_secs(3600));
    let timed_out = |fake: &FakeOllama, waiting_for| Fault::TimedOut {
        url: fake.url(),
        seconds: 0,
        waiting_for,
    };

    let fake = FakeOllama::answering([Script::silence()]);
    let (result, told) = limited(&fake, short, long);
    assert_eq!(result, Err(timed_out(&fake, "first byte")));
    assert_eq!(
        told,
        [Progress::Waiting],
        "a late first byte is not asked for twice"
    );

    let fake = FakeOllama::answering([Script::stream().text("half").hang()]);
    let (result, _) = limited(&fake, long, short);
    assert_eq!(result, Err(timed_out(&fake, "next byte")));
}

#[test]
fn what_follows_the_final_frame_is_not_waited_for() {
    for script in [shapes::text().cut(), shapes::text().error_line("late")] {
        let (result, _) = ask(&FakeOllama::answering([script]));
        assert_eq!(result.unwrap().content, "Grüße, テスト <b>&</b>");
    }
}

#[test]
fn a_cloud_model_is_refused_before_anything_is_sent() {
    let fake = FakeOllama::answering([]);
    let messages = [user("secret")];
    let mut request = request(&messages);
    request.model = "big:120b-cloud";
    let (result, _) = block_on(async { chat(&mut server(&fake.url()), &request).await });
    assert_eq!(
        result,
        Err(Fault::Cloud {
            model: "big:120b-cloud".to_owned()
        })
    );
    assert_eq!(fake.connections(), 0);
}
