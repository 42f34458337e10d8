//! A run that writes to a pipe nobody reads stands still. It can be ended all the same, whoever
//! wants to end it is not held up with it, and nothing is lost.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use loop_orchestration::run::post::{Sender, stop_within};
use loop_orchestration::store::{SessionFolder, Sessions, Watch, Woken};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::{Project, TASK};
use crate::support::todo::todo_server;

/// Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pipe that takes nothing more, as long as its other end is neither read nor closed.
fn full_pipe() -> (std::fs::File, std::fs::File) {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    rustix::fs::fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let mut writer = std::fs::File::from(writer);
    while writer.write(&[b' '; 4096]).is_ok() {}
    while writer.write(b" ").is_ok() {}
    rustix::fs::fcntl_setfl(&writer, OFlags::empty()).unwrap();
    (reader.into(), writer)
}

/// The session, once its journal has a line.
fn begun(project: &Project) -> SessionFolder {
    let place = project.loop_home().join("sessions");
    std::fs::create_dir_all(&place).unwrap();
    let mut watch = Watch::new();
    watch.add(&place);
    loop {
        let sessions = project.sessions();
        for session in &sessions {
            watch.add(session);
        }
        let journal = |path: &PathBuf| std::fs::read_to_string(path.join("journal.jsonl"));
        let written = |path: &PathBuf| journal(path).is_ok_and(|text| text.ends_with('\n'));
        if sessions.iter().any(written) {
            let id = sessions[0].file_name().unwrap().to_str().unwrap();
            return Sessions::at(&place).find(id).unwrap();
        }
        assert_eq!(watch.wait(Some(PATIENCE)).unwrap(), Woken::Changed);
    }
}

/// Its exit code; a process that does not end is ended.
fn exit_code(mut process: Child, pid: Pid) -> Option<i32> {
    let (sender, ended) = mpsc::channel();
    let waiting = std::thread::spawn(move || sender.send(process.wait().unwrap()));
    let status = ended.recv_timeout(PATIENCE);
    if status.is_err() {
        kill_process(pid, Signal::KILL).unwrap();
    }
    waiting.join().unwrap().ok();
    status.unwrap().code()
}

#[test]
fn a_run_that_nobody_reads_is_named_by_stop_and_ended_by_the_second_signal() {
    let server = todo_server();
    let project = Project::with(&server);
    let (_unread, writer) = full_pipe();
    let process = project
        .command(&["start", TASK, "--yes", "--no-input", "--json"])
        .stdout(Stdio::from(writer))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let number = process.id();
    let pid = Pid::from_raw(number.try_into().unwrap()).unwrap();
    let folder = begun(&project);
    let sender = Sender {
        name: "a test".to_owned(),
        secrets: Vec::new(),
    };
    let error = stop_within(&folder, &sender, Duration::from_millis(100)).unwrap_err();
    let told = error.to_string();
    assert!(told.contains(&format!("kill -9 {number}")), "{told}");
    assert!(told.contains("loop resume"), "{told}");
    // That was the first signal, which it could not obey.
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(exit_code(process, pid), Some(130));
    project.resume_unattended(&["--yes"]).exits(0);
    project.journal().assert_whole();
}

#[test]
fn a_run_that_its_shell_has_suspended_is_named_as_that() {
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|_| Script::stream().text("Let me ").hang());
    let project = Project::with(&server);
    let process = project
        .command(&["start", TASK, "--yes", "--no-input"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let number = process.id();
    let pid = Pid::from_raw(number.try_into().unwrap()).unwrap();
    let folder = begun(&project);
    kill_process(pid, Signal::STOP).unwrap();
    let sender = Sender {
        name: "a test".to_owned(),
        secrets: Vec::new(),
    };
    let error = stop_within(&folder, &sender, Duration::from_millis(100)).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("Ctrl-Z"), "{told}");
    assert!(told.contains(&format!("kill -CONT {number}")), "{told}");
    assert!(!told.contains("a pipe"), "{told}");
    // Then it does what it was told.
    kill_process(pid, Signal::CONT).unwrap();
    assert_eq!(exit_code(process, pid), Some(130));
}
