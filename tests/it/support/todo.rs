//! A model that builds a todo app in Python. It looks at nothing but the request: what form is
//! wanted, which ticket stands in the first message, how often it has spoken. So it goes on where
//! it was after a kill, and a test may answer one request itself and leave the rest to it.

use serde_json::{Value, json};

use super::fake_ollama::script::RequestSeen;
use super::fake_ollama::{FakeModel, FakeOllama, Script};

/// What a document or a decision is to be filled into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Questions,
    Coverage,
    Fill,
    Prd,
    Tickets,
    Plan,
    Review,
    Decision,
    /// A critic's verdict on a ticket.
    Critique,
    /// A call that is forced through a schema.
    Call,
}

/// What the model is asked: the body of a chat.
#[derive(Clone, Debug)]
pub(crate) struct Asked(pub(crate) Value);

impl Asked {
    /// Which form is wanted; none in a loop with tools.
    pub(crate) fn form(&self) -> Option<Form> {
        let keys = self.0["format"]["properties"].as_object()?;
        let forms = [
            ("simple", Form::Questions),
            ("complete", Form::Coverage),
            ("answers", Form::Fill),
            ("problem", Form::Prd),
            ("packages", Form::Plan),
            ("findings", Form::Review),
            ("tickets", Form::Tickets),
            ("decision", Form::Decision),
            ("criteria", Form::Critique),
            ("arguments", Form::Call),
        ];
        let (_, form) = forms.into_iter().find(|(key, _)| keys.contains_key(*key))?;
        Some(form)
    }

