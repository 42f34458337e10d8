//! Reading the calls out of a reply of 100 KB: ordinary ones, and ones made to be slow.
//!
//! Run it with `cargo bench --bench parse`.

mod support;

use std::time::Instant;

use loop_orchestration::engine::calls;
use loop_orchestration::engine::reply::Reply;
use loop_orchestration::engine::tool::Tool;
use serde_json::{Value, json};
use support::table::{Table, Unit, ms};

const SIZE: usize = 100 * 1024;
const RUNS: usize = 40;
const LIMIT: f64 = 5.0;

fn main() {
    let tools: Vec<Value> = Tool::ALL.into_iter().map(Tool::schema).collect();
    let table = Table::new("reading a reply of 100 KB", Unit::Ms);
    for (name, reply) in ordinary().into_iter().chain(adversarial()) {
        let mut found = Vec::new();
        for _ in 0..RUNS {
            let began = Instant::now();
            let reading = calls::read(&reply, &tools);
            found.push(ms(began.elapsed()));
            std::hint::black_box(&reading);
        }
        table.row(&name, found, Some(LIMIT));
    }
}

fn ordinary() -> Vec<(String, Reply)> {
    let program = repeated("def total(values):\n    return sum(v[\"n\"] for v in values)  # {x}\n");
    let call = json!({"name": "write_file", "arguments": {"path": "a.py", "content": program}})
        .to_string();
    let native = Reply {
        tool_calls: vec![json!({"id": "c", "function": {
            "name": "write_file", "arguments": {"path": "a.py", "content": program}
        }})],
        ..Reply::default()
    };
    let mut texts = vec![
        (
            "prose",
            repeated("The file `src/a.py` (see [1]) sets x = {\"a\": 1} and <b>more</b>.\n"),
        ),
        ("one call as JSON", call.clone()),
        (
            "one call in a fence",
            format!("I write it.\n```json\n{call}\n```\n"),
        ),
        (
            "one call in tags",
            format!("<tool_call>\n{call}\n</tool_call>"),
        ),
        (
            "many small calls in tags",
            repeated(
                "<tool_call>{\"name\":\"read_file\",\"arguments\":{\"path\":\"a.py\"}}</tool_call>\n",
            ),
        ),
        ("code in a fence", format!("```python\n{program}```\n")),
        (
            "thinking, then a call",
            format!(
                "<think>{}</think>\n{}",
                repeated("Hm, a {\"name\": \"x\"} then. "),
                "<tool_call>{\"name\":\"list_dir\",\"arguments\":{}}</tool_call>"
            ),
        ),
        ("one call cut off", call[..call.len() - 20].to_owned()),
    ];
    let mut replies: Vec<_> = texts
        .drain(..)
        .map(|(name, text)| (name.to_owned(), reply(text)))
        .collect();
    replies.push(("a native call".to_owned(), native));
    replies
}

fn adversarial() -> impl Iterator<Item = (String, Reply)> {
    [
        "{",
        "[",
        "\"",
        "\\",
        "`",
        "```\n",
        "```json\n{\n",
        "<",
        "<tool_call>",
        "</tool_call>",
        "<tool_call>{\"name\":",
        "<function=read_file>",
        "<function=read_file><parameter=path>",
        "<think>",
        "</think>",
        "{\"name\":\"read_file\",",
        "{\"name\":\"read_file\",\"arguments\":{",
        "{\"name\":\"read_file\",\"arguments\":\"{",
        "[TOOL_CALLS]",
        "[TOOL_CALLS][{",
        "read_file(",
        "read_file(path=\"",
        "Action: read_file\n",
        "Action: read_file\nAction Input: {\n",
        "{\"a\":\"",
        "'",
        "\"\"\"",
        "\n",
        " ",
        "-----BEGIN ",
        "<|python_tag|>",
        "{}",
        "[]",
        "\u{fc}",
        "<invoke name=\"read_file\">",
        "functools[",
        "<|tool_calls_section_begin|>",
        "<arg_key>",
        "write_file\n",
        "{'name': 'read_file', 'arguments': {",
        "(",
        "print(read_file(",
        "\\\"{",
        "'{",
        "\"{'",
        "[\"",
        "[\"'\n",
        "{'''",
        "'''\n{",
        "(\"\"\"",
        "x = \"\"\" ",
        "`\"\"\"",
        "`'",
        "\\\"\\\"\\\"",
        "[/*\n",
        "<tools>{/*",
        "[<tools>\r\n",
        "<tools>[\"",
        "<|end|>  \"\"\"",
        "1.<x>",
        "<read_file>\"",
        "<read_file><path>a</path></read_file>",
        "<details>",
        "<plan>\n",
    ]
    .into_iter()
    .map(|piece| {
        (
            format!("again and again: {piece:?}"),
            reply(repeated(piece)),
        )
    })
    .chain([
        (
            "backticks, one more each time".to_owned(),
            reply(growing_ticks()),
        ),
        half_and_half(" ", "'''-"),
        half_and_half("\t", "<x>"),
        half_and_half("1", ".<x>"),
        half_and_half("<|end|> ", "\"\"\""),
    ])
}

/// A line that begins with one thing and goes on with another.
fn half_and_half(first: &str, second: &str) -> (String, Reply) {
    let half = |piece: &str| piece.repeat(SIZE / 2 / piece.len());
    let name = format!("{first:?} again and again, then {second:?}");
    (name, reply(format!("x\n{}{}", half(first), half(second))))
}

fn growing_ticks() -> String {
    (1..440).map(|count| "`".repeat(count) + " ").collect()
}

fn repeated(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn reply(content: String) -> Reply {
    Reply {
        content,
        ..Reply::default()
    }
}
