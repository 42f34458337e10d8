//! A ticket that is blocked is an open question: the others go on, the person decides when they
//! want, and what they say is done.

use serde_json::Value;

use super::scenes::{NOTE, stuck};
use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked};

fn server() -> FakeOllama {
    todo::server(|asked| Some(stuck(asked)))
}

fn id(project: &Project) -> String {
    let folder = project.session();
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Adds a line to the answers.
fn decide(project: &Project, line: &str) {
    let file = project.answers_file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}{line}\n")).unwrap();
}

/// The first line with this event and ticket, counted from 0.
fn place(journal: &Journal, event: &str, ticket: &str) -> usize {
    let found = journal
        .0
        .iter()
        .position(|line| line["event"] == event && line["ticket"] == ticket);
    found.unwrap_or_else(|| panic!("no {event} of {ticket}"))
}

fn open_asks(project: &Project) -> Vec<String> {
    let shown = project.run(&["sessions", "show", &id(project), "--json"]);
    let shown: Value = serde_json::from_str(&shown.exits(0).stdout).unwrap();
    let open = shown["open_asks"].as_array().unwrap().iter();
    open.map(|ask| ask["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_others_go_on_and_the_question_stays_open() {
    let server = server();
    let project = Project::with(&server);
    let ran = project.start_unattended(&[]).exits(1);
    let hint = format!(
        "hint: T1 waits for a word of yours: loop resume {}",
        id(&project)
    );
    assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "blocked"), ("T3", "completed"), ("T2", "blocked")]
    );
    let asked = journal
        .0
        .iter()
        .position(|line| line["ask"]["kind"] == "blocked");
    let asked = asked.unwrap();
    assert!(asked < place(&journal, "ticket_started", "T3"));
    assert_eq!(journal.0[asked]["ask"]["id"], "blocked-T1");
    assert_eq!(open_asks(&project), ["blocked-T1"]);

    // With nobody there and nothing said, a resume changes nothing and says what is open.
    let lines = journal.0.len();
    let resumed = project
        .run(&["resume", &id(&project), "--no-input"])
        .exits(1);
    assert!(resumed.stderr.contains("blocked-T1"), "{}", resumed.stderr);
    assert_eq!(project.journal().0.len(), lines);
}

#[test]
fn what_to_do_is_seen_at_the_end_in_a_minute() {
    let server = server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let summary = project.artifact("summary.md");
    let (summary, _) = summary.split_once("## What it took").unwrap();
    let mut summary = summary.replace(&id(&project), "ID");
    while let Some(at) = summary.find(" ms\n") {
        let start = summary[..at].rfind(' ').unwrap();
        summary.replace_range(start..at + 3, " …");
    }
    // Older and newer versions of Python name it differently.
    let summary = summary.replace("_FailedTest.test_never", "_FailedTest");
    insta::assert_snapshot!(summary, @r#"
    # Todo

    1 of 3 tickets done, shown by tests that ran; 2 blocked.

    ## Tickets

    - **T1 Never**: blocked
      failing: `python3 -m unittest test_never`, exit code 1
          ERROR: test_never (unittest.loader._FailedTest)
          ImportError: Failed to import test module: test_never
          ModuleNotFoundError: No module named 'test_never'
      attempts 1 to 3: changed todo.py, test_add.py, runs.log; ran `echo T1 >> runs.log && python3 -m unittest test_add`; ModuleNotFoundError: No module named 'test_never'
      depends on it: T2
    - **T2 After it**: blocked
      it depends on T1, which is not done
    - **T3 Beside it**: done
      changed: runs.log, test_add.py, todo.py
      receipt: `python3 -m unittest test_add` exit 0, 1 test, …
      receipt: `python3 -m unittest discover` exit 0, 1 test, …
      size: 3 files, +26 −0
      critic (tiny): 1 of 1 criteria met

    ## What you can do now

    Decide about T1, then `loop resume ID`; or let that ask you in a terminal:

        loop answer -s ID blocked-T1 "retry AND WHAT TO DO DIFFERENTLY"
        loop answer -s ID blocked-T1 skip    # leaves T1 out, and T2 with it

    ## Features and what shows them

    | feature | tickets | passing checks | commits |
    |---|---|---|---|
    | F1 Add | T1 blocked, T2 blocked | none | none |
    | F2 Done | T3 done | `python3 -m unittest test_add` (1 test), `python3 -m unittest discover` (1 test) | none |

    No passing check shows: F1 Add.

    ## How to start it

        python3 -c 'import todo; print(len(todo.load()), "todos")'

    ## Left out on purpose

    - sync

    ## Worth knowing

    - It works: `python3 -c 'import todo; print(len(todo.load()), "todos")'` ended with exit 0 and said: 0 todos
    - Repaired after the review: no docstring; tests ran and passed: python3 -m unittest test_add (1 test); python3 -m unittest discover (1 test)
    "#);
}

#[test]
fn an_answer_given_beforehand_is_followed_once() {
    let server = server();
    let project = Project::with(&server);
    decide(&project, "blocked-T1: retry simply try it again");
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.of("attempt_failed").len(), 6);
    let answered = journal.of("answered").into_iter();
    let answered = answered.filter(|line| line["id"] == "blocked-T1");
    assert_eq!(answered.count(), 1);
    assert_eq!(open_asks(&project), ["blocked-T1"]);
}

