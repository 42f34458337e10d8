//! Several attempts from the same state: the gate decides which count, and the smallest stays.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::{Event, NoteKind, Record};
use loop_orchestration::engine::session::Session;
use loop_orchestration::store::read;
use serde_json::Value;

use super::scenes::several;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Says};

fn notes<'a>(journal: &'a Journal, kind: &str) -> Vec<&'a Value> {
    let notes = journal.of("note").into_iter();
    notes
        .filter(|line| line["kind"] == kind && line["ticket"] == "T1")
        .collect()
}

#[test]
fn of_three_attempts_the_one_that_passes_with_the_fewest_lines_stays() {
    let server = todo::server(|asked| Some(several(asked)));
    let project = Project::with(&server);
    project.start_unattended(&["--best-of", "3"]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.tickets(), [("T1", "completed")]);
    let kept: Vec<&Value> = notes(&journal, "result_kept")
        .into_iter()
        .map(|note| &note["data"]["attempt"])
        .collect();
    assert_eq!(kept, [1, 2]);
    let chosen = notes(&journal, "result_chosen");
    assert_eq!(chosen.len(), 1);
    assert_eq!(
        chosen[0]["data"],
        serde_json::json!({"attempt": 2, "whole": true})
    );
    let seeds = journal.of("ticket_started").into_iter();
    let seeds: Vec<&Value> = seeds
        .filter(|line| line["ticket"] == "T1")
        .map(|line| &line["seed"])
        .collect();
    assert_eq!(seeds, [1000, 2000, 3000]);
    assert_eq!(
        project.read("todo.py").lines().last(),
        todo::CODE.lines().last()
    );
    assert!(!project.read("todo.py").contains("much more"));
    assert!(!project.root().join("debris.py").exists());
    let finished = journal.of("ticket_finished");
    assert_eq!(finished[0]["proof"], "shown");
    assert_eq!(
        finished[0]["changed"],
        serde_json::json!(["test_add.py", "todo.py"])
    );
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains(
            "attempt 2 stays: 25 lines changed, the fewest of 2 that passed in 3 attempts"
        ),
        "{summary}"
    );
}

#[test]
fn after_a_failed_attempt_several_are_compared_and_a_first_that_passes_stays_alone() {
    // The first attempt of a ticket fails, two more pass, and the second of them is smaller.
    let server = todo::server(|asked| {
        if asked.form().is_none() && asked.ticket() == Some("T1") {
            let seed = asked.0["options"]["seed"].as_u64().unwrap_or(1000);
            let more = "\n\ndef more():\n    return 1\n".repeat(usize::from(seed == 2000));
            let code = format!("{}{more}", todo::CODE);
            return match (seed, asked.turn()) {
                (1000, _) => Some(Says::text("It cannot be done.\n[TASK_COMPLETE]")),
                (_, 0) => Some(Says::Calls(vec![
                    todo::write("todo.py", &code),
                    todo::write("test_add.py", todo::TEST_ADD),
                ])),
                _ => Some(Says::text("It is built.\n[TASK_COMPLETE]")),
            };
        }
        None
    });
    let project = Project::with(&server);
    let options = ["--best-of", "after-failure:2", "--until", "implement"];
    project.start_unattended(&options).exits(0);
    let journal = project.journal();
    let started = |ticket: &str| {
        let started = journal.of("ticket_started").into_iter();
        started.filter(|line| line["ticket"] == ticket).count()
    };
    assert_eq!((started("T1"), started("T2")), (3, 1));
    let kept = notes(&journal, "result_kept").into_iter();
    let kept: Vec<&Value> = kept.map(|note| &note["data"]["attempt"]).collect();
    assert_eq!(kept, [2, 3]);
    assert_eq!(notes(&journal, "result_chosen")[0]["data"]["attempt"], 3);
    assert!(!project.read("todo.py").contains("def more"));
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
}

#[test]
fn what_is_different_since_the_best_passed_is_checked_again() {
    let failing = "import unittest\n\n\nclass Mine(unittest.TestCase):\n    def test_mine(self):\n        self.fail()\n";
    for (name, text, outcome) in [
        ("notes.txt", "Mine.\n", "completed"),
        ("test_mine.py", failing, "blocked"),
    ] {
        let root = Arc::new(Mutex::new(None::<PathBuf>));
        let place = Arc::clone(&root);
        let server = todo::server(move |asked| {
            // While the last attempt is under way, somebody else writes a file.
            if asked.0["options"]["seed"] == 3000 {
                let root = place.lock().unwrap();
                std::fs::write(root.as_ref().unwrap().join(name), text).unwrap();
            }
            Some(several(asked))
        });
        let project = Project::with(&server);
        *root.lock().unwrap() = Some(project.root());
        project.start_unattended(&["--best-of", "3", "--until", "implement"]);
        let journal = project.journal();
        assert_eq!(journal.tickets(), [("T1", outcome)]);
        let chosen = notes(&journal, "result_chosen")[0];
        assert_eq!(chosen["data"]["standing"], "otherwise");
        let later = journal.of("checked").into_iter();
        let later = later.filter(|line| line["seq"].as_u64() > chosen["seq"].as_u64());
        assert!(later.filter(|line| line["gate"] == "verify").count() > 0);
        if outcome == "blocked" {
            assert!(journal.says("does not pass its checks any more"));
            assert!(!project.root().join("todo.py").exists(), "taken back");
        }
        assert!(project.root().join(name).exists(), "the person's own");
    }
}

#[test]
fn where_an_old_journal_does_not_say_what_was_before_nothing_is_compared() {
    let server = todo::server(|asked| Some(several(asked)));
    let project = Project::with(&server);
    let options = ["--best-of", "3", "--until", "implement"];
    project.start_unattended(&options).exits(0);
    let mut records = read(&project.session().join("journal.jsonl"))
        .unwrap()
        .records;
    let is_kept = |record: &Record| matches!(&record.event, Event::Note(note) if note.kind == NoteKind::ResultKept);
    let last = records.iter().position(is_kept).unwrap();
    let next = |records: &[Record]| decide(&Session::fold(records).unwrap());
    assert!(matches!(next(&records[..last]), Effect::KeepResult { .. }));
    for record in &mut records {
        if let Event::TicketStarted { tree, .. } = &mut record.event {
            *tree = None;
        }
    }
    let effect = next(&records[..last]);
    assert!(matches!(effect, Effect::FinishTicket { .. }), "{effect:?}");
}

#[test]
fn a_number_of_attempts_that_makes_no_sense_is_refused() {
    let project = Project::without_server();
    for many in [
        "0",
        "10",
        "x",
        "after-failure:",
        "after-failure:0",
        "after:2",
    ] {
        project.start_unattended(&["--best-of", many]).exits(2);
    }
}
