//! The critic of a ticket: what it is shown, what its verdict leads to, and that it never blocks.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::guard::{Scene, edit};
use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama};
use crate::support::journal::Journal;
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Form, Says, todo_server};

/// The code, with a place that is out of reach refused.
const CAREFUL: &str = "\n\ndef careful(items, number):\n    return done(items, number)\n";

/// What the critics said: the receipts, by ticket.
fn verdicts(journal: &Journal, ticket: &str) -> Vec<Value> {
    journal
        .of("checked")
        .into_iter()
        .filter(|line| line["gate"] == "critic" && line["ticket"] == ticket)
        .cloned()
        .collect()
}

fn critics(chats: &[RequestSeen], ticket: &str) -> Vec<Asked> {
    chats
        .iter()
        .map(|chat| Asked(chat.json.clone()))
        .filter(|asked| {
            asked.form() == Some(Form::Critique) && asked.judged_ticket() == Some(ticket)
        })
        .collect()
}

/// A model that builds the todo app; its critic finds the first ticket wanting as long as this
/// says so, and what the model makes of that is its last reply's.
fn criticised(
    is_wanting: impl Fn(&Asked) -> bool + Send + 'static,
    repair: impl Fn(&Asked, usize) -> Option<Says> + Send + 'static,
) -> FakeOllama {
    todo::server(move |asked| {
        if asked.form() == Some(Form::Critique) {
            let is_it = asked.judged_ticket() == Some("T1") && is_wanting(asked);
            return is_it.then(|| Says::json(&asked.judged("not_met")));
        }
        if asked.form().is_some() || asked.ticket() != Some("T1") {
            return None;
        }
        // How often the model has spoken since it was told.
        let messages = asked.messages();
        let told = messages.iter().position(|message| {
            message["content"]
                .as_str()
                .unwrap_or_default()
                .contains("A reviewer who read only")
        })?;
        let since = messages[told..]
            .iter()
            .filter(|message| message["role"] == "assistant")
            .count();
        repair(asked, since).or_else(|| Some(Says::text("It is right now.\n[TASK_COMPLETE]")))
    })
}

fn adds_careful(_: &Asked, since: usize) -> Option<Says> {
    (since == 0).then(|| {
        Says::Calls(vec![todo::write(
            "todo.py",
            &format!("{}{CAREFUL}", todo::CODE),
        )])
    })
}

#[test]
fn a_fresh_reader_sees_the_ticket_its_criteria_and_its_changes_and_nothing_else() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let chats = server.chats();
    let [asked] = &critics(&chats, "T1")[..] else {
        panic!("one look at the first ticket was expected");
    };
    assert_eq!(asked.messages().len(), 2);
    assert!(asked.0.get("tools").is_none(), "no tools");
    let opening = asked.opening();
    for words in [
        "T1 Add todos",
        "Acceptance criteria:\n1. its test passes\n",
        "- `python3 -m unittest test_add` exit 0, 1 test",
        "new file mode 100644",
        "+    items.append({\"text\": text, \"done\": False})",
        "+++ b/test_add.py",
    ] {
        assert!(opening.contains(words), "'{words}' is not in {opening}");
    }
    for words in [
        "Your ticket",
        "Approach:",
        "Build a todo app",
        "Existing tests",
    ] {
        assert!(!opening.contains(words), "'{words}' is in {opening}");
    }
    let [second] = &critics(&chats, "T2")[..] else {
        panic!("one look at the second ticket was expected");
    };
    assert!(
        !second.opening().contains("def add"),
        "only its own changes"
    );
    let journal = project.journal();
    let [verdict] = &verdicts(&journal, "T1")[..] else {
        panic!("one verdict");
    };
    assert_eq!(verdict["passed"], true);
    assert_eq!(verdict["command"], "tiny");
    assert_eq!(
        verdict["criteria"],
        json!([{"criterion": 1, "verdict": "met", "line": "todo.py:9", "why": "It was read."}])
    );
    assert_eq!(verdict["output"], "1 of 1 criteria met");
}

