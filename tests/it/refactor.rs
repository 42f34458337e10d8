//! The review's findings are repaired one by one: each with its own conversation, gate and way back.

use std::fs;
use std::process::Command;

use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::Event;
use loop_orchestration::engine::session::Session;
use loop_orchestration::store::read;
use serde_json::{Value, json};

use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says, todo_server};

fn finding(severity: &str, title: &str) -> Value {
    json!({"severity": severity, "file": "todo.py", "line": 3, "title": title, "detail": "Because."})
}

/// A review with four findings. The warning's repair breaks the tests; the suggestion is nobody's
/// work; of one the model thinks that it is wrong.
fn reviewed() -> FakeOllama {
    todo::server(|asked| {
        if asked.form() == Some(Form::Review) {
            let findings = [
                finding("warning", "add has a bad name"),
                finding("suggestion", "a colour for what is done"),
                finding("critical", "no docstring"),
                finding("warning", "nothing at all"),
            ];
            return Some(Says::json(
                &json!({"findings": findings, "verdict": "fail"}),
            ));
        }
        if !asked.is_repair() {
            return None;
        }
        let is_about = |title: &str| asked.opening().contains(title);
        if is_about("nothing at all") {
            return Some(Says::text("The finding is wrong.\n[PHASE_COMPLETE]"));
        }
        if !is_about("add has a bad name") {
            return None;
        }
        Some(match asked.turn() {
            0 => Says::call("read_file", json!({"path": "todo.py"})),
            1 => Says::Calls(vec![
                (
                    "edit_file",
                    json!({"path": "todo.py", "old_text": "def add(", "new_text": "def put("}),
                ),
                todo::write("debris.py", "x = 1\n"),
            ]),
            _ => Says::text("It has a better name.\n[PHASE_COMPLETE]"),
        })
    })
}

/// The notes of this kind, as they begin.
fn notes(journal: &Journal, kind: &str) -> Vec<String> {
    let notes = journal.of("note").into_iter();
    notes
        .filter(|line| line["kind"] == kind)
        .map(|line| {
            let text = line["text"].as_str().unwrap();
            text.split([';', ':']).take(2).collect::<Vec<_>>().join(":")
        })
        .collect()
}

#[test]
fn a_step_that_breaks_something_is_taken_back_alone() {
    let server = reviewed();
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(0)
        .says("repairing: no docstring");
    let code = project.read("todo.py");
    assert_eq!(code, format!("\"\"\"Todos.\"\"\"\n{}", todo::CODE));
    assert!(!project.root().join("debris.py").exists());
    let journal = project.journal();
    assert_eq!(
        notes(&journal, "snapshot"),
        [
            "repairing: no docstring",
            "repairing: add has a bad name",
            "repairing: nothing at all"
        ],
        "the worst first"
    );
    assert_eq!(
        notes(&journal, "kept"),
        [
            "Repaired after the review: no docstring",
            "The review said \"nothing at all\":"
        ]
        .map(|text| text.trim_end_matches(':').to_owned())
        .map(|text| if text.ends_with('"') {
            format!("{text}: the model looked and left it as it is.")
        } else {
            text
        })
    );
    assert_eq!(notes(&journal, "taken_back").len(), 1);
    // Each conversation is about one finding.
    let chats = server.chats();
    let openings = chats.iter().map(|chat| Asked(chat.json.clone()));
    let openings: Vec<Asked> = openings
        .filter(|asked| asked.is_repair() && asked.turn() == 0)
        .collect();
    assert_eq!(openings.len(), 3);
    for asked in openings {
        let titles = [
            "no docstring",
            "add has a bad name",
            "nothing at all",
            "a colour",
        ];
        let named = titles
            .iter()
            .filter(|title| asked.opening().contains(**title));
        assert_eq!(named.count(), 1, "{}", asked.opening());
    }
    let summary = project.artifact("summary.md");
    for words in [
        "Repaired after the review: no docstring",
        "(\"add has a bad name\") was taken back: ",
        "## Suggested, not done\n\n- todo.py:3: a colour for what is done. Because.\n",
    ] {
        assert!(summary.contains(words), "'{words}' is not in {summary}");
    }

    // All steps have one name, and are taken back together.
    let shown = project.run(&["diff", "refactor"]).exits(0).stdout;
    assert!(shown.contains("+\"\"\"Todos.\"\"\""), "{shown}");
    assert!(!shown.contains("def put"), "{shown}");
    project.run(&["undo", "refactor", "--yes"]).exits(0);
    assert_eq!(project.read("todo.py"), todo::CODE);
    project.run(&["undo", "--redo", "--yes"]).exits(0);
    assert_eq!(project.read("todo.py"), code);
}

