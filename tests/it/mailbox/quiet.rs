//! Who waits costs nothing: no time of a processor, no wake-up, no request.

use std::fs;

use super::{background, detach, next_ask, pid};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::todo_server;

/// What a process has used: clock ticks, and how often it was woken, of all its threads.
fn used(pid: u32) -> (u64, u64) {
    let mut ticks = 0;
    let mut wakes = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let task = task.unwrap().path();
        let stat = fs::read_to_string(task.join("stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        ticks += fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let status = fs::read_to_string(task.join("status")).unwrap();
        let switches = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        wakes += switches.unwrap().trim().parse::<u64>().unwrap();
    }
    (ticks, wakes)
}

/// Something else that takes its time.
fn meanwhile() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
}

/// Waits until a process sleeps: what it did before it began to wait is none of its waiting.
fn asleep(pid: u32) {
    let is_asleep = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('S')
    };
    let mut before = used(pid);
    loop {
        meanwhile();
        let now = used(pid);
        if now == before && is_asleep() {
            return;
        }
        before = now;
    }
}

#[test]
fn a_run_that_waits_for_an_answer_sleeps_and_asks_nothing_of_the_model() {
    let server = todo_server();
    let project = Project::with(&server);
    detach(&project, &[]);
    assert_eq!(next_ask(&project), "storage");
    let run = pid(&project);
    asleep(run);
    let (before, requests) = (used(run), server.requests().len());
    meanwhile();
    assert_eq!(used(run), before);
    assert_eq!(server.requests().len(), requests);
    // The server lets the model go by itself: that was said with the last request.
    let last = server.chats().pop().unwrap();
    assert_eq!(last.json["keep_alive"], "30m");
    project.run(&["stop"]).exits(0);
}

#[test]
fn who_waits_for_a_question_sleeps() {
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|_| Script::silence());
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    let waiting = background(&project, &["answer", "--wait", "-s", &id]);
    let all = background(&project, &["answer", "--wait"]);
    for process in [&waiting, &all] {
        asleep(process.id());
    }
    let before = [used(waiting.id()), used(all.id())];
    meanwhile();
    assert_eq!([used(waiting.id()), used(all.id())], before);
    // They wake up by themselves when the run is over.
    project.run(&["stop"]).exits(0);
    for process in [waiting, all] {
        assert_eq!(process.wait_with_output().unwrap().status.code(), Some(1));
    }
}
