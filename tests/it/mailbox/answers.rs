//! `loop answer`: what is listed, what is refused, and how one waits.

use loop_orchestration::run::listening::{Heard, Listener, Scope};
use loop_orchestration::store::Sessions;
use serde_json::{Value, json};

use super::{answer_up_to, answers, background, detach, next_ask, until, until_over};
use crate::support::project::{Project, TASK};
use crate::support::todo::{self, Says, todo_server};

/// A session that stopped at its first question.
fn stopped_at_the_interview(project: &Project) {
    project.run(&["start", TASK, "--no-input"]).exits(3);
}

fn listed(project: &Project) -> Vec<Value> {
    let ran = project.run(&["answer", "--json"]).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_bare_answer_lists_what_is_open() {
    let server = todo_server();
    let project = Project::with(&server);
    project
        .run(&["answer"])
        .exits(0)
        .says("nothing waits for an answer");
    assert_eq!(listed(&project), Vec::<Value>::new());
    stopped_at_the_interview(&project);
    let ran = project.run(&["answer"]).exits(0);
    let id = project
        .session()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    assert_eq!(
        ran.stdout,
        format!("{id}\tstorage\tWhere are todos kept?\n")
    );
    let [ask] = &listed(&project)[..] else {
        panic!("one question")
    };
    let seq = project.journal().of("asked")[0]["seq"].clone();
    assert_eq!(
        (
            &ask["session"],
            &ask["ask"],
            &ask["seq"],
            &ask["kind"],
            &ask["waits"],
            &ask["running"]
        ),
        (
            &json!(id),
            &json!("storage"),
            &seq,
            &json!("interview"),
            &json!("run"),
            &json!(false)
        )
    );
    assert_eq!(ask["options"], json!(["a JSON file", "memory"]));
    let shown = project
        .run(&["answer", "storage"])
        .exits(0)
        .says("--option A");
    assert!(shown.stdout.contains("B) memory"), "{}", shown.stdout);
}

#[test]
fn an_answer_to_a_stopped_session_is_taken_when_it_goes_on() {
    let server = todo_server();
    let project = Project::with(&server);
    stopped_at_the_interview(&project);
    project
        .run(&["answer", "storage", "B, but only for a day"])
        .exits(0)
        .says("go on with: loop resume");
    let late = project
        .run(&["answer", "storage", "--option", "A"])
        .exits(1);
    assert!(
        late.stderr.contains("was answered already by process "),
        "{}",
        late.stderr
    );
    project.run(&["resume", "--no-input"]).exits(3);
    let journal = project.journal();
    let [(id, text, from)] = &answers(&journal)[..] else {
        panic!("{:?}", answers(&journal))
    };
    assert_eq!(
        (id.as_str(), text.as_str()),
        ("storage", "memory, but only for a day")
    );
    assert!(from.as_str().unwrap().starts_with("process "));
    // What was answered is gone, and it is said by whom.
    let gone = project
        .run(&["answer", "storage", "--option", "A"])
        .exits(1);
    assert!(
        gone.stderr
            .contains("is not open any more: it was answered by process "),
        "{}",
        gone.stderr
    );
}

#[test]
fn an_answer_is_printed_as_data() {
    let server = todo_server();
    let project = Project::with(&server);
    stopped_at_the_interview(&project);
    let ran = project.run(&["answer", "storage", "--option", "A", "--json"]);
    let value: Value = serde_json::from_str(&ran.exits(0).stdout).unwrap();
    assert_eq!(
        (&value["ask"], &value["answer"]["option"]),
        (&json!("storage"), &json!("A"))
    );
}

#[test]
fn what_a_file_answers_is_never_open_and_who_waits_is_listed() {
    let server = todo_server();
    let project = Project::with(&server);
    let file = project.root().join("answers.yaml");
    std::fs::write(&file, "storage: A\nsurface: B\n").unwrap();
    detach(&project, &["--answers", &file.display().to_string()]);
    assert_eq!(next_ask(&project), "approve-prd");
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.of("answered").len(), 2);
    assert!(
        journal
            .of("answered")
            .iter()
            .all(|line| line["answer"]["answered_by"] == "file")
    );
    let list = project.run(&["sessions", "list"]).exits(0).stdout;
    assert!(list.contains("waits for you"), "{list}");
    let list = project.run(&["sessions", "list", "--json"]).exits(0).stdout;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list[0]["state"], "waiting");
    project.run(&["stop"]).exits(0);
}

