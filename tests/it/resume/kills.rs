//! The real program, killed again and again at moments that a seed chooses.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::support::project::Project;
use crate::support::todo::{self, todo_server};

/// A row of numbers that is the same every time.
struct Row(u64);

impl Row {
    fn next(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }
}

fn journal_bytes(project: &Project) -> u64 {
    let sessions = project.sessions();
    let length = sessions
        .first()
        .and_then(|folder| fs::metadata(folder.join("journal.jsonl")).ok());
    length.map_or(0, |file| file.len())
}

/// Starts or resumes, and kills when the journal has grown by so much. False: it was over before.
fn killed(project: &Project, growth: u64) -> bool {
    let before = journal_bytes(project);
    let mut running = if before == 0 {
        project.spawn_start()
    } else {
        let answers = project.answers_file().display().to_string();
        project.spawn(&["resume", "--answers", &answers, "--yes", "--no-input"])
    };
    loop {
        if running.try_wait().unwrap().is_some() {
            return false;
        }
        if journal_bytes(project) > before + growth {
            running.kill().unwrap();
            running.wait().unwrap();
            return true;
        }
        std::thread::park_timeout(Duration::from_micros(300));
    }
}

/// The session came to the end that it would have come to without a kill.
fn check(project: &Project) {
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
    assert_eq!(
        project.read("todo.py"),
        todo::CODE.replacen("import json", "\"\"\"Todos.\"\"\"\nimport json", 1)
    );
    let runs = fs::read_to_string(project.root().join("runs.log")).unwrap_or_default();
    for ticket in ["T1", "T2"] {
        let times = runs.lines().filter(|line| *line == ticket).count();
        assert!(times <= 1, "the command of {ticket} ran {times} times");
    }
    let mut python = Command::new("python3");
    python
        .args(["-m", "unittest", "test_add", "test_done"])
        .current_dir(project.root());
    assert!(python.output().unwrap().status.success());
}

#[test]
fn twenty_five_kills_lose_nothing_and_repeat_nothing() {
    let mut row = Row(2026);
    let mut kills = 0;
    while kills < 25 {
        let server = todo_server();
        let project = Project::with(&server);
        let mut here = 0;
        while kills < 25 && killed(&project, row.next(9_000)) {
            kills += 1;
            here += 1;
        }
        if project.sessions().is_empty() {
            // Killed before there was a session: then nothing is left of it.
            project.start_unattended(&[]).exits(0);
        } else if project.journal().outcome().is_none() {
            project.resume_unattended(&["--yes"]).exits(0);
        }
        check(&project);
        assert!(here > 0, "the program is never caught at work");
    }
}