#[test]
fn what_is_not_met_goes_back_once_and_is_looked_at_again() {
    let server = criticised(
        |asked| !asked.opening().contains("def careful"),
        adds_careful,
    );
    let project = Project::with(&server);
    project
        .start_unattended(&[])
        .exits(0)
        .says("critic: 0 of 1 criteria met, 1 not met")
        .says("gave the critic's words back to the model, once");
    assert!(project.read("todo.py").contains("def careful"));
    let journal = project.journal();
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
    let passed: Vec<Value> = verdicts(&journal, "T1")
        .iter()
        .map(|line| line["passed"].clone())
        .collect();
    assert_eq!(passed, [false, true]);
    assert_eq!(journal.of("attempt_failed").len(), 0, "the same attempt");
    // The words come in the conversation of the work, which they extend.
    let chats = server.chats();
    let work: Vec<Asked> = chats
        .iter()
        .map(|chat| Asked(chat.json.clone()))
        .filter(|asked| asked.form().is_none() && asked.ticket() == Some("T1"))
        .collect();
    for pair in work.windows(2) {
        assert!(pair[1].messages().starts_with(pair[0].messages()));
    }
    let told = work
        .iter()
        .find(|asked| asked.last().contains("A reviewer who read only"));
    let told = told.unwrap().last();
    assert!(
        told.contains("- its test passes\n  todo.py:9: It was read."),
        "{told}"
    );
    // After the repair the checks ran again.
    let gates = journal.of("checked").into_iter();
    let verdicts = gates.filter(|line| line["gate"] == "verdict" && line["ticket"] == "T1");
    assert_eq!(verdicts.count(), 2);
}

#[test]
fn a_second_not_met_is_told_and_blocks_nothing() {
    let server = criticised(|_| true, adds_careful);
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let journal = project.journal();
    assert_eq!(verdicts(&journal, "T1").len(), 2);
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
    let shown = project.run(&["sessions", "show"]).exits(0).stdout;
    assert!(shown.contains("not met: todo.py:9"), "{shown}");
}

#[test]
fn a_model_that_thinks_the_critic_wrong_changes_nothing_and_is_done() {
    let server = criticised(|_| true, |_, _| None);
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let journal = project.journal();
    // The same work is not judged twice.
    assert_eq!(verdicts(&journal, "T1").len(), 1);
    assert_eq!(journal.tickets()[0], ("T1", "completed"));
}

#[test]
fn a_repair_that_breaks_what_had_passed_is_taken_back_and_the_ticket_stays_done() {
    let breaks = |_: &Asked, since: usize| {
        (since == 0).then(|| {
            let broken = todo::CODE.replace("items.append", "items.remove");
            Says::Calls(vec![
                todo::write("todo.py", &broken),
                todo::write("left.py", "over = 1\n"),
            ])
        })
    };
    let server = criticised(|_| true, breaks);
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert_eq!(project.read("todo.py"), todo::CODE);
    assert!(!project.root().join("left.py").exists());
    let journal = project.journal();
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    let proofs: Vec<&Value> = journal
        .of("ticket_finished")
        .iter()
        .map(|line| &line["proof"])
        .collect();
    assert_eq!(proofs, ["shown", "shown"]);
    assert_eq!(journal.of("attempt_failed").len(), 0);
    assert!(
        journal.says("was taken back, since it did not pass the checks that had passed before")
    );
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_put_back_and_nothing_stands_behind_it() {
    let root = Arc::new(Mutex::new(None::<PathBuf>));
    let place = Arc::clone(&root);
    let broken = todo::CODE.replace("\"text\": text", "\"text\": 1");
    let breaks = move |_: &Asked, since: usize| {
        if since == 0 {
            return Some(Says::Calls(vec![todo::write("todo.py", &broken)]));
        }
        let root = place.lock().unwrap();
        let file = root.as_ref().unwrap().join("todo.py");
        std::fs::write(file, format!("{broken}# Mine.\n")).unwrap();
        None
    };
    let server = criticised(|_| true, breaks);
    let project = Project::with(&server);
    *root.lock().unwrap() = Some(project.root());
    project.start_unattended(&["--until", "implement"]);
    let journal = project.journal();
    let end = journal.of("ticket_finished")[0];
    assert_eq!(
        (&end["ticket"], &end["outcome"], &end["proof"]),
        (&json!("T1"), &json!("completed"), &json!("not_shown"))
    );
    let reason = end["reason"].as_str().unwrap();
    assert!(
        reason.contains("not all of it could be written back"),
        "{reason}"
    );
    assert!(journal.says("todo.py stays as it is after a failed repair"));
    assert!(project.read("todo.py").ends_with("# Mine.\n"));
}

#[test]
fn an_answer_that_cannot_be_used_twice_is_no_verdict_and_blocks_nothing() {
    for bad in ["It looks fine to me.", "{\"criteria\": []}", ""] {
        let server = todo::server(move |asked| {
            (asked.form() == Some(Form::Critique)).then(|| Says::text(bad))
        });
        let project = Project::with(&server);
        project.start_unattended(&["--until", "implement"]).exits(0);
        let journal = project.journal();
        assert_eq!(journal.tickets().len(), 2);
        assert_eq!(critics(&server.chats(), "T1").len(), 2, "{bad}");
        let [verdict] = &verdicts(&journal, "T1")[..] else {
            panic!("one verdict");
        };
        assert_eq!(verdict["passed"], true);
        assert!(verdict.get("criteria").is_none());
        let output = verdict["output"].as_str().unwrap();
        assert!(output.starts_with("gave no usable verdict: "), "{output}");
    }
}

#[test]
fn a_faulty_answer_is_corrected_once() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Critique) && asked.turn() == 0)
            .then(|| Says::json(&json!({"criteria": [{"criterion": 7, "verdict": "met"}]})))
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let journal = project.journal();
    assert!(journal.says("must be a number from 1 to 1, not '7'"));
    assert_eq!(verdicts(&journal, "T1")[0]["output"], "1 of 1 criteria met");
}

