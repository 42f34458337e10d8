//! Each rule: what fires it and at which count, and the work that must not.

use serde_json::{Value, json};

use super::*;
use crate::engine::call::CallId;

/// A conversation that is told everything that is found, as the journal would tell it.
#[derive(Default)]
struct Told {
    memory: Memory,
    /// Rule, count, and whether it ends the attempt.
    found: Vec<(Rule, u32, bool)>,
    /// What stands at the end of the last result.
    words: Option<String>,
}

impl Told {
    /// A reply with this call, and its result.
    fn call(&mut self, name: &str, arguments: &Value, status: ToolStatus, text: &str) -> &mut Self {
        self.memory.acted();
        self.another(name, arguments, status, text)
    }

    /// One more call of the same reply.
    fn another(
        &mut self,
        name: &str,
        arguments: &Value,
        status: ToolStatus,
        text: &str,
    ) -> &mut Self {
        let call = ToolCall {
            id: CallId("c1".to_owned()),
            name: name.to_owned(),
            arguments: arguments.clone(),
        };
        let changed = status == ToolStatus::Ok && text.starts_with("edited");
        self.memory
            .finished(&call, &ToolResult::new(status, text), changed);
        self.note()
    }

    fn note(&mut self) -> &mut Self {
        self.words = None;
        if let Some(found) = self.memory.finding().cloned() {
            let found = Finding::read(&found.text, &found.data()).unwrap();
            self.found
                .push((found.rule, found.count, found.follows == Follows::End));
            self.words = self.memory.noted(found);
        }
        self
    }

    fn read(&mut self, path: &str, text: &str) -> &mut Self {
        self.call("read_file", &json!({"path": path}), ToolStatus::Ok, text)
    }

    fn run(&mut self, command: &str, status: ToolStatus, text: &str) -> &mut Self {
        self.call("run_command", &json!({"command": command}), status, text)
    }

    fn edit(&mut self, path: &str, old: &str, new: &str, status: ToolStatus) -> &mut Self {
        let text = match status {
            ToolStatus::Ok => format!("edited {path}: line 3 is new"),
            _ => format!("old_text does not stand in {path}: {old}"),
        };
        let arguments = json!({"path": path, "old_text": old, "new_text": new});
        self.call("edit_file", &arguments, status, &text)
    }

    fn say(&mut self, text: &str) -> &mut Self {
        self.memory.said(text);
        self.note()
    }

    #[track_caller]
    fn found(&self, expected: &[(Rule, u32, bool)]) {
        assert_eq!(self.found, expected);
    }

    #[track_caller]
    fn hears(&self, words: &str) {
        let heard = self.words.as_deref().unwrap_or_default();
        assert!(heard.contains(words), "'{words}' is not in '{heard}'");
    }
}

use ToolStatus::{Denied, Failed, Ok as Fine, TimedOut, Unknown};

const SAME_CALL: [(Rule, u32, bool); 3] = [
    (Rule::SameCall, 2, false),
    (Rule::SameCall, 3, false),
    (Rule::SameCall, 4, true),
];

#[test]
fn the_same_call_with_the_same_result_ends_at_the_fourth() {
    let mut told = Told::default();
    told.read("a.py", "1: x").found(&[]);
    told.read("./a.py", "1: x")
        .hears("same call with the same result");
    told.read("a.py", "1: x").hears("Change it with edit_file");
    told.read("a.py", "1: x").found(&SAME_CALL);
    assert_eq!(
        told.memory.over(),
        Some("going in circles (same_call, 4 times): read_file a.py: 1: x")
    );
}

#[test]
fn the_third_time_says_what_else_there_is_to_do() {
    for (name, arguments, status, text, words) in [
        (
            "run_command",
            json!({"command": "pytest"}),
            Failed,
            "exit code 1\nE   NameError: name 'x' is not defined\nFAILED (errors=1)",
            "It says: \"E   NameError: name 'x' is not defined\". Read the file",
        ),
        ("list_dir", json!({}), Fine, "a.py", "Read one of the files"),
        (
            "search_files",
            json!({"pattern": "x"}),
            Fine,
            "nothing",
            "a shorter word",
        ),
        (
            "ask_user",
            json!({"question": "why?"}),
            Fine,
            "no",
            "The person has answered",
        ),
        (
            "write_file",
            json!({"path": "a", "content": "x"}),
            Fine,
            "nothing was written",
            "Run the check",
        ),
        (
            "read_file",
            json!({"path": "b"}),
            Denied,
            "b leads out",
            "read another file",
        ),
        ("strange", json!({}), Fine, "x", "Do something else"),
    ] {
        let mut told = Told::default();
        for _ in 0..3 {
            told.call(name, &arguments, status, text);
        }
        told.found(&SAME_CALL[..2]);
        told.hears(words);
    }
}