    pub(crate) fn messages(&self) -> &[Value] {
        self.0["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    fn content(message: Option<&Value>) -> &str {
        message
            .and_then(|message| message["content"].as_str())
            .unwrap_or_default()
    }

    /// The first message that is not the system's.
    pub(crate) fn opening(&self) -> &str {
        Self::content(self.messages().get(1))
    }

    /// The last message.
    pub(crate) fn last(&self) -> &str {
        Self::content(self.messages().last())
    }

    /// How often the model has spoken in this conversation.
    pub(crate) fn turn(&self) -> usize {
        let messages = self.messages().iter();
        messages.filter(|m| m["role"] == "assistant").count()
    }

    /// Whether this tool is on offer, natively or in the system text.
    pub(crate) fn has_tool(&self, name: &str) -> bool {
        let tools = self.0["tools"].as_array();
        let system = Self::content(self.messages().first());
        system.contains(&format!("\n<{name}>\n"))
            || tools
                .into_iter()
                .flatten()
                .any(|tool| tool["function"]["name"] == name)
    }

    /// Whether tools are called in text here.
    pub(crate) fn is_text(&self) -> bool {
        self.form().is_none() && self.0.get("tools").is_none()
    }

    /// The ticket that is to be done.
    pub(crate) fn ticket(&self) -> Option<&str> {
        let (_, rest) = self.opening().split_once("# Your ticket\n")?;
        rest.split_whitespace().next()
    }

    /// The ticket that is to be judged.
    pub(crate) fn judged_ticket(&self) -> Option<&str> {
        let (_, rest) = self.opening().split_once("# The ticket\n")?;
        rest.split_whitespace().next()
    }

    /// A critic's answer: every criterion of the ticket has this verdict.
    pub(crate) fn judged(&self, verdict: &str) -> Value {
        let (_, list) = self
            .opening()
            .split_once("Acceptance criteria:\n")
            .unwrap_or_default();
        let count = list.lines().take_while(|line| !line.is_empty()).count();
        let entry = |number: usize| json!({"criterion": number, "line": "todo.py:9", "why": "It was read.", "verdict": verdict});
        json!({"criteria": (1..=count).map(entry).collect::<Vec<_>>()})
    }

    /// Whether a finding of the review is to be repaired.
    pub(crate) fn is_repair(&self) -> bool {
        self.opening().contains("# The finding to repair\n")
    }

    /// Whether the project is to be explored.
    pub(crate) fn is_research(&self) -> bool {
        self.form().is_none() && !self.has_tool("write_file") && self.has_tool("read_file")
    }
}

/// What the model says.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Text(String),
    Calls(Vec<(&'static str, Value)>),
}

impl Says {
    pub(crate) fn json(value: &Value) -> Self {
        Self::Text(value.to_string())
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn call(name: &'static str, arguments: Value) -> Self {
        Self::Calls(vec![(name, arguments)])
    }

    /// The same over HTTP, with tokens counted as a server would.
    pub(crate) fn script(&self, asked: &RequestSeen) -> Script {
        self.counted(&Asked(asked.json.clone()), tokens(&asked.body))
    }

    /// The same with so many tokens in the prompt.
    pub(crate) fn counted(&self, spoken: &Asked, tokens: u64) -> Script {
        let stream = match self {
            Self::Text(text) => Script::stream().text(text),
            Self::Calls(calls) if spoken.form() == Some(Form::Call) => {
                let (name, arguments) = &calls[0];
                Script::stream().text(&json!({"name": name, "arguments": arguments}).to_string())
            }
            Self::Calls(calls) if spoken.is_text() => {
                let blocks: Vec<String> = calls.iter().map(|(n, a)| block(n, a)).collect();
                Script::stream().text(&blocks.join("\n"))
            }
            Self::Calls(calls) => calls
                .iter()
                .fold(Script::stream(), |script, (name, arguments)| {
                    script.call(name, arguments)
                }),
        };
        stream.done_with("stop", tokens, 50)
    }
}

/// A call as a model without tools writes it: the arguments as they are, between tags.
pub(crate) fn block(name: &str, arguments: &Value) -> String {
    let arguments = arguments.as_object().into_iter().flatten();
    let lines: String = arguments
        .map(|(key, value)| match value.as_str() {
            Some(text) if text.contains('\n') => {
                let end = if text.ends_with('\n') { "" } else { "\n" };
                format!("<{key}>\n{text}{end}</{key}>\n")
            }
            Some(text) => format!("<{key}>{text}</{key}>\n"),
            None => format!("<{key}>{value}</{key}>\n"),
        })
        .collect();
    format!("<{name}>\n{lines}</{name}>")
}

/// About what a tokenizer makes of it.
fn tokens(body: &[u8]) -> u64 {
    body.len() as u64 / 4
}

/// A server whose model builds the todo app; `first` may answer a request instead.
pub(crate) fn server(mut first: impl FnMut(&Asked) -> Option<Says> + Send + 'static) -> FakeOllama {
    FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let says = first(&asked).unwrap_or_else(|| says(&asked));
            says.script(request)
        })
}

/// The same without exceptions.
pub(crate) fn todo_server() -> FakeOllama {
    server(|_| None)
}

/// The next reply.
pub(crate) fn says(asked: &Asked) -> Says {
    if asked.form() == Some(Form::Critique) {
        return Says::json(&asked.judged("met"));
    }
    if let Some(form) = asked.form().filter(|form| *form != Form::Call) {
        return Says::json(&document(form));
    }
    let steps = if asked.is_research() {
        vec![
            Says::call("list_dir", json!({})),
            Says::text("The project is empty; nothing can be used again.\n[PHASE_COMPLETE]"),
        ]
    } else if asked.is_repair() {
        vec![
            Says::call("read_file", json!({"path": "todo.py"})),
            Says::call(
                "edit_file",
                json!({"path": "todo.py", "old_text": "import json, os", "new_text": "\"\"\"Todos.\"\"\"\nimport json, os"}),
            ),
            Says::text("The docstring is there.\n[PHASE_COMPLETE]"),
        ]
    } else {
        build(asked.ticket().unwrap_or_default())
    };
    steps[asked.turn().min(steps.len() - 1)].clone()
}

/// The next reply of a model that makes these calls in this conversation before anything else.
pub(crate) fn after(calls: Vec<(&'static str, Value)>, asked: &Asked) -> Says {
    let mut later = asked.clone();
    let messages = later.0["messages"].as_array_mut();
    let mut messages = messages.into_iter().flatten();
    match messages.position(|message| message["role"] == "assistant") {
        None => Says::Calls(calls),
        Some(spoken) => {
            if let Some(messages) = later.0["messages"].as_array_mut() {
                messages.remove(spoken);
            }
            says(&later)
        }
    }
}

fn build(ticket: &str) -> Vec<Says> {
    let (files, test) = if ticket == "T2" {
        (vec![write("test_done.py", TEST_DONE)], "test_done")
    } else {
        (
            vec![write("todo.py", CODE), write("test_add.py", TEST_ADD)],
            "test_add",
        )
    };
    vec![
        Says::Calls(files),
        Says::call(
            "run_command",
            json!({"command": format!("echo {ticket} >> runs.log && python3 -m unittest {test}")}),
        ),
        Says::text("It is built and its test passes.\n[TASK_COMPLETE]"),
    ]
}

/// A call that writes a file.
pub(crate) fn write(path: &str, content: &str) -> (&'static str, Value) {
    ("write_file", json!({"path": path, "content": content}))
}

/// A filled form.
pub(crate) fn document(form: Form) -> Value {
    match form {
        Form::Questions => json!({"simple": false, "questions": [
            {"id": "storage", "text": "Where are todos kept?", "options": ["a JSON file", "memory"], "why": "what survives"},
            {"id": "surface", "text": "Command line or web?", "options": ["command line", "web"], "why": "what is built"},
        ]}),
        Form::Coverage => json!({"complete": true, "questions": []}),
        Form::Fill => json!({"answers": [
            {"id": "storage", "text": "a JSON file"}, {"id": "surface", "text": "command line"},
        ]}),
        Form::Prd => json!({
            "title": "Todo", "problem": "Things are forgotten.", "users": ["me"], "goals": ["remember"],
            "features": [
                {"title": "Add", "description": "Add a todo.", "acceptance_criteria": ["a todo is added"]},
                {"title": "Done", "description": "Mark one done.", "acceptance_criteria": ["a todo is marked"]},
            ],
            "non_goals": ["sync"], "constraints": [], "success": ["it works"], "assumptions": [],
        }),
        Form::Tickets => json!({"tickets": [
            ticket("T1", "Add todos", "F1", &[]), ticket("T2", "Mark todos done", "F2", &["T1"]),
        ]}),
        Form::Plan => json!({
            "summary": "One module, two tests.", "packages": [],
            "run": ["python3 -c 'import todo; print(len(todo.load()), \"todos\")'"],
            "tickets": [planned("T1", "test_add"), planned("T2", "test_done")],
        }),
        Form::Review => json!({"findings": [
            {"severity": "warning", "file": "todo.py", "line": 1, "title": "no docstring", "detail": "Say what it is for."},
        ], "verdict": "pass"}),
        Form::Decision => json!({"reason": "it is built", "decision": "complete"}),
        // Each of its tickets has one criterion.
        Form::Critique => json!({"criteria": [
            {"criterion": 1, "line": "todo.py:9", "why": "It was read.", "verdict": "met"},
        ]}),
        Form::Call => Value::Null,
    }
}

/// A ticket as the model writes it.
pub(crate) fn ticket(id: &str, title: &str, feature: &str, after: &[&str]) -> Value {
    json!({
        "id": id, "title": title, "description": "Build it.", "features": [feature],
        "acceptance_criteria": ["its test passes"], "depends_on": after, "files": ["todo.py"],
    })
}

/// What the plan says about a ticket.
pub(crate) fn planned(id: &str, test: &str) -> Value {
    json!({
        "id": id, "approach": "Write it.", "files": [{"path": "todo.py", "change": "write"}],
        "verify": [format!("python3 -m unittest {test}")], "risks": [],
    })
}

/// The application.
pub(crate) const CODE: &str = r#"import json, os

PATH = "todo.json"


def load():
    return json.load(open(PATH)) if os.path.exists(PATH) else []


def add(items, text):
    items.append({"text": text, "done": False})
    return items


def done(items, number):
    items[number]["done"] = True
    return items
"#;

/// The test of the first ticket.
pub(crate) const TEST_ADD: &str = r#"import unittest

from todo import add


class Add(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add([], "x")[0]["text"], "x")
"#;

/// The test of the second ticket.
pub(crate) const TEST_DONE: &str = r#"import unittest

from todo import add, done


class Done(unittest.TestCase):
    def test_done(self):
        self.assertTrue(done(add([], "x"), 0)[0]["done"])
"#;
