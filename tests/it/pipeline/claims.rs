//! What a model says is a claim: it counts only when the program's own checks agree.

use serde_json::json;

use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, shapes};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says};

/// A plan and tickets of one ticket with this check.
fn one_ticket(asked: &Asked, verify: &str) -> Option<Says> {
    match asked.form()? {
        Form::Tickets => {
            let mut ticket = todo::ticket("T1", "Add todos", "F1", &[]);
            ticket["features"] = json!(["F1", "F2"]);
            Some(Says::json(&json!({"tickets": [ticket]})))
        }
        Form::Plan => {
            let mut plan = todo::document(Form::Plan);
            let mut planned = todo::planned("T1", "test_add");
            planned["verify"] = json!([verify]);
            plan["tickets"] = json!([planned]);
            Some(Says::json(&plan))
        }
        _ => None,
    }
}

#[test]
fn a_model_that_only_writes_the_marker_never_completes() {
    for marker in ["[PHASE_COMPLETE]", "[TASK_COMPLETE]"] {
        let server = todo::server(move |asked| match asked.form() {
            // Documents are honest: otherwise the first phase ends it.
            Some(Form::Decision) => {
                Some(Says::json(&json!({"reason": "", "decision": "complete"})))
            }
            Some(_) => None,
            None if asked.is_research() => None,
            None => Some(Says::text(marker)),
        });
        let project = Project::with(&server);
        project.start_unattended(&[]).exits(1);
        assert_eq!(project.journal().outcome(), Some("blocked"));
        assert_eq!(
            project.journal().tickets(),
            [("T1", "blocked"), ("T2", "blocked")]
        );
    }
}

#[test]
fn a_marker_in_place_of_a_document_completes_nothing() {
    for only in [None, Some(Form::Prd), Some(Form::Tickets), Some(Form::Plan)] {
        let server = todo::server(move |asked| {
            (only.is_none() || asked.form() == only).then(|| Says::text("[PHASE_COMPLETE]"))
        });
        let project = Project::with(&server);
        project.start_unattended(&[]).exits(1);
        assert_ne!(project.journal().outcome(), Some("completed"));
    }
}

#[test]
fn research_without_findings_completes_nothing() {
    let server = todo::server(|asked| asked.is_research().then(|| Says::text("[PHASE_COMPLETE]")));
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    assert_eq!(project.journal().outcome(), Some("blocked"));
}

