//! A competent model that builds the todo app. It counts nothing: what it does next follows from
//! what the conversation says has been done, so that after a spoilt reply and a word about it the
//! same step comes again.

use serde_json::{Value, json};

use super::speaker::{Past, Speaker};
use crate::support::todo::{self, Asked, Form, Says, document, write};

/// What the conversation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Research,
    FirstTicket,
    SecondTicket,
    Repair,
}

type Call = (&'static str, Value);

/// The next reply.
pub(crate) fn answer(asked: &Asked, speaker: Speaker) -> Says {
    match asked.form() {
        Some(Form::Decision) => Says::json(&decision(&next(asked, speaker))),
        Some(Form::Call) => match next(asked, speaker) {
            Says::Calls(calls) => {
                let (name, arguments) = &calls[0];
                Says::json(&json!({"name": name, "arguments": arguments}))
            }
            done @ Says::Text(_) => done,
        },
        Some(form) => Says::json(&document(form)),
        None => next(asked, speaker),
    }
}

fn decision(next: &Says) -> Value {
    match next {
        Says::Calls(_) => json!({"reason": "a step is left", "decision": "continue"}),
        Says::Text(_) => json!({"reason": "it is built", "decision": "complete"}),
    }
}

/// The first step that is not done: its calls, or the claim when all are.
fn next(asked: &Asked, speaker: Speaker) -> Says {
    let past = speaker.history(asked.messages());
    let (steps, claim) = steps(work(asked));
    for step in steps {
        let open: Vec<Call> = step
            .into_iter()
            .filter(|call| !is_done(&past, call))
            .collect();
        if let Some(first) = open.first() {
            return look_again(&past, first).unwrap_or(Says::Calls(open));
        }
    }
    Says::text(claim)
}

/// A value that stands in a block has no newline at its end.
fn is_same(past: &Past, (name, arguments): &Call) -> bool {
    let plain = |arguments: &Value| -> Vec<(String, String)> {
        let fields = arguments.as_object().into_iter().flatten();
        fields
            .map(|(key, value)| match value.as_str() {
                Some(text) => (key.clone(), text.trim_end_matches('\n').to_owned()),
                None => (key.clone(), value.to_string()),
            })
            .collect()
    };
    past.name == *name && plain(&past.arguments) == plain(arguments)
}

fn is_done(past: &[Past], call: &Call) -> bool {
    past.iter().any(|past| is_same(past, call) && past.worked())
}

/// A file that could not be changed is read before it is tried again.
fn look_again(past: &[Past], call: &Call) -> Option<Says> {
    let path = call.1["path"].as_str()?;
    let tried = past.iter().rposition(|past| is_same(past, call))?;
    let read: Call = ("read_file", json!({"path": path}));
    (!is_done(&past[tried..], &read)).then(|| Says::Calls(vec![read]))
}

fn work(asked: &Asked) -> Work {
    match asked.ticket() {
        Some("T2") => Work::SecondTicket,
        Some(_) => Work::FirstTicket,
        None if asked.is_repair() => Work::Repair,
        None => Work::Research,
    }
}

/// The calls of each turn, and the claim at the end.
fn steps(work: Work) -> (Vec<Vec<Call>>, &'static str) {
    let read = || ("read_file", json!({"path": "todo.py"}));
    match work {
        Work::Research => (
            vec![vec![("search_files", json!({"pattern": "todo"}))]],
            "The project is empty; nothing can be used again.\n[PHASE_COMPLETE]",
        ),
        Work::FirstTicket => (
            vec![
                vec![
                    write("todo.py", &without_done()),
                    write("test_add.py", todo::TEST_ADD),
                ],
                vec![test("T1", "test_add")],
            ],
            "Todos can be added, and the test passes.\n[TASK_COMPLETE]",
        ),
        Work::SecondTicket => (
            vec![
                vec![read()],
                vec![edit(LAST_OF_ADD, &format!("{LAST_OF_ADD}{DONE}"))],
                vec![write("test_done.py", todo::TEST_DONE)],
                vec![test("T2", "test_done")],
            ],
            "Todos can be marked as done, and the test passes.\n[TASK_COMPLETE]",
        ),
        Work::Repair => (
            vec![
                vec![read()],
                vec![edit(
                    "import json, os",
                    "\"\"\"Todos.\"\"\"\nimport json, os",
                )],
                vec![test("R", "test_add")],
            ],
            "The docstring is there.\n[PHASE_COMPLETE]",
        ),
    }
}

fn edit(old: &str, new: &str) -> Call {
    (
        "edit_file",
        json!({"path": "todo.py", "old_text": old, "new_text": new}),
    )
}

/// A command that leaves a trace each time it runs.
fn test(word: &str, name: &str) -> Call {
    let command = format!("echo {word} >> runs.log && python3 -m unittest {name}");
    ("run_command", json!({"command": command}))
}

const LAST_OF_ADD: &str = "    return items\n";
const DONE: &str = r#"

def done(items, number):
    items[number]["done"] = True
    return items
"#;

fn without_done() -> String {
    todo::CODE.replace(DONE, "")
}
