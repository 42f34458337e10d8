//! The shape that every chat request must have, whatever went wrong before it. The stand-in server
//! holds each request of each test to it.

use std::collections::HashMap;

use serde_json::Value;

use super::fake_ollama::script::RequestSeen;

/// What has been seen of conversations: their openings, and the tools they were opened with.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    tools: HashMap<String, Value>,
}

impl Shapes {
    /// What is wrong with the next request; nothing, as a rule.
    pub(crate) fn faults(&mut self, body: &Value) -> Vec<String> {
        let mut faults = faults(body);
        if body.get("format").is_none() {
            let messages = body["messages"].as_array().into_iter().flatten();
            let opening: Vec<&Value> = messages
                .take_while(|message| message["role"] != "assistant")
                .collect();
            let opening = serde_json::to_string(&opening).unwrap_or_default();
            let tools = body["tools"].clone();
            let known = self.tools.entry(opening).or_insert_with(|| tools.clone());
            if *known != tools {
                faults.push(format!("the tools changed from {known} to {tools}"));
            }
        }
        faults
    }
}

/// What is wrong with a request by itself.
pub(crate) fn faults(body: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let keys = body.as_object().into_iter().flatten();
    let keys: Vec<&str> = keys.map(|(key, _)| key.as_str()).collect();
    if keys.last() != Some(&"messages") {
        faults.push(format!("`messages` is not the last key of {keys:?}"));
    }
    for key in ["think", "truncate", "shift", "keep_alive", "options"] {
        if !keys.contains(&key) {
            faults.push(format!("{key} is missing"));
        }
    }
    let offered = names(&body["tools"], "/function/name");
    if !body["format"].is_null() && !offered.is_empty() {
        faults.push("format and tools together".to_owned());
    }
    let messages: &[Value] = body["messages"].as_array().map_or(&[], Vec::as_slice);
    let mut open: Vec<Value> = Vec::new();
    let mut before = "";
    for (place, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or("no role");
        let mut fault = |what: &str| faults.push(format!("message {place} ({role}): {what}"));
        if !message["content"].is_string() {
            fault("its content is no text");
        }
        match (before, role) {
            ("", "system")
            | ("" | "system" | "assistant", "user")
            | ("user" | "tool", "assistant") => {}
            ("assistant" | "tool", "tool") if !open.is_empty() => {}
            // Results of the calls before it are all there.
            ("tool", "user") if open.is_empty() => {}
            (before, _) => fault(&format!("cannot follow '{before}'")),
        }
        if role == "tool" {
            if !open.is_empty() {
                let call = open.remove(0);
                if message["tool_name"] != call["function"]["name"] {
                    fault("it has the name of another tool");
                }
                if message["tool_call_id"] != call["id"] {
                    fault("it has the id of another call");
                }
            }
        } else if !open.is_empty() {
            fault("a call before it has no result");
            open.clear();
        }
        let calls: &[Value] = message["tool_calls"].as_array().map_or(&[], Vec::as_slice);
        if !calls.is_empty() && role != "assistant" {
            fault("only the model calls tools");
        }
        let text = message["content"].as_str().unwrap_or_default();
        if role == "assistant" && calls.is_empty() && text.trim().is_empty() {
            fault("it is empty");
        }
        for call in calls {
            let name = call["function"]["name"].as_str().unwrap_or_default();
            // A decision or a forced call offers nothing by itself.
            if name.is_empty() || (body["format"].is_null() && !offered.contains(&name)) {
                fault(&format!("it calls '{name}', which is not offered"));
            }
            if !call["function"]["arguments"].is_object() {
                fault("the arguments of its call are no object");
            }
            if call["id"].as_str().is_none_or(str::is_empty) {
                fault("its call has no id");
            }
            open.push(call.clone());
        }
        before = role;
    }
    if !matches!(before, "user" | "tool") {
        faults.push(format!("the last message is of '{before}'"));
    }
    if !open.is_empty() {
        faults.push("calls without results at the end".to_owned());
    }
    faults
}

fn names<'a>(list: &'a Value, place: &str) -> Vec<&'a str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|entry| entry.pointer(place)?.as_str())
        .collect()
}

/// The same as a result, for a caller that goes on after a fault.
pub(crate) fn check_roles(request: &RequestSeen) -> Result<(), String> {
    let faults = faults(&request.json);
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(messages: &Value) -> Value {
        json!({
            "model": "tiny", "stream": true, "think": false, "truncate": false, "shift": false,
            "keep_alive": "30m", "options": {"num_ctx": 4096},
            "tools": [{"type": "function", "function": {"name": "list_dir"}}],
            "messages": messages,
        })
    }

    fn call(id: &str, name: &str) -> Value {
        json!({"id": id, "function": {"index": 0, "name": name, "arguments": {}}})
    }

    #[test]
    fn a_good_request_has_no_faults() {
        let messages = json!([
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "", "tool_calls": [call("a", "list_dir"), call("b", "list_dir")]},
            {"role": "tool", "content": "1", "tool_name": "list_dir", "tool_call_id": "a"},
            {"role": "tool", "content": "2", "tool_name": "list_dir", "tool_call_id": "b"},
            {"role": "assistant", "content": "done"},
            {"role": "user", "content": "no"},
        ]);
        assert_eq!(faults(&body(&messages)), [""; 0]);
    }

    #[test]
    fn each_fault_is_seen() {
        let user = json!({"role": "user", "content": "u"});
        let said = json!({"role": "assistant", "content": "a"});
        let called =
            json!({"role": "assistant", "content": "", "tool_calls": [call("a", "list_dir")]});
        let result =
            json!({"role": "tool", "content": "1", "tool_name": "list_dir", "tool_call_id": "a"});
        let mut unlike = result.clone();
        unlike["tool_call_id"] = json!("b");
        let unknown = json!({"role": "assistant", "content": "", "tool_calls": [call("a", "rm")]});
        for (messages, words) in [
            (json!([user, user]), "cannot follow 'user'"),
            (json!([said, user]), "cannot follow ''"),
            (json!([user, said, said, user]), "cannot follow 'assistant'"),
            (json!([user, said]), "the last message is of 'assistant'"),
            (
                json!([user, called, user]),
                "a call before it has no result",
            ),
            (json!([user, called]), "calls without results at the end"),
            (json!([user, said, result]), "cannot follow 'assistant'"),
            (
                json!([user, called, result, result]),
                "cannot follow 'tool'",
            ),
            (json!([user, called, unlike]), "the id of another call"),
            (json!([user, unknown, result]), "which is not offered"),
            (
                json!([user, {"role": "assistant", "content": " "}, user]),
                "it is empty",
            ),
        ] {
            let found = faults(&body(&messages));
            assert!(
                found.iter().any(|fault| fault.contains(words)),
                "{words}: {found:?}"
            );
        }
        let mut both = body(&json!([user]));
        both["format"] = json!({});
        assert_eq!(faults(&both).len(), 2, "{:?}", faults(&both));
        let mut shapes = Shapes::default();
        assert_eq!(shapes.faults(&body(&json!([user]))), [""; 0]);
        let mut other = body(&json!([user]));
        other["tools"] = json!([]);
        assert_eq!(shapes.faults(&other).len(), 1);
    }
}
