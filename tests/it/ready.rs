//! The launcher that is kept ready for the next command: there while the model thinks, done without
//! where it is gone, and gone with the run.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::project::Project;
use crate::support::todo::{self, Asked, Says};

/// How many commands are run before the work.
const COMMANDS: usize = 3;

/// Looks until there is something to see.
#[track_caller]
fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::yield_now();
    }
    panic!("it did not come")
}

/// State and parent of a process, if it is there.
fn process(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// A launcher that this run has started and that sleeps.
fn launcher_of(run: u32) -> Option<u32> {
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        process(*pid) == Some(('S', run)) && words.starts_with(b"loop\0__sandbox")
    })
}

/// The conversation as if the model had begun with its work at once.
fn without_commands(asked: &Asked) -> Asked {
    let mut later = asked.clone();
    let mut left = COMMANDS;
    let messages = later.0["messages"].as_array_mut().unwrap();
    messages.retain(|message| {
        let goes = left > 0 && message["role"] == "assistant";
        left -= usize::from(goes);
        !goes
    });
    later
}

#[test]
fn a_launcher_waits_for_the_next_command_and_is_gone_with_the_run() {
    let (told, pid) = channel();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let mut run = None;
    let server = todo::server(move |asked| {
        if asked.ticket() != Some("T1") || asked.form().is_some() {
            return None;
        }
        if asked.turn() >= COMMANDS {
            return Some(todo::says(&without_commands(asked)));
        }
        let run = *run.get_or_insert_with(|| pid.recv().unwrap());
        if asked.turn() > 0 {
            let launcher = wait_for(|| launcher_of(run));
            noted.lock().unwrap().push(launcher);
            if asked.turn() == 1 {
                let pid = Pid::from_raw(launcher.cast_signed()).unwrap();
                kill_process(pid, Signal::KILL).unwrap();
                wait_for(|| {
                    (process(launcher).is_none_or(|(state, _)| state == 'Z')).then_some(())
                });
            }
        }
        let line = format!("echo command {}", asked.turn());
        Some(Says::call("run_command", json!({ "command": line })))
    });
    let project = Project::with(&server);
    let mut child = project.spawn_start();
    told.send(child.id()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let journal = project.journal();
    let texts: Vec<&str> = journal
        .of("tool_finished")
        .into_iter()
        .filter_map(|line| line["result"]["text"].as_str())
        .collect();
    for n in 0..COMMANDS {
        let output = format!("command {n}");
        assert!(
            texts.iter().any(|text| text.contains(&output)),
            "{output}: {texts:?}"
        );
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_ne!(
        seen[0], seen[1],
        "another one after the one that was killed"
    );
    for launcher in seen.iter() {
        assert_eq!(process(*launcher), None, "it stayed");
    }
}
