//! The reading of replies against a file of examples that may lie beside the project. The rules
//! themselves are in tables next to the code; without the file they stand alone.

use loop_orchestration::engine::calls::{Reading, read};
use loop_orchestration::engine::reply::{Done, Reply, Usage};
use serde_json::{Value, json};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reply-shapes.jsonl");

#[test]
fn examples_beside_the_project_mean_what_they_say() {
    let Ok(lines) = std::fs::read_to_string(EXAMPLES) else {
        return;
    };
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let reading = read(&reply(&case), case["schemas"].as_array().unwrap());
        if !meets(&reading, &case["expect"]) {
            wrong.push(format!("{} {}: {reading:?}", case["id"], case["shape"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn reply(case: &Value) -> Reply {
    Reply {
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
    }
}

fn meets(reading: &Reading, expect: &Value) -> bool {
    if expect.get("reject").is_some() {
        return reading.reject.is_some() && reading.calls.is_empty();
    }
    let calls: Vec<Value> = reading
        .calls
        .iter()
        .map(|call| json!({"name": call.name, "arguments": call.arguments}))
        .collect();
    let shown = reading.text.as_deref().unwrap_or_default();
    reading.reject.is_none()
        && Value::from(calls) == expect["calls"]
        && shown.trim() == text(&expect["text"]).trim()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
