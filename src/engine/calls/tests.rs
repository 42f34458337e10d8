//! The reading of replies, rule by rule.

use serde_json::{Value, json};

use super::{Reading, read};
use crate::engine::reply::Reply;
use crate::engine::tool::Tool;

mod blocks;
mod families;
mod foreign;
mod properties;
mod quoted;
mod rules;

/// The schemas of every tool.
fn all_tools() -> Vec<Value> {
    Tool::ALL.iter().map(|tool| tool.schema()).collect()
}

fn says(content: &str) -> Reply {
    Reply {
        content: content.to_owned(),
        ..Reply::default()
    }
}

/// A native call as the server sends it.
fn native(name: &str, arguments: &Value) -> Reply {
    Reply {
        tool_calls: vec![
            json!({"id": "n1", "function": {"index": 0, "name": name, "arguments": arguments}}),
        ],
        ..Reply::default()
    }
}

fn calls_of(reading: &Reading) -> Vec<(String, Value)> {
    reading
        .calls
        .iter()
        .map(|call| (call.name.clone(), call.arguments.clone()))
        .collect()
}

/// The reply runs exactly these calls and shows exactly this text.
#[track_caller]
fn runs(reply: &Reply, expected: &[(&str, Value)], text: Option<&str>) -> Reading {
    let reading = read(reply, &all_tools());
    let expected: Vec<(String, Value)> = expected
        .iter()
        .map(|(name, arguments)| ((*name).to_owned(), arguments.clone()))
        .collect();
    assert_eq!(reading.reject, None, "{reply:?}");
    assert_eq!(calls_of(&reading), expected, "{reply:?}");
    assert_eq!(reading.text.as_deref(), text, "{reply:?}");
    reading
}

/// The text asks for `list_dir` of `src` and shows nothing else.
#[track_caller]
fn lists_src(content: &str) -> Reading {
    runs(
        &says(content),
        &[("list_dir", json!({"path": "src"}))],
        None,
    )
}

/// The text is shown as it is, and nothing runs.
#[track_caller]
fn shows(content: &str) {
    runs(&says(content), &[], Some(content.trim()));
}

/// Nothing runs, and the sentence for the model has these words in it.
#[track_caller]
fn refuses(reply: &Reply, words: &[&str]) {
    let reading = read(reply, &all_tools());
    assert_eq!(calls_of(&reading), [], "{reply:?}");
    let sentence = reading
        .reject
        .unwrap_or_else(|| panic!("accepted {reply:?}"));
    for word in words {
        assert!(sentence.contains(word), "{sentence:?} lacks {word:?}");
    }
}
