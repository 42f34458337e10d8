//! In which form a model speaks: with the calls of the server's own protocol, or with text only.
//! Everything that differs between the two is here.

use serde_json::{Value, json};

use crate::support::fake_ollama::Script;
use crate::support::todo::Says;

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
            // TEXT PROTOCOL, 1 of 2: one block a call, in the form that `engine` documents.
            Self::Text => panic!("the form of a call in the text protocol is not known here yet"),
        }
    }

    /// The calls of a conversation and their results, in order.
    pub(crate) fn history(self, messages: &[Value]) -> Vec<Past> {
        match self {
            Self::Native => native_history(messages),
            // TEXT PROTOCOL, 2 of 2: the same read out of assistant and user messages.
            Self::Text => panic!("the form of a result in the text protocol is not known here yet"),
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

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
