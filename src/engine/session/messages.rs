//! How what was said becomes messages: accepted calls, rejected replies, their size. Knows nothing
//! of where a conversation stands.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::engine::message::{Message, Role};
use crate::engine::protocol::written;
use crate::engine::reply::Reply;

/// What an empty assistant turn is replaced by: chat templates insist that roles alternate.
pub(super) const NO_USABLE_REPLY: &str = "(no usable reply)";

/// An accepted call as it goes back: what the server sent if the server will take it again
/// (arguments must be an object there), else the call as it was understood.
pub(super) fn wire_call(
    written: Option<Value>,
    index: usize,
    id: &str,
    name: &str,
    arguments: &Value,
) -> Value {
    if let Some(mut call) = written
        && call
            .pointer("/function/arguments")
            .is_some_and(Value::is_object)
        && let Some(fields) = call.as_object_mut()
    {
        fields.insert("id".to_owned(), Value::from(id));
        return call;
    }
    json!({
        "id": id,
        "function": {"index": index, "name": name, "arguments": arguments}
    })
}

/// A call in a history of text. One that no block can hold stands as JSON, which is read as well.
pub(super) fn text_call(name: &str, arguments: &Value) -> String {
    written(name, arguments)
        .unwrap_or_else(|| json!({"name": name, "arguments": arguments}).to_string())
}

/// The model's turn with that text.
pub(super) fn assistant(reply: &Reply, content: &str) -> Message {
    let content = if content.trim().is_empty() {
        NO_USABLE_REPLY
    } else {
        content
    };
    let mut message = Message::text(Role::Assistant, content);
    message.thinking.clone_from(&reply.thinking);
    message
}

/// A rejected reply stays in history as its text. Calls that the server had found are told in
/// words: any syntax that stood there would be copied.
pub(super) fn as_text(reply: &Reply) -> String {
    let mut text = reply.content.trim().to_owned();
    for call in &reply.tool_calls {
        let function = call.get("function").unwrap_or(call);
        let word = |value: Option<&Value>| {
            let word = value.and_then(Value::as_str).unwrap_or_default();
            word.chars().take(60).collect::<String>()
        };
        let name = match word(function.get("name")) {
            name if name.is_empty() => "a tool".to_owned(),
            name => name,
        };
        let about = match word(function.pointer("/arguments/path")) {
            path if path.is_empty() => String::new(),
            path => format!(" for {path}"),
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("I tried to call ");
        text.push_str(&name);
        text.push_str(&about);
        text.push_str(", but that call could not be used.");
    }
    text
}

/// Bytes of a value written as JSON.
fn written_length(value: &Value) -> usize {
    struct Counted(usize);
    impl Write for Counted {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut counted = Counted(0);
    // silent-ok: counting cannot fail.
    let _ = write!(counted, "{value}");
    counted.0
}

/// Bytes of a message as they count for the window.
pub fn message_bytes(message: &Message) -> u64 {
    let calls: usize = message.tool_calls.iter().map(written_length).sum();
    (message.content.len() + message.thinking.len() + calls + 16) as u64
}
