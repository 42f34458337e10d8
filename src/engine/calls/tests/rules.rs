//! Names, arguments, cut replies, the shape of JSON, repairs, reasoning, empty replies.

use serde_json::{Value, json};

use super::{all_tools, lists_src, native, read, refuses, runs, says, shows};
use crate::engine::calls::Source;
use crate::engine::reply::{Done, Reply, Usage};

#[test]
fn a_name_is_matched_after_harmless_normalisation_only() {
    for name in [
        "list_dir",
        "LIST_DIR",
        "List-Dir",
        " list_dir ",
        "functions.list_dir",
        "default_api.list-dir",
        "functions.list_dir:12",
        "list_dir<|constrain|>json",
    ] {
        runs(&native(name, &json!({})), &[("list_dir", json!({}))], None);
    }
    for name in [
        "listdir",
        "list_dirs",
        "tools.list_dir",
        "list_dir:a",
        "list_dir()",
        "ls",
        "",
    ] {
        refuses(&native(name, &json!({})), &["list_dir"]);
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one() {
    let near = [
        (
            "rwite_file",
            "did you mean write_file, which takes 'path' and 'content'",
        ),
        ("view_file", "did you mean read_file"),
        ("grep", "did you mean search_files"),
        ("bash", "did you mean run_command"),
        ("str_replace_editor", "did you mean edit_file"),
    ];
    for (name, words) in near {
        refuses(
            &native(name, &json!({})),
            &[words, "Offered: read_file, write_file"],
        );
    }
    let reading = read(&native("read_file", &json!({"path": "a"})), &[]);
    assert_eq!(reading.calls, []);
    assert!(reading.reject.unwrap().contains("No tools are offered"));
}

#[test]
fn arguments_change_their_type_only_without_loss() {
    let fits = [
        (
            json!({"path": "a", "start_line": "5"}),
            json!({"path": "a", "start_line": 5}),
        ),
        (
            json!({"path": "a", "start_line": 5.0}),
            json!({"path": "a", "start_line": 5}),
        ),
        (json!("{\"path\": \"a\"}"), json!({"path": "a"})),
        (
            json!({"path": "a", "start_line": null}),
            json!({"path": "a"}),
        ),
        (json!({"path": "{\"a\": 1}"}), json!({"path": "{\"a\": 1}"})),
        (json!({"path": "5"}), json!({"path": "5"})),
        (
            json!({"path": "a", "mode": "fast"}),
            json!({"path": "a", "mode": "fast"}),
        ),
    ];
    for (given, fitted) in fits {
        runs(&native("read_file", &given), &[("read_file", fitted)], None);
    }
    for given in [
        json!({"path": "a", "start_line": "05"}),
        json!({"path": "a", "start_line": "five"}),
        json!({"path": "a", "start_line": 1.5}),
        json!({"path": "a", "start_line": true}),
        json!({"path": "a", "start_line": [1]}),
    ] {
        refuses(
            &native("read_file", &given),
            &["read_file", "start_line", "an integer"],
        );
    }
    for given in [
        json!({"path": {"a": 1}}),
        json!({"path": ["a"]}),
        json!({"path": 5}),
    ] {
        refuses(&native("read_file", &given), &["path must be a string"]);
    }
    for given in [json!("a"), json!(["a"]), json!(5), json!("\"a\"")] {
        refuses(
            &native("read_file", &given),
            &["must be a JSON object", "\"path\""],
        );
    }
    let question =
        |options: Value| native("ask_user", &json!({"question": "q", "options": options}));
    runs(
        &question(json!("[\"a\", \"b\"]")),
        &[("ask_user", json!({"question": "q", "options": ["a", "b"]}))],
        None,
    );
    refuses(&question(json!("a, b")), &["options must be an array"]);
    refuses(&question(json!([1])), &["options[0] must be a string"]);
}

#[test]
fn nothing_and_null_are_no_arguments() {
    for arguments in [Value::Null, json!({}), json!(""), json!("{}")] {
        runs(
            &native("list_dir", &arguments),
            &[("list_dir", json!({}))],
            None,
        );
    }
    let absent = Reply {
        tool_calls: vec![json!({"function": {"name": "list_dir"}})],
        ..Reply::default()
    };
    let reading = runs(&absent, &[("list_dir", json!({}))], None);
    assert_eq!(reading.calls[0].native_id, None);
}

#[test]
fn a_missing_argument_is_named_and_never_invented() {
    refuses(
        &native("write_file", &json!({"path": "a.txt"})),
        &["'content'", "\"path\":\"a.txt\""],
    );
    refuses(
        &native("edit_file", &json!({})),
        &["'path', 'old_text' and 'new_text'"],
    );
    refuses(&native("read_file", &json!({"path": null})), &["'path'"]);
    refuses(
        &native("read_file", &json!({"file": "a"})),
        &["'path'", "no argument 'file'"],
    );
    refuses(
        &says("{\"name\": \"run_command\", \"arguments\": {}}"),
        &["'command'"],
    );
}

#[test]
fn one_bad_call_rejects_the_reply() {
    let reply = Reply {
        tool_calls: vec![
            json!({"function": {"name": "list_dir", "arguments": {}}}),
            json!({"function": {"name": "nothing_like_it", "arguments": {}}}),
        ],
        ..Reply::default()
    };
    refuses(&reply, &["nothing_like_it"]);
    refuses(
        &native(
            "list_dir",
            &json!({"name": "read_file", "arguments": {"path": "a"}}),
        ),
        &["another call"],
    );
    let mut reply = native("list_dir", &json!({}));
    reply.content = "<tool_call>{\"name\": \"rm\", \"arguments\": {}}</tool_call>".to_owned();
    refuses(&reply, &["rm"]);
}

#[test]
fn a_cut_reply_never_runs() {
    let call = "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}";
    for done in [Done::Length, Done::Missing] {
        let text = Reply { done, ..says(call) };
        refuses(&text, &["list_dir"]);
        let mut server = native("write_file", &json!({"path": "a.txt", "content": "b"}));
        server.done = done;
        refuses(&server, &["write_file", "a.txt"]);
        refuses(
            &Reply {
                done,
                ..says("I am about to")
            },
            &["reply"],
        );
        refuses(&Reply { done, ..says("") }, &["reply"]);
    }
}

#[test]
fn json_of_the_shape_of_a_call_is_a_call() {
    for content in [
        "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}",
        "  {\"tool_name\": \"list_dir\", \"tool_args\": {\"path\": \"src\"}}  ",
        "{\"parameters\": {\"path\": \"src\"}, \"name\": \"list_dir\"}",
        "{\"name\": \"list_dir\", \"arguments\": \"{\\\"path\\\": \\\"src\\\"}\"}",
        "{\"type\": \"function\", \"function\": {\"name\": \"list_dir\", \"args\": {\"path\": \"src\"}}}",
        "{\"content\": null, \"tool_calls\": [{\"id\": \"1\", \"function\": {\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}}]}",
        "[{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]",
        "```json\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n```",
        "~~~\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n~~~",
        "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}<|im_end|>",
        "<|im_start|>assistant\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}</s>",
    ] {
        lists_src(content);
    }
    runs(
        &says("{\"name\": \"list_dir\"}"),
        &[("list_dir", json!({}))],
        None,
    );
    runs(
        &says("{\"name\": \"list_dir\", \"arguments\": null}"),
        &[("list_dir", json!({}))],
        None,
    );
    runs(
        &says("{\"name\": \"list_dir\"}; {\"name\": \"read_file\", \"args\": {\"path\": \"a\"}}"),
        &[("list_dir", json!({})), ("read_file", json!({"path": "a"}))],
        None,
    );
    runs(
        &says("First the tree.\n\n{\"name\": \"list_dir\"}\n"),
        &[("list_dir", json!({}))],
        Some("First the tree."),
    );
}

#[test]
fn other_json_is_data() {
    for content in [
        "{}",
        "[]",
        "[1, 2]",
        "{\"name\": \"list_dir\", \"license\": \"MIT\"}",
        "{\"name\": \"unknown_thing\"}",
        "{\"name\": \"list_dir\", \"arguments\": [\"src\"]}",
        "{\"name\": \"list_dir\", \"arguments\": \"the folder\"}",
        "{\"tool\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}",
        "{\"steps\": [{\"name\": \"list_dir\", \"arguments\": {}}]}",
        "{\"tool_calls\": []}",
        "{\"function\": {\"function\": {\"name\": \"list_dir\", \"arguments\": {}}}}",
        "[{\"name\": \"list_dir\", \"arguments\": {}}, {\"note\": 1}]",
        "[[{\"name\": \"list_dir\", \"arguments\": {}}]]",
        "{\"a\": \"<tool_call>{\\\"name\\\":\\\"list_dir\\\"}</tool_call>\"}",
        "The plan:\n{\"a\": \"<tool_call>list_dir</tool_call>\"}\nIt holds.",
        "{\"prompt\": broken <tool_call>{\"name\":\"list_dir\",\"arguments\":{}}</tool_call>\n}",
    ] {
        shows(content);
    }
    refuses(
        &says(
            "[{\"type\": \"function\", \"function\": {\"name\": \"list_dir\", \"parameters\": {\"type\": \"object\", \"properties\": {}}}}]",
        ),
        &["definition of list_dir"],
    );
    refuses(
        &says("{\"name\": \"deploy\", \"arguments\": {\"to\": \"x\"}}"),
        &["deploy"],
    );
    refuses(
        &says("Now:\n{\"name\": \"deploy\", \"arguments\": {\"to\": \"x\"}}"),
        &["deploy"],
    );
}

#[test]
fn a_native_call_that_holds_the_call_again_is_unwrapped_once() {
    let inner = json!({"name": "list_dir", "arguments": {"path": "src"}});
    let reading = runs(
        &native("list_dir", &inner),
        &[("list_dir", json!({"path": "src"}))],
        None,
    );
    assert_eq!(reading.repairs.len(), 1);
    assert_eq!(reading.source, Source::Native);
    assert_eq!(reading.calls[0].native_id.as_deref(), Some("n1"));
    let twice = json!({"name": "list_dir", "arguments": inner});
    refuses(&native("list_dir", &twice), &["another call"]);
}

#[test]
fn the_listed_repairs_are_made_and_told() {
    for (content, repair) in [
        (
            "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\",},}",
            "trailing comma",
        ),
        (
            "{'name': 'list_dir', 'arguments': {'path': 'src'}}",
            "single quotes",
        ),
        (
            "{\"name\": \"list_dir\", /* here */ \"arguments\": {\"path\": \"src\"} // now\n}",
            "comments",
        ),
        (
            "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"",
            "brackets",
        ),
        (
            "```\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n```",
            "fence",
        ),
    ] {
        let reading = lists_src(content);
        assert!(
            reading.repairs.iter().any(|words| words.contains(repair)),
            "{:?} lacks {repair}",
            reading.repairs
        );
    }
    let reading = runs(
        &says(
            "{\"name\": \"write_file\", \"arguments\": {\"path\": \"a\", \"content\": \"b\n\tc\"}}",
        ),
        &[("write_file", json!({"path": "a", "content": "b\n\tc"}))],
        None,
    );
    assert!(reading.repairs[0].contains("line breaks"));
    runs(
        &says("{'name': 'search_files', 'arguments': {'pattern': \"it's\", 'glob': None}}"),
        &[("search_files", json!({"pattern": "it's"}))],
        None,
    );
}

#[test]
fn nothing_else_is_repaired() {
    for content in [
        // An early quote.
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"echo \"hi\"\"}}",
        "{'name': 'run_command', 'arguments': {'command': 'it's'}}",
        // A string without its end.
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"echo",
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"echo}}",
        // An end that is not the end.
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"a\",",
        "{\"name\": \"run_command\", \"arguments\": {\"command\":",
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"a\"}}}",
        "{\"name\": \"run_command\", \"arguments\": {\"command\": [\"a\"}}",
        // An escape that means nothing, a bare key, two values for one key.
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"\\d\"}}",
        "{\"name\": \"run_command\", \"arguments\": {command: \"a\"}}",
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"a\", \"command\": \"b\"}}",
    ] {
        refuses(&says(content), &["run_command"]);
        refuses(&says(&format!("```json\n{content}\n```")), &["run_command"]);
        refuses(&says(&format!("<tool_call>{content}</tool_call>")), &[]);
    }
}

#[test]
fn reasoning_is_neither_text_nor_a_source_of_calls() {
    let call =
        "<tool_call>{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}</tool_call>";
    for content in [
        format!("<think>hm</think>{call}"),
        format!("<thinking>\n{call}\n</thinking>\n{call}"),
        format!("the template opened this\n{call}\n</think>\n{call}"),
        format!("[THINK]hm[/THINK]{call}"),
        format!("Thought: the folder first\n{call}"),
        format!("<|channel|>analysis<|message|>hm<|end|>{call}"),
    ] {
        lists_src(&content);
    }
    let answers = [
        format!("<think>{call}</think>Done."),
        format!("<analysis>\n{call}\n</analysis>\nDone."),
        format!("<think_more>{call}</think_more>Done."),
        format!("{call}</think>\nDone."),
        format!(
            "<|channel|>analysis<|message|>{call}<|end|><|start|>assistant<|channel|>final<|message|>Done.<|return|>"
        ),
        "Thought: I know it.\nFinal Answer: Done.".to_owned(),
    ];
    for content in answers {
        runs(&says(&content), &[], Some("Done."));
    }
    for content in [
        format!("<think>{call}"),
        format!("<think>hm</think>\n{call}</think>"),
        format!("Then <think> {call}"),
        format!("<think>{call}</think>"),
        format!("<analysis>\n{call}\n</analysis>"),
    ] {
        refuses(&says(&content), &["reasoning"]);
    }
    let mut beside = native("list_dir", &json!({"path": "src"}));
    beside.content = format!("<think>{call}");
    runs(&beside, &[("list_dir", json!({"path": "src"}))], None);
    let thinking = Reply {
        thinking: "I will send {\"name\": \"list_dir\", \"arguments\": {}}".to_owned(),
        ..Reply::default()
    };
    refuses(&thinking, &["reasoning", "list_dir"]);
    shows("A reply may open with `<think>` and close with `</think>`.");
}

#[test]
fn a_reply_without_usable_output_is_rejected() {
    for content in [
        "",
        " \n\n\n",
        "<think>hm</think>",
        "<think>hm",
        "Thought: hm",
        "<|im_end|>",
    ] {
        refuses(&says(content), &["read_file"]);
    }
    refuses(&says(&"<pad>".repeat(40)), &["one token"]);
    refuses(&says(&"ok ".repeat(40)), &["one token"]);
    refuses(
        &says(&"I will look at it again. ".repeat(9)),
        &["one sentence"],
    );
    refuses(
        &says(&format!("Sure.\n{}", "Let me check that.\n".repeat(30))),
        &["one sentence"],
    );
    let swallowed = Reply {
        usage: Usage {
            eval_tokens: 50,
            ..Usage::default()
        },
        ..Reply::default()
    };
    refuses(&swallowed, &["malformed", "read_file"]);
    for content in [
        "ok",
        "No. No. No.",
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13",
    ] {
        shows(content);
    }
}

#[test]
fn the_same_call_natively_and_as_text_runs_once() {
    let mut reply = native("list_dir", &json!({"path": "src"}));
    reply.content =
        "{\"name\": \"List-Dir\", \"arguments\": \"{\\\"path\\\": \\\"src\\\"}\"}".to_owned();
    let reading = runs(&reply, &[("list_dir", json!({"path": "src"}))], None);
    assert_eq!(reading.source, Source::Native);
    reply.content = "Looking.\n<tool_call>\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n</tool_call>".to_owned();
    runs(
        &reply,
        &[("list_dir", json!({"path": "src"}))],
        Some("Looking."),
    );
    reply.content = "Looking.</tool_call>".to_owned();
    runs(
        &reply,
        &[("list_dir", json!({"path": "src"}))],
        Some("Looking."),
    );
    reply.content = "Looking.\n<tool_response>\na.rs\n</tool_response>\nIt has a.rs.".to_owned();
    runs(
        &reply,
        &[("list_dir", json!({"path": "src"}))],
        Some("Looking."),
    );
    let schemas = all_tools();
    let mut two = native("list_dir", &json!({}));
    two.tool_calls.push(two.tool_calls[0].clone());
    assert_eq!(read(&two, &schemas).calls.len(), 2);
}