#[test]
fn what_fits_no_question_is_refused() {
    let server = todo_server();
    let project = Project::with(&server);
    stopped_at_the_interview(&project);
    for (arguments, says) in [
        (&["answer", "nothing", "x"][..], "no session asks 'nothing'"),
        (
            &["answer", "-s", "-", "nothing", "x"],
            "has no question 'nothing'",
        ),
        (
            &["answer", "-s", "2020", "storage", "x"],
            "no session matches",
        ),
        (&["answer", "storage", "--option", "Z"], "has no option Z"),
        (
            &["answer", "storage", "--approve"],
            "--approve does not answer it",
        ),
        (
            &["answer", "storage", "x", "--option", "A"],
            "more than one answer",
        ),
        (&["answer", "storage", " "], "the answer is empty"),
        (
            &["answer", "storage@soon", "x"],
            "is not the number of a line",
        ),
        (
            &["answer", "--wait", "--timeout", "soon"],
            "is no time to wait",
        ),
    ] {
        let ran = project.run(arguments).exits(2).says(says);
        assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    }
    assert!(project.run(&["answer"]).stdout.contains("storage"));
    // Another line's question of that name.
    project
        .run(&["answer", "storage@1", "x"])
        .exits(1)
        .says("asked again since");
}

#[test]
fn the_same_question_in_two_sessions_needs_the_session() {
    let server = todo_server();
    let project = Project::with(&server);
    stopped_at_the_interview(&project);
    stopped_at_the_interview(&project);
    let ids: Vec<String> = project
        .sessions()
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let ran = project
        .run(&["answer", "storage", "A"])
        .exits(2)
        .says("2 sessions ask storage");
    assert!(
        ids.iter()
            .all(|id| ran.stderr.contains(&format!("{id}/storage")))
    );
    project
        .run(&["answer", &format!("{}/storage", ids[0]), "A"])
        .exits(0);
    project
        .run(&["answer", "-s", &ids[1], "storage", "A"])
        .exits(0);
    assert_eq!(listed(&project), Vec::<Value>::new());
}

#[test]
fn an_approval_of_a_document_that_has_changed_is_refused() {
    let server = todo_server();
    let project = Project::with(&server);
    detach(&project, &[]);
    answer_up_to(&project, "approve-prd");
    let shown = project.run(&["answer", "approve-prd"]).exits(0);
    assert!(shown.stdout.contains("Add a todo."), "{}", shown.stdout);
    let seq = listed(&project)[0]["seq"].as_u64().unwrap();
    // Sent back: it is written anew, and asked about anew.
    project
        .run(&["answer", "approve-prd", "--reject", "only one feature"])
        .exits(0);
    until(&project, |journal| {
        let asked = journal.of("asked").into_iter();
        asked
            .filter(|line| line["ask"]["id"] == "approve-prd")
            .count()
            == 2
    });
    let about_the_old = format!("approve-prd@{seq}");
    project
        .run(&["answer", &about_the_old, "--approve"])
        .exits(1)
        .says("asked again since");
    // Changed on the disk behind the program's back.
    let file = project.session().join("artifacts/prd.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Todo", "Something else")).unwrap();
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(1)
        .says("was changed on the disk");
    std::fs::write(&file, text).unwrap();
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    answer_up_to(&project, "approve-plan");
    project.run(&["answer", "approve-plan", "yes"]).exits(0);
    let journal = until_over(&project);
    assert!(server.chats().iter().any(|chat| {
        todo::Asked(chat.json.clone())
            .last()
            .contains("only one feature")
    }));
    assert_eq!(journal.outcome(), Some("completed"));
}

#[test]
fn an_approval_that_the_run_cannot_take_is_moved_aside_and_another_counts() {
    let server = todo_server();
    let project = Project::with(&server).answers("storage: A\nsurface: A\n");
    let file = project.answers_file().display().to_string();
    project.start(&["--answers", &file, "--no-input"]).exits(3);
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    let prd = project.session().join("artifacts/prd.json");
    let text = std::fs::read_to_string(&prd).unwrap();
    std::fs::write(&prd, "{}").unwrap();
    project.run(&["resume", "--no-input"]).exits(3);
    let journal = project.journal();
    assert!(journal.says("does not count: prd.json was changed on the disk"));
    assert_eq!(answers(&journal).len(), 2);
    std::fs::write(&prd, text).unwrap();
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0);
    project
        .run(&["resume", "--no-input"])
        .exits(3)
        .says("approve-plan");
    let inbox = std::fs::read_dir(project.session().join("inbox")).unwrap();
    let names = inbox.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    assert_eq!(names.filter(|name| name.starts_with("refused-")).count(), 1);
}

