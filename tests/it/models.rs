//! Which model, which window, which settings: what a start chooses and what `loop models` says.

mod choosing;
mod probing;

use serde_json::Value;

use crate::support::fake_ollama::FakeOllama;
use crate::support::fake_ollama::script::RequestSeen;
use crate::support::project::Ran;

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The names of the tools that a request offers.
fn tools(chat: &RequestSeen) -> Vec<&str> {
    let tools = chat.json["tools"].as_array().into_iter().flatten();
    let names = tools.map(|tool| tool["function"]["name"].as_str().unwrap());
    names.collect()
}

/// Options, thinking and names of all chats, each once.
fn manners(server: &FakeOllama) -> Vec<Value> {
    let mut seen = Vec::new();
    for chat in server.chats() {
        let mut manner = chat.json["options"].clone();
        manner["think"] = chat.json["think"].clone();
        manner["model"] = chat.json["model"].clone();
        if !seen.contains(&manner) {
            seen.push(manner);
        }
    }
    seen
}
