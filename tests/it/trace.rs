//! From feature to proof: what the summary and `sessions show` say stands behind each ticket.

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::todo::{self, Form, Says, todo_server};

/// The summary without what is another number each time.
fn steady(summary: &str, project: &Project) -> String {
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap();
    let (before, _) = summary.split_once("## What it took").unwrap();
    let mut text = String::new();
    for line in before.replace(id, "ID").lines() {
        let (line, ms) = match line.rsplit_once(", ") {
            Some((start, end)) if end.ends_with(" ms") => (start, ", 7 ms"),
            _ => (line, ""),
        };
        text.push_str(line);
        text.push_str(ms);
        text.push('\n');
    }
    text
}

/// A model that cannot do the second ticket.
fn half_done(asked: &todo::Asked) -> Option<Says> {
    let is_second = asked.form().is_none() && asked.ticket() == Some("T2");
    is_second.then(|| Says::text("I cannot."))
}

#[test]
fn the_summary_cites_the_receipt_of_each_ticket_and_what_no_check_shows() {
    let server = todo::server(half_done);
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&["--until", "implement"]).exits(1);
    let shown = project.run(&["sessions", "show"]).exits(0).stdout;
    let (_, summary) = shown.split_once("# Todo\n").unwrap();
    insta::assert_snapshot!(steady(summary, &project));
}

#[test]
fn a_trace_leads_from_each_feature_to_its_checks() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let text = project
        .run(&["sessions", "show", "--trace"])
        .exits(0)
        .stdout;
    for words in [
        "F1 Add: shown\n",
        "- **T1 Add todos**: done\n",
        "receipt: `python3 -m unittest test_add` exit 0, 1 test, ",
        "size: 3 files, +",
        "critic (tiny): 1 of 1 criteria met\n",
        "Every feature has a passing check.\n",
    ] {
        assert!(text.contains(words), "'{words}' is not in {text}");
    }
    let json = project
        .run(&["sessions", "show", "--trace", "--json"])
        .exits(0)
        .stdout;
    let trace: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(trace["without_passing_check"], json!([]));
    assert_eq!(trace["other_tickets"], json!([]));
    let ids = |feature: usize| &trace["features"][feature]["tickets"][0]["id"];
    assert_eq!((ids(0), ids(1)), (&json!("T1"), &json!("T2")));
    assert_eq!(trace["features"][1]["shown"], "whole");
    let receipt = &trace["features"][1]["tickets"][0]["receipt"];
    assert_eq!(receipt["attempts"], 1);
    assert_eq!(
        receipt["checks"][0]["command"],
        "python3 -m unittest test_done"
    );
    assert_eq!(receipt["checks"][0]["exit"], 0);
    assert_eq!(receipt["checks"][0]["tests"], 1);
    assert_eq!(receipt["critic"]["criteria"][0]["verdict"], "met");
    assert!(receipt["diff"]["added"].as_u64().unwrap() > 5);

    // The same receipts stand in the session as a whole.
    let json = project.run(&["sessions", "show", "--json"]).exits(0).stdout;
    let session: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(session["tickets"][1]["receipt"], *receipt);
    assert_eq!(session["tickets"][1]["standing"], "done");

    // What is taken back shows nothing any more.
    project.run(&["undo", "T2", "--yes"]).exits(0);
    let text = project
        .run(&["sessions", "show", "--trace"])
        .exits(0)
        .stdout;
    assert!(
        text.contains("No passing check shows: F2 Done.\n"),
        "{text}"
    );
    assert!(
        text.contains("- **T2 Mark todos done**: taken back by the person\n"),
        "{text}"
    );
}

#[test]
fn a_feature_that_is_only_partly_shown_says_so() {
    let server = todo::server(|asked| {
        if asked.form() == Some(Form::Tickets) {
            let mut second = todo::ticket("T2", "Mark todos done", "F1", &["T1"]);
            second["features"] = json!(["F1", "F2"]);
            return Some(Says::json(&json!({"tickets": [
                todo::ticket("T1", "Add todos", "F1", &[]), second,
            ]})));
        }
        half_done(asked)
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&["--until", "implement"]).exits(1);
    let text = project
        .run(&["sessions", "show", "--trace"])
        .exits(0)
        .stdout;
    for words in [
        "F1 Add: shown in part\n",
        "F2 Done: no passing check\n",
        "- **T2 Mark todos done**: blocked\n",
        "No passing check shows: F2 Done.\n",
    ] {
        assert!(text.contains(words), "'{words}' is not in {text}");
    }
}

#[test]
fn a_simple_task_has_tickets_and_no_features() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Questions))
            .then(|| Says::json(&json!({"simple": true, "questions": []})))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let json = project
        .run(&["sessions", "show", "--trace", "--json"])
        .exits(0)
        .stdout;
    let trace: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(trace["features"], json!([]));
    assert_eq!(trace["other_tickets"][0]["id"], "T1");
    assert_eq!(trace["other_tickets"][0]["receipt"]["critic"], json!(null));
    assert!(!project.artifact("summary.md").contains("## Features"));
}
