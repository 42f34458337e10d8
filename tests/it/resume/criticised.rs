//! A run in which the critic sends a ticket back, and what comes of it breaks the checks: resumed
//! after every line of its journal, it comes to the same end.

use std::fs;

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::run::Ending;

use super::stage::{Stage, content};
use crate::support::todo::{self, Asked, Form, Says};

/// The critic finds the first ticket wanting. The model then takes the function away that the test
/// asks for, and does not notice.
fn breaks_it(asked: &Asked) -> Says {
    instead(asked).unwrap_or_else(|| todo::says(asked))
}

fn instead(asked: &Asked) -> Option<Says> {
    if asked.form() == Some(Form::Critique) {
        return (asked.judged_ticket() == Some("T1")).then(|| Says::json(&asked.judged("not_met")));
    }
    let told = asked.messages().iter().position(|message| {
        let content = message["content"].as_str().unwrap_or_default();
        content.contains("A reviewer who read only")
    })?;
    let since = asked.messages()[told..].iter();
    Some(
        match since
            .filter(|message| message["role"] == "assistant")
            .count()
        {
            0 => Says::Calls(vec![todo::write(
                "todo.py",
                &todo::CODE.replace("def add", "def put"),
            )]),
            _ => Says::text("It is right now.\n[TASK_COMPLETE]"),
        },
    )
}

#[test]
fn every_prefix_of_a_criticised_run_comes_to_the_same_end() {
    let stage = Stage::new().played_by(breaks_it);
    let mut moments = Vec::new();
    let ending = stage.start(&mut || moments.push(stage.content()));
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
    assert!(stage.journal().says("was taken back, since"));
    let mut expected = content(&stage.project());
    let runs = stage.project().join("runs.log");
    expected.remove(&runs);
    let lines: Vec<String> = fs::read_to_string(stage.journal_path())
        .unwrap()
        .split_inclusive('\n')
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), moments.len());
    let path = stage.journal_path();
    // From the first ticket's claim on; what comes before is resumed elsewhere.
    let from = lines
        .iter()
        .position(|line| line.contains("\"event\":\"ticket_started\""))
        .unwrap();
    for count in from..=lines.len() {
        stage.put_back(&moments[count - 1]);
        fs::write(&path, lines[..count].concat()).unwrap();
        let ending = stage.resume();
        assert!(
            matches!(ending, None | Some(Ending::Finished(Outcome::Completed, _))),
            "after line {count}: {ending:?}"
        );
        let journal = stage.journal();
        journal.assert_whole();
        assert_eq!(
            journal.tickets(),
            [("T1", "completed"), ("T2", "completed")],
            "after line {count}"
        );
        let looks = journal.of("checked").into_iter();
        let looks = looks.filter(|line| line["gate"] == "critic" && line["ticket"] == "T1");
        assert_eq!(looks.count(), 1, "after line {count}");
        let mut project = content(&stage.project());
        project.remove(&runs);
        assert!(project == expected, "after line {count}: other files");
    }
}
