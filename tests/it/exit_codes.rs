//! Every exit code, and every bad input with words a person can act on.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use loop_orchestration::error::ErrorKind;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::fake_ollama::{FakeModel, FakeOllama, Script, shapes};
use crate::support::project::{Project, Ran, TASK};
use crate::support::todo::{self, Asked, Says, todo_server};

/// The program refuses this with exit code 2, says this, and leaves no session behind.
#[track_caller]
fn refused(project: &Project, arguments: &[&str], says: &str) -> Ran {
    let sessions = project.sessions();
    let ran = project.run(arguments).exits(2).says(says);
    assert_eq!(project.sessions(), sessions, "a session was left behind");
    ran
}

/// The same with a hint what to do.
#[track_caller]
fn refused_with_hint(project: &Project, arguments: &[&str], says: &str) {
    let ran = refused(project, arguments, says);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
}

#[test]
fn the_table_is_the_documented_one() {
    let codes = [
        ErrorKind::Incomplete,
        ErrorKind::Usage,
        ErrorKind::NeedsInput,
        ErrorKind::Limit,
        ErrorKind::Model,
        ErrorKind::Session,
        ErrorKind::Bug,
        ErrorKind::Interrupted,
    ]
    .map(ErrorKind::code);
    assert_eq!(codes, [1, 2, 3, 4, 5, 6, 70, 130]);
}

#[test]
fn tasks_verbs_and_flags_that_cannot_be() {
    let project = Project::without_server();
    refused_with_hint(&project, &[], "say what you want");
    refused_with_hint(&project, &[""], "say what you want");
    refused_with_hint(&project, &["start", ""], "the task is empty");
    refused_with_hint(&project, &["start", "  \n"], "the task is empty");
    refused(&project, &["resum"], "did you mean `loop resume`?");
    refused_with_hint(&project, &["xyzzy"], "'xyzzy' is not a command");
    refused(&project, &["start", TASK, "--frobnicate"], "--frobnicate");
    refused(&project, &["start", TASK, "--num-ctx", "many"], "many");
    refused(
        &project,
        &["start", TASK, "--quiet", "--verbose"],
        "--verbose",
    );
}

#[test]
fn phases_and_sessions_that_are_not_there() {
    let server = todo_server();
    let project = Project::with(&server);
    refused_with_hint(
        &project,
        &["start", TASK, "--no-input", "--from", "cooking"],
        "there is no phase 'cooking'",
    );
    refused_with_hint(
        &project,
        &["start", TASK, "--no-input", "--until", "cooking"],
        "there is no phase 'cooking'",
    );
    refused_with_hint(
        &project,
        &[
            "start",
            TASK,
            "--no-input",
            "--from",
            "implement",
            "--until",
            "prd",
        ],
        "--until prd comes before --from implement",
    );
    refused_with_hint(&project, &["resume"], "no unfinished session");
    refused_with_hint(&project, &["resume", "20200101"], "20200101");
    refused_with_hint(&project, &["--resume", "20200101"], "20200101");
    assert!(server.chats().is_empty());
    project.start_unattended(&["--until", "prd"]).exits(0);
    refused_with_hint(
        &project,
        &["resume", "--from", "cooking", "--no-input"],
        "there is no phase 'cooking'",
    );
    refused_with_hint(&project, &["resume", "nothing-like-it"], "nothing-like-it");
    // A refused resume changes nothing.
    assert!(project.journal().of("resumed").is_empty());
}

#[test]
fn project_folders_that_cannot_be() {
    let server = todo_server();
    let project = Project::with(&server).file("file.txt", "x\n");
    let start = |folder: &str| ["start", TASK, "--no-input", "-C", folder].map(str::to_owned);
    let check = |folder: &str, says: &str| {
        let arguments = start(folder);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        refused_with_hint(&project, &arguments, says);
    };
    check("missing", "does not exist");
    check("file.txt", "is a file, not a project folder");
    check("/", "is no project folder");
    check(&project.home().display().to_string(), "home folder");
    check(
        &project.loop_home().display().to_string(),
        "is no project folder",
    );
    assert!(server.chats().is_empty());
}