#[test]
fn another_result_or_a_change_in_between_is_no_repetition() {
    let mut told = Told::default();
    for round in 0..9 {
        let number = round.to_string();
        // The file is another one each time; so is what the test says.
        told.read("a.py", &number)
            .run("pytest", Failed, &format!("{number} failed"));
    }
    for round in 0..9 {
        // The same failure after a change: the change was not enough.
        told.edit("a.py", &round.to_string(), "y", Fine)
            .run("pytest", Failed, "1 != 2")
            .read("b.py", "the same");
    }
    for round in 0..9 {
        // A command that went well may have changed something.
        told.run(&format!("python3 fix.py {round}"), Fine, "exit code 0")
            .run("pytest", Failed, "1 != 2");
    }
    told.found(&[]);
}

#[test]
fn looking_or_failing_in_between_changes_nothing() {
    let mut told = Told::default();
    for round in 0..4 {
        told.run("pytest", Failed, "1 != 2")
            .run(&format!("head -{round} a.py"), Fine, &round.to_string())
            .run(
                &format!("python3 broken{round}.py"),
                Failed,
                &round.to_string(),
            );
    }
    told.found(&SAME_CALL);
}

#[test]
fn what_was_done_twice_in_one_reply_counts_once() {
    let mut told = Told::default();
    told.read("a.py", "x");
    for _ in 0..9 {
        told.another("read_file", &json!({"path": "a.py"}), Fine, "x");
    }
    told.found(&[]);
    told.read("a.py", "x").found(&SAME_CALL[..1]);
}

#[test]
fn a_call_that_may_have_run_unseen_says_nothing() {
    let mut told = Told::default();
    for _ in 0..9 {
        told.run("make", Unknown, "It may have run");
    }
    told.found(&[]);
}

#[test]
fn what_a_compaction_left_out_may_be_looked_at_once_more() {
    let mut told = Told::default();
    for _ in 0..9 {
        told.read("a.py", "x").memory.compacted();
    }
    told.found(&[]);
    // But a circle that is wider than the window is a circle.
    for _ in 0..3 {
        told.read("a.py", "x").read("a.py", "x").memory.compacted();
    }
    told.found(&SAME_CALL);
}

#[test]
fn a_command_failing_alike_is_the_same_failure() {
    let mut told = Told::default();
    for ms in [3, 12, 5, 9] {
        let output = format!("exit code 1\n1 != 2\nRan 1 test in 0.00{ms}s");
        told.run("python3 -m unittest", Failed, &output);
    }
    told.found(&[
        (Rule::SameFailure, 2, false),
        (Rule::SameFailure, 3, false),
        (Rule::SameFailure, 4, true),
    ]);
    // A command that goes well may say when it did.
    let mut told = Told::default();
    for ms in 0..6 {
        told.run("make", Fine, &format!("made in {ms} ms"));
    }
    told.found(&[]);
    let mut told = Told::default();
    told.run("serve", TimedOut, "up at 12:00:01")
        .run("serve", TimedOut, "up at 12:01:07");
    told.found(&[(Rule::SameFailure, 2, false)]);
}

#[test]
fn edits_that_miss_lead_to_the_whole_file_and_then_to_the_end() {
    let mut told = Told::default();
    for old in ["a", "b"] {
        told.edit("x.py", old, "new", Failed);
    }
    told.found(&[]);
    told.edit("./x.py", "c", "new", Failed)
        .hears("3 edits of x.py in a row could not be made");
    told.hears("write_file");
    for old in ["d", "e", "f"] {
        told.edit("x.py", old, "new", Failed);
    }
    told.found(&[
        (Rule::FailingEdits, 3, false),
        (Rule::FailingEdits, 4, false),
        (Rule::FailingEdits, 5, false),
        (Rule::FailingEdits, 6, true),
    ]);
}

#[test]
fn edits_that_miss_now_and_then_are_normal() {
    let mut told = Told::default();
    for round in 0..9 {
        told.edit("x.py", &format!("{round}a"), "n", Failed)
            .edit("x.py", &format!("{round}b"), "n", Failed)
            .edit("x.py", &format!("{round}c"), "n", Fine);
    }
    for file in 0..9 {
        told.edit(&format!("{file}.py"), "a", "n", Failed);
    }
    told.found(&[]);
    // Misses of one reply are one miss: the model saw none of them before the next.
    told.edit("y.py", "0", "n", Failed);
    for old in 1..9 {
        let arguments = json!({"path": "y.py", "old_text": old.to_string(), "new_text": "n"});
        told.another("edit_file", &arguments, Failed, "no");
    }
    told.found(&[]);
}

#[test]
fn reading_again_after_an_edit_that_missed_is_what_it_was_told() {
    let mut told = Told::default();
    told.read("x.py", "1: x");
    for old in ["a", "b", "c", "d", "e"] {
        told.edit("x.py", old, "new", Failed).read("x.py", "1: x");
    }
    assert!(
        told.found
            .iter()
            .all(|(rule, ..)| *rule == Rule::FailingEdits),
        "{:?}",
        told.found
    );
}

