//! The stories that these tests play: a ticket that cannot pass before a person says something,
//! with one that depends on it and one that does not; and attempts of which the third is the best.

use serde_json::json;

use crate::support::todo::{self, Asked, Form, Says};

/// What a person says, and the model of [`stuck`] needs to hear.
pub(crate) const NOTE: &str = "write test_never.py as well";

const TEST_NEVER: &str = r"import unittest

from todo import never


class Never(unittest.TestCase):
    def test_never(self):
        self.assertTrue(never())
";

/// T1 fails until a person has said [`NOTE`]; T2 depends on it, T3 does not.
pub(crate) fn stuck(asked: &Asked) -> Says {
    match asked.form() {
        Some(Form::Tickets) => {
            return Says::json(&json!({"tickets": [
                todo::ticket("T1", "Never", "F1", &[]),
                todo::ticket("T2", "After it", "F1", &["T1"]),
                todo::ticket("T3", "Beside it", "F2", &[]),
            ]}));
        }
        Some(Form::Plan) => {
            let mut plan = todo::document(Form::Plan);
            plan["tickets"] = json!([
                todo::planned("T1", "test_never"),
                todo::planned("T2", "test_done"),
                todo::planned("T3", "test_add")
            ]);
            return Says::json(&plan);
        }
        None if asked.ticket() == Some("T1") && asked.opening().contains(NOTE) => {
            let never = format!("{}\n\ndef never():\n    return True\n", todo::CODE);
            return match asked.turn() {
                0 => Says::call("read_file", json!({"path": "todo.py"})),
                1 => Says::Calls(vec![
                    todo::write("todo.py", &never),
                    todo::write("test_never.py", TEST_NEVER),
                ]),
                _ => Says::text("Now it is built.\n[TASK_COMPLETE]"),
            };
        }
        Some(_) | None => {}
    }
    todo::says(asked)
}

/// One ticket. The first attempt at it passes with much code, the second with less, the third
/// fails; which one it is shows in the seed.
pub(crate) fn several(asked: &Asked) -> Says {
    match asked.form() {
        Some(Form::Tickets) => {
            let mut ticket = todo::ticket("T1", "Add todos", "F1", &[]);
            ticket["features"] = json!(["F1", "F2"]);
            return Says::json(&json!({"tickets": [ticket]}));
        }
        Some(Form::Plan) => {
            let mut plan = todo::document(Form::Plan);
            plan["tickets"] = json!([todo::planned("T1", "test_add")]);
            return Says::json(&plan);
        }
        None if asked.ticket() == Some("T1") => {}
        Some(_) | None => return todo::says(asked),
    }
    let mut files = vec![todo::write("test_add.py", todo::TEST_ADD)];
    match asked.0["options"]["seed"].as_u64().unwrap_or_default() / 1000 {
        1 => {
            let code = format!("{}\n{}", todo::CODE, "# much more\n".repeat(20));
            files.push(todo::write("todo.py", &code));
            files.push(todo::write("debris.py", "x = 1\n"));
        }
        2 => files.push(todo::write("todo.py", todo::CODE)),
        _ => files.push(todo::write("todo.py", "def list():\n    return []\n")),
    }
    match asked.turn() {
        0 => Says::Calls(files),
        _ => Says::text("It is built.\n[TASK_COMPLETE]"),
    }
}
