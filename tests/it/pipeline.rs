//! The whole pipeline against a stand-in server: the real binary, real HTTP, real tools, real
//! commands, a real project.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod already;
mod before;
mod claims;
mod documents;
mod hosts;
mod packages;
mod people;
mod permissions;
mod roots;
mod trust;
#[cfg(target_os = "linux")]
mod walls;

use std::process::Command;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::todo::{self, Form, Says, todo_server};

/// Runs the project's own tests again, after the program.
fn tests_pass(project: &Project, module: &str) -> bool {
    let mut python = Command::new("python3");
    python.args(["-m", "unittest", module]);
    let output = python.current_dir(project.root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success() && said.contains("Ran 1 test")
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap();
    object.keys().map(String::as_str).collect()
}

#[test]
fn a_sentence_becomes_working_tested_code() {
    let server = todo_server();
    let project = Project::with(&server);
    let ran = project.start_unattended(&[]).exits(0);
    assert!(ran.stderr.contains("is complete"), "{}", ran.stderr);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    assert_eq!(
        journal.phases(),
        [
            "prd",
            "tickets",
            "research",
            "plan",
            "implement",
            "refactor"
        ]
        .map(|p| (p, "completed"))
    );
    for (ticket, test) in [("T1", "test_add"), ("T2", "test_done")] {
        let command = format!("python3 -m unittest {test}");
        let receipts = journal.of("checked").into_iter().filter(|line| {
            line["ticket"] == ticket && line["gate"] == "verify" && line["command"] == command
        });
        let receipts: Vec<&Value> = receipts.collect();
        assert_eq!(receipts.len(), 1, "{ticket}");
        assert_eq!(receipts[0]["passed"], json!(true));
        assert_eq!(
            (&receipts[0]["exit"], &receipts[0]["tests"]),
            (&json!(0), &json!(1))
        );
    }
    assert!(tests_pass(&project, "test_add") && tests_pass(&project, "test_done"));
    assert!(project.read("todo.py").starts_with("\"\"\"Todos.\"\"\"\n"));
}

#[test]
fn every_artifact_is_there_with_its_keys() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let read = |name: &str| -> Value { serde_json::from_str(&project.artifact(name)).unwrap() };
    let interview = read("interview.json");
    assert_eq!(keys(&interview), ["questions", "rounds"]);
    let question = &interview["questions"][0];
    assert_eq!(keys(question), ["id", "text", "options", "why", "answer"]);
    assert_eq!(
        question["answer"],
        json!({"text": "a JSON file", "option": "A", "skipped": false, "answered_by": "file"})
    );
    let prd = read("prd.json");
    assert_eq!(
        keys(&prd),
        [
            "title",
            "problem",
            "users",
            "goals",
            "features",
            "non_goals",
            "constraints",
            "success",
            "assumptions"
        ]
    );
    assert_eq!(
        keys(&prd["features"][0]),
        ["id", "title", "description", "acceptance_criteria"]
    );
    let tickets = read("tickets.json");
    assert_eq!(keys(&tickets), ["tickets"]);
    assert_eq!(
        keys(&tickets["tickets"][0]),
        [
            "id",
            "title",
            "description",
            "features",
            "acceptance_criteria",
            "depends_on",
            "files"
        ]
    );
    let plan = read("plan.json");
    assert_eq!(keys(&plan), ["summary", "packages", "run", "tickets"]);
    assert_eq!(
        keys(&plan["tickets"][0]),
        ["id", "approach", "files", "verify", "risks"]
    );
    assert_eq!(keys(&plan["tickets"][0]["files"][0]), ["path", "change"]);
    let review = read("review.json");
    assert_eq!(keys(&review), ["findings", "verdict"]);
    assert_eq!(
        keys(&review["findings"][0]),
        ["severity", "file", "line", "title", "detail"]
    );
    for (name, text) in [
        ("prd.md", "Todo"),
        ("tickets.md", "Add todos"),
        ("plan.md", "test_done"),
        ("review.md", "no docstring"),
        ("research.md", "The project is empty"),
        ("summary.md", "2 of 2 tickets done"),
    ] {
        assert!(project.artifact(name).contains(text), "{name}");
    }
    let summary = project.artifact("summary.md");
    for text in [
        "python3 -m unittest test_add` exit 0, 1 test",
        "It works: ",
        "sync",
        "| implement |",
        "loop undo all -s ",
        "git --git-dir=",
    ] {
        assert!(summary.contains(text), "{text} is not in {summary}");
    }
}

