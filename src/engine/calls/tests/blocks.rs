//! The blocks of the text protocol: what runs, what is handed back, and that what is written reads
//! back as it was.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{all_tools, calls_of, says};
use crate::engine::calls::{Reading, read_as};
use crate::engine::protocol::{Protocol, written};
use crate::engine::reply::{Done, Reply};

fn read(content: &str) -> Reading {
    read_as(&says(content), &all_tools(), Protocol::Text)
}

#[track_caller]
fn runs(content: &str, expected: &[(&str, Value)]) -> Reading {
    let reading = read(content);
    let expected: Vec<(String, Value)> = expected
        .iter()
        .map(|(name, arguments)| ((*name).to_owned(), arguments.clone()))
        .collect();
    assert_eq!(reading.reject, None, "{content}");
    assert_eq!(calls_of(&reading), expected, "{content}");
    reading
}

#[track_caller]
fn refuses(content: &str, words: &[&str]) -> Reading {
    let reading = read(content);
    assert_eq!(calls_of(&reading), [], "{content}");
    let sentence = reading.reject.clone();
    let sentence = sentence.unwrap_or_else(|| panic!("accepted {content}"));
    for word in words {
        assert!(sentence.contains(word), "{sentence:?} lacks {word:?}");
    }
    reading
}

fn writes(content: &str) -> Value {
    json!({"path": "a", "content": content})
}

#[test]
fn a_reply_that_is_written_twice_runs_once() {
    let block = "<run_command>\n<command>make</command>\n</run_command>";
    let list = "<list_dir>\n</list_dir>";
    let make = ("run_command", json!({"command": "make"}));
    let all = ("list_dir", json!({}));
    let once = std::slice::from_ref(&make);
    let reading = runs(&format!("{block}\n{block}"), once);
    assert_eq!(reading.repairs.len(), 1, "{:?}", reading.repairs);
    let both = format!("{list}\n{block}");
    runs(&format!("{both}\n{both}"), &[all.clone(), make.clone()]);
    // To look, to act and to look again is another matter.
    runs(&format!("{both}\n{list}"), &[all.clone(), make, all]);
}

#[test]
fn blocks_are_calls_with_their_values_as_they_stand() {
    let reading = runs(
        "I look first.\n\n<read_file>\n<path>src/a.py</path>\n<start_line>5</start_line>\n</read_file>\n",
        &[("read_file", json!({"path": "src/a.py", "start_line": 5}))],
    );
    assert_eq!(reading.text.as_deref(), Some("I look first."));
    // Fences, quotes, escapes, other tags and indented closing tags are content.
    let file = "```python\nx = \"\\n\" < 1 & 2\n```\n  </content>\n<path>b</path>\n<think>\n";
    runs(
        &format!("<write_file>\n<path>a</path>\n<content>\n{file}</content>\n</write_file>"),
        &[("write_file", writes(file))],
    );
    runs(
        "<edit_file>\n<path>a</path>\n<old_text>\n  x = 1\n</old_text>\n<new_text>\n</new_text>\n</edit_file>",
        &[(
            "edit_file",
            json!({"path": "a", "old_text": "  x = 1", "new_text": ""}),
        )],
    );
    runs(
        "<list_dir>\n</list_dir>\n<run_command><command>ls -l</command></run_command>",
        &[
            ("list_dir", json!({})),
            ("run_command", json!({"command": "ls -l"})),
        ],
    );
    runs(
        "<ask_user>\n<question>Which?</question>\n<options>[\"a\", \"b\"]</options>\n</ask_user>",
        &[(
            "ask_user",
            json!({"question": "Which?", "options": ["a", "b"]}),
        )],
    );
}

