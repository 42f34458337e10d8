//! The page about an evening and a morning: its commands are run as they stand there, one after the
//! other, each block from a fresh login, and its pictures are rows of frames that the tests of the live screen keep.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use crate::mailbox::{next_ask, until, until_over};
use crate::support::fake_ollama::{FakeModel, FakeOllama, gate};
use crate::support::project::{Project, Ran};
use crate::support::todo::{self, Asked};
use crate::watch::masked;

const PAGE: &str = include_str!("../../docs/evening-to-morning.md");

/// The blocks of a language, without their fences.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("\n```{language}\n");
    let blocks = PAGE.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

/// What a login of the reader sets up: `loop` on the path.
fn profile(project: &Project) {
    let program = Path::new(env!("CARGO_BIN_EXE_loop")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let text = format!("export PATH='{}:{path}'\n", program.display());
    std::fs::write(project.home().join(".profile"), text).unwrap();
}

/// Runs a line of a block as the reader does, who has logged in and come out in the home folder:
/// where the lines before it have gone to, it goes as well.
fn shell(project: &Project, before: &[&str], line: &str) -> Ran {
    let goes = before.iter().filter(|line| line.contains("cd "));
    let lines: Vec<&str> = goes.copied().chain([line]).collect();
    let mut command = std::process::Command::new("sh");
    let model = project.command(&[]);
    let environment = model
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command
        .env_clear()
        .envs(environment)
        .current_dir(project.home())
        .args(["-l", "-e", "-c", &lines.join("\n")]);
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The question that a line of the page is about.
fn asks(line: &str) -> Option<&str> {
    let ask = line.strip_prefix("loop answer ")?.split(' ').next()?;
    (!ask.is_empty() && !ask.starts_with(['#', '-'])).then_some(ask)
}

#[test]
fn its_commands_make_an_evening() {
    let (open, gate) = gate();
    let mut gate = Some(gate);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            // The work goes on once the last word is told.
            if asked.ticket() == Some("T1")
                && let Some(gate) = gate.take()
            {
                gate.wait();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    profile(&project);
    let mut open = Some(open);
    let blocks = blocks("sh");
    assert!(blocks.concat().lines().count() > 15, "{blocks:?}");
    for block in blocks {
        let lines: Vec<&str> = block.lines().filter(|line| !line.is_empty()).collect();
        for (place, line) in lines.iter().enumerate() {
            // What needs a terminal is printed once.
            let line = match *line {
                "loop watch" => "loop watch --once",
                other => other,
            };
            if let Some(ask) = asks(line) {
                // The page does not tell of every question.
                while let Some(other) = Some(next_ask(&project)).filter(|open| open != ask) {
                    project.run(&["answer", &other, "--option", "A"]).exits(0);
                }
            }
            if line.starts_with("loop tell") {
                until(&project, |journal| !journal.of("ticket_started").is_empty());
            }
            if line.starts_with("loop sessions show") && open.take().is_some() {
                let journal = until_over(&project);
                assert_eq!(journal.of("told").len(), 2);
            }
            let ran = shell(&project, &lines[..place], line);
            assert_eq!(ran.code, Some(0), "{line}\n{}{}", ran.stdout, ran.stderr);
        }
    }
    assert_eq!(project.journal().outcome(), Some("completed"));
}

#[test]
fn its_pictures_are_frames_of_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/watch/snapshots");
    let frames = std::fs::read_dir(folder).unwrap();
    let frames: Vec<String> = frames
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let pictures = blocks("text");
    assert_eq!(pictures.len(), 3);
    for picture in pictures {
        let picture = masked(picture);
        let mut rows = picture.lines().filter(|row| !row.is_empty());
        let first = rows.next().unwrap();
        let rows: Vec<&str> = rows.collect();
        // Some rows may be left out, and none is changed or moved.
        let has_all = |frame: &String| {
            let mut all = frame.lines().skip_while(|row| *row != first).skip(1);
            frame.contains(first) && rows.iter().all(|row| all.any(|other| other == *row))
        };
        assert!(frames.iter().any(has_all), "no frame has\n{picture}");
    }
}