#[test]
fn a_simple_task_gets_one_ticket_no_approvals_and_its_first_edit_within_three_calls() {
    let server = todo::server(|asked| match asked.form() {
        Some(Form::Questions) => Some(Says::json(&json!({"simple": true, "questions": []}))),
        Some(_) => None,
        None => Some(match asked.turn() {
            0 => Says::Calls(vec![
                todo::write("greet.py", "def greet():\n    return 'hello'\n"),
                todo::write(
                    "test_greet.py",
                    "import unittest\nfrom greet import greet\n\n\nclass Greet(unittest.TestCase):\n    def test_greet(self):\n        self.assertEqual(greet(), 'hello')\n",
                ),
            ]),
            _ => Says::text("Done.\n[TASK_COMPLETE]"),
        }),
    });
    let project = Project::with(&server);
    project
        .run(&["start", "add a greet function", "--no-input"])
        .exits(0);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed")]);
    assert!(journal.of("asked").is_empty());
    let first_edit = journal
        .0
        .iter()
        .position(|line| line["event"] == "tool_started")
        .unwrap();
    let calls = journal.0[..first_edit].iter();
    let calls = calls.filter(|line| line["event"] == "replied").count();
    assert!(
        calls <= 3,
        "{calls} calls of the model before the first edit"
    );
    assert!(tests_pass(&project, "test_greet"));
    let skipped = journal
        .phases()
        .into_iter()
        .filter(|(_, o)| *o == "skipped");
    assert_eq!(skipped.count(), 4);
}

#[test]
fn it_stops_after_a_phase_and_goes_on_from_there() {
    let server = todo_server();
    let project = Project::with(&server);
    project
        .start_unattended(&["--until", "plan"])
        .exits(0)
        .says("the phase plan is done, as asked");
    assert_eq!(project.journal().outcome(), None);
    assert!(!project.root().join("todo.py").exists());
    project.resume_unattended(&[]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(journal.of("phase_entered").len(), 6);
}

#[test]
fn a_stop_in_between_does_not_forget_where_to_stop() {
    let server = todo_server();
    let project = Project::with(&server);
    let answers = project.answers("storage: A\nsurface: B\n");
    let file = answers.answers_file().display().to_string();
    answers
        .start(&["--answers", &file, "--no-input", "--until", "tickets"])
        .exits(3);
    let project = answers.answers("approve-prd: yes\n");
    project
        .resume_unattended(&[])
        .exits(0)
        .says("the phase tickets is done, as asked");
    assert_eq!(project.journal().phases().len(), 2);
    // Now that it was reached, a resume goes on.
    project.resume_unattended(&["--yes"]).exits(0);
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn a_resume_can_take_another_model() {
    let server = todo_server().model(crate::support::fake_ollama::FakeModel::new("other"));
    let project = Project::with(&server);
    project
        .start_unattended(&["--until", "prd", "--model", "tiny"])
        .exits(0);
    let before = server.chats().len();
    project
        .resume_unattended(&["--model", "other", "--until", "tickets"])
        .exits(0);
    let chats = server.chats();
    assert!(chats.len() > before);
    for chat in &chats[before..] {
        assert_eq!(chat.json["model"], "other");
    }
}

#[test]
fn a_phase_can_be_done_again() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    std::fs::remove_file(project.root().join("todo.py")).unwrap();
    std::fs::remove_file(project.root().join("test_add.py")).unwrap();
    std::fs::remove_file(project.root().join("test_done.py")).unwrap();
    project.resume_unattended(&["--from", "implement"]).exits(0);
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.of("session_finished").len(), 2);
    assert_eq!(journal.of("phase_entered").len(), 8);
    assert_eq!(journal.tickets().len(), 4);
    assert!(tests_pass(&project, "test_done"));
}

