//! The replies of the stand-in server, as the bytes that go over the wire.

use std::fmt::Write as _;

/// A reply in two pieces: everything up to the last frame, and the end.
pub(crate) struct Chat {
    /// The head and the frames before the last.
    pub(crate) begin: Vec<u8>,
    /// The last frame and the end of the body.
    pub(crate) end: Vec<u8>,
}

/// The answer to the first question: a simple task, without an interview.
pub(crate) fn simple(prompt_bytes: usize) -> Chat {
    text(r#"{"simple":true,"questions":[]}"#, prompt_bytes)
}

/// Text without a call.
pub(crate) fn text(content: &str, prompt_bytes: usize) -> Chat {
    frames(
        &[&format!(
            r#"{{"role":"assistant","content":"{}"}}"#,
            escaped(content)
        )],
        prompt_bytes,
    )
}

/// A sentence and a call.
pub(crate) fn call(number: usize, name: &str, arguments: &str, prompt_bytes: usize) -> Chat {
    let words: Vec<String> = ["Next ", "I ", "do ", "step ", &number.to_string(), "."]
        .iter()
        .map(|word| format!(r#"{{"role":"assistant","content":"{word}"}}"#))
        .collect();
    let call = format!(
        r#"{{"role":"assistant","content":"","tool_calls":[{{"id":"call_{number}","function":{{"index":0,"name":"{name}","arguments":{arguments}}}}}]}}"#
    );
    let mut messages: Vec<&str> = words.iter().map(String::as_str).collect();
    messages.push(&call);
    frames(&messages, prompt_bytes)
}

/// Text as it stands in a JSON string.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn frames(messages: &[&str], prompt_bytes: usize) -> Chat {
    let mut begin = String::from(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for message in messages {
        begin.push_str(&chunk(&format!(
            "{{\"model\":\"{}\",\"created_at\":\"2026-01-31T12:00:00.123456789Z\",\"message\":{message},\"done\":false}}\n",
            super::home::MODEL
        )));
    }
    let mut end = chunk(&format!(
        "{{\"model\":\"{}\",\"created_at\":\"2026-01-31T12:00:01.123456789Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"\"}},\"done\":true,\"done_reason\":\"stop\",\"total_duration\":1000000,\"load_duration\":1000,\"prompt_eval_count\":{},\"prompt_eval_duration\":100000,\"eval_count\":40,\"eval_duration\":900000}}\n",
        super::home::MODEL,
        prompt_bytes / 4
    ));
    end.push_str("0\r\n\r\n");
    Chat {
        begin: begin.into_bytes(),
        end: end.into_bytes(),
    }
}

fn chunk(text: &str) -> String {
    let mut chunk = String::new();
    write!(chunk, "{:x}\r\n{text}\r\n", text.len()).expect("a String");
    chunk
}
