//! `loop debug`: what the program would make of a command or of a model's reply. JSON lines in,
//! one JSON line out for each; nothing is run, and a line that cannot be read costs no other.

use std::io::BufRead as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::DebugAction;

use super::compose::{print_json, say};
use crate::config::{POLICY_FILE, read_floor};
use crate::engine::calls::read;
use crate::engine::floor::Floor;
use crate::engine::reply::{Done, Reply, Usage};
use crate::error::{Error, ErrorKind, Result};
use crate::run::screen_command;

/// Answers every line of standard input.
pub(super) fn debug(action: DebugAction) -> Result<ExitCode> {
    let floor = read_floor(Path::new(POLICY_FILE))?;
    let answer = |case: &Value| match action {
        DebugAction::Screen => screened(case, &floor),
        DebugAction::Parse => parsed(case),
    };
    let mut unreadable = false;
    for (number, line) in (1..).zip(std::io::stdin().lock().split(b'\n')) {
        let line = line.map_err(|error| {
            Error::usage(format!(
                "cannot read line {number} of standard input: {error}"
            ))
        })?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let said = serde_json::from_slice(&line)
            .map_err(|error| format!("not JSON: {error}"))
            .and_then(|case| answer(&case));
        match said {
            Ok(said) => print_json(&said.to_string())?,
            Err(why) => {
                unreadable = true;
                say(&format!("error: line {number}: {why}"));
            }
        }
    }
    Ok(if unreadable {
        ExitCode::from(ErrorKind::Usage.code())
    } else {
        ExitCode::SUCCESS
    })
}

/// The verdict on `{"cmd"}`, in no project: absolute paths are nobody's.
fn screened(case: &Value, floor: &Floor) -> Result<Value, String> {
    let command = case
        .get("cmd")
        .and_then(Value::as_str)
        .ok_or("expected an object with the text \"cmd\"")?;
    let screening = screen_command(command, Path::new(""), &floor.commands);
    Ok(json!({"class": screening.class, "why": screening.why}))
}

/// What a reply means: the keys of `/api/chat`, joined over all frames, and the tools on offer.
fn parsed(case: &Value) -> Result<Value, String> {
    if !case.is_object() {
        return Err("expected an object with \"content\", \"tool_calls\" and \"schemas\"".into());
    }
    let reply = Reply {
        content: text(case, "content")?.unwrap_or_default(),
        thinking: text(case, "thinking")?.unwrap_or_default(),
        tool_calls: list(case, "tool_calls")?,
        done: match text(case, "done_reason")?.as_deref() {
            Some("length") => Done::Length,
            Some(_) => Done::Stop,
            None => Done::Missing,
        },
        usage: Usage {
            eval_tokens: case["eval_count"].as_u64().unwrap_or_default(),
            ..Usage::default()
        },
    };
    let reading = read(&reply, &list(case, "schemas")?);
    let calls: Vec<Value> = reading
        .calls
        .into_iter()
        .map(|call| json!({"name": call.name, "arguments": call.arguments}))
        .collect();
    Ok(json!({
        "id": case["id"],
        "calls": calls,
        "text": reading.text,
        "repairs": reading.repairs,
        "reject": reading.reject,
    }))
}

/// A text, or none if the key is absent or null.
fn text(case: &Value, key: &str) -> Result<Option<String>, String> {
    match &case[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(format!("\"{key}\" is neither a text nor null")),
    }
}

/// A list, empty if the key is absent or null.
fn list(case: &Value, key: &str) -> Result<Vec<Value>, String> {
    match &case[key] {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items.clone()),
        _ => Err(format!("\"{key}\" is neither a list nor null")),
    }
}