#[test]
fn a_model_that_neither_calls_nor_ends_is_nudged_made_to_decide_and_blocked() {
    let server = todo::server(|asked| match asked.form() {
        Some(Form::Decision) => Some(Says::json(&json!({"reason": "hm", "decision": "continue"}))),
        Some(_) => None,
        None if asked.is_research() => None,
        None => Some(Says::text("I will now think about what could be done.")),
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    let line = |event: &str, key: &str, value: &str| {
        let lines = journal.of(event).into_iter();
        lines.filter(|line| line[key] == value).count()
    };
    assert!(line("note", "kind", "nudge") >= 1);
    assert!(line("replied", "to", "decision") >= 1);
    assert_eq!(journal.tickets()[0], ("T1", "blocked"));
    assert!(journal.says("neither used a tool nor said that it is done"));
}

#[test]
fn a_decision_that_says_done_is_a_claim_like_any_other() {
    let server = todo::server(|asked| {
        let builds = asked.form().is_none() && asked.ticket() == Some("T1");
        (builds && asked.turn() >= 2).then(|| Says::text("That was that."))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(project.journal().tickets()[0], ("T1", "completed"));
}

#[test]
fn the_output_of_a_failing_check_goes_back_and_is_repaired() {
    let server = todo::server(|asked| {
        if asked.ticket() != Some("T1") {
            return None;
        }
        let broken = todo::CODE.replace("items.append", "items.pop or (");
        match asked.turn() {
            0 => Some(Says::Calls(vec![
                todo::write("todo.py", &broken),
                todo::write("test_add.py", todo::TEST_ADD),
            ])),
            1 => Some(Says::text("Done.\n[TASK_COMPLETE]")),
            2 => {
                assert!(asked.last().contains("SyntaxError"), "{}", asked.last());
                Some(Says::Calls(vec![todo::write("todo.py", todo::CODE)]))
            }
            _ => Some(Says::text("Repaired.\n[TASK_COMPLETE]")),
        }
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
    let verdicts: Vec<bool> = journal
        .of("checked")
        .into_iter()
        .filter(|line| line["gate"] == "verdict" && line["ticket"] == "T1")
        .map(|line| line["passed"] == true)
        .collect();
    assert_eq!(verdicts, [false, true]);
}

#[test]
fn a_ticket_that_never_passes_is_blocked_its_dependent_parked_and_the_rest_done() {
    let server = todo::server(|asked| match asked.form() {
        Some(Form::Tickets) => Some(Says::json(&json!({"tickets": [
            todo::ticket("T1", "Never", "F1", &[]),
            todo::ticket("T2", "After it", "F1", &["T1"]),
            todo::ticket("T3", "Beside it", "F2", &[]),
        ]}))),
        Some(Form::Plan) => {
            let mut plan = todo::document(Form::Plan);
            plan["tickets"] = json!([
                todo::planned("T1", "test_never"),
                todo::planned("T2", "test_add"),
                todo::planned("T3", "test_add")
            ]);
            Some(Says::json(&plan))
        }
        _ => None,
    });
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(1)
        .says("not every ticket could be completed");
    let journal = project.journal();
    let mut tickets = journal.tickets();
    tickets.sort_unstable();
    assert_eq!(
        tickets,
        [("T1", "blocked"), ("T2", "blocked"), ("T3", "completed")]
    );
    assert_eq!(journal.of("attempt_failed").len(), 3);
    let summary = project.artifact("summary.md");
    for text in [
        "No module named 'test_never'",
        "it depends on T1",
        "exit code 1",
        "1 of 3 tickets done",
        "2 blocked",
    ] {
        assert!(summary.contains(text), "{text} is not in {summary}");
    }
    // A session that ended badly does not turn good by being resumed.
    let id = project.session();
    project
        .run(&[
            "resume",
            id.file_name().unwrap().to_str().unwrap(),
            "--no-input",
        ])
        .exits(1);
}

#[test]
fn a_check_that_runs_no_test_shows_nothing() {
    let server = todo::server(|asked| {
        one_ticket(asked, "true").or_else(|| {
            (asked.ticket() == Some("T1")).then(|| match asked.turn() {
                0 => Says::Calls(vec![todo::write("todo.txt", "not code\n")]),
                _ => Says::text("Done.\n[TASK_COMPLETE]"),
            })
        })
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n");
    project.start_unattended(&[]).exits(1);
    assert_eq!(project.journal().tickets(), [("T1", "blocked")]);
    assert!(project.journal().says("started a test runner"));
}

#[test]
fn a_repair_that_breaks_the_tests_is_taken_back() {
    let server = todo::server(|asked| {
        if !asked.is_repair() {
            return None;
        }
        Some(match asked.turn() {
            0 => Says::call("read_file", json!({"path": "todo.py"})),
            1 => Says::Calls(vec![
                todo::write("todo.py", "def add():\n    return 1\n"),
                todo::write("debris.py", "x = 1\n"),
            ]),
            _ => Says::text("Nicer now.\n[PHASE_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(project.read("todo.py"), todo::CODE);
    assert!(!project.root().join("debris.py").exists());
    assert!(project.artifact("summary.md").contains("was taken back"));
}

#[test]
fn a_review_without_findings_ends_the_work() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Review))
            .then(|| Says::json(&json!({"findings": [], "verdict": "pass"})))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(project.read("todo.py"), todo::CODE);
    assert!(
        server
            .chats()
            .iter()
            .all(|chat| !Asked(chat.json.clone()).is_repair())
    );
}

#[test]
fn an_unusable_review_never_blocks() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Review)).then(|| Says::text("It looks fine to me."))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn findings_that_name_a_missing_path_are_written_again() {
    let server = todo::server(|asked| {
        asked.is_research().then(|| {
            if asked.turn() == 0 {
                Says::text("Everything is in `src/engine.py`, which must be extended first.\n[PHASE_COMPLETE]")
            } else {
                assert!(asked.last().contains("src/engine.py"), "{}", asked.last());
                Says::text("Everything is in readme.txt, which must be extended first.\n[PHASE_COMPLETE]")
            }
        })
    });
    let project = Project::with(&server).file("readme.txt", "hello\n");
    project.start_unattended(&["--until", "research"]).exits(0);
    assert!(project.artifact("research.md").contains("readme.txt"));
}

#[test]
fn replies_that_can_never_be_used_end_the_attempt() {
    for shape in [
        shapes::broken_tool,
        shapes::unreadable_call,
        shapes::repeat,
        shapes::unreadable_call_old,
    ] {
        let mut left = 40;
        let server = FakeOllama::new()
            .model(FakeModel::new("tiny"))
            .deciding(move |request| {
                let asked = Asked(request.json.clone());
                if asked.ticket().is_none() {
                    return todo::says(&asked).script(request);
                }
                left -= 1;
                if left == 0 {
                    return Script::error(400, "it would never have stopped");
                }
                shape()
            });
        let project = Project::with(&server).config("limits:\n  attempts: 1\n");
        project.start_unattended(&[]).exits(1);
        assert_eq!(project.journal().tickets()[0], ("T1", "blocked"));
    }
}
