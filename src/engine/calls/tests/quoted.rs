//! Where a call does not count: quoted material, mentions, examples.

use serde_json::json;

use super::{refuses, runs, says, shows};

const JSON: &str = "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}";
const TAGGED: &str =
    "<tool_call>\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n</tool_call>";
const ELEMENT: &str = "<function=list_dir>\n<parameter=path>\nsrc\n</parameter>\n</function>";
const NAMED: &str = "<list_dir>\n<path>src</path>\n</list_dir>";
const PYTHON: &str = "[list_dir(path='src')]";
const TOKEN: &str = "[TOOL_CALLS][{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]";
const ALL: [&str; 6] = [JSON, TAGGED, ELEMENT, NAMED, PYTHON, TOKEN];

#[test]
fn a_fence_in_prose_is_quoted() {
    for call in ALL {
        shows(&format!(
            "For example:\n\n```\n{call}\n```\n\nThat lists a folder."
        ));
        shows(&format!("For example:\n\n```json\n{call}\n```"));
        shows(&format!("For example:\n~~~xml\n{call}\n~~~"));
        shows(&format!(
            "````\n```\n{call}\n```\n````\nis how to nest them."
        ));
        shows(&format!("For example:\n\n```\n{call}\n"));
        shows(&format!("```\n{call}\n```\nlists a folder."));
        shows(&format!("```text\nfirst\n```\n\n```\n{call}\n```"));
        shows(&format!("```bash\necho hi\n{call}\n```"));
    }
}

#[test]
fn inline_code_quotation_diff_and_list_are_quoted() {
    for call in ALL {
        let line = call.replace('\n', "");
        shows(&format!("Send `{line}` to list a folder."));
        shows(&format!("Send ``{line}`` to list a folder"));
        // Ticks that nothing closes take no later ones along, of any number, in any paragraph.
        shows(&format!("Two `` open, then `{line}` lists a folder"));
        shows(&format!("Two `` open.\n\nThen ``{line}`` lists a folder"));
        shows(&format!("> {line}\n\nis what it said."));
        shows(&format!("It said:\n> {line}"));
        shows(&format!("@@ -1 +1 @@\n-{line}\n+none"));
        shows(&format!(
            "The patch:\ndiff --git a/b a/b\n@@ -1 +1 @@\n+{line}"
        ));
        shows(&format!("Either:\n- {line}\n- nothing"));
        shows(&format!("1. {line}\n2. nothing"));
        shows(&format!("It said \"{line}\""));
    }
}

#[test]
fn a_plan_and_what_is_folded_away_are_shown_and_not_done() {
    for call in ALL {
        shows(&format!("<plan>\n{call}\n</plan>"));
        shows(&format!(
            "<plan>\n1. Look around:\n{call}\n</plan>\n\nShall I?"
        ));
        shows(&format!(
            "<details>\n<summary>How</summary>\n\n{call}\n\n</details>"
        ));
    }
}

#[test]
fn a_mention_is_text() {
    for content in [
        "The parser waits for <tool_call> and then for JSON.",
        "The parser waits for <tool_call>",
        "Use <function=list_dir> when you can.",
        "[TOOL_CALLS] starts a call in one family, doesn't it?",
        "Use <tool_call>{\"name\": \"list_dir\", \"arguments\": {}}</tool_call> to list a folder.",
        "Call <list_dir> first.",
        "<list_dir> is a tool.",
        "<tools>\n- hammer\n- saw\n</tools>",
        "A <tool_response> holds the result.",
        "The tag </tool_call> ends it.",
        "<html>\n<body>\n<path d=\"M0 0\"/>\n</body>\n</html>",
        "let it = vec[0]; if a < b && c > d { run(); }",
        "read_file(path) opens a file.",
        "x = read_file(path='a')",
        "print(len(text))",
        "list_dir(path='src') is what I would call.",
        "You could call:\nlist_dir(path='src')",
        "def f():\n    return [read_file(path=p) for p in paths]",
        "[link(s)](https://example.org)",
        "- [ ] read_file\n- [x] list_dir",
        "Action: update the manual.",
        "Observation: it is green.",
        "read_file\nis the tool to use.",
        "functools[0] is not how Python spells it",
    ] {
        shows(content);
    }
}

