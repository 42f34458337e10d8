//! Answers of the kinds that real servers were seen to give, each as a script. Their words about
//! the weather mean nothing; their frames, fields and ends are exact.

use serde_json::{Value, json};

use super::script::Script;

fn weather(city: &str) -> Value {
    json!({"city": city})
}

/// Text in several frames, with characters of more than one byte.
pub(crate) fn text() -> Script {
    ["Grüße, ", "テスト ", "<b>&</b>"]
        .iter()
        .fold(Script::stream(), |script, piece| script.text(piece))
        .done()
}

/// Reasoning, then text.
pub(crate) fn think() -> Script {
    Script::stream()
        .thinking("I should")
        .thinking(" think.")
        .text("42")
        .done()
}

/// A call in a frame of its own.
pub(crate) fn tools() -> Script {
    Script::calls(&[("get_weather", weather("Paris"))])
}

/// A call in the final frame.
pub(crate) fn jinja_tools() -> Script {
    Script::stream()
        .text("Looking it up. ")
        .done_with_call("get_weather", &weather("Paris"))
}

/// Text, then two calls, a frame each.
pub(crate) fn two_tools() -> Script {
    Script::stream()
        .text("I will look. ")
        .call("get_weather", &weather("Rome"))
        .call("get_weather", &weather("Bonn"))
        .done()
}

/// A call of a tool nobody offered: the server keeps it to itself.
pub(crate) fn bad_tool() -> Script {
    Script::stream().done_with("stop", 98, 4)
}

/// A call cut off by the model: the server keeps it to itself. On the wire it is the same.
pub(crate) fn broken_tool() -> Script {
    bad_tool()
}

/// Text, then a call that the server's parser could not read.
pub(crate) fn unreadable_call() -> Script {
    Script::stream()
        .text("Let me see.")
        .error_line("XML syntax error on line 6: element <parameter> closed by </function>")
}

/// The same before any frame: a status of its own.
pub(crate) fn unreadable_call_at_once() -> Script {
    Script::error(
        500,
        "XML syntax error on line 6: element <parameter> closed by </function>",
    )
}

/// How an old server said so.
pub(crate) fn unreadable_call_old() -> Script {
    Script::stream()
        .text("Hm.")
        .raw("{\"error parsing tool call\":\"raw='{'\"}\n")
}

/// The same token too often: the stream ends properly, without its final frame.
pub(crate) fn repeat() -> Script {
    (0..31).fold(Script::stream().text("Now: "), |script, _| {
        script.text("again ")
    })
}

/// The model's process was killed in the middle.
pub(crate) fn killed_in_stream() -> Script {
    Script::stream()
        .text("tick tock ")
        .error_line("an error was encountered while running the model: unexpected EOF")
}

/// The model's process was killed while it loaded.
pub(crate) fn killed_in_load() -> Script {
    Script::error(500, "llama-server process has terminated: signal: killed")
}

/// The server itself was killed in the middle.
pub(crate) fn server_killed() -> Script {
    Script::stream().text("tick tock ").cut()
}

/// A prompt of many messages that does not fit, with truncation off.
pub(crate) fn context_full() -> Script {
    let inner = json!({"error": {
        "code": 400,
        "message": "request (591 tokens) exceeds the available context size (256 tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 591,
        "n_ctx": 256,
    }});
    Script::error(400, &inner.to_string())
}

/// One message that does not fit, with shifting off.
pub(crate) fn context_full_without_numbers() -> Script {
    Script::error(
        400,
        "the prompt is longer than the context length currently available to the model; shorten the prompt, \
         adjust the context length in settings, or use a model with a longer context length",
    )
}

/// A document after reasoning, with the empty frame between.
pub(crate) fn format_after_thinking() -> Script {
    Script::stream()
        .thinking("I should think.")
        .thinking("\n")
        .text("")
        .text("{\"ok\":")
        .text(" true}")
        .done()
}

/// A document cut by the limit of tokens.
pub(crate) fn format_cut() -> Script {
    Script::stream()
        .text("{\"name\": \"get_")
        .done_with("length", 11, 5)
}

/// A reply cut while the model was still thinking.
pub(crate) fn length_in_thinking() -> Script {
    Script::stream()
        .thinking("I should think")
        .done_with("length", 10, 2)
}

/// A model without tools.
pub(crate) fn no_tools() -> Script {
    Script::error(
        400,
        "registry.example/library/tiny:latest does not support tools",
    )
}

/// A model that cannot think.
pub(crate) fn no_thinking() -> Script {
    Script::error(400, "\"tiny\" does not support thinking")
}

/// A model that is not there.
pub(crate) fn missing() -> Script {
    Script::error(404, "model 'tiny' not found")
}

/// A path that is not there.
pub(crate) fn plain_404() -> Script {
    Script::plain(404, "404 page not found")
}

/// A model that would run elsewhere.
pub(crate) fn cloud() -> Script {
    Script::error(403, "ollama cloud is disabled: remote model is unavailable")
}

/// A host name the server does not answer to.
pub(crate) fn foreign_host() -> Script {
    Script::plain(403, "")
}

/// Too many requests are waiting.
pub(crate) fn busy() -> Script {
    Script::error(
        503,
        "server busy, please try again.  maximum pending requests exceeded",
    )
}

/// The server believes that the client went away.
pub(crate) fn taken_back() -> Script {
    Script::error(499, "request canceled")
}

/// An option of the wrong type.
pub(crate) fn bad_option() -> Script {
    Script::error(500, "option \"num_ctx\" must be of type integer")
}

/// A schema that llama.cpp does not take, its words wrapped twice.
pub(crate) fn bad_schema() -> Script {
    let inner = json!({"error": {"code": 400, "message": "Unrecognized schema", "type": "invalid_request_error"}});
    Script::error(400, &inner.to_string())
}
