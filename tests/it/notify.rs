//! The person's own commands for when they are wanted: what they are told, that none runs twice,
//! and that no run waits for one.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use rexpect::process::Signal;
use serde_json::{Value, json};

use crate::support::project::{Project, TASK};
use crate::support::pty::Program;
use crate::support::todo::{self, Form, Says, todo_server};

/// A configuration with these commands.
fn commands(lines: &[(&str, &str)]) -> String {
    let commands: serde_json::Map<String, Value> = lines
        .iter()
        .map(|(on, line)| ((*on).to_owned(), json!(line)))
        .collect();
    json!({"notify": {"commands": commands}}).to_string()
}

/// The states of the commands as journaled, in order.
fn states(project: &Project) -> Vec<(String, String)> {
    let journal = project.journal();
    let notes = journal.of("note").into_iter();
    let hooks = notes.filter(|note| note["kind"] == "hook");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    hooks
        .map(|note| (text(&note["data"]["on"]), text(&note["data"]["state"])))
        .collect()
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Keeps what the command is told, as JSON and as variables.
const KEEP: &str =
    "cat > \"$HOME/$LOOP_EVENT.json\"; env | grep ^LOOP_ | sort > \"$HOME/$LOOP_EVENT\"";

#[test]
fn a_command_gets_the_facts_as_variables_and_as_json() {
    let server = todo_server();
    let project = Project::with(&server)
        .answers("storage: A\nsurface: A\n")
        .config(&commands(&[("asked", KEEP), ("finished", KEEP)]));
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap().to_owned();
    let root = project.root().canonicalize().unwrap();
    let asked = json!({
        "event": "asked", "session": id, "project": root, "task": TASK, "phase": "prd",
        "ask": "approve-prd", "text": "Is this what you want?",
    });
    assert_eq!(json_of(&project.home().join("asked.json")), asked);
    let variables = fs::read_to_string(project.home().join("asked")).unwrap();
    for line in [
        "LOOP_ASK=approve-prd\n",
        "LOOP_EVENT=asked\n",
        "LOOP_PHASE=prd\n",
        "LOOP_TASK=Build a todo app in Python\n",
        "LOOP_TEXT=Is this what you want?\n",
        &format!("LOOP_SESSION={id}\n"),
    ] {
        assert!(variables.contains(line), "{line} is not in {variables}");
    }
    // What waited and was answered by a file calls nobody; nor does the rest of the run.
    let project = project.answers("approve-prd: yes\napprove-plan: yes\n");
    project.resume_unattended(&[]).exits(0);
    let finished = json_of(&project.home().join("finished.json"));
    assert_eq!(finished["event"], "finished");
    assert_eq!(finished["outcome"], "completed");
    let expected = ["asked", "finished"].map(|on| {
        let both = ["started", "ended"];
        both.map(|state| (on.to_owned(), state.to_owned()))
    });
    assert_eq!(states(&project), expected.concat());
    project.journal().assert_whole();
}

#[test]
fn a_blocked_ticket_calls() {
    let server = todo::server(|asked| {
        let never = asked.ticket() == Some("T1");
        never.then(|| Says::text("Nothing to do.\n[TASK_COMPLETE]"))
    });
    let project = Project::with(&server).config(&commands(&[("blocked", KEEP)]));
    project.start_unattended(&[]).exits(1);
    let blocked = json_of(&project.home().join("blocked.json"));
    assert_eq!(
        (&blocked["outcome"], &blocked["phase"]),
        (&json!("blocked"), &json!("implement"))
    );
    let text = blocked["text"].as_str().unwrap();
    assert!(text.contains(" is blocked: "), "{text}");
}

#[test]
fn a_limit_calls_as_blocked() {
    let server = todo_server();
    let config = json!({
        "limits": {"session_tokens": 10},
        "notify": {"commands": {"blocked": KEEP}},
    });
    let project = Project::with(&server).config(&config.to_string());
    project.start_unattended(&[]).exits(4);
    let blocked = json_of(&project.home().join("blocked.json"));
    assert_eq!(blocked["outcome"], "limit");
}

#[test]
fn questions_in_a_row_are_one_call_and_a_kill_makes_no_second_one() {
    let server = todo_server();
    let calls = "echo \"$LOOP_ASK\" >> \"$HOME/calls\"";
    let project = Project::with(&server).config(&commands(&[("asked", calls)]));
    let called = project.home().join("calls");
    let lines = || fs::read_to_string(&called).unwrap_or_default();
    let mut program = Program::start(&project.command(&[TASK]), 80, 24);
    for question in ["Where are todos kept?", "Command line or web?"] {
        program.console.wait_for(question);
        program.console.wait_for("> ");
        program.console.send("A\r");
    }
    program.console.wait_for("Is this what you want?");
    program.console.wait_for("> ");
    while lines().lines().count() < 2 {
        std::thread::yield_now();
    }
    program.signal(Signal::SIGKILL);
    program.wait();
    let mut program = Program::start(&project.command(&["resume"]), 80, 24);
    for question in ["Is this what you want?", "Is this the plan?"] {
        program.console.wait_for(question);
        program.console.wait_for("> ");
        program.console.send("a\r");
    }
    program.console.wait_for("is complete");
    assert_eq!(program.wait(), 0);
    assert_eq!(lines(), "storage\napprove-prd\napprove-plan\n");
}

#[test]
fn the_run_goes_on_beside_a_command() {
    let server = todo_server();
    // It ends well only if the run gets to its first file meanwhile.
    let waits = "until [ -e \"$LOOP_PROJECT/todo.py\" ]; do sleep 0.05; done; touch \"$HOME/seen\"";
    let config = json!({"notify": {"commands": {"asked": waits}, "timeout_seconds": 600}});
    let project = Project::with(&server).config(&config.to_string());
    let mut program = Program::start(&project.command(&[TASK, "--yes"]), 80, 24);
    for question in ["Where are todos kept?", "Command line or web?"] {
        program.console.wait_for(question);
        program.console.wait_for("> ");
        program.console.send("A\r");
    }
    program.console.wait_for("is complete");
    assert_eq!(program.wait(), 0);
    assert!(project.home().join("seen").exists());
    assert!(project.journal().of("warned").is_empty());
}

#[test]
fn a_command_that_does_not_end_is_ended() {
    let server = todo_server();
    let config =
        json!({"notify": {"commands": {"finished": "exec sleep 600"}, "timeout_seconds": 1}});
    let project = Project::with(&server).config(&config.to_string());
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let warned = journal.of("warned");
    let text = warned.last().unwrap()["text"].as_str().unwrap();
    assert!(text.contains("it took more than 1 s"), "{text}");
    assert_eq!(journal.outcome(), Some("completed"));
    // The session is over for whoever lists it, whatever was written down after its end.
    let listed = project.run(&["sessions", "list", "--json"]).exits(0);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed[0]["state"], "completed", "{listed}");
}

