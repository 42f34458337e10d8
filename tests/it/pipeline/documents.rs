//! Documents: faults go back to the model, and what it cannot do is done without it.

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::todo::{self, Form, Says};

/// A run until this phase in which the first answer for the form is this one; the model must be
/// told what was wrong with it.
fn corrected(form: Form, faulty: Value, until: &str, told: &'static str) {
    let server = todo::server(move |asked| {
        if asked.form() != Some(form) {
            return None;
        }
        if asked.turn() == 0 {
            return Some(Says::json(&faulty));
        }
        assert!(asked.last().contains(told), "{}", asked.last());
        None
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", until]).exits(0);
    let journal = project.journal();
    let notes = journal.of("note");
    assert!(notes.iter().any(|line| line["kind"] == "correction"));
}

#[test]
fn faults_are_handed_back_and_corrected() {
    let mut prd = todo::document(Form::Prd);
    prd["features"] = json!([]);
    corrected(Form::Prd, prd, "prd", "has no features");
    let mut tickets = todo::document(Form::Tickets);
    tickets["tickets"][1]["features"] = json!(["F1"]);
    corrected(Form::Tickets, tickets, "tickets", "F2");
    let mut tickets = todo::document(Form::Tickets);
    tickets["tickets"][0]["depends_on"] = json!(["T2"]);
    corrected(Form::Tickets, tickets, "tickets", "T2");
    let mut plan = todo::document(Form::Plan);
    plan["tickets"].as_array_mut().unwrap().pop();
    corrected(Form::Plan, plan, "plan", "T2");
    let mut plan = todo::document(Form::Plan);
    plan["tickets"][0]["files"][0]["path"] = json!("../outside.py");
    corrected(Form::Plan, plan, "plan", "../outside.py");
}

#[test]
fn a_document_that_is_wrong_three_times_blocks() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Tickets)).then(|| Says::json(&json!({"tickets": []})))
    });
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(1)
        .says("the phase tickets could not be completed");
    let asked = server
        .chats()
        .into_iter()
        .filter(|chat| todo::Asked(chat.json.clone()).form() == Some(Form::Tickets));
    assert_eq!(asked.count(), 3);
}

#[test]
fn nine_built_in_questions_stand_in_for_bad_proposals() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Questions)).then(|| Says::text("What would you like?"))
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let interview: Value = serde_json::from_str(&project.artifact("interview.json")).unwrap();
    let ids: Vec<&str> = interview["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "name",
            "what",
            "problem",
            "users",
            "features",
            "success",
            "scope",
            "platform",
            "technology"
        ]
    );
}

#[test]
fn skipped_questions_are_filled_in_by_the_model() {
    let server = todo::server(|_| None);
    let project = Project::with(&server).answers("surface: web\n");
    project.start_unattended(&["--until", "prd"]).exits(0);
    let interview: Value = serde_json::from_str(&project.artifact("interview.json")).unwrap();
    let storage = &interview["questions"][0]["answer"];
    assert_eq!(
        (
            &storage["text"],
            &storage["answered_by"],
            &storage["skipped"]
        ),
        (&json!("a JSON file"), &json!("model"), &json!(true))
    );
    assert_eq!(interview["questions"][1]["answer"]["text"], "web");
}

#[test]
fn follow_up_questions_come_at_most_twice() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Coverage)).then(|| {
            Says::json(&json!({"complete": false, "questions": [
                {"id": "more", "text": format!("And what about this, after {} letters?", asked.opening().len()), "options": [], "why": "it matters"},
            ]}))
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let interview: Value = serde_json::from_str(&project.artifact("interview.json")).unwrap();
    assert_eq!(interview["rounds"], 2);
    assert_eq!(interview["questions"].as_array().unwrap().len(), 4);
}

#[test]
fn the_model_sees_the_answers_when_it_judges_them_and_when_it_fills_in_the_rest() {
    let server = todo::server(|_| None);
    let project = Project::with(&server).answers("surface: a web page, but only for me\n");
    project.start_unattended(&["--until", "prd"]).exits(0);
    for form in [Form::Coverage, Form::Fill, Form::Prd] {
        let chats = server.chats();
        let mut asked = chats.iter().map(|chat| todo::Asked(chat.json.clone()));
        let asked = asked.find(|asked| asked.form() == Some(form)).unwrap();
        for text in ["Where are todos kept?", "a web page, but only for me"] {
            assert!(
                asked.opening().contains(text),
                "{form:?}: {}",
                asked.opening()
            );
        }
    }
}

#[test]
fn missing_packages_are_planned_around() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Plan) && asked.turn() == 0).then(|| {
            let mut plan = todo::document(Form::Plan);
            plan["packages"] = json!(["no-such-package-on-any-machine"]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let plan: Value = serde_json::from_str(&project.artifact("plan.json")).unwrap();
    assert_eq!(plan["packages"], json!([]));
    assert!(server.chats().iter().any(|chat| {
        todo::Asked(chat.json.clone())
            .last()
            .contains("Plan again without them")
    }));
}

#[test]
fn a_plan_that_insists_on_missing_packages_goes_on_without_asking_for_ever() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Plan)).then(|| {
            let mut plan = todo::document(Form::Plan);
            plan["packages"] = json!(["no-such-package-on-any-machine"]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let plans = server
        .chats()
        .into_iter()
        .filter(|chat| todo::Asked(chat.json.clone()).form() == Some(Form::Plan));
    assert_eq!(plans.count(), 2);
}
