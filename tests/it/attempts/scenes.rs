//! The stories that these tests play: the stuck ticket of `support/stuck.rs`, and attempts of which
//! the third is the best.

use serde_json::json;

pub(crate) use crate::support::stuck::{NOTE, stuck};
use crate::support::todo::{self, Asked, Form, Says};

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
