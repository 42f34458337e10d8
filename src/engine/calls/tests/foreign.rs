//! What is not the model's own answer: other speakers, quotations of many kinds, reasoning in other
//! wrappers, values that hold what ends them. Such things never run, and what only looks like them
//! still does.

use serde_json::json;

use super::{all_tools, lists_src, native, read, refuses, runs, says, shows};

const CALLS: [&str; 4] = [
    "<tool_call>{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}</tool_call>",
    "<list_dir><path>src</path></list_dir>",
    "[TOOL_CALLS][{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}]",
    "{\"name\": \"list_dir\", \"arguments\": {\"path\": \"src\"}}",
];

/// Nothing of the text runs, whether it is shown or refused.
#[track_caller]
fn never_runs(content: &str) {
    let reading = read(&says(content), &all_tools());
    assert_eq!(reading.calls, [], "{content:?}");
}

#[test]
fn a_document_in_a_fence_may_hold_fences_of_the_same_length() {
    for call in CALLS {
        shows(&format!(
            "Here:\n\n```markdown\n# Doc\n\n```bash\nls\n```\n\n{call}\n```"
        ));
        shows(&format!(
            "~~~~md\n~~~~json\n{{}}\n~~~~\n{call}\n~~~~\nDone."
        ));
        // Never closed: two readings.
        refuses(
            &says(&format!("```markdown\n# Doc\n```bash\nls\n```\n\n{call}")),
            &["list_dir", "fence"],
        );
    }
    // One fence after another is two fences.
    runs(
        &says(&format!(
            "```bash\nls\n```\n\n```python\nx\n```\n\n{}",
            CALLS[0]
        )),
        &[("list_dir", json!({"path": "src"}))],
        Some("```bash\nls\n```\n\n```python\nx\n```"),
    );
}

#[test]
fn a_value_that_holds_its_own_end_is_rejected_in_every_notation() {
    let inner = CALLS[0];
    for content in [
        format!(
            "<tool_call>write_file\n<arg_key>path</arg_key>\n<arg_value>a</arg_value>\n<arg_key>content</arg_key>\n<arg_value>x</arg_value>\n</tool_call>\n{inner}\nrest</arg_value>\n</tool_call>"
        ),
        format!(
            "<tool_call>{{\"name\":\"write_file\",\"arguments\":{{\"path\":\"a\",\"content\":\"x\"}}}}</tool_call>\n{inner}\nrest\"}}}}</tool_call>"
        ),
        format!(
            "[TOOL_CALLS]write_file[ARGS]{{\"path\":\"a\",\"content\":\"x\"}}\n{inner}\nrest\"}}"
        ),
        "[TOOL_CALLS][{\"name\":\"write_file\",\"arguments\":{\"path\":\"a\",\"content\":\"x\"}}]\nrest\"}}]"
            .to_owned(),
        format!(
            "{{\"name\":\"write_file\",\"arguments\":{{\"path\":\"a\",\"content\":\"x\"}}}}\n{inner}\nrest\"}}}}\n"
        ),
        format!("[write_file(path='a', content='x')]\n{inner}\nrest')]"),
        format!(
            "<|tool_call>call:write_file{{path:<|\"|>a<|\"|>,content:<|\"|>x<|\"|>}}<tool_call|>\n{inner}\nrest<|\"|>}}<tool_call|>"
        ),
    ] {
        refuses(&says(&content), &["more than one way"]);
    }
    // Brackets and quotes of prose after a call end nothing.
    for after in [
        "I call `println!(\"{}\", x)` there.",
        "It takes {\"a\": [\"b\"]}.",
        "fn main() {\n    print(\"}\")\n}",
        "He said (\"yes\").",
    ] {
        lists_src(&format!("{}\n{after}", CALLS[0]));
    }
}

#[test]
fn what_comes_after_another_speaker_never_runs_even_without_a_call_before() {
    let speakers = [
        "<|user|>\n",
        "<|observation|>\n",
        "<｜User｜>",
        "[INST] ",
        "<start_of_turn>user\n",
        "<result>\n",
        "<output>\n",
        "<stdout>\n",
        "<tool_response>\n",
        "<tool_response>\nok\n</tool_response>\n",
        "<user>\n",
        "[TOOL_RESULTS]ok[/TOOL_RESULTS]\n",
        "User: go on\n",
        "**User:** go on\n",
        "### Human:\n",
        "Human: go on\n\n",
        "Observation: ok\n\n",
        "Tool result:\n",
    ];
    for call in CALLS {
        for speaker in speakers {
            never_runs(&format!("{speaker}{call}"));
            never_runs(&format!("I will wait.\n{speaker}{call}"));
            never_runs(&format!("I will wait.\n\n{speaker}please\n{call}"));
        }
    }
    refuses(
        &says(&format!("Observation: it is green.\n{}", CALLS[0])),
        &["list_dir", "speaker"],
    );
    for before in [
        "A <result> holds the rows.",
        "Result: two tests fail.",
        "The user: nobody.",
        "user: alice",
        "- User: alice",
        "`<|user|>` begins a turn.",
    ] {
        runs(
            &says(&format!("{before}\n\n{}", CALLS[0])),
            &[("list_dir", json!({"path": "src"}))],
            Some(before),
        );
    }
    shows("User: the person who runs it.\n<output>\nis an element.");
}