#[test]
fn edits_to_and_fro_are_a_circle() {
    let mut told = Told::default();
    for round in 0..4 {
        told.edit("x.py", "one", "two", Fine);
        told.edit("x.py", "two", "one", Fine);
        if round == 1 {
            told.hears("the same 2 calls with the same results, one after the other, 2 times");
        }
    }
    told.found(&[
        (Rule::Alternation, 2, false),
        (Rule::Alternation, 3, false),
        (Rule::Alternation, 4, true),
    ]);
    assert!(
        told.memory
            .over()
            .unwrap()
            .contains("2 calls in the same order")
    );
}

#[test]
fn a_circle_does_not_end_before_it_was_told() {
    let mut told = Told::default();
    told.memory.acted();
    for _ in 0..9 {
        for path in ["a", "b"] {
            told.another("read_file", &json!({"path": path}), Fine, "x");
        }
    }
    assert!(told.memory.over().is_none());
    assert!(
        told.found
            .iter()
            .all(|(rule, count, ends)| { *rule == Rule::Alternation && *count <= 3 && !ends })
    );
}

#[test]
fn pairs_of_reads_end_too() {
    let mut told = Told::default();
    while told.memory.over().is_none() && told.found.len() < 20 {
        told.read("a", "x").read("b", "y");
    }
    assert!(
        told.found.contains(&(Rule::Alternation, 2, false)),
        "{:?}",
        told.found
    );
    assert!(told.found.len() < 8, "{:?}", told.found);
}

#[test]
fn the_same_text_is_told_and_then_worn_out() {
    let mut told = Told::default();
    told.say("All is done.\n[TASK_COMPLETE]").found(&[]);
    told.say("All is  done. [TASK_COMPLETE]")
        .found(&[(Rule::SameText, 2, false)]);
    assert!(!told.memory.is_worn_out());
    assert!(told.memory.take_words().unwrap().contains("word for word"));
    told.say("All is done.\n[TASK_COMPLETE]");
    told.found(&[(Rule::SameText, 2, false), (Rule::SameText, 3, true)]);
    assert!(told.memory.is_worn_out());
    assert_eq!(told.memory.over(), None);
}

#[test]
fn the_same_words_after_a_word_of_the_person_are_an_answer() {
    let mut told = Told::default();
    for _ in 0..5 {
        told.say("All is done.").memory.told();
    }
    // Also where it comes before the finding is noted.
    told.say("All is done.").memory.said("All is done.");
    assert!(told.memory.finding().is_some());
    told.memory.told();
    told.note().found(&[]);
    assert!(!told.memory.is_worn_out());
    told.say("All is done.").say("All is done.");
    told.found(&[(Rule::SameText, 2, false)]);
}

#[test]
fn the_same_words_after_some_work_are_new() {
    let mut told = Told::default();
    for round in 0..5 {
        told.edit("a", &round.to_string(), "y", Fine).say("Done.");
    }
    told.say("Really done.").say("Done.").found(&[]);
}

#[test]
fn cuts_count_in_a_row() {
    let cut = super::super::watch::Cut {
        rule: Rule::Thinking,
        detail: "more than 9 tokens".to_owned(),
    };
    let mut memory = Memory::default();
    let next = |memory: &mut Memory| {
        let found = cut.finding(memory);
        let told = (found.count, found.follows == Follows::End);
        memory.noted(found);
        told
    };
    assert_eq!(next(&mut memory), (1, false));
    assert!(!memory.must_not_think());
    memory.acted();
    assert_eq!(next(&mut memory), (1, false));
    assert_eq!(next(&mut memory), (2, false));
    assert!(memory.must_not_think());
    assert_eq!(next(&mut memory), (3, true));
    assert!(memory.over().unwrap().contains("thinking, 3 times"));
}

#[test]
fn a_day_of_honest_work_sets_nothing_off() {
    let mut told = Told::default();
    told.call("list_dir", &json!({}), Fine, "a.py test_a.py")
        .read("a.py", "1: x")
        .read("test_a.py", "1: y")
        .run("pytest", Failed, "2 failed in 0.02s")
        .edit("a.py", "x", "y", Failed)
        .read("a.py", "1: x")
        .edit("a.py", "1", "2", Fine)
        .run("pytest", Failed, "2 failed in 0.03s")
        .edit("a.py", "2", "3", Fine)
        .run("pytest", Failed, "1 failed in 0.03s")
        .read("a.py", "1: z")
        .call("search_files", &json!({"pattern": "z"}), Fine, "a.py:1: z")
        .edit("test_a.py", "y", "z", Fine)
        .run("pytest", Fine, "2 passed in 0.03s")
        .run("git diff", Fine, "-x +z")
        .say("Both pass.\n[TASK_COMPLETE]")
        .run("pytest tests", Failed, "no such folder")
        .run("pytest", Fine, "2 passed in 0.04s")
        .say("They pass.\n[TASK_COMPLETE]");
    told.found(&[]);
}