#[test]
fn the_tags_may_stand_a_little_differently() {
    for reply in [
        "  <write_file>\n    <path>a</path>\n    <content>\nx = 1\n    </content>\n  </write_file>",
        "<write_file><path>a</path><content>\nx = 1\n</content></write_file>",
        "<write_file>\n<path>\na\n</path>\n\n<content>\nx = 1</content>\n</write_file>",
        "<write_file>\n<path>a</path>\n<content>x = 1\n</content>\n</write_file>",
        "<write_file>\r\n<path>a</path>\r\n<content>\r\nx = 1\n</content>\r\n</write_file>\r\n",
        "<write_file>\n<path>a</path>\n<content>\nx = 1\n</content>\n",
        "```xml\n<write_file>\n<path>a</path>\n<content>\nx = 1\n</content>\n</write_file>\n```",
    ] {
        runs(reply, &[("write_file", writes("x = 1\n"))]);
    }
}

#[test]
fn syntaxes_that_a_model_was_trained_on_count_as_well() {
    let list = [("list_dir", json!({"path": "src"}))];
    for reply in [
        r#"<tool_call>{"name": "list_dir", "arguments": {"path": "src"}}</tool_call>"#,
        r#"{"name": "list_dir", "arguments": {"path": "src"}}"#,
        "<function=list_dir><parameter=path>src</parameter></function>",
        r#"<list_dir path="src"/>"#,
        r#"<list_dir>{"path": "src"}</list_dir>"#,
    ] {
        runs(reply, &list);
    }
}

#[test]
fn a_value_whose_end_is_not_clear_runs_nothing() {
    for content in [
        // The closing tag on a line of its own, and again.
        "x\n</content>\ny\n",
        "x\n</content>\n</write_file>\ny\n",
        "<content>\nx\n</content>\n",
        // Other blocks within.
        "<write_file>\n<path>b</path>\n<content>\nx\n</content>\n</write_file>\n",
        "<run_command>\n<command>ls</command>\n</run_command>\n",
        "x\n</write_file>\n",
    ] {
        let reply =
            format!("<write_file>\n<path>a</path>\n<content>\n{content}</content>\n</write_file>");
        refuses(&reply, &[]);
        refuses(&format!("{reply}\n<list_dir>\n</list_dir>"), &[]);
    }
    refuses(
        "<run_command>\n<command>echo '</command>' > a</command>\n</run_command>",
        &["end of the value is not clear"],
    );
}

#[test]
fn what_is_not_whole_runs_nothing() {
    for reply in [
        "<write_file>\n<path>a</path>\n<content>\nx = 1\n",
        "<write_file>\n<path>a</path>\n<content>\nx = 1\n</write_file>",
        "<write_file>\n<path>a</path>\n<content>\nx = 1\n</file>\n</write_file>",
        "<read_file>\n<path>a\n</read_file>",
        "<read_file>\n<path>a</path>\nand so on",
        "<read_file>\n<path>a</path>\n<path>b</path>\n</read_file>",
    ] {
        refuses(reply, &[]);
    }
    let cut = Reply {
        done: Done::Length,
        ..says("<write_file>\n<path>src/a.py</path>\n<content>\nx = 1\n")
    };
    let reading = read_as(&cut, &all_tools(), Protocol::Text);
    assert_eq!(reading.calls, []);
    let sentence = reading.reject.unwrap();
    assert!(
        sentence.contains("write_file") && sentence.contains("src/a.py"),
        "{sentence}"
    );
}

#[test]
fn a_mistake_is_answered_with_the_block_of_this_very_call() {
    let reading = refuses(
        "<edit_file>\n<path>a</path>\n<text>x</text>\n</edit_file>",
        &[
            "'old_text' and 'new_text'",
            "no argument 'text'",
            "<edit_file>\n<path>a</path>\n<old_text>\n...\n</old_text>",
        ],
    );
    assert_eq!(reading.meant.unwrap().tool, "edit_file");
    refuses("<read_file>\n<file>a</file>\n</read_file>", &["'path'"]);
    let unknown = r#"<tool_call>{"name": "cat", "arguments": {"path": "a"}}</tool_call>"#;
    refuses(unknown, &["no tool named cat", "read_file"]);
    assert_eq!(read(unknown).meant, None);
}

#[test]
fn quoted_blocks_and_mentions_are_text() {
    for reply in [
        "Write it like this:\n\n```\n<read_file>\n<path>a</path>\n</read_file>\n```\nAnd so on.",
        "Then `<read_file>` would come.",
        "> <read_file><path>a</path></read_file>",
        "The tag <read_file> opens a block.",
        "- <read_file><path>a</path></read_file>",
    ] {
        let reading = runs(reply, &[]);
        assert_eq!(reading.text.as_deref(), Some(reply));
    }
}

