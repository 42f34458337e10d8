//! The reading of replies, rule by rule.

use serde_json::{Value, json};

use super::read;
use crate::engine::reply::{Done, Reply, Usage};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Examples that may lie beside the project; a project without them has the tables only.
#[test]
fn examples_beside_the_project() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reply-shapes.jsonl");
    let Ok(lines) = std::fs::read_to_string(path) else {
        return;
    };
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let reply = Reply {
            content: text(&case["content"]),
            thinking: text(&case["thinking"]),
            tool_calls: case["tool_calls"].as_array().cloned().unwrap_or_default(),
            done: match case["done_reason"].as_str() {
                Some("length") => Done::Length,
                Some(_) => Done::Stop,
                None => Done::Missing,
            },
            usage: Usage {
                eval_tokens: case["eval_count"].as_u64().unwrap_or_default(),
                ..Usage::default()
            },
        };
        let reading = read(&reply, case["schemas"].as_array().unwrap());
        let expect = &case["expect"];
        let met = if expect.get("reject").is_some() {
            reading.reject.is_some() && reading.calls.is_empty()
        } else {
            let calls: Vec<Value> = reading
                .calls
                .iter()
                .map(|call| json!({"name": call.name, "arguments": call.arguments}))
                .collect();
            reading.reject.is_none()
                && Value::from(calls) == expect["calls"]
                && reading.text.unwrap_or_default().trim() == text(&expect["text"]).trim()
        };
        if !met {
            wrong.push(format!(
                "{} {}: {:?} {:?}",
                case["id"], case["shape"], reading.calls, reading.reject
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
