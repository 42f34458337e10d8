//! What must hold of the messages of every chat, whatever went wrong before it.

use serde_json::Value;

use super::fake_ollama::script::RequestSeen;

/// Roles alternate as the server's templates expect, and every call has its result. An error says
/// what does not hold.
pub(crate) fn check_roles(request: &RequestSeen) -> Result<(), String> {
    let none = Vec::new();
    let messages = request.json["messages"].as_array().unwrap_or(&none);
    let roles: Vec<&str> = messages
        .iter()
        .map(|message| message["role"].as_str().unwrap_or_default())
        .collect();
    if !roles.starts_with(&["system", "user"]) || roles.ends_with(&["assistant"]) {
        return Err(format!("the messages begin or end wrongly: {roles:?}"));
    }
    let mut open: Vec<&Value> = Vec::new();
    let mut before = "";
    for (message, &role) in messages.iter().zip(&roles) {
        if role == "tool" {
            if open.is_empty() {
                return Err(format!("a result without its call: {message}"));
            }
            let call = open.remove(0);
            if message["tool_name"] != call["function"]["name"] {
                return Err(format!("the result of another tool than {call}: {message}"));
            }
        } else if !open.is_empty() {
            return Err(format!("a call without its result before {message}"));
        } else if role == before {
            return Err(format!("twice the same role: {message}"));
        }
        let content = message["content"].as_str().unwrap_or_default();
        if !message["tool_calls"].is_null() && content.contains("tool_") {
            return Err(format!(
                "a call or a result as text beside a call: {message}"
            ));
        }
        open.extend(message["tool_calls"].as_array().into_iter().flatten());
        before = role;
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err("calls without results at the end".to_owned())
    }
}