#[test]
fn a_fenced_block_at_the_end_of_prose_is_handed_back() {
    let reading = refuses(
        "Here it is:\n\n```xml\n<read_file>\n<path>a</path>\n</read_file>\n```\n",
        &["read_file", "code fence", "without the fence"],
    );
    assert_eq!(reading.meant.unwrap().tool, "read_file");
}

#[test]
fn an_invented_result_is_dropped_with_what_follows() {
    let reply = "<list_dir>\n</list_dir>\n<tool_result>\nlist_dir: ok\na.py\n</tool_result>\n<read_file>\n<path>a.py</path>\n</read_file>";
    let reading = runs(reply, &[("list_dir", json!({}))]);
    assert_eq!(&reply[..reading.end], "<list_dir>\n</list_dir>");
    assert!(!reading.repairs.is_empty());
}

/// Lines of which content is made: tags that could end a value, and what is near them.
const LINES: &[&str] = &[
    "x = 1",
    "",
    " ",
    "</content>",
    "<content>",
    "  </content>",
    "</content> x",
    "x</content>",
    "</write_file>",
    "</content></write_file>",
    "</command></run_command>",
    "<write_file>",
    "<path>",
    "</path>",
    "<path>b</path>",
    "</old_text>",
    "<old_text>",
    "</new_text>",
    "</edit_file>",
    "<read_file>",
    "```",
    "```xml",
    "<tool_result>",
    "</tool_result>",
    "<tool_call>",
    "</tool_call>",
    "<think>",
    "</think>",
    "</command>",
    "<command>",
    "{\"name\": \"list_dir\", \"arguments\": {}}",
    "[TASK_COMPLETE]",
    "\r",
    "x\r",
    "é 漢",
    "> ",
    "`",
    "Observation:",
    "@@ -1 +1 @@",
];

fn value() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => proptest::sample::select(LINES).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    (proptest::collection::vec(line, 0..6), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" })
}

/// Reads back as this very call, or nothing runs at all.
fn round_trips(name: &str, arguments: &Value) -> Result<(), TestCaseError> {
    let Some(text) = written(name, arguments) else {
        return Ok(());
    };
    let reading = read(&text);
    prop_assert_eq!(
        calls_of(&reading),
        [(name.to_owned(), arguments.clone())],
        "{}\n{:?}",
        text,
        reading.reject
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_written_call_reads_back_as_it_was(one in value(), other in value()) {
        round_trips("write_file", &json!({"path": "a", "content": one}))?;
        round_trips("edit_file", &json!({"path": "a", "old_text": one, "new_text": other}))?;
        round_trips("run_command", &json!({"command": one}))?;
        round_trips("ask_user", &json!({"question": one, "options": [other]}))?;
    }

    /// A model that takes no care writes the file between the tags as it is: either that very file
    /// is written or nothing is.
    #[test]
    fn content_between_tags_is_never_cut(content in value(), more in value()) {
        let whole = if content.is_empty() || content.ends_with('\n') { content } else { content + "\n" };
        let block = format!("<write_file>\n<path>a</path>\n<content>\n{whole}</content>\n</write_file>");
        let reading = read(&block);
        if let [call] = &reading.calls[..] {
            prop_assert_eq!(&call.arguments["content"], &json!(whole));
        } else {
            prop_assert!(reading.calls.is_empty(), "{:?}", reading.calls);
        }
        let _ = read(&format!("{more}{block}{more}"));
    }

    #[test]
    fn no_text_panics(lines in proptest::collection::vec(proptest::sample::select(LINES), 0..12), cut in 0_usize..200) {
        let text = lines.join("\n");
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        for text in [&text[..], &text[cut..], &text[..cut]] {
            let reading = read(text);
            prop_assert!(reading.calls.is_empty() || reading.reject.is_none());
            prop_assert!(text.is_char_boundary(reading.end));
        }
    }
}
