//! Every kind of question is answered from another process while the run waits for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{answers, detach, next_ask, until_over};
use crate::attempts::scenes::stuck;
use crate::support::project::Project;
use crate::support::todo;

#[test]
fn each_kind_of_question_is_answered_from_another_process() {
    let server = todo::server(|asked| {
        let calls = vec![
            (
                "ask_user",
                json!({"question": "Tabs?", "options": ["yes", "no"]}),
            ),
            ("run_command", json!({"command": "printenv"})),
        ];
        Some(match asked.ticket() {
            Some("T3") => todo::after(calls, asked),
            _ => stuck(asked),
        })
    });
    let project = Project::with(&server);
    detach(&project, &[]);
    let mut interviewed = 0;
    loop {
        let ask = next_ask(&project);
        let answer: &[&str] = match ask.as_str() {
            // Nothing is said by that, so it is asked again.
            "storage" if interviewed == 0 => &["whatever"],
            "storage" | "surface" => &["--option", "A"],
            "approve-prd" => &["--approve"],
            "approve-plan" => &["order T3 T1 T2; a"],
            "blocked-T1" => &["skip"],
            ask if ask.starts_with("allow-printenv") => &["--reject", "not needed"],
            ask => {
                assert!(ask.starts_with("ask-"), "{ask}");
                &["B"]
            }
        };
        interviewed += 1;
        let arguments = [&["answer", ask.as_str()], answer].concat();
        project.run(&arguments).exits(0);
        if ask == "blocked-T1" {
            break;
        }
    }
    let journal = until_over(&project);
    journal.assert_whole();
    let asked = journal.of("asked").into_iter();
    let kinds: BTreeSet<&str> = asked
        .map(|line| line["ask"]["kind"].as_str().unwrap())
        .collect();
    let all = [
        "blocked",
        "challenge",
        "document",
        "interview",
        "permission",
        "plan",
        "question",
    ];
    assert_eq!(kinds, all.into());
    let from_elsewhere = |from: &Value| from.as_str().is_some_and(|by| by.starts_with("process "));
    for (ask, _, from) in answers(&journal) {
        assert!(from_elsewhere(&from), "{ask}: {from}");
    }
    // As the plan was arranged.
    assert_eq!(journal.tickets()[0], ("T3", "completed"));
    assert_eq!(
        journal.tickets()[2..],
        [("T1", "skipped"), ("T2", "blocked")]
    );
}
