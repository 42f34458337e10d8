//! The families' own notations, well-formed and damaged.

use serde_json::json;

use super::{lists_src, refuses, runs, says};

/// Each of these asks to list `src`.
const LISTS_SRC: &[&str] = &[
    // hermes, qwen
    "<tool_call>\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n</tool_call>",
    "<tool_call>{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}",
    "<tool_call>\n```json\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n```\n</tool_call>",
    "<tools>\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n</tools>",
    "<function_call>{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}</function_call>",
    "```xml\n<tool_call>\n{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}\n</tool_call>\n```",
    // qwen3-coder, seed, minimax, llama 3.1
    "<tool_call>\n<function=list_dir>\n<parameter=path>\nsrc\n</parameter>\n</function>\n</tool_call>",
    "<function=list_dir><parameter=path>src</parameter></function>",
    "<function name=\"list_dir\"><parameter name=\"path\">src</parameter></function>",
    "<function=list_dir>{\"path\": \"src\"}</function>",
    "<seed:tool_call><function=list_dir><parameter=path>src</parameter></function></seed:tool_call>",
    "<minimax:tool_call>\n<invoke name=\"list_dir\">\n<parameter name=\"path\">src</parameter>\n</invoke>\n</minimax:tool_call>",
    "<function_calls>\n<invoke name=\"list_dir\">\n<parameter name=\"path\">src</parameter>\n</invoke>\n</function_calls>",
    "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"list_dir\">\n<｜DSML｜parameter name=\"path\" string=\"true\">src</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
    // glm
    "<tool_call>list_dir\n<arg_key>path</arg_key>\n<arg_value>src</arg_value>\n</tool_call>",
    "list_dir\n{\"path\": \"src\"}",
    "<tool_call>list_dir\n{\"path\": \"src\"}</tool_call>",
    // the tool's name as tag or header
    "<list_dir><path>src</path></list_dir>",
    "<list_dir path=\"src\"/>",
    "<list_dir>{\"path\": \"src\"}</list_dir>",
    "### list_dir\n\n```json\n{\"path\": \"src\"}\n```",
    "**list_dir**\n{\"path\": \"src\"}",
    // mistral
    "[TOOL_CALLS][{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]",
    "[TOOL_CALLS] [{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]</s>",
    "[TOOL_CALLS]list_dir[ARGS]{\"path\": \"src\"}",
    "[TOOL_CALLS]list_dir[CALL_ID]a1b2c3d4e[ARGS]{\"path\": \"src\"}",
    "[TOOL_CALLS]list_dir{\"path\": \"src\"}",
    // deepseek
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>list_dir\n```json\n{\"path\": \"src\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>list_dir<｜tool▁sep｜>{\"path\": \"src\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
    "<|tool_call_begin|>list_dir<|tool_sep|>{\"path\": \"src\"}<|tool_call_end|>",
    // kimi
    "<|tool_calls_section_begin|><|tool_call_begin|>functions.list_dir:0<|tool_call_argument_begin|>{\"path\":\"src\"}<|tool_call_end|><|tool_calls_section_end|>",
    // gpt-oss
    "<|channel|>commentary to=functions.list_dir <|constrain|>json<|message|>{\"path\":\"src\"}<|call|>",
    "<|start|>assistant to=functions.list_dir<|channel|>commentary json<|message|>{\"path\":\"src\"}",
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.list_dir<|message|>{\"path\":\"src\"}<|call|>",
    // gemma
    "```tool_code\nlist_dir(path=\"src\")\n```",
    "```tool_code\nprint(default_api.list_dir(path=\"src\"))\n```",
    "<|tool_call>call:list_dir{path:<|\"|>src<|\"|>}<tool_call|>",
    "<start_function_call>call:list_dir{path:<escape>src<escape>}<end_function_call>",
    // python
    "[list_dir(path='src')]",
    "[list_dir(path=\"src\",)]",
    "list_dir(path='src')",
    "<|tool_call_start|>[list_dir(path=\"src\")]<|tool_call_end|>",
    "<function_calls>\nlist_dir(path=\"src\")\n</function_calls>",
    // llama
    "<|python_tag|>{\"name\": \"list_dir\", \"parameters\": {\"path\": \"src\"}}<|eom_id|>",
    "<|python_tag|>list_dir.call(path=\"src\")",
    "<|start_header_id|>assistant<|end_header_id|>\n\n{\"name\": \"list_dir\", \"parameters\": {\"path\": \"src\"}}<|eot_id|>",
    // granite, phi, firefunction
    "<|tool_call|>[{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]",
    "<|tool_call|>[{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]<|/tool_call|>",
    "functools[{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]",
    // command-r
    "Action: ```json\n[{\"tool_name\": \"list_dir\", \"parameters\": {\"path\": \"src\"}}]\n```",
    "<|START_THINKING|>hm<|END_THINKING|><|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"list_dir\", \"parameters\": {\"path\": \"src\"}}]<|END_ACTION|>",
    // internlm
    "<|action_start|><|plugin|>{\"name\": \"list_dir\", \"parameters\": {\"path\": \"src\"}}<|action_end|>",
    // react
    "Thought: look\nAction: list_dir\nAction Input: {\"path\": \"src\"}",
    "Action: list_dir\nAction Input: {\"path\": \"src\"}\nObservation: a.rs\nThought: done",
    "**Action:** list_dir\n**Action Input:** {\"path\": \"src\"}",
    "Action: list_dir(path='src')",
    // nemotron
    "<TOOLCALL>[{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]</TOOLCALL>",
];

#[test]
fn every_notation_is_read() {
    for content in LISTS_SRC {
        lists_src(content);
    }
}

#[test]
fn every_notation_is_read_after_prose() {
    for content in LISTS_SRC {
        if content.starts_with("list_dir(")
            || content.starts_with("###")
            || content.starts_with("```xml")
            || content.contains("</think")
            || content.starts_with("<|start")
        {
            continue;
        }
        runs(
            &says(&format!("I look at the folder.\n\n{content}")),
            &[("list_dir", json!({"path": "src"}))],
            Some("I look at the folder."),
        );
    }
}

#[test]
fn no_notation_runs_a_tool_that_is_not_offered() {
    for content in LISTS_SRC {
        let unknown = content.replace("list_dir", "wipe_disk");
        let reading = super::read(&says(&unknown), &super::all_tools());
        assert_eq!(reading.calls, [], "{unknown}");
    }
}

#[test]
fn no_notation_runs_when_it_breaks_off() {
    for content in LISTS_SRC {
        let cut = content.find("src").unwrap();
        let reading = super::read(&says(&content[..cut + 2]), &super::all_tools());
        assert_eq!(reading.calls, [], "{content}");
    }
}

#[test]
fn tag_values_are_raw_and_lose_one_newline_at_each_end() {
    let write = |value: &str| {
        says(&format!(
            "<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>{value}</parameter>\n</function>"
        ))
    };
    for (value, content) in [
        ("x", "x"),
        ("\nx\n", "x"),
        ("\n\nx\n\n", "\nx\n"),
        ("\n  x\n", "  x"),
        ("\n{\"a\": 1}\n", "{\"a\": 1}"),
        ("\n&lt;b&gt; \"q\" \\n\n", "&lt;b&gt; \"q\" \\n"),
        ("\n", ""),
        ("", ""),
    ] {
        runs(
            &write(value),
            &[("write_file", json!({"path": "a", "content": content}))],
            None,
        );
    }
}

#[test]
fn several_calls_keep_their_order() {
    for content in [
        "<tool_call>{\"name\": \"list_dir\"}</tool_call>\n<tool_call>{\"name\": \"read_file\", \"arguments\": {\"path\": \"a\"}}</tool_call>",
        "<tool_call>\n{\"name\": \"list_dir\"}\n{\"name\": \"read_file\", \"arguments\": {\"path\": \"a\"}}\n</tool_call>",
        "[TOOL_CALLS]list_dir[ARGS]{}[TOOL_CALLS]read_file[ARGS]{\"path\": \"a\"}",
        "[list_dir(), read_file(path='a')]",
        "<function_calls>\nlist_dir()\nread_file(path=\"a\")\n</function_calls>",
        "<tool_call>list_dir</tool_call><tool_call>read_file<arg_key>path</arg_key><arg_value>a</arg_value></tool_call>",
        "<|tool_call>call:list_dir{}<tool_call|><|tool_call>call:read_file{path:<|\"|>a<|\"|>}<tool_call|>",
    ] {
        runs(
            &says(content),
            &[("list_dir", json!({})), ("read_file", json!({"path": "a"}))],
            None,
        );
    }
}

#[test]
fn damaged_notations_are_rejected_with_what_to_do() {
    for (content, words) in [
        ("<tool_call>\n</tool_call>", "empty"),
        ("<tool_call>", "empty"),
        ("<tool_call>soon</tool_call>", "no call"),
        ("<tool_call>{\"path\": \"src\"}</tool_call>", "no call"),
        (
            "<tool_call>{\"name\": \"list_dir\", \"arguments\": {}}\nand so on",
            "not closed",
        ),
        (
            "<tool_call>{\"name\": \"list_dir\", \"arguments\": {}} and so on</tool_call>",
            "not closed",
        ),
        (
            "<function=read_file>\n<parameter=path>\na\n</function>",
            "'path'",
        ),
        (
            "<function=read_file>\n<parameter=path>\na\n</parameter>\n</tool_call>",
            "not closed",
        ),
        ("<function=read_file>\n</function>", "'path'"),
        ("<read_file>\n<path>a</read_file>", "'path'"),
        ("[read_file('a')]", "name each argument"),
        ("read_file('a')", "name each argument"),
        ("[read_file(path=a)]", "'path'"),
        ("Action: read_file\nAction Input: a.rs", "JSON object"),
        ("Action: open\nAction Input: {\"path\": \"a\"}", "read_file"),
        (
            "<|channel|>commentary to=functions.read_file<|message|>a.rs<|call|>",
            "JSON object",
        ),
        ("[TOOL_CALLS]read_file[ARGS]", "'path'"),
        ("open_file\n{\"path\": \"a\"}", "read_file"),
    ] {
        refuses(&says(content), &[words]);
    }
}

#[test]
fn python_values_are_literals() {
    runs(
        &says(
            "[search_files(pattern=r'\\d+\\s', path='it\\'s'), ask_user(question=\"\"\"a\nb\"\"\", options=['x', \"y\"])]",
        ),
        &[
            (
                "search_files",
                json!({"pattern": "\\d+\\s", "path": "it's"}),
            ),
            (
                "ask_user",
                json!({"question": "a\nb", "options": ["x", "y"]}),
            ),
        ],
        None,
    );
}
