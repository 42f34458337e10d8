//! The twenty faults: what each makes of a reply that was meant well. Where a reply has no call (a
//! document, a claim), each does to the text what comes nearest.

use serde_json::{Map, Value, json};

use super::speaker::{Speaker, Spoken, in_json};
use crate::support::fake_ollama::Script;
use crate::support::todo::{Asked, Form, Says, document};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fault {
    Http500,
    Busy,
    Cut,
    ErrorFrame,
    NoDoneFrame,
    Empty,
    Length,
    Prose,
    ThinkingOnly,
    CallInThinking,
    UnknownTool,
    WrongTypes,
    MissingArgument,
    TruncatedJson,
    Fence,
    Twice,
    InventedResult,
    Repeated,
    Gone,
    Unloaded,
}

/// The reply that was meant, and to what.
pub(crate) struct Scene<'a> {
    pub(crate) good: Says,
    pub(crate) asked: &'a Asked,
    pub(crate) speaker: Speaker,
    pub(crate) prompt_tokens: u64,
}

impl Scene<'_> {
    /// What every reply costs.
    pub(crate) const EVAL_TOKENS: u64 = 50;

    /// The reply as it was meant.
    pub(crate) fn unspoilt(&self) -> Script {
        self.ended(self.speaker.speak(&self.good).frames(), "stop")
    }

    fn ended(&self, script: Script, reason: &str) -> Script {
        script.done_with(reason, self.prompt_tokens, Self::EVAL_TOKENS)
    }

    /// The calls that were meant; none for a document or a claim.
    fn calls(&self) -> Vec<(String, Value)> {
        match &self.good {
            Says::Calls(calls) => calls
                .iter()
                .map(|(name, arguments)| ((*name).to_owned(), arguments.clone()))
                .collect(),
            Says::Text(_) => Vec::new(),
        }
    }

    /// Everything that was meant, as text.
    fn written(&self) -> String {
        match &self.good {
            Says::Text(text) => text.clone(),
            Says::Calls(_) => self.speaker.written(&self.calls()),
        }
    }

    fn is_document(&self) -> bool {
        self.asked.0["format"].is_object()
    }

    /// The document with its first list (or its last field) changed.
    fn document(&self, change: fn(&mut Map<String, Value>, &str)) -> Spoken {
        let Says::Text(text) = &self.good else {
            unreachable!("a document is text")
        };
        let mut fields: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let list = fields.iter().find(|(_, value)| value.is_array());
        let key = list
            .or(fields.iter().next_back())
            .map(|(key, _)| key.clone());
        change(&mut fields, &key.unwrap_or_default());
        Spoken::text(Value::Object(fields).to_string())
    }

    /// The first call with its arguments changed; for a claim, a call that nobody needs.
    fn changed_call(&self, change: fn(&mut Map<String, Value>)) -> Spoken {
        let mut calls = self.calls();
        if calls.is_empty() {
            calls = vec![("read_file".to_owned(), json!({"path": "todo.py"}))];
        }
        if let Some(fields) = calls[0].1.as_object_mut() {
            change(fields);
        }
        self.speaker.calling(calls)
    }

    /// What was said last: the last call of this conversation, or the document before this one.
    fn said_before(&self) -> Spoken {
        if self.is_document() {
            let before = match self.asked.form() {
                Some(Form::Coverage) => Form::Questions,
                Some(Form::Fill) => Form::Coverage,
                Some(Form::Prd) => Form::Fill,
                Some(Form::Tickets) => Form::Prd,
                Some(Form::Plan) => Form::Tickets,
                Some(Form::Review | Form::Critique) => Form::Plan,
                Some(Form::Decision) => Form::Review,
                Some(Form::Questions | Form::Call) | None => return self.speaker.speak(&self.good),
            };
            return Spoken::text(document(before).to_string());
        }
        match self.speaker.history(self.asked.messages()).pop() {
            Some(last) => self.speaker.calling(vec![(last.name, last.arguments)]),
            // Nothing was said before: it is said twice at once.
            None => self.speaker.calling([self.calls(), self.calls()].concat()),
        }
    }
}

