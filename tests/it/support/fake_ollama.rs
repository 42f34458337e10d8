//! An Ollama whose replies a test writes: real HTTP on a port of its own, with threads of its own.
//! It answers `/api/version`, `tags`, `show`, `ps` and `pull` from its models, refuses what the real
//! one refuses (unknown model, tools or thinking without the capability), and leaves every other
//! chat to the test. It records all requests and counts connections.
//!
//! ```text
//! let fake = FakeOllama::answering([Script::calls(&[("read_file", json!({"path": "a"}))]), Script::says("done")]);
//! let fake = FakeOllama::new().model(FakeModel::new("tiny").window(8192)).deciding(|chat| …);
//! ```

mod http;
mod models;
pub(crate) mod script;
pub(crate) mod shapes;

pub(crate) use http::FakeOllama;
pub(crate) use models::FakeModel;
pub(crate) use script::{Script, Splits, gate};
