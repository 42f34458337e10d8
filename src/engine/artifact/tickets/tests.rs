//! What becomes of tickets a model wrote.

use serde_json::json;

use super::super::prd::Feature;
use super::*;

fn prd(titles: &[&str]) -> Prd {
    let features = titles.iter().enumerate().map(|(place, title)| Feature {
        id: format!("F{}", place + 1),
        title: (*title).to_owned(),
        ..Feature::default()
    });
    Prd {
        features: features.collect(),
        ..Prd::default()
    }
}

fn check(tickets: &Value, features: &[&str], expected: &[&str]) {
    let value = json!({"tickets": tickets});
    assert_eq!(
        accept_tickets(&value, &prd(features)).unwrap_err(),
        expected
    );
}

#[test]
fn ids_and_order_are_the_programs() {
    let value = json!({"tickets": [
        {"id": "list", "title": "List tasks", "description": "Shows them.", "features": ["list tasks", "F2"],
         "acceptance_criteria": ["prints all"], "depends_on": ["Add tasks", "store"],
         "files": ["./todo.py", "/etc/passwd"]},
        {"id": "store", "title": "Store tasks", "features": [], "acceptance_criteria": "a file is written"},
        {"id": "add", "title": "Add tasks", "features": ["1"], "acceptance_criteria": ["prints an id"],
         "depends_on": ["STORE", "store"]},
    ]});
    let tickets = accept_tickets(&value, &prd(&["Add tasks", "List tasks"])).unwrap();
    insta::assert_snapshot!(render_tickets(&tickets), @r"
    # Tickets

    ## T1: Store tasks

    Acceptance criteria:

    - a file is written

    ## T2: Add tasks

    - Features: F1
    - Depends on: T1

    Acceptance criteria:

    - prints an id

    ## T3: List tasks

    Shows them.

    - Features: F2
    - Depends on: T2, T1
    - Files: todo.py

    Acceptance criteria:

    - prints all
    ");
    let again = serde_json::to_value(&tickets).unwrap();
    assert_eq!(
        accept_tickets(&again, &prd(&["Add tasks", "List tasks"])),
        Ok(tickets)
    );
}

#[test]
fn faults_say_what_to_do() {
    check(
        &json!([
            {"id": "T1", "title": "One", "features": ["F1", "F9"], "acceptance_criteria": ["x"]},
            {"id": "T2", "title": "one", "acceptance_criteria": [], "depends_on": ["T9", "T2"]},
        ]),
        &["Add", "List"],
        &[
            "ticket T2 has no acceptance_criteria; add at least one fact a test can check",
            "tickets T1 and T2 have the same title 'one'; join them or give each its own",
            "ticket T1 is for feature 'F9', which does not exist; use one of F1, F2",
            "no ticket covers feature F2 (List); write a ticket for it, or name F2 in a ticket whose description and criteria then say what F2 needs",
            "ticket T2 depends on 'T9', which does not exist; use one of T1, T2",
            "ticket T2 depends on itself; remove that from its depends_on",
        ],
    );
    check(&json!([]), &[], &["there are no tickets; add at least one"]);
    check(&json!("T1"), &[], &["the reply needs the list 'tickets'"]);
    check(&json!([7]), &[], &["ticket T1 must be a JSON object"]);
}

#[test]
fn a_circle_is_named() {
    let ticket = |id: &str, needs: &str| json!({"id": id, "title": id, "acceptance_criteria": ["x"], "depends_on": [needs]});
    check(
        &json!([ticket("T1", "T2"), ticket("T2", "T1")]),
        &[],
        &[
            "tickets wait for each other in a circle: T1 → T2 → T1; remove one of these dependencies",
        ],
    );
}

#[test]
fn there_can_be_too_many() {
    let tickets: Vec<Value> = (0..=MAX_TICKETS)
        .map(|number| json!({"title": number, "acceptance_criteria": ["x"]}))
        .collect();
    check(
        &json!(tickets),
        &[],
        &["there are 31 tickets; join small ones until there are at most 30"],
    );
    let fewer = json!({"tickets": tickets[1..]});
    assert_eq!(
        accept_tickets(&fewer, &prd(&[])).unwrap().tickets.len(),
        MAX_TICKETS
    );
}

#[test]
fn the_file_has_the_fixed_keys() {
    assert_eq!(
        serde_json::to_string(&Tickets {
            tickets: vec![Ticket::default()]
        })
        .unwrap(),
        r#"{"tickets":[{"id":"","title":"","description":"","features":[],"acceptance_criteria":[],"depends_on":[],"files":[]}]}"#
    );
}