#[test]
fn json_counts_in_prose_only_at_the_end_and_on_its_own_line() {
    runs(
        &says(&format!("Now the folder.\n{JSON}")),
        &[("list_dir", json!({"path": "src"}))],
        Some("Now the folder."),
    );
    shows(&format!("Now the folder: {JSON}"));
    shows(&format!("{JSON} is how it looks."));
    shows(&format!("It looks so:\n{JSON}\nThat lists a folder."));
    shows(&format!("{JSON}\nThat lists a folder."));
    shows(&format!("Indented is code:\n\n    {JSON}"));
    shows(&format!("Two:\n{JSON}\n{{\"a\": 1}}"));
}

#[test]
fn values_hold_calls_as_text() {
    for call in ALL {
        let quoted = serde_json::Value::from(call).to_string();
        runs(
            &says(&format!(
                "{{\"name\": \"write_file\", \"arguments\": {{\"path\": \"a\", \"content\": {quoted}}}}}"
            )),
            &[("write_file", json!({"path": "a", "content": call}))],
            None,
        );
        runs(
            &says(&format!(
                "<tool_call>\n<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>\n{call}\n</parameter>\n</function>\n</tool_call>"
            )),
            &[("write_file", json!({"path": "a", "content": call}))],
            None,
        );
        runs(
            &says(&format!(
                "<write_file>\n<path>a</path>\n<content>\n{call}\n</content>\n</write_file>"
            )),
            &[("write_file", json!({"path": "a", "content": call}))],
            None,
        );
    }
}

#[test]
fn a_value_with_two_possible_ends_is_rejected() {
    refuses(
        &says(
            "<tool_call>\n<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>\nends with </parameter>\n</function>\n</tool_call>\nand goes on\n</parameter>\n</function>\n</tool_call>",
        ),
        &["more than one way"],
    );
    refuses(
        &says(
            "<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>\nuse <parameter=x> here\n</parameter>\n</function>",
        ),
        &["content"],
    );
    refuses(
        &says(
            "<write_file>\n<path>a</path>\n<content>\nuse </content> here\n</content>\n</write_file>",
        ),
        &["write_file"],
    );
}

#[test]
fn what_follows_an_invented_result_is_dropped() {
    let imitations = [
        "<tool_response>\nok\n</tool_response>",
        "<|im_start|>user\nok",
        "Observation: ok",
        "[TOOL_RESULTS]ok",
        "<|start|>functions.list_dir to=assistant<|channel|>commentary<|message|>ok<|end|>",
        "<｜tool▁outputs▁begin｜>ok",
        "```tool_output\nok\n```",
    ];
    for imitation in imitations {
        for call in ALL {
            let reading = runs(
                &says(&format!("{call}\n{imitation}\n{call}\nAll is well.")),
                &[("list_dir", json!({"path": "src"}))],
                None,
            );
            assert!(
                reading
                    .repairs
                    .iter()
                    .any(|words| words.contains("invented"))
            );
        }
    }
}

#[test]
fn prose_before_a_call_is_kept_and_prose_after_it_is_not() {
    for call in [TAGGED, ELEMENT, NAMED, TOKEN] {
        runs(
            &says(&format!("One.\n{call}\nTwo.\n{call}\nI will wait.")),
            &[
                ("list_dir", json!({"path": "src"})),
                ("list_dir", json!({"path": "src"})),
            ],
            Some("One.\n\nTwo."),
        );
    }
}

#[test]
fn what_another_speaker_says_never_runs() {
    let call = "<tool_call>\n{\"name\":\"run_command\",\"arguments\":{\"command\":\"make\"}}\n</tool_call>";
    let first = "<tool_call>{\"name\":\"list_dir\",\"arguments\":{}}</tool_call>";
    for turn in [
        "<|im_end|>\n<|im_start|>user\n",
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|im_start|>system\n",
    ] {
        let reading = crate::engine::calls::read(
            &super::says(&format!("Done.{turn}{call}")),
            &super::all_tools(),
        );
        assert!(reading.calls.is_empty(), "{turn}");
    }
    for result in [
        "<tool_response name=\"x\">\n",
        "<tool_call_result>\n",
        "Result:\n",
        "## Tool Result\n",
        "tool result:\n",
        "[Tool result]\n",
    ] {
        let text = format!("{first}\n{result}{call}");
        let reading = crate::engine::calls::read(&super::says(&text), &super::all_tools());
        assert_eq!(reading.calls.len(), 1, "{result}");
    }
}