#[test]
fn answers_that_cannot_be_read() {
    let server = todo_server();
    let project = Project::with(&server);
    let start = |file: &str| ["start", TASK, "--no-input", "--answers", file].map(str::to_owned);
    let check = |file: &str, says: &str| {
        let arguments = start(file);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        refused_with_hint(&project, &arguments, says);
    };
    check("missing.yaml", "missing.yaml");
    for broken in ["storage: [A\n", "- one\n- two\n", "storage:\n  deep: yes\n"] {
        fs::write(project.root().join("broken.yaml"), broken).unwrap();
        check("broken.yaml", "broken.yaml");
    }
}

#[test]
fn configuration_that_cannot_be() {
    for (yaml, says) in [
        ("model: [\n", "config.yaml"),
        ("modle:\n  name: x\n", "model"),
        ("limits:\n  max_turn: 3\n", "max_turns"),
        ("limits:\n  max_turns: many\n", "max_turns"),
        ("limits:\n  max_turns: 0\n", "max_turns"),
        ("limits:\n  attempts: -1\n", "attempts"),
        ("session:\n  pipeline: nowhere.yaml\n", "nowhere.yaml"),
        (
            "server:\n  headers:\n    Authorization: UNSET_VARIABLE_OF_A_TEST\n",
            "UNSET_VARIABLE_OF_A_TEST",
        ),
    ] {
        let server = todo_server();
        let project = Project::with(&server).config(yaml);
        refused(&project, &["start", TASK, "--no-input"], says);
        assert!(server.chats().is_empty());
    }
    let project = Project::without_server();
    refused_with_hint(
        &project,
        &["start", TASK, "--config", "nowhere.yaml"],
        "nowhere.yaml",
    );
}

#[test]
fn servers_and_models_that_cannot_be_used() {
    let check = |project: &Project, arguments: &[&str], says: &str, hint: &str| {
        let mut all = vec!["start", TASK, "--no-input"];
        all.extend(arguments);
        project.run(&all).exits(5).says(says).says(hint);
        assert!(project.sessions().is_empty());
    };
    let nobody = Project::without_server();
    check(
        &nobody,
        &[],
        "Cannot connect to Ollama at http://127.0.0.1:1. Is it running?",
        "Start with: ollama serve",
    );
    let server = todo_server();
    let project = Project::with(&server);
    check(
        &project,
        &["--model", "absent"],
        "Model 'absent' not found",
        "ollama pull absent",
    );
    let empty = FakeOllama::new();
    check(
        &Project::with(&empty),
        &[],
        "no usable model is installed",
        "ollama pull ",
    );
    let cloud = FakeOllama::new().model(FakeModel::new("big:cloud").remote("https://far.example"));
    check(
        &Project::with(&cloud),
        &["--model", "big:cloud"],
        "cloud",
        "hint: ",
    );
    check(
        &Project::with(&cloud),
        &[],
        "no usable model is installed",
        "ollama pull ",
    );
}

#[test]
fn a_server_that_goes_away_in_the_middle_is_waited_for_and_then_named() {
    let server = todo::server(|_| None);
    let project = Project::with(&server).config("server:\n  wait_minutes: 1\n");
    project.start_unattended(&["--until", "tickets"]).exits(0);
    drop(server);
    project
        .resume_unattended(&[])
        .exits(5)
        .says("Cannot connect to Ollama");
    // A model that vanished needs no waiting.
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            if asked.is_research() {
                shapes::missing()
            } else {
                todo::says(&asked).script(request)
            }
        });
    let project = Project::with(&server);
    let ran = project.start_unattended(&[]).exits(5);
    assert!(ran.stderr.contains("loop resume"), "{}", ran.stderr);
    assert_eq!(project.journal().of("interrupted")[0]["why"], "server_gone");
}