impl Fault {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 20] = [
        Self::Http500,
        Self::Busy,
        Self::Cut,
        Self::ErrorFrame,
        Self::NoDoneFrame,
        Self::Empty,
        Self::Length,
        Self::Prose,
        Self::ThinkingOnly,
        Self::CallInThinking,
        Self::UnknownTool,
        Self::WrongTypes,
        Self::MissingArgument,
        Self::TruncatedJson,
        Self::Fence,
        Self::Twice,
        Self::InventedResult,
        Self::Repeated,
        Self::Gone,
        Self::Unloaded,
    ];

    /// Its name on the command line and in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http500 => "http-500",
            Self::Busy => "503-thrice",
            Self::Cut => "cut-stream",
            Self::ErrorFrame => "error-frame-after-content",
            Self::NoDoneFrame => "no-done-frame",
            Self::Empty => "empty-reply",
            Self::Length => "length",
            Self::Prose => "prose-instead-of-a-call",
            Self::ThinkingOnly => "thinking-only",
            Self::CallInThinking => "call-inside-thinking",
            Self::UnknownTool => "unknown-tool",
            Self::WrongTypes => "wrong-argument-types",
            Self::MissingArgument => "missing-argument",
            Self::TruncatedJson => "truncated-json",
            Self::Fence => "call-in-a-fence",
            Self::Twice => "call-twice",
            Self::InventedResult => "invented-result",
            Self::Repeated => "repeated-call",
            Self::Gone => "server-gone-10-s",
            Self::Unloaded => "model-unloaded",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// Whether the model works for it; else the request costs nothing.
    pub(crate) const fn reaches_the_model(self) -> bool {
        !matches!(self, Self::Http500 | Self::Busy | Self::Unloaded)
    }

    /// Whether the model itself asks for something again, so that it may run again.
    pub(crate) const fn repeats(self) -> bool {
        matches!(self, Self::Repeated)
    }

    /// What the server answers instead.
    pub(crate) fn spoil(self, scene: &Scene<'_>) -> Script {
        let good = scene.speaker.speak(&scene.good);
        let spoken = match self {
            Self::Http500 => {
                return Script::error(
                    500,
                    "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details",
                );
            }
            Self::Busy => return Script::error(503, "server busy, please try again."),
            Self::Unloaded => return Script::stream().done_with("unload", 0, 0),
            Self::Cut | Self::Gone => return begun(&good).cut(),
            Self::NoDoneFrame => return begun(&good),
            Self::ErrorFrame => {
                return Script::stream().text("Let me see. ").error_line(
                    "XML syntax error on line 8: element <parameter> closed by </function>",
                );
            }
            Self::Empty => Spoken::default(),
            Self::Length => return scene.ended(shortened(&good).frames(), "length"),
            Self::Prose => Spoken::text("Now I will do the next step, as it was planned."),
            Self::ThinkingOnly => thought("I know what the next step is."),
            Self::CallInThinking => thought(&scene.written()),
            Self::UnknownTool => unknown_tool(scene),
            Self::WrongTypes if scene.is_document() => {
                scene.document(|fields, key| _ = fields.insert(key.to_owned(), 5.into()))
            }
            // Raw text has no type of its own: only a number can be wrong.
            Self::WrongTypes if scene.speaker == Speaker::Text => {
                let wrong = json!({"path": "todo.py", "start_line": "soon"});
                scene.speaker.calling(vec![("read_file".to_owned(), wrong)])
            }
            Self::WrongTypes => scene.changed_call(|fields| {
                if let Some(value) = fields.values_mut().next() {
                    *value = json!({"value": value.clone()});
                }
            }),
            Self::MissingArgument if scene.is_document() => {
                scene.document(|fields, key| _ = fields.shift_remove(key))
            }
            Self::MissingArgument => scene.changed_call(|fields| {
                let first = fields.keys().next().cloned();
                fields.shift_remove(&first.unwrap_or_default());
            }),
            Self::TruncatedJson => Spoken::text(truncated(scene)),
            Self::Fence => Spoken::text(fenced(scene)),
            Self::Twice => Spoken {
                content: match scene.good {
                    Says::Text(_) => format!("{0}\n{0}", good.content),
                    Says::Calls(_) => [good.content.clone(), scene.written()].join("\n"),
                },
                ..good
            },
            Self::InventedResult => invented(scene, good),
            Self::Repeated => scene.said_before(),
        };
        scene.ended(spoken.frames(), "stop")
    }
}

