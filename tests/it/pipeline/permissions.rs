//! Commands that a person should see first: asked about once for each kind, refused or left to the
//! wall where nobody is there.

use serde_json::{Value, json};

use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says};

/// Suspicious and harmless.
const COMMAND: &str = "printenv && touch ran";
const QUESTION: &str = "allow-printenv-shows-the-environment";

/// In its first ticket, the model runs the command twice before anything else.
fn curious() -> FakeOllama {
    todo::server(|asked| {
        if asked.ticket() != Some("T1") {
            return None;
        }
        let Some(spoken) = asked.messages().iter().position(is_reply) else {
            let call = || ("run_command", json!({"command": COMMAND}));
            return Some(Says::Calls(vec![call(), call()]));
        };
        let mut later = asked.clone();
        later.0["messages"].as_array_mut()?.remove(spoken);
        Some(todo::says(&later))
    })
}

fn is_reply(message: &Value) -> bool {
    message["role"] == "assistant"
}

/// What became of the two commands: status and text.
fn results(journal: &Journal) -> Vec<(String, String)> {
    let ids: Vec<&Value> = journal
        .of("tool_started")
        .into_iter()
        .filter(|line| line["call"]["arguments"]["command"] == COMMAND)
        .map(|line| &line["call"]["id"])
        .collect();
    let finished = journal.of("tool_finished").into_iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    finished
        .filter(|line| ids.contains(&&line["id"]))
        .map(|line| {
            (
                text(&line["result"]["status"]),
                text(&line["result"]["text"]),
            )
        })
        .collect()
}

fn asked(journal: &Journal) -> usize {
    let asked = journal.of("asked").into_iter();
    asked.filter(|line| line["ask"]["id"] == QUESTION).count()
}

/// The tier that the journal names.
fn tier(journal: &Journal) -> String {
    let notes = journal.of("note").into_iter();
    let mut notes = notes.filter(|line| line["kind"] == "wall");
    let note = notes.next().map(|line| line["data"].clone());
    assert!(notes.next().is_none(), "the wall is told once");
    note.and_then(|data| data.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[test]
fn where_nobody_is_there_only_a_full_wall_stands_in_for_an_answer() {
    let server = curious();
    let project = Project::with(&server);
    let ran = project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(asked(&journal), 0);
    let statuses: Vec<String> = results(&journal).into_iter().map(|(s, _)| s).collect();
    if tier(&journal) == "full" {
        assert_eq!(statuses, ["ok", "ok"]);
        assert!(ran.stderr.contains("ran without asking"), "{}", ran.stderr);
    } else {
        assert_eq!(statuses, ["denied", "denied"]);
    }
}

#[test]
fn where_nobody_is_there_and_no_wall_it_is_refused_and_the_model_is_told_why() {
    let server = curious();
    let project = Project::with(&server);
    let ran = project.start_unattended(&["--sandbox", "off"]).exits(0);
    assert!(ran.stderr.contains("without a sandbox"), "{}", ran.stderr);
    let journal = project.journal();
    assert_eq!((asked(&journal), tier(&journal).as_str()), (0, "none"));
    let results = results(&journal);
    assert_eq!(results.len(), 2);
    for (status, text) in results {
        assert_eq!(status, "denied");
        assert!(text.contains("shows the environment"), "{text}");
        assert!(text.contains("nobody can be asked"), "{text}");
    }
    assert!(!project.root().join("ran").exists());
}

#[test]
fn an_answer_counts_for_the_session_and_is_asked_for_once() {
    for (answer, status) in [("yes", "ok"), ("no, never", "denied")] {
        let server = curious();
        let project = Project::with(&server)
            .answers(&format!("storage: A\nsurface: B\n{QUESTION}: {answer}\n"));
        project.start_unattended(&["--sandbox", "off"]).exits(0);
        let journal = project.journal();
        journal.assert_whole();
        assert_eq!(asked(&journal), 1, "{answer}");
        let results = results(&journal);
        let statuses: Vec<&str> = results.iter().map(|(status, _)| status.as_str()).collect();
        assert_eq!(statuses, [status, status], "{results:?}");
        assert_eq!(project.root().join("ran").exists(), answer == "yes");
        if answer != "yes" {
            assert!(results[1].1.contains("no, never"), "{results:?}");
        }
        // The same work again: the answer is known by now.
        project.resume_unattended(&["--from", "implement"]).exits(0);
        assert_eq!(self::asked(&project.journal()), 1, "{answer}");
    }
}

#[test]
fn what_is_dangerous_is_refused_as_a_check_too() {
    let server = todo::server(|asked: &Asked| {
        (asked.form() == Some(Form::Plan)).then(|| {
            let mut plan = todo::document(Form::Plan);
            plan["run"] = json!(["touch ran && git config core.hooksPath hooks"]);
            plan["tickets"][1]["verify"] = json!(["touch ran && git config core.hooksPath hooks"]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    let checks = journal.of("checked").into_iter();
    let refused: Vec<&Value> = checks
        .filter(|line| line["gate"] == "verify" || line["gate"] == "run")
        .filter(|line| {
            line.to_string()
                .contains("This command was refused, and nothing of it was run: it ")
        })
        .map(|line| &line["gate"])
        .collect();
    assert!(
        refused.contains(&&json!("verify")),
        "{:?}",
        journal.of("checked")
    );
    assert!(
        refused.contains(&&json!("run")),
        "{:?}",
        journal.of("checked")
    );
    assert!(!project.root().join("ran").exists());
}

#[test]
fn what_no_copy_could_put_back_is_refused_where_nobody_is_there_behind_any_wall() {
    let server = todo::server(|asked| {
        if asked.ticket() != Some("T1") {
            return None;
        }
        let Some(spoken) = asked.messages().iter().position(is_reply) else {
            let commands = [
                "rm -rf .git",
                "rm -rf *",
                "git clean -fdx",
                "git checkout -- .",
            ];
            let calls = commands.map(|line| ("run_command", json!({"command": line})));
            return Some(Says::Calls(calls.into()));
        };
        let mut later = asked.clone();
        let messages = later.0["messages"].as_array_mut()?;
        messages.drain(spoken..=spoken);
        Some(todo::says(&later))
    });
    let project = Project::with(&server).file("kept.txt", "mine\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let refused = journal.of("tool_finished").into_iter().filter(|line| {
        line["result"]["status"] == "denied"
            && line["result"]["text"]
                .as_str()
                .is_some_and(|text| text.contains("could not be put back"))
    });
    assert_eq!(refused.count(), 4);
    assert_eq!(project.read("kept.txt"), "mine\n");
}
