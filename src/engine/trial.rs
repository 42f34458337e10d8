//! What a probe asks of a model, and when an answer counts: the words and the checks, no talking.
//! Each task is one that every run asks for, as small as it can be while still being that task.

use std::fmt::Write as _;

use super::call::ToolCall;
use super::estimate;
use super::tool::Tool;

/// The system text of everything with tools.
pub const WITH_TOOLS: &str = "You work on a project with tools. Do exactly what the message asks, with one tool call in each message. Use paths as they are given. Do not explain.";

/// The system text of everything without.
pub const WITHOUT_TOOLS: &str = "Answer exactly what is asked, as short as possible.";

/// A call of one tool.
#[derive(Clone, Copy, Debug)]
pub struct CallTrial {
    /// The tool.
    pub tool: Tool,
    /// What the model is told.
    pub ask: &'static str,
    /// Arguments, and what each must contain.
    expects: &'static [(&'static str, &'static str)],
}

/// One call of each tool.
pub const CALLS: [CallTrial; 7] = [
    trial(
        Tool::ReadFile,
        "Read the file src/app.py",
        &[("path", "src/app.py")],
    ),
    trial(
        Tool::WriteFile,
        "Create the file notes.txt with this text in it: water the plants",
        &[("path", "notes.txt"), ("content", "water the plants")],
    ),
    trial(
        Tool::EditFile,
        "In the file src/app.py, which you have read, replace the passage `limit = 10` by `limit = 20`",
        &[
            ("path", "src/app.py"),
            ("old_text", "limit = 10"),
            ("new_text", "limit = 20"),
        ],
    ),
    trial(Tool::ListDir, "List the folder src", &[("path", "src")]),
    trial(
        Tool::SearchFiles,
        "Find the lines that contain FIXME",
        &[("pattern", "FIXME")],
    ),
    trial(
        Tool::RunCommand,
        "Run the command: python3 -m unittest",
        &[("command", "python3 -m unittest")],
    ),
    trial(
        Tool::AskUser,
        "Ask the person which colour the button gets",
        &[("question", "colo")],
    ),
];

const fn trial(
    tool: Tool,
    ask: &'static str,
    expects: &'static [(&'static str, &'static str)],
) -> CallTrial {
    CallTrial { tool, ask, expects }
}

impl CallTrial {
    /// Whether that is the call that was asked for.
    pub fn is_met(&self, call: &ToolCall) -> bool {
        call.name == self.tool.name()
            && self.expects.iter().all(|(argument, wanted)| {
                call.text(argument)
                    .is_some_and(|given| given.contains(wanted))
            })
    }
}

/// Several turns: list, read, answer, end.
pub const TURNS_ASK: &str = "The file code.txt in the folder data has a number in it. First list the folder data, then read the file. When you know the number, say it, and write a last line that contains only [TASK_COMPLETE]";

/// The number at the end of those turns.
pub const TURNS_ANSWER: &str = "7319";

/// What a tool answers in those turns, and which step that was, counted from 1; none for a call
/// that leads nowhere.
pub fn turn_result(call: &ToolCall) -> Option<(u32, String)> {
    let path = call.text("path").unwrap_or_default();
    match Tool::named(&call.name)? {
        Tool::ListDir => Some((1, "code.txt".to_owned())),
        Tool::ReadFile if path.ends_with("code.txt") => {
            Some((2, format!("1\tthe number is {TURNS_ANSWER}")))
        }
        _ => None,
    }
}

/// A file in which a passage is to be changed. The line stands in it twice, so that a passage has
/// to be chosen that occurs once.
const FILE: &str = "def price(net):\n    rate = 7\n    return net + net * rate / 100\n\n\ndef discount(net):\n    rate = 7\n    return net - net * rate / 100\n";

/// What the change is told as.
fn change() -> String {
    format!(
        "This is the file src/shop.py:\n\n{FILE}\nIn the function discount, the rate must be 15. The function price stays as it is."
    )
}

/// To change it by a passage.
pub fn edit_ask() -> String {
    format!("{} Make this change with edit_file", change())
}

/// To change it by writing it whole.
pub fn whole_file_ask() -> String {
    format!(
        "{} Make this change with write_file: send the complete new text of the file",
        change()
    )
}

fn changed() -> String {
    let (before, after) = FILE.split_at(FILE.rfind("rate = 7").unwrap_or_default());
    format!("{before}{}", after.replacen("rate = 7", "rate = 15", 1))
}

