//! What holds for every input.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{all_tools, read};
use crate::engine::calls::{Reading, Source};
use crate::engine::reply::{Done, Reply};

/// Pieces of which replies are made, well and badly.
const PIECES: &[&str] = &[
    "<tool_call>",
    "</tool_call>",
    "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}",
    "{\"name\": \"read_file\", \"arguments\": {",
    "\"path\": \"a\"",
    "}}",
    "}",
    "]",
    "[",
    "{",
    "\"",
    "'",
    "\n",
    "\n\n",
    " ",
    "```",
    "```json\n",
    "`",
    "> ",
    "<think>",
    "</think>",
    "<function=read_file>",
    "<parameter=path>",
    "</parameter>",
    "</function>",
    "<read_file>",
    "<path>",
    "</path>",
    "</read_file>",
    "[TOOL_CALLS]",
    "[ARGS]",
    "read_file",
    "wipe_disk",
    "(path='a')",
    "[read_file(path='a')]",
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁sep｜>",
    "<|channel|>",
    "<|message|>",
    "<|start|>",
    "analysis",
    "commentary to=functions.read_file",
    "<|call|>",
    "Thought: ",
    "Action: ",
    "Action Input: ",
    "Observation: ",
    "<tool_response>",
    "<|tool_call>call:",
    "<|\"|>",
    "Prose é 漢. ",
    "\\",
    ",",
    ":",
    "<arg_key>",
    "</arg_key>",
    "<arg_value>",
    "</arg_value>",
    "/*",
    "//",
    "#",
    "None",
    "12",
    "-",
    "◁think▷",
    "print(",
    "functools[",
    "@@ ",
    "<|im_start|>",
    "user",
    "'''",
];

fn reply(content: String, arguments: Option<Value>) -> Reply {
    Reply {
        content,
        tool_calls: arguments
            .map(|arguments| json!({"function": {"name": "read_file", "arguments": arguments}}))
            .into_iter()
            .collect(),
        ..Reply::default()
    }
}

fn check(reply: &Reply) -> Result<Reading, TestCaseError> {
    let schemas = all_tools();
    let reading = read(reply, &schemas);
    prop_assert_eq!(&reading, &read(reply, &schemas));
    prop_assert!(reading.reject.is_none() || reading.calls.is_empty());
    prop_assert!(reading.reject.is_some() || reading.text.is_some() || !reading.calls.is_empty());
    prop_assert_eq!(reading.source == Source::Nothing, reading.calls.is_empty());
    for call in &reading.calls {
        let schema = schemas
            .iter()
            .find(|schema| schema["function"]["name"] == call.name);
        let parameters = &schema.unwrap()["function"]["parameters"];
        for key in parameters["required"].as_array().unwrap() {
            prop_assert!(call.arguments.get(key.as_str().unwrap()).is_some());
        }
        for (key, value) in call.arguments.as_object().unwrap() {
            let kind = parameters["properties"][key]["type"].as_str();
            let fits = match kind {
                Some("string") => value.is_string(),
                Some("integer") => value.is_i64() || value.is_u64(),
                Some("array") => value.is_array(),
                _ => true,
            };
            prop_assert!(fits, "{key}: {value}");
        }
    }
    Ok(reading)
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("{\"path\": \"a\"}")),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let key = prop_oneof![
            Just("path".to_owned()),
            Just("name".to_owned()),
            Just("arguments".to_owned()),
            Just("start_line".to_owned()),
            "[a-z]{1,3}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_pieces_panic_or_run_what_was_not_offered(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30),
    ) {
        check(&reply(pieces.concat(), None))?;
    }

    #[test]
    fn no_text_panics(content in any::<String>()) {
        check(&reply(content, None))?;
    }

    #[test]
    fn no_native_arguments_panic(arguments in json_value()) {
        check(&reply(String::new(), Some(arguments)))?;
    }

    #[test]
    fn a_cut_reply_never_runs(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        missing in any::<bool>(),
    ) {
        let mut cut = reply(pieces.concat(), Some(json!({"path": "a"})));
        cut.done = if missing { Done::Missing } else { Done::Length };
        prop_assert!(check(&cut)?.reject.is_some());
    }

    #[test]
    fn any_value_survives_the_notations(content in "[^<>\u{0}-\u{1f}]{0,40}") {
        let expected = json!({"path": "a", "content": content});
        let text = Value::from(content.as_str());
        for reply_text in [
            format!("{{\"name\": \"write_file\", \"arguments\": {expected}}}"),
            format!("<tool_call>{{\"name\": \"write_file\", \"arguments\": {expected}}}</tool_call>"),
            format!("<function=write_file><parameter=path>a</parameter><parameter=content>{content}</parameter></function>"),
            format!("[write_file(path='a', content={text})]"),
        ] {
            let reading = check(&reply(reply_text, None))?;
            prop_assert_eq!(&reading.calls[0].arguments, &expected);
        }
    }
}
