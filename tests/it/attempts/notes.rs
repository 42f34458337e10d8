//! What an attempt that failed leaves to the next one: a short note in its opening, and another
//! seed.

use loop_orchestration::engine::attempts::told as told_of;
use loop_orchestration::engine::event::{AttemptNote, Ended, Event, Ran, Record};
use loop_orchestration::engine::session::Session;
use loop_orchestration::store::read;
use serde_json::Value;

use super::scenes::stuck;
use crate::resume::stage::Stage;
use crate::support::project::Project;
use crate::support::todo::{self, Asked};

/// What the opening of that attempt says of those before it.
fn told(asked: &Asked) -> &str {
    let (_, notes) = asked
        .opening()
        .split_once("# What happened before\n")
        .unwrap_or_default();
    let end = notes.find("\n\n# ").unwrap_or(notes.len());
    &notes[..end]
}

#[test]
fn each_attempt_knows_what_was_tried_and_asks_with_another_seed() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let chats = server.chats().into_iter();
    let openings: Vec<Asked> = chats
        .map(|chat| Asked(chat.json))
        .filter(|asked| asked.ticket() == Some("T1") && asked.turn() == 0)
        .collect();
    let seeds: Vec<Option<u64>> = openings
        .iter()
        .map(|asked| asked.0["options"]["seed"].as_u64())
        .collect();
    assert_eq!(seeds, [None, Some(2000), Some(3000)]);
    assert!(!told(&openings[0]).contains("Attempt"));
    for asked in &openings[1..] {
        assert!(told(asked).len() <= 1_200, "{}", told(asked));
    }
    let plain = |asked: &Asked| told(asked).replace("_FailedTest.test_never", "_FailedTest");
    insta::assert_snapshot!(plain(&openings[1]), @r#"
    - These tests failed before this ticket; repair them only if it says so: test_never (unittest.loader._FailedTest)
    - Attempt 1 at this ticket failed, and its changes were taken back.
      It changed: todo.py, test_add.py, runs.log
      It ran: `echo T1 >> runs.log && python3 -m unittest test_add` (exit code 0)
      The check `python3 -m unittest test_never` ended with exit code 1:
        ERROR: test_never (unittest.loader._FailedTest)
        ImportError: Failed to import test module: test_never
        ModuleNotFoundError: No module named 'test_never'
      Do not write the same code again: find out first why this output comes.
    - Do it in another way now. Read the files first, make the smallest change that the check asks for, and run the check before you end.
    "#);
    insta::assert_snapshot!(plain(&openings[2]), @r#"
    - These tests failed before this ticket; repair them only if it says so: test_never (unittest.loader._FailedTest)
    - Attempt 1: `python3 -m unittest test_never` failed: ModuleNotFoundError: No module named 'test_never'
    - Attempt 2 at this ticket failed, and its changes were taken back.
      It changed: todo.py, test_add.py, runs.log
      It ran: `echo T1 >> runs.log && python3 -m unittest test_add` (exit code 0)
      The check `python3 -m unittest test_never` ended with exit code 1:
        ERROR: test_never (unittest.loader._FailedTest)
        ImportError: Failed to import test module: test_never
        ModuleNotFoundError: No module named 'test_never'
      The attempt before it failed in the same way, so what both did alike is wrong. Change that, not the details.
    - Start from the simplest thing that could pass. Write the test first, then one whole file with write_file, and leave out everything that is not asked for. Run the check after each change.
    "#);
    let journal = project.journal();
    let notes: Vec<&Value> = journal
        .of("attempt_failed")
        .into_iter()
        .map(|line| &line["note"])
        .collect();
    assert_eq!(notes.len(), 3);
    assert_eq!(notes[0]["ended"], "check");
    assert_eq!(
        notes[0]["check"]["command"],
        "python3 -m unittest test_never"
    );
}

#[test]
fn however_much_there_is_to_say_it_stays_short() {
    let stage = Stage::new().played_by(stuck);
    stage.start(&mut || {});
    let records = read(&stage.journal_path()).unwrap().records;
    let begun = records
        .iter()
        .position(|record| matches!(record.event, Event::TicketStarted { .. }));
    let mut session = Session::fold(&records[..=begun.unwrap()]).unwrap();
    let long = "ü long line ".repeat(200);
    let ran = Ran {
        command: long.clone(),
        ended: long.clone(),
    };
    for attempt in 1..=6 {
        let note = AttemptNote {
            ended: Ended::Check,
            changed: vec![long.clone(); 40],
            ran: vec![ran.clone(); 40],
            check: Some(ran.clone()),
            output: vec![long.clone(); 40],
            avoid: "Not again.".to_owned(),
        };
        session.apply(&Record {
            seq: session.last_seq + 1,
            at: String::new(),
            phase: Some("implement".to_owned()),
            ticket: Some("T1".to_owned()),
            event: Event::AttemptFailed {
                attempt,
                reason: long.clone(),
                note: Some(note),
            },
        });
        let told = told_of(&session, "T1");
        assert!(told.len() <= 1_200, "{} bytes: {told}", told.len());
        assert!(told.contains(&format!("- Attempt {attempt} at this ticket failed")));
        assert!(told.contains("Not again."), "{told}");
    }
}
