//! A session with a blocked ticket, and one that compares attempts, killed after any line and
//! resumed: the same tickets end the same way, with the same files.

use std::fs;

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::run::Ending;

use super::scenes::{NOTE, several, stuck};
use crate::resume::stage::{Content, Stage};

/// The project without the trace that commands leave.
fn code(stage: &Stage) -> Content {
    let project = stage.project();
    let mut content = stage.content();
    content.retain(|path, _| path.starts_with(&project) && !path.ends_with("runs.log"));
    content
}

/// The first line with this event, counted from 0.
fn first_of(lines: &[&[u8]], event: &str) -> usize {
    let event = format!("\"event\":\"{event}\"");
    let has_it = |line: &&[u8]| String::from_utf8_lossy(line).contains(&event);
    lines.iter().position(has_it).unwrap()
}

/// Plays the story to its end, then again from every line of its work on tickets.
fn every_prefix_ends_alike(stage: &Stage, expected: &[(&str, &str)]) {
    let mut moments = Vec::new();
    let ending = stage.start(&mut || moments.push(stage.content()));
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
    assert_eq!(stage.journal().tickets(), expected);
    let files = code(stage);
    let path = stage.journal_path();
    let text = fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), moments.len());
    // What comes before the first ticket is no different from any other session.
    let first = first_of(&lines, "ticket_started");
    for (line, moment) in moments.iter().enumerate().skip(first) {
        stage.put_back(moment);
        fs::write(&path, lines[..=line].concat()).unwrap();
        let ending = stage.resume();
        let name = format!("after line {}", line + 1);
        assert!(
            matches!(ending, None | Some(Ending::Finished(Outcome::Completed, _))),
            "{name}: {ending:?}"
        );
        let journal = stage.journal();
        journal.assert_whole();
        assert_eq!(journal.tickets(), expected, "{name}");
        assert_eq!(code(stage), files, "{name}");
    }
}

#[test]
fn a_blocked_ticket_that_is_tried_again() {
    let stage = Stage::new()
        .played_by(stuck)
        .answer("blocked-T1", &format!("retry {NOTE}"));
    every_prefix_ends_alike(
        &stage,
        &[
            ("T1", "blocked"),
            ("T3", "completed"),
            ("T1", "completed"),
            ("T2", "completed"),
        ],
    );
}

#[test]
fn the_best_of_three() {
    let stage = Stage::new().played_by(several).best_of(3);
    every_prefix_ends_alike(&stage, &[("T1", "completed")]);
    assert!(stage.journal().says("attempt 2 stays"));
}