#[test]
fn a_step_may_change_the_tests_that_its_own_finding_names_and_no_others() {
    let server = todo::server(|asked| {
        if asked.form() == Some(Form::Review) {
            let mut of_test = finding("warning", "the test says too little");
            of_test["file"] = json!("test_add.py");
            let findings = [finding("critical", "add is loose"), of_test];
            return Some(Says::json(
                &json!({"findings": findings, "verdict": "fail"}),
            ));
        }
        let is_it = asked.is_repair() && asked.opening().contains("add is loose");
        is_it.then(|| match asked.turn() {
            0 => Says::call("read_file", json!({"path": "test_add.py"})),
            1 => Says::Calls(vec![todo::write(
                "test_add.py",
                &todo::TEST_ADD.replace("\"x\"", "\"y\""),
            )]),
            _ => Says::text("It is strict.\n[PHASE_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let back = notes(&journal, "taken_back");
    assert_eq!(back.len(), 1, "{back:?}");
    assert!(back[0].contains("add is loose"), "{back:?}");
    assert_eq!(project.read("test_add.py"), todo::TEST_ADD);
}

/// A review calls the test wrong, and the repair leaves the tests and the code so.
fn test_called_wrong(test: String, code: Option<String>) -> (FakeOllama, Project) {
    let server = todo::server(move |asked| {
        if asked.form() == Some(Form::Review) {
            let mut of_test = finding("critical", "the test of add is wrong");
            of_test["file"] = json!("test_add.py");
            return Some(Says::json(
                &json!({"findings": [of_test], "verdict": "fail"}),
            ));
        }
        asked.is_repair().then(|| match asked.turn() {
            0 => Says::Calls(vec![
                ("read_file", json!({"path": "test_add.py"})),
                ("read_file", json!({"path": "todo.py"})),
            ]),
            1 => {
                let code = code.iter().map(|code| todo::write("todo.py", code));
                Says::Calls(code.chain([todo::write("test_add.py", &test)]).collect())
            }
            _ => Says::text("It is right now.\n[PHASE_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    (server, project)
}

#[test]
fn a_finding_about_a_test_does_not_let_it_expect_something_else() {
    let code = todo::CODE.replace("\"text\": text", "\"text\": text + \"!\"");
    let test = todo::TEST_ADD.replace("[\"text\"], \"x\"", "[\"text\"], \"x!\"");
    assert!(code != todo::CODE && test != todo::TEST_ADD);
    let (_server, project) = test_called_wrong(test, Some(code));
    let journal = project.journal();
    assert_eq!(notes(&journal, "taken_back").len(), 1);
    assert!(journal.says("expects something else than before"));
    assert_eq!(project.read("test_add.py"), todo::TEST_ADD);
    assert_eq!(project.read("todo.py"), todo::CODE);
}

#[test]
fn a_repair_may_write_a_test_in_another_way_and_it_is_told() {
    let test = todo::TEST_ADD.replace(
        "self.assertEqual(add([], \"x\")[0][\"text\"], \"x\")",
        "for text in [\"x\", \"y\"]:\n            self.assertEqual(add([], text)[0][\"text\"], text)",
    );
    assert_ne!(test, todo::TEST_ADD);
    let (_server, project) = test_called_wrong(test.clone(), None);
    assert_eq!(project.read("test_add.py"), test);
    let summary = project.artifact("summary.md");
    let told = "Repaired after the review: the test of add is wrong; tests that were there were changed: test_add.py; ";
    assert!(summary.contains(told), "{summary}");
}

#[test]
fn each_step_that_stays_is_a_commit() {
    let server = reviewed();
    let project = Project::with(&server).file(".gitignore", "__pycache__/\n");
    let config =
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n";
    fs::write(project.home().join(".gitconfig"), config).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(project.root())
            .env("HOME", project.home())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "Mine"]);
    project.start_unattended(&["--commit"]).exits(0);
    assert_eq!(
        git(&["log", "--format=%s"]),
        "Repair what the review found: no docstring\nMark todos done\nAdd todos\nMine\n"
    );
    assert_eq!(git(&["status", "--porcelain"]), "");
    let kept = notes(&project.journal(), "kept");
    assert_eq!(kept.len(), 2);
    let whole = project.journal();
    let with_commit = whole.of("note").into_iter().filter(|line| {
        line["kind"] == "kept" && line["text"].as_str().unwrap().contains("Commit: ")
    });
    assert_eq!(with_commit.count(), 1, "what changed nothing has no commit");
}

#[test]
fn a_suite_that_was_red_before_takes_no_repair_back() {
    let server = todo_server();
    let project = Project::with(&server).file(
        "test_old.py",
        "import unittest\n\n\nclass Old(unittest.TestCase):\n    def test_old(self):\n        self.fail()\n",
    );
    project.start_unattended(&[]).exits(0);
    assert!(project.read("todo.py").starts_with("\"\"\"Todos.\"\"\""));
    assert_eq!(
        notes(&project.journal(), "taken_back"),
        Vec::<String>::new()
    );
}

/// The session after that many lines, with a review that took two hours.
fn after_a_long_review(project: &Project, lines: usize) -> Session {
    let mut records = read(&project.session().join("journal.jsonl"))
        .unwrap()
        .records;
    for record in &mut records {
        if let (Event::Replied(replied), Some("refactor")) =
            (&mut record.event, record.phase.as_deref())
        {
            replied.ms = 2 * 60 * 60 * 1000;
        }
    }
    Session::fold(&records[..lines]).unwrap()
}

#[test]
fn the_time_for_polishing_is_limited_as_a_whole() {
    let server = reviewed();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let place = |is_it: &dyn Fn(&Value) -> bool| journal.0.iter().position(is_it).unwrap() + 1;
    // Nothing was begun: nothing is, and the person is told what was not.
    let reviewed = place(&|line| line["event"] == "artifact_written" && line["name"] == "review");
    let Effect::Record(events) = decide(&after_a_long_review(&project, reviewed)) else {
        panic!("a note was expected");
    };
    let [Event::Note(note)] = &events[..] else {
        panic!("one note was expected: {events:?}");
    };
    assert_eq!(
        note.text,
        "Not repaired, since polishing may take 30 minutes: no docstring; add has a bad name; nothing at all"
    );
    // What was begun is taken back.
    let saved = place(&|line| line["kind"] == "snapshot");
    let session = after_a_long_review(&project, saved);
    let Effect::Record(events) = decide(&session) else {
        panic!("a failed attempt was expected");
    };
    assert!(
        matches!(&events[..], [Event::AttemptFailed { .. }]),
        "{events:?}"
    );
}