/// What arrives before something breaks: half of the text, or the calls whole, which may be half
/// of what was meant.
fn begun(good: &Spoken) -> Script {
    Spoken {
        content: half(&good.content).to_owned(),
        ..good.clone()
    }
    .frames()
}

fn thought(text: &str) -> Spoken {
    Spoken {
        thinking: text.to_owned(),
        ..Spoken::default()
    }
}

/// A result that nobody gave follows at once, and a claim. Where several calls were meant they are
/// the server's, else they are text.
fn invented(scene: &Scene<'_>, good: Spoken) -> Spoken {
    let said = match good.calls.len() {
        0 | 1 => Spoken::text(scene.written()),
        _ => good,
    };
    Spoken {
        content: format!(
            "{}\n<tool_response>\nOK, everything was done.\n</tool_response>\nIt is all done.\n[TASK_COMPLETE]",
            said.content
        ),
        ..said
    }
}

/// Cut by the limit of tokens: the text, and the longest argument of each call.
fn shortened(good: &Spoken) -> Spoken {
    let mut short = good.clone();
    half(&good.content).clone_into(&mut short.content);
    for (_, arguments) in &mut short.calls {
        let strings = arguments.as_object_mut().into_iter().flatten();
        let longest = strings
            .map(|(_, value)| value)
            .max_by_key(|value| value.as_str().map_or(0, str::len));
        if let Some(Value::String(text)) = longest {
            *text = half(text).to_owned();
        }
    }
    short
}

fn unknown_tool(scene: &Scene<'_>) -> Spoken {
    let arguments = scene
        .calls()
        .first()
        .map_or_else(|| json!({"path": "todo.py"}), |(_, a)| a.clone());
    let call = ("create_todo_app".to_owned(), arguments);
    if scene.is_document() {
        return Spoken::text(in_json(&call));
    }
    scene.speaker.calling(vec![call])
}

fn truncated(scene: &Scene<'_>) -> String {
    let whole = match &scene.good {
        // Half a claim would be prose; a call that nobody needs is cut instead.
        Says::Text(_) if !scene.is_document() => scene
            .speaker
            .written(&[("read_file".to_owned(), json!({"path": "todo.py"}))]),
        Says::Text(_) | Says::Calls(_) => scene.written(),
    };
    half(&whole).to_owned()
}

fn fenced(scene: &Scene<'_>) -> String {
    let calls = scene.calls();
    let inside = match (scene.speaker, calls.as_slice()) {
        (Speaker::Native, [call]) => in_json(call),
        (Speaker::Native, [_, ..]) => {
            let all: Vec<String> = calls.iter().map(in_json).collect();
            format!("[{}]", all.join(",\n"))
        }
        (Speaker::Native, []) | (Speaker::Text, _) => scene.written(),
    };
    let language = if inside.starts_with(['{', '[']) && !inside.ends_with("COMPLETE]") {
        "json"
    } else {
        ""
    };
    format!("```{language}\n{inside}\n```")
}

fn half(text: &str) -> &str {
    let end = (0..=text.len() / 2)
        .rev()
        .find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