#[test]
fn ctrl_c_waits_for_no_command() {
    let server = todo_server();
    let config =
        json!({"notify": {"commands": {"asked": "exec sleep 600"}, "timeout_seconds": 600}});
    let project = Project::with(&server).config(&config.to_string());
    let mut program = Program::start(&project.command(&[TASK]), 80, 24);
    program.console.wait_for("Where are todos kept?");
    program.console.wait_for("> ");
    program.console.send("\x03");
    program.console.wait_for("hint: go on with: loop resume ");
    assert_eq!(program.wait(), 130);
    assert_eq!(
        states(&project),
        [("asked".to_owned(), "started".to_owned())]
    );
}

#[test]
fn a_command_that_fails_is_told_once() {
    let server = todo::server(|asked| {
        let never = asked.ticket().is_some();
        never.then(|| Says::text("Nothing to do.\n[TASK_COMPLETE]"))
    });
    let fails = "echo 'no way to https://push.example.net/k3y-4711'; echo 'no way out of k3y-4711' >&2; exit 7";
    let project =
        Project::with(&server).config(&commands(&[("blocked", fails), ("finished", fails)]));
    let ran = project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    let about = |line: &&&Value| line["text"].as_str().unwrap().contains("exit 7");
    let warned = journal.of("warned");
    assert_eq!(warned.iter().filter(about).count(), 1, "{warned:?}");
    let text = warned.iter().find(about).unwrap()["text"].as_str().unwrap();
    assert!(text.contains("run it by hand"), "{text}");
    let notes = journal.of("note");
    assert!(notes.iter().filter(about).count() >= 2, "{notes:?}");
    // Its own words are nowhere: they may name an address, which is often a key.
    let shared = project.run(&["sessions", "export"]).exits(0).stdout;
    let kept = fs::read_to_string(project.session().join("journal.jsonl")).unwrap();
    for text in [shared, kept, ran.stderr] {
        assert!(text.contains("exit 7"));
        assert!(
            !text.contains("k3y-4711") && !text.contains("no way"),
            "{text}"
        );
    }
}

#[test]
fn neither_a_key_of_the_project_nor_the_command_itself_gets_out() {
    let mut first = true;
    let server = todo::server(move |asked| {
        let now = asked.form() == Some(Form::Questions) && std::mem::take(&mut first);
        now.then(|| {
            Says::json(&json!({"simple": false, "questions": [
                {"id": "key", "text": "Is hunter2-secret the key?", "options": [], "why": "it stands there"},
            ]}))
        })
    });
    let keeps = format!("{KEEP}; : topic-4711");
    let project = Project::with(&server)
        .file(".env", "API_KEY=hunter2-secret\n")
        .config(&commands(&[("asked", &keeps)]));
    project.start(&["--no-input"]).exits(3);
    let asked = fs::read_to_string(project.home().join("asked.json")).unwrap();
    assert!(asked.contains("Is [redacted:API_KEY] the key?"), "{asked}");
    assert!(!asked.contains("hunter2"), "{asked}");
    let journal = fs::read_to_string(project.session().join("journal.jsonl")).unwrap();
    assert!(!journal.contains("topic-4711"));
    assert!(journal.contains("(kept in the file)"));
}

#[test]
fn a_project_names_no_commands() {
    let server = todo_server();
    let command = "touch \"$LOOP_PROJECT/ran\"";
    let config = commands(&[("asked", command), ("finished", command)]);
    let mut project = Project::with(&server);
    for name in [
        "config.yaml",
        ".loop/config.yaml",
        ".loop/notify.yaml",
        "loop.yaml",
    ] {
        project = project.file(name, &config);
    }
    project.start_unattended(&["--trust-project"]).exits(0);
    assert!(!project.root().join("ran").exists());
    assert!(states(&project).is_empty());
}

#[test]
fn an_unknown_occasion_and_an_empty_command_are_refused() {
    let server = todo_server();
    for (on, line, said) in [
        (
            "done",
            "true",
            "notify.commands: expected a command for any of asked, blocked and finished",
        ),
        ("asked", " ", "notify.commands: has an empty command"),
    ] {
        let project = Project::with(&server).config(&commands(&[(on, line)]));
        project.start_unattended(&[]).exits(2).says(said);
    }
}