#[test]
fn quotations_without_a_fence_are_quotations() {
    for call in CALLS {
        shows(&format!("For example:\n\n    {call}\n\nlists a folder."));
        shows(&format!("For example:\n\n\tFirst\n\t{call}"));
        shows(&format!("<!-- {call} -->\nNothing yet."));
        shows(&format!("It begins so:\n<!--\n{call}\n-->"));
        shows(&format!("<![CDATA[\n{call}\n]]>\nis raw."));
        for tag in ["pre", "code", "example", "document", "blockquote"] {
            shows(&format!("Look:\n<{tag}>\n{call}\n</{tag}>"));
            shows(&format!("Look: <{tag}>{call}</{tag}> lists it."));
            never_runs(&format!("Look:\n<{tag}>\n{call}"));
        }
        shows(&format!("text = \"\"\"\n{call}\n\"\"\"\nis what I test."));
        shows(&format!("'''\n{call}\n'''"));
        never_runs(&format!("text = '''\n{call}"));
        never_runs(&format!("> It said:\n{call}"));
        never_runs(&format!("<!-- to do\n{call}"));
    }
    for before in [
        "> It said so.",
        "Wrap it in a <pre> block, or in <code>.",
        "A \"\"\" docstring:\n\n```python\ndef f():\n    \"\"\"Say so.\"\"\"\n```",
        "Steps:\n  1. look\n     at it",
        "<!-- done -->",
    ] {
        runs(
            &says(&format!("{before}\n\n{}", CALLS[0])),
            &[("list_dir", json!({"path": "src"}))],
            Some(before),
        );
    }
}

#[test]
fn reasoning_has_many_wrappers() {
    let wrappers = [
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|thinking|>", "<|/thinking|>"),
        ("<|thinking|>", "</|thinking|>"),
        ("<|think|>", "<|/think|>"),
        ("<reflection>", "</reflection>"),
        ("<scratchpad>", "</scratchpad>"),
        ("<thoughts>", "</thoughts>"),
        ("<Thinking>", "</thinking>"),
        ("<antThinking>", "</antThinking>"),
        ("<inner_monologue>", "</inner_monologue>"),
    ];
    for (open, close) in wrappers {
        for call in CALLS {
            let content = format!("{open}\nPerhaps\n{call}\n{close}\nDone.");
            runs(&says(&content), &[], Some("Done."));
            never_runs(&format!("{open}\nPerhaps\n{call}\n"));
            lists_src(&format!("{open}\nPerhaps {call} or not\n{close}\n{call}"));
        }
    }
}

#[test]
fn a_call_that_ends_inside_a_number_runs_only_if_it_reads() {
    for content in [
        "{\"name\": \"run_command\", \"arguments\": {\"command\": \"make\", \"timeout_seconds\": 1",
        "<tool_call>{\"name\": \"run_command\", \"arguments\": {\"timeout_seconds\": 1",
        "[TOOL_CALLS]run_command[ARGS]{\"command\": \"make\", \"timeout_seconds\": 1",
    ] {
        refuses(&says(content), &["run_command"]);
    }
    let arguments = json!("{\"command\": \"make\", \"timeout_seconds\": 1");
    refuses(&native("run_command", &arguments), &["run_command"]);
    runs(
        &says("{\"name\": \"read_file\", \"arguments\": {\"path\": \"a\", \"start_line\": 12"),
        &[("read_file", json!({"path": "a", "start_line": 12}))],
        None,
    );
    runs(
        &says(
            "{\"name\": \"run_command\", \"arguments\": {\"command\": \"make\", \"timeout_seconds\": 120}",
        ),
        &[(
            "run_command",
            json!({"command": "make", "timeout_seconds": 120}),
        )],
        None,
    );
}

#[test]
fn two_names_in_one_call_are_none() {
    never_runs(
        "{\"name\": \"list_dir\", \"tool_name\": \"read_file\", \"arguments\": {\"path\": \"a\"}}",
    );
    never_runs(
        "{\"name\": \"list_dir\", \"arguments\": {}, \"function\": {\"name\": \"read_file\", \"arguments\": {\"path\": \"a\"}}}",
    );
}

#[test]
fn a_mark_of_the_byte_order_is_no_text() {
    for call in CALLS {
        lists_src(&format!("\u{feff}{call}"));
    }
}
