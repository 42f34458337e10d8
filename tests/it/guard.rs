//! What a model does to look as if it were done: each way through the real pipeline, refused with
//! the reason in the journal, and beside it an honest model that does something alike.

mod bent;
mod everyday;
mod gates;
mod honest;
mod outcomes;
mod repository;
mod retired;
mod spoken;
mod standing;
mod tests_of_files;
mod words;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::fake_ollama::FakeOllama;
use crate::support::fake_ollama::script::RequestSeen;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Form, Says};

/// A project with a module and its test, and a ticket that extends it.
pub(crate) struct Scene {
    files: Vec<(&'static str, String)>,
    announced: Vec<&'static str>,
    title: &'static str,
    verify: Vec<&'static str>,
    options: Vec<&'static str>,
    variables: Vec<(&'static str, String)>,
    answers: &'static str,
    turns: Vec<Vec<(&'static str, Value)>>,
    recovers: Vec<(&'static str, Value)>,
}

/// What was there before.
pub(crate) const OLD: &str = "def twice(n):\n    return n * 2\n";

/// Its tests.
pub(crate) const TEST_OLD: &str = "import unittest

from old import twice


class Old(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(twice(2), 4)

    def test_none(self):
        self.assertEqual(twice(0), 0)


if __name__ == \"__main__\":
    unittest.main()
";

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            files: vec![
                ("old.py", OLD.to_owned()),
                ("test_old.py", TEST_OLD.to_owned()),
            ],
            announced: vec!["todo.py", "test_add.py"],
            title: "Add todos",
            verify: vec!["python3 -m unittest test_add"],
            options: Vec::new(),
            variables: Vec::new(),
            answers: "",
            turns: vec![vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", todo::TEST_ADD),
            ]],
            recovers: Vec::new(),
        }
    }

    /// A project without anything.
    pub(crate) fn empty() -> Self {
        Self {
            files: Vec::new(),
            ..Self::new()
        }
    }

    pub(crate) fn file(mut self, path: &'static str, text: &str) -> Self {
        self.files.retain(|(known, _)| *known != path);
        self.files.push((path, text.to_owned()));
        self
    }

    /// The plan names these files besides.
    pub(crate) fn announces(mut self, paths: &[&'static str]) -> Self {
        self.announced.extend(paths);
        self
    }

    /// The plan names these files and no others.
    pub(crate) fn announcing(mut self, paths: &[&'static str]) -> Self {
        self.announced = paths.to_vec();
        self
    }

    pub(crate) fn titled(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    pub(crate) fn verified_by(mut self, command: &'static str) -> Self {
        self.verify = vec![command];
        self
    }

    /// Starts with these options.
    pub(crate) fn option(mut self, options: &[&'static str]) -> Self {
        self.options.extend(options);
        self
    }

    /// Starts with this variable.
    pub(crate) fn variable(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    /// A person answers this, a line of the answers.
    pub(crate) fn answered(mut self, line: &'static str) -> Self {
        self.answers = line;
        self
    }

    /// The model makes these calls after the honest ones.
    pub(crate) fn then(mut self, calls: Vec<(&'static str, Value)>) -> Self {
        self.turns.push(calls);
        self
    }

    /// The model makes nothing but these calls.
    pub(crate) fn only(mut self, calls: Vec<(&'static str, Value)>) -> Self {
        self.turns = vec![calls];
        self
    }

    /// The model makes these calls after it was refused once.
    pub(crate) fn recovering(mut self, calls: Vec<(&'static str, Value)>) -> Self {
        self.recovers = calls;
        self
    }

    /// Runs it. The model says that it is done, whatever it is told.
    pub(crate) fn run(self) -> Played {
        self.run_prepared(|_| {})
    }

    /// The same in a project folder that was prepared.
    pub(crate) fn run_prepared(self, prepare: impl FnOnce(&Path)) -> Played {
        let Self {
            announced,
            title,
            verify,
            turns,
            recovers,
            ..
        } = self;
        let server = todo::server(move |asked| match asked.form() {
            Some(Form::Tickets) => {
                let mut ticket = todo::ticket("T1", title, "F1", &[]);
                ticket["features"] = json!(["F1", "F2"]);
                Some(Says::json(&json!({"tickets": [ticket]})))
            }
            Some(Form::Plan) => {
                let mut plan = todo::document(Form::Plan);
                let mut planned = todo::planned("T1", "test_add");
                planned["verify"] = json!(verify);
                let files = announced
                    .iter()
                    .map(|path| json!({"path": path, "change": "write"}));
                planned["files"] = files.collect();
                plan["run"] = json!([]);
                plan["tickets"] = json!([planned]);
                Some(Says::json(&plan))
            }
            Some(_) => None,
            None => asked.ticket().map(|_| match turns.get(asked.turn()) {
                Some(calls) => Says::Calls(calls.clone()),
                None if asked.turn() == turns.len() + 1 && !recovers.is_empty() => {
                    Says::Calls(recovers.clone())
                }
                None => Says::text("All tests pass.\n[TASK_COMPLETE]"),
            }),
        });
        let mut project = Project::with(&server).config("limits:\n  attempts: 1\n  repairs: 1\n");
        for (path, text) in &self.files {
            project = project.file(path, text);
        }
        for (name, value) in &self.variables {
            project = project.variable(name, value);
        }
        let answers = project.answers_file();
        let text = std::fs::read_to_string(&answers).unwrap();
        std::fs::write(&answers, format!("{text}{}\n", self.answers)).unwrap();
        prepare(&project.root());
        let mut options = vec!["--until", "implement"];
        options.extend(&self.options);
        let code = project.start_unattended(&options).code;
        Played {
            journal: project.journal(),
            code,
            place: (project, server),
        }
    }

    /// The work is refused for this reason, and nothing is called done.
    #[track_caller]
    pub(crate) fn refused_for(self, reason: &str) -> Played {
        let played = self.run();
        let ends = played.journal.of("ticket_finished");
        assert!(
            ends.iter().all(|end| end["outcome"] != "completed"),
            "{reason}: {ends:?}\n{:?}",
            played.guard()
        );
        let reasons: Vec<&str> = played
            .guard()
            .into_iter()
            .filter(|(passed, _)| !passed)
            .map(|(_, text)| text)
            .collect();
        assert!(
            reasons.iter().any(|text| text.contains(reason)),
            "'{reason}' is not in {reasons:#?}\n{:#?}",
            played.journal.of("checked")
        );
        assert_eq!(played.code, Some(1));
        // The model is told as well.
        let told = played.journal.of("note").into_iter().any(|note| {
            note["kind"] == "check_failed"
                && note["text"]
                    .as_str()
                    .is_some_and(|text| text.contains(reason))
        });
        assert!(told, "the model was not told: {reason}");
        played
    }

    /// Nothing is called done and shown by tests, whatever the reason.
    #[track_caller]
    pub(crate) fn never_shown(self) -> Played {
        let played = self.run();
        let ends = played.journal.of("ticket_finished");
        assert!(!ends.is_empty());
        assert!(
            ends.iter().all(|end| end["proof"] != "shown"),
            "{ends:?}\n{:#?}",
            played.journal.of("checked")
        );
        played
    }

    /// The work is done, and shown.
    #[track_caller]
    pub(crate) fn accepted(self) -> Played {
        let played = self.run();
        let ends = played.journal.of("ticket_finished");
        assert!(
            ends.iter()
                .all(|end| end["outcome"] == "completed" && end["proof"] == "shown"),
            "{ends:?}\n{:#?}",
            played.guard()
        );
        assert!(
            played.guard().iter().all(|(passed, _)| *passed),
            "{:#?}",
            played.guard()
        );
        assert_eq!(played.code, Some(0));
        played
    }
}

/// A run that is over.
pub(crate) struct Played {
    pub(crate) journal: Journal,
    code: Option<i32>,
    /// Both are gone when nobody looks any more.
    place: (Project, FakeOllama),
}

impl Played {
    /// What the model was asked.
    pub(crate) fn chats(&self) -> Vec<RequestSeen> {
        self.place.1.chats()
    }

    /// What the guard said, and whether it let the work pass.
    pub(crate) fn guard(&self) -> Vec<(bool, &str)> {
        let checks = self.journal.of("checked").into_iter();
        checks
            .filter(|line| line["gate"] == "guard")
            .map(|line| (line["passed"] == true, line["output"].as_str().unwrap()))
            .collect()
    }
}

/// A command of the model's.
pub(crate) fn command(line: &str) -> (&'static str, Value) {
    ("run_command", json!({"command": line}))
}

/// An edit of the model's.
pub(crate) fn edit(path: &str, old: &str, new: &str) -> (&'static str, Value) {
    (
        "edit_file",
        json!({"path": path, "old_text": old, "new_text": new}),
    )
}