/// Whether the file is as it should be after this call.
pub fn makes_the_change(call: &ToolCall) -> bool {
    let lines = |text: &str| -> Vec<String> {
        let text = text.trim_matches('\n');
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    let after = match Tool::named(&call.name) {
        Some(Tool::EditFile) => {
            let (Some(old), Some(new)) = (call.text("old_text"), call.text("new_text")) else {
                return false;
            };
            if old.is_empty() || FILE.matches(old).count() != 1 {
                return false;
            }
            FILE.replacen(old, new, 1)
        }
        Some(Tool::WriteFile) => call.text("content").unwrap_or_default().to_owned(),
        _ => return false,
    };
    lines(&after) == lines(&changed())
}

/// A document to fill in.
pub const DOCUMENT_ASK: &str = "Write the PRD for a command line program that adds two numbers. One feature with two acceptance criteria is enough. Keep every text short. Answer with JSON only.";

/// Facts in a long text: where each stands in percent, what it is about, what is asked for.
pub const FACTS: [(u8, &str, &str); 3] = [
    (10, "red", "48213"),
    (50, "green", "90567"),
    (90, "blue", "31742"),
];

/// A text of about so many tokens with the facts in it, and the question at its end.
pub fn recall_ask(tokens: u64, ratio: f64) -> String {
    let mut text = String::new();
    let mut line: u64 = 0;
    let mut open = FACTS.iter().peekable();
    loop {
        let written = estimate::tokens(text.len() as u64, ratio);
        if let Some((_, colour, code)) =
            open.next_if(|(percent, ..)| written * 100 >= tokens * u64::from(*percent))
        {
            let _ = writeln!(text, "The code of the {colour} box is {code}."); // silent-ok: a String
            continue;
        }
        if written >= tokens {
            break;
        }
        line += 1;
        let (shelf, count) = (line % 17 + 1, line * 7 % 90 + 10);
        let _ = writeln!(
            text,
            "Shelf {shelf} holds {count} jars, and nobody has looked at it since."
        ); // silent-ok: a String
    }
    text.push_str(
        "\nWhat are the codes of the red, the green and the blue box? Answer with the three numbers.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::call::CallId;
    use serde_json::{Value, json};

    fn call(name: &str, arguments: Value) -> ToolCall {
        ToolCall {
            id: CallId("c1".to_owned()),
            name: name.to_owned(),
            arguments,
        }
    }

    #[test]
    fn every_tool_is_tried_and_a_wrong_argument_does_not_count() {
        assert_eq!(CALLS.map(|trial| trial.tool), Tool::ALL);
        let read = CALLS[0];
        assert!(read.is_met(&call("read_file", json!({"path": "./src/app.py"}))));
        assert!(!read.is_met(&call("read_file", json!({"path": "app.py"}))));
        assert!(!read.is_met(&call("list_dir", json!({"path": "src/app.py"}))));
    }

    #[test]
    fn a_change_counts_by_what_the_file_is_after_it() {
        let edit = |old: &str, new: &str| {
            makes_the_change(&call(
                "edit_file",
                json!({"path": "src/shop.py", "old_text": old, "new_text": new}),
            ))
        };
        assert!(edit(
            "discount(net):\n    rate = 7",
            "discount(net):\n    rate = 15"
        ));
        assert!(!edit("rate = 7", "rate = 15"), "it stands there twice");
        assert!(!edit("", "rate = 15"));
        assert!(!edit(
            "price(net):\n    rate = 7",
            "price(net):\n    rate = 15"
        ));
        let write =
            |content: &str| makes_the_change(&call("write_file", json!({"content": content})));
        assert!(write(changed().trim_end()));
        assert!(!write(FILE));
        assert!(!makes_the_change(&call("read_file", json!({}))));
    }

    #[test]
    fn facts_stand_where_they_are_said_to_in_a_text_of_that_length() {
        let text = recall_ask(4_000, 1.0);
        assert!((15_900..16_400).contains(&text.len()), "{}", text.len());
        for (percent, _, code) in FACTS {
            let place = text.find(code).unwrap() * 100 / text.len();
            assert!(place.abs_diff(percent.into()) <= 2, "{place} {percent}");
        }
        // However short it is, all of them are in it.
        let short = recall_ask(1, 1.0);
        assert!(FACTS.iter().all(|(_, _, code)| short.contains(code)));
    }
}
