//! The client against the stand-in: every kind of answer, wherever it is torn.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod answers;
mod conversation;
mod prefix;
mod questions;
mod trouble;
mod waiting;

use std::time::Duration;

use loop_orchestration::engine::manner::Tuning;
use loop_orchestration::engine::message::{Message, Role};
use loop_orchestration::engine::ports::{ChatRequest, Model, Progress, Sampling, Think};
use loop_orchestration::engine::reply::{Fault, Reply};
use loop_orchestration::ollama::{Backoff, Server, ServerSettings};
use serde_json::Value;

use crate::support::fake_ollama::FakeOllama;

/// What a chat came to: its result, and what was told meanwhile.
type Told = (Result<Reply, Fault>, Vec<Progress>);

/// A server that does not pause between tries.
fn server(url: &str) -> Server {
    hasty(&ServerSettings::new(url))
}

fn hasty(settings: &ServerSettings) -> Server {
    let none = Backoff {
        first: Duration::ZERO,
        longest: Duration::ZERO,
    };
    Server::new(settings).unwrap().with_backoff(none)
}

fn request(messages: &[Message]) -> ChatRequest<'_> {
    ChatRequest {
        model: "tiny",
        conversation: None,
        messages,
        tools: &[],
        format: None,
        sampling: Sampling {
            num_ctx: 8192,
            num_predict: 64,
            tuning: Tuning::default(),
            seed: None,
        },
        think: &Think::Off,
        keep_alive: "30m",
    }
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn replied(text: &str) -> Message {
    Message::text(Role::Assistant, text)
}

async fn chat(server: &mut Server, request: &ChatRequest<'_>) -> Told {
    let mut told = Vec::new();
    let result = server
        .chat(request, &mut |progress| told.push(progress))
        .await;
    (result, told)
}

/// One chat with a new connection.
fn ask(fake: &FakeOllama) -> Told {
    block_on(async { chat(&mut server(&fake.url()), &request(&[user("hi")])).await })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// The pieces of text that were shown.
fn shown_text(told: &[Progress]) -> String {
    told.iter()
        .filter_map(|progress| match progress {
            Progress::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn names_of(calls: &[Value]) -> Vec<&str> {
    calls
        .iter()
        .filter_map(|call| call["function"]["name"].as_str())
        .collect()
}
