//! Runs without a terminal, from the first question to the end.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{answer_up_to, detach, next_ask, pid, until, until_over};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::{Project, TASK};
use crate::support::todo::{self, Asked, Says, todo_server};

/// The script of the documentation, as it stands there.
#[test]
fn the_script_of_the_docs_answers_a_whole_run() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/answers.sh");
    let lines = std::fs::read_to_string(&script).unwrap();
    assert_eq!(lines.lines().count(), 15);
    let server = todo_server();
    let project = Project::with(&server);
    // `loop` is found where programs are looked for.
    let bin = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_loop"), bin.path().join("loop")).unwrap();
    let own = project.command(&[]);
    let mut command = Command::new(script);
    command.arg(TASK).current_dir(project.root()).env_clear();
    for (name, value) in own.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(bin.path().to_owned()).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders).unwrap());
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}\n{errors}");
    assert!(!errors.contains("error:"), "{errors}");
    for ask in ["storage", "surface", "approve-prd", "approve-plan"] {
        assert_eq!(
            told.matches(&format!("asked: {ask}\n")).count(),
            1,
            "{told}"
        );
    }
    assert!(told.contains("2 of 2 tickets done"), "{told}");
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    let answers = super::answers(&journal);
    assert_eq!(answers.len(), 4);
    assert!(
        answers
            .iter()
            .all(|(.., from)| from.as_str().unwrap().starts_with("process "))
    );
}

#[test]
fn what_fails_before_there_is_a_session_is_handed_on() {
    let project = Project::without_server();
    let root = project.root().display().to_string();
    project
        .run(&[
            "start",
            TASK,
            "-C",
            &root,
            "--detach",
            "--no-input",
            "--from",
            "cooking",
        ])
        .exits(5)
        .says("Cannot connect to Ollama");
    let server = todo_server();
    let project = Project::with(&server);
    let ran = project
        .run(&["start", TASK, "--detach", "--from", "cooking"])
        .exits(2)
        .says("there is no phase 'cooking'");
    assert_eq!(ran.stdout, "");
    assert!(project.sessions().is_empty());
    project
        .run(&["resume", "--detach"])
        .exits(2)
        .says("no unfinished session");
    project
        .run(&["start", TASK, "--detach", "--json"])
        .exits(2)
        .says("--json");
}

#[test]
fn it_has_no_terminal_writes_its_log_and_is_the_only_process_of_its_session() {
    let server = todo_server();
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    assert_eq!(next_ask(&project), "storage");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid(&project))).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let (session, terminal) = (fields[3], fields[4]);
    assert_eq!(
        (session, terminal),
        (pid(&project).to_string().as_str(), "0")
    );
    project
        .run(&["resume", &id, "--no-input"])
        .exits(6)
        .says(&id);
    project.run(&["resume", &id, "--detach"]).exits(6).says(&id);
    answer_up_to(&project, "approve-plan");
    project
        .run(&["answer", "approve-plan", "--approve"])
        .exits(0);
    until_over(&project);
    let log = std::fs::read_to_string(project.session().join("run.log")).unwrap();
    assert!(
        log.contains("question storage: Where are todos kept?"),
        "{log}"
    );
    assert!(
        log.contains(&format!("loop answer -s {id} storage")),
        "{log}"
    );
    assert!(log.contains("is complete"), "{log}");
}

#[test]
fn a_stop_ends_it_as_ctrl_c_would_and_a_resume_goes_on_without_a_terminal() {
    let server = todo_server();
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    answer_up_to(&project, "approve-prd");
    project
        .run(&["stop"])
        .exits(0)
        .says(&format!("go on with: loop resume {id}"));
    let journal = project.journal();
    let last = journal.0.last().unwrap();
    assert_eq!(
        (&last["event"], &last["why"]),
        (&Value::from("interrupted"), &Value::from("signal"))
    );
    project.run(&["stop"]).exits(1).says("is not running");
    let shown = project.run(&["sessions", "list"]).exits(0).stdout;
    assert!(shown.contains("stopped"), "{shown}");
    assert!(!shown.contains("interrupted"), "{shown}");
    // The question is still there, and its answer waits for the run.
    project
        .run(&["answer", "approve-prd", "--approve"])
        .exits(0)
        .says(&format!("go on with: loop resume {id}"));
    project.run(&["answer"]).exits(0).says("nothing waits");
    let resumed = project.run(&["resume", "--detach"]).exits(0);
    assert_eq!(resumed.stdout, format!("{id}\n"));
    answer_up_to(&project, "approve-plan");
    project
        .run(&["answer", "approve-plan", "--approve"])
        .exits(0);
    let journal = until_over(&project);
    journal.assert_whole();
    let asked = journal.of("asked").into_iter();
    assert_eq!(
        asked
            .filter(|line| line["ask"]["id"] == "approve-prd")
            .count(),
        1
    );
}

#[test]
fn a_stop_reaches_a_run_that_waits_for_the_model_or_a_command() {
    for command in [false, true] {
        let mut first = true;
        let (seen, saw) = std::sync::mpsc::channel();
        let server = FakeOllama::new()
            .model(FakeModel::new("tiny"))
            .deciding(move |request| {
                let asked = Asked(request.json.clone());
                if asked.ticket() == Some("T1") && std::mem::take(&mut first) {
                    if !command {
                        seen.send(()).unwrap();
                        return Script::stream().text("I think about it").hang();
                    }
                    let call = serde_json::json!({"command": "exec sleep 600"});
                    return Says::call("run_command", call).script(request);
                }
                todo::says(&asked).script(request)
            });
        let project = Project::with(&server);
        detach(&project, &["--yes"]);
        if command {
            until(&project, |journal| {
                journal
                    .of("tool_started")
                    .iter()
                    .any(|line| line["ticket"] == "T1")
            });
        } else {
            saw.recv().unwrap();
        }
        project.run(&["stop"]).exits(0);
        let journal = project.journal();
        assert_eq!(journal.0.last().unwrap()["why"], "signal");
        project.resume_unattended(&["--yes"]).exits(0);
        project.journal().assert_whole();
    }
}

#[test]
fn after_a_crash_the_list_says_interrupted_and_how_to_go_on() {
    let server = todo_server();
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    answer_up_to(&project, "approve-prd");
    let process = rustix::process::Pid::from_raw(pid(&project).try_into().unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    // Until the lock is free: nothing is asked of it any more than what was.
    let mut watch = loop_orchestration::store::Watch::new();
    watch.add(&project.session());
    while loop_orchestration::store::SessionLock::is_held(&project.session()) {
        watch.wait(None).unwrap();
    }
    let list = project.run(&["sessions", "list"]).exits(0);
    assert!(list.stdout.contains("interrupted"), "{}", list.stdout);
    assert!(
        list.stderr.contains(&format!("loop resume {id}")),
        "{}",
        list.stderr
    );
    // The file still names the process: only the lock says whether it lives.
    project.run(&["stop"]).exits(1).says("is not running");
    // Nobody waits for a question of a session that is not running, but it is named.
    let open = project.run(&["answer"]).exits(0).stdout;
    assert!(open.contains("\tapprove-prd\t"), "{open}");
    project
        .run(&["answer", "--wait"])
        .exits(1)
        .says(&format!("{id}/approve-prd"))
        .says("loop resume ID");
}