#[test]
fn off_asks_nobody_and_a_name_asks_that_model() {
    let server = todo_server();
    let project = Project::with(&server).config("model:\n  critic: off\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert_eq!(critics(&server.chats(), "T1").len(), 0);

    let server = todo_server().model(FakeModel::new("judge"));
    let project = Project::with(&server).config("model:\n  name: tiny\n  critic: judge\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    for chat in server.chats() {
        let is_critic = Asked(chat.json.clone()).form() == Some(Form::Critique);
        let model = if is_critic { "judge" } else { "tiny" };
        assert_eq!(chat.json["model"], model);
    }
    assert_eq!(verdicts(&project.journal(), "T2")[0]["command"], "judge");

    // A name that nobody has is found out before anything begins.
    let project = Project::with(&server).config("model:\n  name: tiny\n  critic: nobody\n");
    project.start_unattended(&[]).exits(5).says("nobody");
    let project = Project::with(&server).config("model:\n  critic: ''\n");
    project.start_unattended(&[]).exits(2).says("model.critic");
}

#[test]
fn a_ticket_that_the_program_made_for_a_simple_task_has_no_critic() {
    let server = todo::server(|asked| {
        if asked.form() == Some(Form::Questions) {
            return Some(Says::json(&json!({"simple": true, "questions": []})));
        }
        None
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert_eq!(critics(&server.chats(), "T1").len(), 0);
}

#[test]
fn existing_tests_that_a_ticket_changed_are_pointed_at() {
    let server = todo::server(|asked| {
        if asked.form().is_some() || asked.ticket() != Some("T2") {
            return None;
        }
        let more = format!(
            "{}\n    def test_two(self):\n        self.assertEqual(len(add([1], \"x\")), 2)\n",
            todo::TEST_ADD
        );
        let calls = vec![
            ("read_file", json!({"path": "test_add.py"})),
            todo::write("test_add.py", &more),
        ];
        Some(todo::after(calls, asked))
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let chats = server.chats();
    let opening = critics(&chats, "T2")[0].opening().to_owned();
    assert!(
        opening.contains(
            "# Existing tests that were changed\ntest_add.py: 3 lines added, 0 removed\n"
        ),
        "{opening}"
    );
}

#[test]
fn what_the_guard_let_pass_as_announced_is_pointed_at_though_its_path_says_nothing() {
    let played = Scene::new()
        .file("tox.ini", "[pytest]\naddopts = -q\n")
        .announces(&["tox.ini"])
        .then(vec![edit("tox.ini", "addopts = -q", "addopts = -q -ra")])
        .accepted();
    let chats = played.chats();
    let opening = critics(&chats, "T1")[0].opening().to_owned();
    assert!(
        opening.contains("# Existing tests that were changed\ntox.ini: 1 lines added, 1 removed\n"),
        "{opening}"
    );
}

#[test]
fn changes_that_are_too_long_are_cut_where_it_can_be_seen() {
    let server = todo::server(|asked| {
        if asked.form().is_some() || asked.ticket() != Some("T1") {
            return None;
        }
        let command = "python3 -c \"open('long.py', 'w').write('a = 1  # one line\\n' * 4000)\"";
        Some(todo::after(
            vec![("run_command", json!({"command": command}))],
            asked,
        ))
    });
    let project = Project::with(&server);
    project
        .start_unattended(&["--until", "implement", "--num-ctx", "8192"])
        .exits(0);
    let chats = server.chats();
    let asked = &critics(&chats, "T1")[0];
    let opening = asked.opening();
    assert!(opening.contains(" more lines of long.py]"), "{opening}");
    assert!(
        opening.contains("+class Add(unittest.TestCase):"),
        "short files stay whole"
    );
    assert!(
        asked.0.to_string().len() < 8192 * 3,
        "{}",
        asked.0.to_string().len()
    );
}