#[test]
fn waiting_ends_with_a_question_the_end_or_the_time() {
    let server = todo_server();
    let project = Project::with(&server);
    project
        .run(&["answer", "--wait"])
        .exits(1)
        .says("no session is running");
    let id = detach(&project, &[]);
    answer_up_to(&project, "approve-plan");
    let one = project
        .run(&["answer", "--wait", "-s", &id, "--json"])
        .exits(0);
    let one: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["ask"], "approve-plan");
    // One that is answered is waited for no more.
    let waiting = background(&project, &["answer", "--wait", "-s", &id]);
    drop(waiting.wait_with_output().unwrap());
    project
        .run(&["answer", "approve-plan", "--approve"])
        .exits(0);
    project
        .run(&["answer", "--wait", "-s", &id])
        .exits(1)
        .says("is not running and asks nothing");
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn what_a_dead_session_has_left_open_is_named_and_does_not_end_the_waiting() {
    let server = todo_server();
    let silent = crate::support::fake_ollama::FakeOllama::new()
        .model(crate::support::fake_ollama::FakeModel::new("tiny"))
        .deciding(|_| crate::support::fake_ollama::Script::silence());
    let project = Project::with(&server);
    stopped_at_the_interview(&project);
    let dead = project.session().file_name().unwrap().to_owned();
    let left = format!("{}/storage", dead.to_string_lossy());
    let sessions = Sessions::at(project.session().parent().unwrap());
    // Another one works, and asks nothing.
    let elsewhere = project.root().parent().unwrap().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let ollama = silent.url();
    let elsewhere = elsewhere.display().to_string();
    let id = project
        .run(&[
            "start", "Sort", "-C", &elsewhere, "--detach", "--host", &ollama,
        ])
        .exits(0)
        .stdout;
    let id = id.trim();
    let mut listener = Listener::new(Scope::All(sessions));
    assert!(matches!(listener.look().unwrap(), Heard::Nothing));
    assert_eq!(listener.left().len(), 1);
    let waited = project
        .run(&["answer", "--wait", "--timeout", "0"])
        .exits(4);
    assert_eq!(waited.stderr.matches(&left).count(), 1, "{}", waited.stderr);
    // Once that session goes on, its question is one like any other.
    project
        .run(&["resume", &dead.to_string_lossy(), "--detach"])
        .exits(0);
    let Heard::Question(question) = listener.look().unwrap() else {
        panic!("nothing is heard of a session that runs");
    };
    assert_eq!(question.open.ask.id.0, "storage");
    for id in [id, &dead.to_string_lossy()] {
        project.run(&["stop", "-s", id]).exits(0);
    }
    // What was open before is left as it was.
    assert!(matches!(listener.look().unwrap(), Heard::Nobody));
}

#[test]
fn time_runs_out_while_the_model_works() {
    let server = crate::support::fake_ollama::FakeOllama::new()
        .model(crate::support::fake_ollama::FakeModel::new("tiny"))
        .deciding(|_| crate::support::fake_ollama::Script::silence());
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    project
        .run(&["answer", "--wait", "-s", &id, "--timeout", "0"])
        .exits(4);
    project.run(&["stop"]).exits(0);
}

/// Every sort of question goes this way: of the model, about a command.
#[test]
fn the_model_and_suspicious_commands_are_answered_from_elsewhere_as_well() {
    let server = todo::server(|asked| {
        (asked.ticket() == Some("T1") && asked.turn() < 2).then(|| match asked.turn() {
            0 => Says::call(
                "ask_user",
                json!({"question": "Tabs or blanks?", "options": ["tabs", "blanks"]}),
            ),
            _ => Says::call("run_command", json!({"command": "git push"})),
        })
    });
    let project = Project::with(&server);
    detach(&project, &["--sandbox", "off"]);
    let mut asked = Vec::new();
    loop {
        let ask = next_ask(&project);
        let arguments: &[&str] = match ask.as_str() {
            ask if ask.starts_with("approve") => &["--approve"],
            ask if ask.starts_with("allow") => &["--reject", "never"],
            _ => &["B"],
        };
        let mut all = vec!["answer", ask.as_str()];
        all.extend(arguments);
        project.run(&all).exits(0);
        let is_last = ask.starts_with("allow");
        asked.push(ask);
        if is_last {
            break;
        }
    }
    assert!(asked.iter().any(|ask| ask.starts_with("ask-")), "{asked:?}");
    let journal = until(&project, |journal| journal.says("They said: never"));
    assert!(
        journal
            .of("tool_finished")
            .iter()
            .any(|line| line["result"]["text"] == "blanks")
    );
    project.run(&["stop"]).exits(0);
}
