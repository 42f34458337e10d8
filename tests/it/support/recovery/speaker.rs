//! In which form a model speaks: with the calls of the server's own protocol, or with text only.
//! Everything that differs between the two is here.

use loop_orchestration::engine::calls::read_as;
use loop_orchestration::engine::protocol::{Protocol, steps};
use loop_orchestration::engine::reply::Reply;
use loop_orchestration::engine::tool::Tool;
use serde_json::{Value, json};

use crate::support::fake_ollama::Script;
use crate::support::todo::{Asked, Form, Says, block};

/// How the model calls tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// With `tool_calls`, as a model with the tools capability.
    Native,
    /// With text only, in the form of the text protocol.
    Text,
}

/// A reply before it goes over the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spoken {
    pub(crate) content: String,
    pub(crate) thinking: String,
    pub(crate) calls: Vec<(String, Value)>,
}

impl Spoken {
    pub(crate) fn text(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            ..Self::default()
        }
    }

    /// Its frames but for the final one.
    pub(crate) fn frames(&self) -> Script {
        let mut script = Script::stream();
        if !self.thinking.is_empty() {
            script = script.thinking(&self.thinking);
        }
        if !self.content.is_empty() {
            script = script.text(&self.content);
        }
        self.calls.iter().fold(script, |script, (name, arguments)| {
            script.call(name, arguments)
        })
    }
}

/// A call that the conversation knows of, with its result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) name: String,
    pub(crate) arguments: Value,
    pub(crate) result: String,
}

impl Past {
    /// Whether the tool did what was asked.
    pub(crate) fn worked(&self) -> bool {
        !["[failed]", "[denied]", "[timed_out]", "[unknown]"]
            .iter()
            .any(|word| self.result.starts_with(word))
    }
}

impl Speaker {
    /// Its name on the command line.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "native" => Some(Self::Native),
            "text" => Some(Self::Text),
            _ => None,
        }
    }

    /// How it speaks in this conversation: one that was moved to text finds no tools on offer.
    pub(crate) fn of(self, asked: &Asked) -> Self {
        let is_native = asked
            .messages()
            .iter()
            .any(|message| message["tool_calls"].is_array());
        let in_text = asked.is_text() || (asked.form() == Some(Form::Call) && !is_native);
        if in_text { Self::Text } else { self }
    }

    /// What the server says that such a model can do.
    pub(crate) fn capabilities(self) -> &'static [&'static str] {
        match self {
            Self::Native => &["completion", "tools"],
            Self::Text => &["completion"],
        }
    }

    /// A good reply.
    pub(crate) fn speak(self, says: &Says) -> Spoken {
        match says {
            Says::Text(text) => Spoken::text(text),
            Says::Calls(calls) => {
                let calls: Vec<(String, Value)> = calls
                    .iter()
                    .map(|(name, arguments)| ((*name).to_owned(), arguments.clone()))
                    .collect();
                self.calling(calls)
            }
        }
    }

    /// These calls in the right form.
    pub(crate) fn calling(self, calls: Vec<(String, Value)>) -> Spoken {
        match self {
            Self::Native => Spoken {
                calls,
                ..Spoken::default()
            },
            Self::Text => Spoken::text(self.written(&calls)),
        }
    }

    /// Calls as such a model writes them when it writes text, one after another.
    pub(crate) fn written(self, calls: &[(String, Value)]) -> String {
        match self {
            Self::Native => calls
                .iter()
                .map(|call| format!("<tool_call>\n{}\n</tool_call>", in_json(call)))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Text => calls
                .iter()
                .map(|(name, arguments)| block(name, arguments))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    /// The calls of a conversation and their results, in order.
    pub(crate) fn history(self, messages: &[Value]) -> Vec<Past> {
        match self {
            Self::Native => native_history(messages),
            Self::Text => text_history(messages),
        }
    }
}

/// `{"name": …, "arguments": …}`
pub(crate) fn in_json((name, arguments): &(String, Value)) -> String {
    json!({"name": name, "arguments": arguments}).to_string()
}

fn native_history(messages: &[Value]) -> Vec<Past> {
    let mut past = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        for (call, result) in calls.zip(&messages[place + 1..]) {
            past.push(Past {
                name: text(&call["function"]["name"]),
                arguments: call["function"]["arguments"].clone(),
                result: text(&result["content"]),
            });
        }
    }
    past
}

/// Blocks in what the model said, each with the result that the next message holds for it.
fn text_history(messages: &[Value]) -> Vec<Past> {
    let tools = Tool::ALL.map(Tool::schema);
    let mut past = Vec::new();
    for pair in messages.windows(2) {
        let reply = Reply {
            content: text(&pair[0]["content"]),
            ..Reply::default()
        };
        let results = text(&pair[1]["content"]);
        let results = steps(&results);
        if pair[0]["role"] != "assistant" || results.is_empty() {
            continue;
        }
        let calls = read_as(&reply, &tools, Protocol::Text).calls;
        for (call, result) in calls.into_iter().zip(results) {
            let (_, status) = result.head.rsplit_once(": ").unwrap_or_default();
            past.push(Past {
                name: call.name,
                arguments: call.arguments,
                result: match status {
                    "ok" => result.text.to_owned(),
                    other => format!("[{other}]\n{}", result.text),
                },
            });
        }
    }
    past
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
