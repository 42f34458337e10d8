//! A tool call as the program understands it. `engine/calls` makes these from a model's reply;
//! `tools/` executes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Identifies a call within its session. Made by the program (`c1`, `c2`, …): ids from servers
/// are sometimes empty or repeated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub String);

impl std::fmt::Display for CallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A call that passed the parser: an offered name, arguments of the right types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Which call.
    pub id: CallId,
    /// An offered tool's name.
    pub name: String,
    /// A JSON object that satisfies the tool's parameters.
    pub arguments: Value,
}

impl ToolCall {
    /// A string argument, if it is there.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.arguments.get(key).and_then(Value::as_str)
    }

    /// A whole-number argument, if it is there.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.arguments.get(key).and_then(Value::as_u64)
    }
}
