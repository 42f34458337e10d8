//! Going another way from another terminal: through the interview, and with the plan's tickets.

use serde_json::json;

use super::{answer_up_to, answers, detach, next_ask, until};
use crate::replay::repeats;
use crate::support::project::Project;
use crate::support::todo::todo_server;

/// Ids and texts of the interview, as it was written down.
fn interview(project: &Project) -> Vec<(String, String)> {
    let record: serde_json::Value =
        serde_json::from_str(&project.artifact("interview.json")).unwrap();
    let questions = record["questions"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    questions
        .map(|question| (text(&question["id"]), text(&question["answer"]["text"])))
        .collect()
}

#[test]
fn done_leaves_the_rest_of_the_interview_open() {
    let server = todo_server();
    let project = Project::with(&server);
    detach(&project, &[]);
    assert_eq!(next_ask(&project), "storage");
    project
        .run(&["answer", "storage", "done"])
        .exits(0)
        .says("no more questions");
    assert_eq!(next_ask(&project), "approve-prd");
    let journal = project.journal();
    let open: Vec<_> = journal
        .of("answered")
        .into_iter()
        .filter(|line| line["answer"]["from"].is_string())
        .collect();
    let ids: Vec<_> = open.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&json!("surface"), &json!("storage")]);
    assert!(open.iter().all(|line| line["answer"]["skipped"] == true));
    project.run(&["stop"]).exits(0);
    repeats(&project);
}

#[test]
fn back_and_edit_ask_an_earlier_question_again() {
    let server = todo_server();
    let project = Project::with(&server);
    detach(&project, &[]);
    assert_eq!(next_ask(&project), "storage");
    let first = project.run(&["answer", "storage", "back"]).exits(2);
    assert!(
        first.stderr.contains("the first question"),
        "{}",
        first.stderr
    );
    project
        .run(&["answer", "storage", "--option", "A"])
        .exits(0);
    for words in ["back", "edit 1"] {
        assert_eq!(next_ask(&project), "surface");
        project
            .run(&["answer", "surface", words])
            .exits(0)
            .says("question 1 is asked again");
        assert_eq!(next_ask(&project), "storage");
        project
            .run(&["answer", "storage", "--option", "B"])
            .exits(0);
    }
    assert_eq!(next_ask(&project), "surface");
    // Back once more, and enough: what was answered stays as it was.
    project.run(&["answer", "surface", "back"]).exits(0);
    assert_eq!(next_ask(&project), "storage");
    project.run(&["answer", "storage", "done"]).exits(0);
    assert_eq!(next_ask(&project), "approve-prd");
    let expected = [("storage", "memory"), ("surface", "command line")];
    let expected = expected.map(|(id, text)| (id.to_owned(), text.to_owned()));
    assert_eq!(interview(&project), expected);
    project.run(&["stop"]).exits(0);
    repeats(&project);
}

#[test]
fn a_plan_is_arranged_as_it_can_be_and_it_is_said_how() {
    let server = todo_server();
    let project = Project::with(&server);
    detach(&project, &[]);
    answer_up_to(&project, "approve-plan");
    for (words, why) in [
        ("drop T9", "there are T1, T2"),
        ("order T2 T1", "T2 needs T1, which comes later"),
        ("edit", "at the session's own terminal only"),
        ("?", "shows the question"),
    ] {
        let refused = project.run(&["answer", "approve-plan", words]).exits(2);
        assert!(refused.stderr.contains(why), "{words}: {}", refused.stderr);
    }
    project
        .run(&["answer", "approve-plan", "drop t2"])
        .exits(0)
        .says("approved: T1");
    until(&project, |journal| !journal.of("ticket_started").is_empty());
    let journal = project.journal();
    let (_, text, _) = answers(&journal).pop().unwrap();
    assert_eq!(text, "approved: T1");
    project.run(&["answer", "--wait", "-s", "-"]).exits(1);
    assert_eq!(project.journal().tickets(), [("T1", "completed")]);
}