#[test]
fn a_ticket_is_tried_again_with_what_the_person_says_and_the_rest_follows() {
    let server = server();
    let project = Project::with(&server);
    decide(&project, &format!("blocked-T1: retry, {NOTE}"));
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(
        journal.tickets(),
        [
            ("T1", "blocked"),
            ("T3", "completed"),
            ("T1", "completed"),
            ("T2", "completed")
        ]
    );
    let fourth = journal.of("ticket_started").into_iter();
    let fourth: Vec<&Value> = fourth.filter(|line| line["attempt"] == 4).collect();
    assert_eq!(fourth.len(), 1);
    let chats = server.chats();
    let opening = chats.iter().map(|chat| Asked(chat.json.clone()));
    let opening = opening
        .into_iter()
        .find(|asked| asked.opening().contains(NOTE))
        .unwrap();
    let said = format!("- The person says about this ticket: {NOTE}\n");
    assert!(opening.opening().contains(&said), "{}", opening.opening());
}

#[test]
fn a_session_that_ended_blocked_goes_on_when_the_person_has_decided() {
    let server = server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    decide(&project, &format!("blocked-T1: retry {NOTE}"));
    project.resume_unattended(&[]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(
        &journal.tickets()[3..],
        [("T1", "completed"), ("T2", "completed")]
    );
    // What stands on all tickets was looked at again: the result and the review.
    let reviews = journal.of("artifact_written").into_iter();
    let reviews = reviews.filter(|line| line["name"] == "review");
    assert_eq!(reviews.count(), 2);
    let summary = project.artifact("summary.md");
    assert!(summary.contains("3 of 3 tickets done"), "{summary}");
    assert!(!summary.contains("What you can do now"), "{summary}");
    assert_eq!(open_asks(&project), Vec::<String>::new());
}

#[test]
fn a_ticket_that_is_left_out_takes_what_depends_on_it_along() {
    let server = server();
    let project = Project::with(&server);
    decide(&project, "blocked-T1: skip");
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [
            ("T1", "blocked"),
            ("T3", "completed"),
            ("T1", "skipped"),
            ("T2", "blocked")
        ]
    );
    let summary = project.artifact("summary.md");
    assert!(
        summary.contains("**T1 Never**: left out\n  left out by the person"),
        "{summary}"
    );
    assert!(
        summary.contains("it depends on T1, which was skipped"),
        "{summary}"
    );
    assert_eq!(open_asks(&project), Vec::<String>::new());
    project
        .run(&["resume", &id(&project), "--no-input"])
        .exits(1)
        .says("nothing is left to resume");
}

#[test]
fn stop_stops_and_the_question_comes_again() {
    let server = server();
    let project = Project::with(&server);
    decide(&project, "blocked-T1: stop");
    project
        .start_unattended(&[])
        .exits(130)
        .says("T1 is blocked, and the person said stop");
    // The same word is not followed twice; without another one the session ends as it stands.
    project.resume_unattended(&[&id(&project)]).exits(1);
    let journal = project.journal();
    let asked = journal.of("asked").into_iter();
    assert_eq!(
        asked
            .filter(|line| line["ask"]["id"] == "blocked-T1")
            .count(),
        2
    );
    assert_eq!(journal.outcome(), Some("blocked"));
}