#[test]
fn a_session_can_begin_at_a_later_phase() {
    // Without a plan there is one ticket: the task itself.
    let server = todo_server();
    let project = Project::with(&server);
    project
        .start_unattended(&["--from", "implement", "--until", "implement"])
        .exits(0);
    assert_eq!(project.journal().tickets(), [("T1", "completed")]);
    assert!(tests_pass(&project, "test_add"));

    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Plan)).then(|| {
            let mut plan = todo::document(Form::Plan);
            plan["tickets"] = json!([todo::planned("T1", "test_add")]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&["--from", "plan"]).exits(0);
    assert_eq!(project.journal().tickets(), [("T1", "completed")]);
}

#[test]
fn everything_can_be_done_again_from_the_first_phase() {
    let server = todo_server();
    let project =
        Project::with(&server).answers("storage: A\nsurface: B\napprove-prd: shorter, please\n");
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input", "--until", "prd"])
        .exits(3);
    let guided = || {
        let chats = server.chats().into_iter();
        chats
            .filter(|chat| {
                todo::Asked(chat.json.clone())
                    .last()
                    .contains("shorter, please")
            })
            .count()
    };
    assert_eq!(guided(), 1);
    // Begun again, the same guidance is meant for the new document.
    project.resume_unattended(&["--from", "prd"]).exits(3);
    assert_eq!(guided(), 2);
    let project = project.answers("storage: A\nsurface: B\n");
    project
        .resume_unattended(&["--from", "prd", "--yes", "--until", "refactor"])
        .exits(0);
    project.journal().assert_whole();
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn a_completed_session_is_left_alone() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let path = project.session().join("journal.jsonl");
    let before = std::fs::read(&path).unwrap();
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap();
    project
        .run(&["resume", id, "--no-input"])
        .exits(0)
        .says("is complete");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_person_can_bring_a_check_of_their_own() {
    let server = todo_server();
    let project = Project::with(&server);
    project
        .start_unattended(&["--verify", "test -f todo.py"])
        .exits(0);
    let journal = project.journal();
    let own = journal.of("checked");
    let own = own
        .iter()
        .filter(|line| line["command"] == "test -f todo.py");
    assert!(own.count() >= 2);
    let opening = journal.of("conversation_started");
    assert!(
        opening
            .iter()
            .any(|line| line.to_string().contains("- test -f todo.py"))
    );
}

#[test]
fn the_result_is_started_and_what_it_leaves_behind_is_put_back() {
    let server = todo::server(|asked| {
        (asked.form() == Some(Form::Plan)).then(|| {
            let mut plan = todo::document(Form::Plan);
            plan["run"] = json!(["echo started > left.txt; echo hello from the app"]);
            Says::json(&plan)
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    assert!(!project.root().join("left.txt").exists());
    assert!(
        project
            .artifact("summary.md")
            .contains("hello from the app")
    );
}

#[test]
fn the_models_own_choices_per_phase_are_used() {
    let server = todo_server()
        .model(crate::support::fake_ollama::FakeModel::new("other"))
        .model(crate::support::fake_ollama::FakeModel::new("third"));
    let project = Project::with(&server).variable("LOOP_MODEL", "third");
    project.start_unattended(&["--until", "prd"]).exits(0);
    assert!(
        server
            .chats()
            .iter()
            .all(|chat| chat.json["model"] == "third")
    );

    let server = todo_server().model(crate::support::fake_ollama::FakeModel::new("other"));
    let project =
        Project::with(&server).config("model:\n  name: tiny\n  per_phase:\n    tickets: other\n");
    project.start_unattended(&["--until", "tickets"]).exits(0);
    let models: Vec<Value> = server
        .chats()
        .iter()
        .map(|chat| chat.json["model"].clone())
        .collect();
    assert_eq!(
        models,
        [json!("tiny"), json!("tiny"), json!("tiny"), json!("other")]
    );
}

#[test]
fn guidance_of_the_project_reaches_every_work_phase() {
    let server = todo_server();
    let project = Project::with(&server).file("AGENTS.md", "Indent with four blanks, always.\n");
    project.start_unattended(&[]).exits(0);
    let conversations = project.journal();
    let mut conversations = conversations.of("conversation_started");
    // A critic judges by the ticket's own criteria, and by nothing else.
    conversations.retain(|line| line["purpose"] != "critique");
    for line in &conversations {
        assert!(
            line.to_string().contains("Indent with four blanks"),
            "{}",
            line["phase"]
        );
    }
    assert!(conversations.len() >= 8);
}

#[test]
fn a_secret_goes_to_the_server_and_nowhere_else() {
    const TOKEN: &str = "s3cr3t-t0k3n-that-nobody-may-see";
    let server = todo::server(|asked| {
        (asked.ticket() == Some("T1") && asked.turn() == 1).then(|| {
            Says::call(
                "run_command",
                json!({"command": "env; echo $OLLAMA_AUTHORIZATION; python3 -m unittest test_add"}),
            )
        })
    });
    let project = Project::with(&server)
        .variable("OLLAMA_AUTHORIZATION", &format!("Bearer {TOKEN}"))
        .config("server:\n  headers:\n    Authorization: OLLAMA_AUTHORIZATION\n")
        // A secret that stands in the project must not be written down by us either.
        .file("notes.txt", &format!("the token is {TOKEN}\n"))
        .file("AGENTS.md", &format!("Never use {TOKEN}.\n"));
    let ran = project.start_unattended(&["-v"]).exits(0);
    for chat in server.requests() {
        assert_eq!(
            chat.header("authorization"),
            Some(format!("Bearer {TOKEN}").as_str()),
            "{}",
            chat.path
        );
    }
    let journal = std::fs::read_to_string(project.session().join("journal.jsonl")).unwrap();
    assert!(!journal.contains(TOKEN));
    assert!(!ran.stdout.contains(TOKEN) && !ran.stderr.contains(TOKEN));
    for entry in std::fs::read_dir(project.session().join("artifacts")).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            !std::fs::read_to_string(&path).unwrap().contains(TOKEN),
            "{}",
            path.display()
        );
    }
}
