//! One message of a conversation, in the shape in which `/api/chat` takes it. The wire order of
//! the keys is the order of the fields; nothing else about the wire is known here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The person, or the program on their behalf.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The text; the server wants a string even if it is empty.
    pub content: String,
    /// The model's reasoning, echoed as the server's documentation asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    /// Accepted calls, verbatim: `{"id", "function": {"index", "name", "arguments"}}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Value>,
    /// For a tool result: which tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
    /// For a tool result: which call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

impl Message {
    /// A message with text and nothing else.
    pub fn text(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            thinking: String::new(),
            tool_calls: Vec::new(),
            tool_name: None,
            tool_call_id: None,
        }
    }

    /// The result of one tool call.
    pub fn tool_result(
        name: impl Into<String>,
        id: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        Self {
            tool_name: Some(name.into()),
            tool_call_id: Some(id.into()),
            ..Self::text(Role::Tool, content)
        }
    }
}