#[test]
fn a_limit_stops_resumably() {
    let server = todo_server();
    let project = Project::with(&server);
    project
        .start_unattended(&["--max-turns", "1"])
        .exits(4)
        .says("1 turns (limits.max_turns)");
    assert_eq!(project.journal().of("interrupted")[0]["why"], "limit");
    project.resume_unattended(&["--max-turns", "9"]).exits(0);
    project.journal().assert_whole();

    let server = todo_server();
    let project = Project::with(&server).config("limits:\n  session_tokens: 100\n");
    project
        .start_unattended(&[])
        .exits(4)
        .says("limits.session_tokens");
}

#[test]
fn turns_run_out_in_a_ticket_block_that_ticket() {
    let server = todo_server();
    let project =
        Project::with(&server).config("limits:\n  max_turns_per_phase:\n    implement: 1\n");
    project.start_unattended(&[]).exits(1);
    assert_eq!(
        project.journal().tickets(),
        [("T1", "blocked"), ("T2", "blocked")]
    );
}

#[test]
fn a_running_session_is_locked_and_an_interrupt_saves_it() {
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            if asked.is_research() {
                Script::stream().text("Let me ").hang()
            } else {
                todo::says(&asked).script(request)
            }
        });
    let project = Project::with(&server);
    let mut running = project.spawn_start();
    // Two looks, three documents of the first phase, a look at the window, the tickets, research.
    while !server
        .chats()
        .iter()
        .any(|chat| Asked(chat.json.clone()).is_research())
    {
        std::thread::yield_now();
    }
    let before = project.journal().0.len();
    project
        .run(&["resume", "--no-input"])
        .exits(6)
        .says("hint: ");
    // Nor may another session begin beside it.
    project
        .start_unattended(&[])
        .exits(6)
        .says("another session works in")
        .says(project.session().file_name().unwrap().to_str().unwrap());
    // Nor in a folder of its project: each would take the other's work back.
    let inner = project.root().join("inner");
    fs::create_dir(&inner).unwrap();
    let inner = inner.display().to_string();
    project
        .run(&["start", TASK, "-C", &inner, "--yes", "--no-input"])
        .exits(6)
        .says("which contains")
        .says(project.session().file_name().unwrap().to_str().unwrap());
    assert!(project.journal().0.len() >= before);
    assert!(project.journal().of("resumed").is_empty());
    let pid = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));
    let journal = project.journal();
    assert_eq!(journal.0.last().unwrap()["why"], "signal");
    journal.assert_whole();
}

#[test]
fn a_session_is_not_resumed_in_another_project() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let id = project.session().file_name().unwrap().to_owned();
    let id = id.to_str().unwrap();
    let other = project.home().join("other");
    fs::create_dir(&other).unwrap();
    let other = other.display().to_string();
    let resume = ["resume", id, "--no-input", "-C"];
    refused_with_hint(&project, &[&resume[..], &[&other]].concat(), "works in");
    refused_with_hint(&project, &[&resume[..], &["missing"]].concat(), "missing");
    assert!(project.journal().of("resumed").is_empty());
    let same = [&resume[..], &[".", "--until", "tickets"]].concat();
    project.run(&same).exits(0);
}

#[test]
fn a_project_folder_that_is_gone_is_named_with_what_to_do() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let id = project.session().file_name().unwrap().to_owned();
    let moved = project.root().with_file_name("moved");
    fs::rename(project.root(), &moved).unwrap();
    let (there, here) = (moved.to_str().unwrap(), project.root());
    let resume = ["resume", id.to_str().unwrap(), "--no-input"];
    for place in [&[][..], &["-C", there], &["-C", here.to_str().unwrap()]] {
        let mut command = project.command(&[&resume[..], place].concat());
        let output = command.current_dir(project.home()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{place:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("project is gone"), "{told}");
        assert!(told.contains("put it back where it was"), "{told}");
        assert!(!told.contains("-C"), "{told}");
    }
    fs::rename(&moved, project.root()).unwrap();
    project.resume_unattended(&["--yes"]).exits(0);
}

