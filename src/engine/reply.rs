//! A model's reply after all its frames were joined, and the faults that can stand in its place.
//! Owned here because the engine decides about both; the client (`ollama/`) only produces them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::loops::Rule;

/// A whole reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text.
    #[serde(default)]
    pub content: String,
    /// The reasoning, if the server separated it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    /// Native calls as they came: `{"id", "function": {"index", "name", "arguments"}}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Value>,
    /// How it ended.
    pub done: Done,
    /// What the server counted.
    #[serde(default)]
    pub usage: Usage,
}

/// How a reply ended. Unknown reasons count as `Stop`, as the wire contract advises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// The model ended it.
    #[default]
    Stop,
    /// The limit of tokens ended it; what it holds may be cut.
    Length,
    /// The stream ended without its final frame; what it holds may be cut.
    Missing,
}

/// What the server counted for one request. Absent counters are zero on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the whole prompt, cached ones included.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens generated.
    #[serde(default)]
    pub eval_tokens: u64,
    /// Milliseconds spent on the part of the prompt that was not cached.
    #[serde(default)]
    pub prompt_ms: u64,
    /// Milliseconds spent generating.
    #[serde(default)]
    pub eval_ms: u64,
    /// Milliseconds spent loading and scheduling.
    #[serde(default)]
    pub load_ms: u64,
}

/// Why there is no reply. The first group can be met by trying again or otherwise; the second
/// ends the run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The server could not be reached, or the connection broke; retried by the client already.
    #[error("cannot reach the model's server at {url}: {detail}")]
    Unreachable {
        /// The base address.
        url: String,
        /// What the operating system said.
        detail: String,
    },
    /// Nothing came for longer than the configured limit.
    #[error("the model's server at {url} sent nothing for {seconds} s ({waiting_for})")]
    TimedOut {
        /// The base address.
        url: String,
        /// The limit that was reached.
        seconds: u64,
        /// `first byte` or `next byte`.
        waiting_for: &'static str,
    },
    /// The stream broke off: the server or the way to it.
    #[error("the reply was cut off: {detail}")]
    Cut {
        /// How.
        detail: String,
    },
    /// The stream ended properly, after some text, but without its final frame: a server does that
    /// to a model that repeats itself.
    #[error("the reply was ended by the server: {detail}")]
    Unfinished {
        /// How.
        detail: String,
    },
    /// The reply went in circles and was not read to its end: the same request, unchanged, is
    /// likely to come to the same.
    #[error("the reply was stopped: {detail}")]
    Circling {
        /// By which rule.
        rule: Rule,
        /// What it did.
        detail: String,
    },
    /// The server could not read what the model wrote (an error frame, or a 500 of its parser).
    /// The same request would fail the same way.
    #[error("the server could not use the model's reply: {detail}")]
    Unusable {
        /// The server's words.
        detail: String,
    },
    /// The prompt does not fit in the window (400).
    #[error("the prompt of {prompt_tokens} tokens does not fit in the context window of {num_ctx}")]
    ContextFull {
        /// Tokens of the prompt, 0 if the server did not say.
        prompt_tokens: u64,
        /// The window, 0 if the server did not say.
        num_ctx: u64,
    },
    /// The model has no tools capability (400).
    #[error("the model '{model}' does not support tools")]
    NoTools {
        /// Its name.
        model: String,
    },
    /// The model cannot think (400 to `think: true`).
    #[error("the model '{model}' does not support thinking")]
    NoThinking {
        /// Its name.
        model: String,
    },
    /// The model is not installed (404).
    #[error("model '{model}' not found")]
    ModelMissing {
        /// Its name.
        model: String,
    },
    /// The model does not run on the server's own machine.
    #[error("the model '{model}' is a cloud model: it does not run on your own hardware")]
    Cloud {
        /// Its name.
        model: String,
    },
    /// The server refused or failed, and trying again did not help.
    #[error("the model's server answered {status}: {detail}")]
    Server {
        /// HTTP status.
        status: u16,
        /// The server's words.
        detail: String,
    },
    /// The run was interrupted while the request was under way.
    #[error("interrupted")]
    Cancelled,
}
