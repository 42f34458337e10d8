//! What the stand-in is to answer, as data, and what it has seen.

use std::collections::VecDeque;
use std::sync::mpsc;

use serde_json::{Map, Value, json};

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct RequestSeen {
    /// Such as `/api/chat`.
    pub(crate) path: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body's very bytes.
    pub(crate) body: Vec<u8>,
    /// The same as JSON, or null.
    pub(crate) json: Value,
    /// On which connection, counted from 1.
    pub(crate) connection: usize,
}

impl RequestSeen {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Who decides about the next chat.
pub(super) type Decide = Box<dyn FnMut(&RequestSeen) -> Script + Send>;

/// The scripts one after another; then a refusal that is not worth trying again.
pub(super) fn in_order(scripts: impl IntoIterator<Item = Script>) -> Decide {
    let mut scripts: VecDeque<_> = scripts.into_iter().collect();
    Box::new(move |_| {
        scripts
            .pop_front()
            .unwrap_or_else(|| Script::error(400, "the test has no more replies"))
    })
}

/// Where the body of an answer is torn; each part is a chunk and a packet of its own.
#[derive(Clone, Debug, Default)]
pub(crate) enum Splits {
    /// Each line by itself.
    #[default]
    Whole,
    /// Everywhere.
    EveryByte,
    /// At these positions of the body.
    At(Vec<usize>),
}

/// Holds an answer until the test says so, or drops the other end.
#[derive(Debug)]
pub(crate) struct Gate(mpsc::Receiver<()>);

impl Gate {
    pub(crate) fn wait(&self) {
        // An opener that is gone has opened: a failing test must not leave a thread behind.
        let _ = self.0.recv();
    }
}

/// A gate and what opens it.
pub(crate) fn gate() -> (mpsc::Sender<()>, Gate) {
    let (open, gate) = mpsc::channel();
    (open, Gate(gate))
}

/// One thing the server does with its answer.
#[derive(Debug)]
pub(super) enum Step {
    /// A frame; the model's name and a time go in front.
    Frame(Map<String, Value>),
    /// These bytes.
    Raw(Vec<u8>),
    /// Nothing, until the gate is opened.
    Wait(Gate),
}

/// How the answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Properly.
    Proper,
    /// The connection is dropped.
    Cut,
    /// Nothing more comes until the client goes away.
    Hang,
}

/// How the answer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// Not at all.
    None,
    /// With this status and type of content.
    Status(u16, &'static str),
}

/// An answer to a chat.
#[derive(Debug)]
pub(crate) struct Script {
    pub(super) head: Head,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
    pub(super) splits: Splits,
    calls: u64,
}

impl Script {
    /// A stream without frames yet.
    pub(crate) fn stream() -> Self {
        Self {
            head: Head::Status(200, "application/x-ndjson"),
            steps: Vec::new(),
            end: End::Proper,
            splits: Splits::Whole,
            calls: 0,
        }
    }

    /// A whole reply: this text.
    pub(crate) fn says(text: &str) -> Self {
        Self::stream().text(text).done()
    }

    /// A whole reply: these calls.
    pub(crate) fn calls(calls: &[(&str, Value)]) -> Self {
        calls
            .iter()
            .fold(Self::stream(), |script, (name, arguments)| {
                script.call(name, arguments)
            })
            .done()
    }

    /// A refusal, worded as the server words it.
    pub(crate) fn error(status: u16, words: &str) -> Self {
        let head = Head::Status(status, "application/json; charset=utf-8");
        Self {
            head,
            ..Self::stream()
        }
        .raw(json!({"error": words}).to_string())
    }

    /// A refusal by a router or a proxy.
    pub(crate) fn plain(status: u16, body: &str) -> Self {
        let head = Head::Status(status, "text/plain");
        Self {
            head,
            ..Self::stream()
        }
        .raw(body)
    }

    /// The connection is dropped before anything is said.
    pub(crate) fn drop_connection() -> Self {
        Self {
            head: Head::None,
            end: End::Cut,
            ..Self::stream()
        }
    }

    /// Nothing is said until the client goes away.
    pub(crate) fn silence() -> Self {
        Self {
            head: Head::None,
            end: End::Hang,
            ..Self::stream()
        }
    }

    /// A frame with text.
    pub(crate) fn text(self, text: &str) -> Self {
        self.frame(json!({"message": {"role": "assistant", "content": text}, "done": false}))
    }

    /// A frame with reasoning.
    pub(crate) fn thinking(self, text: &str) -> Self {
        self.frame(json!({"message": {"role": "assistant", "content": "", "thinking": text}, "done": false}))
    }

    /// A frame with a call.
    pub(crate) fn call(mut self, name: &str, arguments: &Value) -> Self {
        let call = self.next_call(name, arguments);
        self.frame(json!({"message": {"role": "assistant", "content": "", "tool_calls": [call]}, "done": false}))
    }

    /// The final frame, with some counts.
    pub(crate) fn done(self) -> Self {
        self.done_with("stop", 100, 10)
    }

    /// The final frame, with the reason and the tokens read and written.
    pub(crate) fn done_with(self, reason: &str, prompt: u64, eval: u64) -> Self {
        self.last(
            &json!({"role": "assistant", "content": ""}),
            reason,
            prompt,
            eval,
        )
    }

    /// The final frame with a call in it, as models with a template of their own send it.
    pub(crate) fn done_with_call(mut self, name: &str, arguments: &Value) -> Self {
        let call = self.next_call(name, arguments);
        self.last(
            &json!({"role": "assistant", "content": "", "tool_calls": [call]}),
            "stop",
            100,
            10,
        )
    }

    /// A frame of one's own making.
    pub(crate) fn frame(mut self, frame: Value) -> Self {
        let Value::Object(fields) = frame else {
            panic!("a frame is an object")
        };
        self.steps.push(Step::Frame(fields));
        self
    }

    /// A line that says what went wrong, in the middle of a good answer.
    pub(crate) fn error_line(self, words: &str) -> Self {
        self.raw(format!("{}\n", json!({"error": words})))
    }

    /// These bytes.
    pub(crate) fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Raw(bytes.into()));
        self
    }

    /// Waits for the gate before it goes on.
    pub(crate) fn wait(mut self, gate: Gate) -> Self {
        self.steps.push(Step::Wait(gate));
        self
    }

    /// Drops the connection instead of ending the body.
    pub(crate) fn cut(mut self) -> Self {
        self.end = End::Cut;
        self
    }

    /// Sends nothing more until the client goes away.
    pub(crate) fn hang(mut self) -> Self {
        self.end = End::Hang;
        self
    }

    /// Tears the body there.
    pub(crate) fn split(mut self, splits: Splits) -> Self {
        self.splits = splits;
        self
    }

    fn next_call(&mut self, name: &str, arguments: &Value) -> Value {
        let index = self.calls;
        self.calls += 1;
        json!({"id": format!("call_{index:08}"), "function": {"index": index, "name": name, "arguments": arguments}})
    }

    fn last(self, message: &Value, reason: &str, prompt: u64, eval: u64) -> Self {
        let mut frame = json!({"message": message, "done": true, "done_reason": reason, "total_duration": 9_000_000});
        // Counts of zero are left out on the wire.
        for (key, value) in [
            ("load_duration", 1_000_000),
            ("prompt_eval_count", prompt),
            ("prompt_eval_duration", prompt * 1_000_000),
            ("eval_count", eval),
            ("eval_duration", eval * 2_000_000),
        ] {
            if value > 0 {
                frame[key] = value.into();
            }
        }
        self.frame(frame)
    }
}