#[test]
fn a_project_folder_that_goes_during_a_run_is_named_as_that() {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let root = Arc::clone(&place);
    let server = todo::server(move |asked| {
        (asked.ticket() == Some("T1")).then(|| {
            let root = root.get().unwrap();
            // silent-ok: gone already.
            let _ = fs::rename(root, root.with_file_name("moved"));
            Says::call("run_command", json!({"command": "ls"}))
        })
    });
    let project = Project::with(&server);
    place.set(project.root()).unwrap();
    let ran = project.start_unattended(&[]).exits(1);
    assert!(!ran.stderr.contains("no sandbox"), "{}", ran.stderr);
    ran.says("project is gone").says("put it back where it was");
    fs::rename(project.root().with_file_name("moved"), project.root()).unwrap();
    assert_eq!(project.journal().outcome(), None);
    let shown = project.run(&["sessions", "show"]).exits(0).stdout;
    assert!(shown.contains("begun, not over"), "{shown}");
}

#[test]
fn a_damaged_journal_is_named_by_its_line_and_a_torn_end_is_cut() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "tickets"]).exits(0);
    let path = project.session().join("journal.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("\"storage\"", "\"st0rage\"", 1)).unwrap();
    let ran = project.resume_unattended(&[]).exits(6);
    assert!(ran.stderr.contains("line "), "{}", ran.stderr);
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    project.resume_unattended(&[]).exits(0);
    let journal = project.journal();
    assert_eq!(journal.of("warned").len(), 1);
    journal.assert_whole();
}

#[test]
fn a_session_of_a_later_version_is_not_touched() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let path = project.session().join("journal.jsonl");
    let later = fs::read_to_string(&path)
        .unwrap()
        .replacen("\"schema\":1", "\"schema\":2", 1);
    fs::write(&path, &later).unwrap();
    let folder = project.session();
    let id = folder.file_name().unwrap().to_str().unwrap();
    project.run(&["resume", id, "--no-input"]).exits(6);
    assert_eq!(fs::read_to_string(&path).unwrap(), later);
}

#[test]
fn a_session_folder_that_cannot_be_written_is_named() {
    let server = todo_server();
    // A file stands where the folder should be: that holds for every user.
    let project = Project::with(&server);
    fs::write(project.loop_home().join("sessions"), "in the way\n").unwrap();
    let ran = project.run(&["start", TASK, "--no-input"]).exits(2);
    assert!(ran.stderr.contains("sessions"), "{}", ran.stderr);
    assert!(server.chats().is_empty());
}

#[test]
fn json_lines_are_the_journal() {
    let server = todo_server();
    let project = Project::with(&server);
    let ran = project
        .start_unattended(&["--json", "--until", "prd"])
        .exits(0);
    let journal = fs::read_to_string(project.session().join("journal.jsonl")).unwrap();
    let lines = |text: &str| -> Vec<serde_json::Value> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    assert_eq!(lines(&ran.stdout).len(), lines(&journal).len());
    assert_eq!(lines(&ran.stdout)[0]["event"], json!("session_started"));
}

#[test]
fn a_reader_that_has_gone_away_changes_no_exit_code() {
    let server = todo_server();
    let project = Project::with(&server).answers("storage: a JSON file\n");
    let answers = project.answers_file();
    let unattended = [
        "start",
        TASK,
        "--yes",
        "--no-input",
        "--answers",
        answers.to_str().unwrap(),
    ];
    let bare: &[&str] = &["answer"];
    for (arguments, code) in [
        (bare, 0),
        (&["answer", "nope", "hi"], 2),
        (&["sessions", "list"], 0),
        (&["resum"], 2),
        (&unattended, 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = project.command(arguments);
        let output = command.stderr(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}
