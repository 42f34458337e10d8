//! A ticket that cannot pass before a person says something, with one that depends on it and one
//! that does not.

use serde_json::json;

use super::todo::{self, Asked, Form, Says};

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
