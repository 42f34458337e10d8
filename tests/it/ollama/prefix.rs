//! What a request shares with the one before it, and what changed when it should not have.

use loop_orchestration::engine::message::Message;
use loop_orchestration::engine::ports::{ChatRequest, Model, Think};
use loop_orchestration::engine::prefix::{Cache, Prefix};
use loop_orchestration::ollama::Server;
use serde_json::{Value, json};

use super::{block_on, chat, replied, request, server, user};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};

/// A server that reads a token in a millisecond and forgets nothing but what it is told to forget.
fn reading(ms: impl Fn(usize) -> u64 + Send + 'static) -> FakeOllama {
    let mut chats = 0;
    FakeOllama::new()
        .model(FakeModel::new("tiny").capabilities(&["completion", "tools", "thinking"]))
        .deciding(move |_| {
            chats += 1;
            Script::stream().frame(json!({
                "message": {"role": "assistant", "content": "ok"}, "done": true, "done_reason": "stop",
                "prompt_eval_count": 4_000, "prompt_eval_duration": ms(chats) * 1_000_000, "eval_count": 1,
            }))
        })
}

async fn prefix_of(server: &mut Server, request: &ChatRequest<'_>) -> Option<Prefix> {
    chat(server, request).await.0.unwrap();
    server.prefix()
}

fn in_conversation(messages: &[Message]) -> ChatRequest<'_> {
    ChatRequest {
        conversation: Some(1),
        ..request(messages)
    }
}

#[test]
fn every_change_within_a_conversation_is_named() {
    let old = [
        user("one"),
        replied("two"),
        user("three"),
        replied("four"),
        user("five"),
    ];
    let shorter = [user("one"), replied("other"), user("three")];
    let (tools, schema) = ([json!({"type": "function"})], json!({"type": "object"}));
    let plain = in_conversation(&old);
    let mut larger = plain.sampling;
    larger.num_ctx *= 2;
    let mut warmer = plain.sampling;
    warmer.tuning.temperature = Some(1.0);
    let cases: [(ChatRequest<'_>, Option<&str>); 10] = [
        (plain, None),
        (
            ChatRequest {
                sampling: warmer,
                ..plain
            },
            None,
        ),
        (
            ChatRequest {
                sampling: larger,
                ..plain
            },
            Some("options.num_ctx"),
        ),
        (
            ChatRequest {
                think: &Think::On,
                ..plain
            },
            Some("think"),
        ),
        (
            ChatRequest {
                keep_alive: "1m",
                ..plain
            },
            Some("keep_alive"),
        ),
        (
            ChatRequest {
                format: Some(&schema),
                ..plain
            },
            Some("format"),
        ),
        (
            ChatRequest {
                tools: &tools,
                ..plain
            },
            Some("tools"),
        ),
        (
            ChatRequest {
                messages: &shorter,
                ..plain
            },
            Some("messages[1]"),
        ),
        (
            ChatRequest {
                conversation: Some(2),
                messages: &shorter,
                ..plain
            },
            None,
        ),
        (
            ChatRequest {
                conversation: None,
                tools: &tools,
                ..plain
            },
            None,
        ),
    ];
    for (changed, expected) in cases {
        let fake = reading(|_| 1);
        let moved = block_on(async {
            let mut server = server(&fake.url());
            assert_eq!(
                prefix_of(&mut server, &plain).await,
                None,
                "the first has none before it"
            );
            prefix_of(&mut server, &changed).await.unwrap().moved
        });
        assert_eq!(moved.as_deref(), expected);
        // Tools that change are a fault of its own, which is meant here.
        let changed_tools = !changed.tools.is_empty();
        assert_eq!(fake.misshapen().len(), usize::from(changed_tools));
    }
}

#[test]
fn the_times_tell_what_became_of_the_cache() {
    let fake = reading(|chat| match chat {
        1 => 4_000,
        3 => 3_900,
        _ => 90,
    });
    let mut messages = vec![user(&"words ".repeat(2_000))];
    let mut found = Vec::new();
    block_on(async {
        let mut server = server(&fake.url());
        for _ in 0..4 {
            let prefix = prefix_of(&mut server, &in_conversation(&messages)).await;
            found.extend(prefix);
            messages.push(replied("ok"));
            messages.push(user("go on"));
        }
    });
    let caches: Vec<Cache> = found.iter().map(|prefix| prefix.cache).collect();
    assert_eq!(caches, [Cache::Used, Cache::Lost, Cache::Used]);
    let bytes = |chat: usize| {
        let messages: &Value = &fake.chats()[chat].json["messages"];
        // Without the brackets, and with the tools' own.
        messages.to_string().len() as u64
    };
    for (index, prefix) in found.iter().enumerate() {
        assert_eq!((prefix.shared, prefix.of), (bytes(index), bytes(index)));
        assert_eq!(prefix.moved, None);
    }
}

#[test]
fn a_request_that_was_refused_is_none_to_compare_with() {
    let mut chats = 0;
    let fake = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |_| {
            chats += 1;
            match chats {
                2 => Script::error(400, "no"),
                _ => Script::says("ok"),
            }
        });
    let messages = [user("one")];
    block_on(async {
        let mut server = server(&fake.url());
        prefix_of(&mut server, &in_conversation(&messages)).await;
        let mut refused = in_conversation(&messages);
        refused.keep_alive = "1m";
        chat(&mut server, &refused).await.0.unwrap_err();
        let again = prefix_of(&mut server, &in_conversation(&messages)).await;
        assert_eq!(again.unwrap().moved, None);
    });
}
