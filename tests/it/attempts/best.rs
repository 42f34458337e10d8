//! Several attempts from the same state: the gate decides which count, and the smallest stays.

use serde_json::Value;

use super::scenes::several;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo;

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
fn a_number_of_attempts_that_makes_no_sense_is_refused() {
    let project = Project::without_server();
    for many in ["0", "10", "x"] {
        project.start_unattended(&["--best-of", many]).exits(2);
    }
}
