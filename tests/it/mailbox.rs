//! A person beside a run: answers, words and the wish to stop from another terminal; runs without
//! a terminal of their own.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod answers;
mod blocked;
mod course;
mod detached;
mod full_pipe;
mod kills;
mod kinds;
mod letters;
mod listed;
mod prompts;
mod quiet;
mod races;
mod told;

use std::path::PathBuf;
use std::process::{Child, Stdio};

use loop_orchestration::store::{Watch, Woken};
use serde_json::Value;

use crate::support::journal::Journal;
use crate::support::project::{Project, TASK};

/// A run without a terminal; its id.
pub(crate) fn detach(project: &Project, more: &[&str]) -> String {
    let root = project.root().display().to_string();
    let mut arguments = vec!["start", TASK, "-C", &root, "--detach"];
    arguments.extend(more);
    let ran = project.run(&arguments).exits(0);
    let id = ran.stdout.trim().to_owned();
    assert_eq!(ran.stdout, format!("{id}\n"));
    assert!(project.session().ends_with(&id));
    id
}

/// Waits for the next question; its id.
pub(crate) fn next_ask(project: &Project) -> String {
    let ran = project.run(&["answer", "--wait", "--timeout", "60"]);
    ran.exits(0).stdout.split('\t').nth(1).unwrap().to_owned()
}

/// Answers the questions of the todo model up to this one.
pub(crate) fn answer_up_to(project: &Project, last: &str) {
    loop {
        let ask = next_ask(project);
        if ask == last {
            return;
        }
        let arguments: &[&str] = match ask.as_str() {
            "approve-prd" | "approve-plan" => &["answer", &ask, "--approve"],
            _ => &["answer", &ask, "--option", "A"],
        };
        project.run(arguments).exits(0);
    }
}

/// Waits, woken by the kernel, until the journal of the only session is as wanted.
pub(crate) fn until(project: &Project, wanted: impl Fn(&Journal) -> bool) -> Journal {
    let mut watch = Watch::new();
    watch.add(&project.session());
    loop {
        let path = project.session().join("journal.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let lines = text[..whole].lines();
        let journal = Journal(lines.map(|l| serde_json::from_str(l).unwrap()).collect());
        if wanted(&journal) {
            return journal;
        }
        let patience = Some(std::time::Duration::from_secs(60));
        let woken = watch.wait(patience).unwrap();
        assert_eq!(woken, Woken::Changed, "{:?}", journal.0.last());
    }
}

/// Waits until the session is over.
pub(crate) fn until_over(project: &Project) -> Journal {
    let journal = until(project, |journal| journal.outcome().is_some());
    // The lock goes last.
    project
        .run(&["answer", "--wait", "-s", "-", "--timeout", "60"])
        .exits(1);
    journal
}

/// The answers of a journal: id, words and who sent each.
pub(crate) fn answers(journal: &Journal) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    journal
        .of("answered")
        .into_iter()
        .map(|line| {
            let answer = &line["answer"];
            (
                text(&line["id"]),
                text(&answer["text"]),
                answer["from"].clone(),
            )
        })
        .collect()
}

/// The program in the background, its output for the test.
fn background(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The only process that has the session.
fn pid(project: &Project) -> u32 {
    let lock: PathBuf = project.session().join("lock");
    std::fs::read_to_string(lock)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}
