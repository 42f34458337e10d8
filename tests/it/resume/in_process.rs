//! Every prefix of a finished run's journal, whole and with a torn last line, is resumed. What was
//! on the disk at that moment is put back first, so that it is as if the program had been killed
//! then and there.

use std::fs;
use std::path::{Path, PathBuf};

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::run::Ending;

use super::stage::{Content, Stage, content};

/// A finished run, and what was on the disk after each of its lines.
struct Finished {
    stage: Stage,
    moments: Vec<Content>,
    journal: Vec<Vec<u8>>,
    project: Content,
}

fn finished() -> Finished {
    let stage = Stage::new();
    let mut moments = Vec::new();
    let ending = stage.start(&mut || moments.push(stage.content()));
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
    let text = fs::read(stage.journal_path()).unwrap();
    let journal: Vec<Vec<u8>> = text
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    assert_eq!(journal.len(), moments.len());
    let project = code(&stage.project());
    Finished {
        stage,
        moments,
        journal,
        project,
    }
}

/// The project without the trace that commands leave.
fn code(project: &Path) -> Content {
    let mut content = content(project);
    content.remove(&project.join("runs.log"));
    content
}

/// Resumes what the disk held at that moment with this journal; it must come to the same end.
fn check(finished: &Finished, moment: usize, journal: &[u8], path: &PathBuf, name: &str) {
    let Finished {
        stage,
        moments,
        project,
        ..
    } = finished;
    stage.put_back(&moments[moment]);
    fs::write(path, journal).unwrap();
    let ending = stage.resume();
    assert!(
        matches!(ending, None | Some(Ending::Finished(Outcome::Completed, _))),
        "{name}: {ending:?}"
    );
    let journal = stage.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"), "{name}");
    assert_eq!(
        journal.tickets(),
        [("T1", "completed"), ("T2", "completed")],
        "{name}"
    );
    assert!(
        code(&stage.project()) == *project,
        "{name}: other files than without a kill"
    );
    let runs = fs::read_to_string(stage.project().join("runs.log")).unwrap_or_default();
    for ticket in ["T1", "T2"] {
        let times = runs.lines().filter(|line| *line == ticket).count();
        assert!(
            times <= 1,
            "{name}: the command of {ticket} ran {times} times"
        );
    }
}

/// Whole prefixes: the program was killed right after that line was written.
#[test]
fn every_prefix_of_a_journal_comes_to_the_same_end() {
    let finished = finished();
    let path = finished.stage.journal_path();
    for lines in 1..=finished.journal.len() {
        let journal = finished.journal[..lines].concat();
        check(
            &finished,
            lines - 1,
            &journal,
            &path,
            &format!("after line {lines}"),
        );
    }
}

/// Torn lines: what the next line was to tell of had happened, but the line was not whole.
#[test]
fn every_torn_line_comes_to_the_same_end() {
    let finished = finished();
    let path = finished.stage.journal_path();
    for lines in 1..finished.journal.len() {
        let mut journal = finished.journal[..lines].concat();
        let torn = &finished.journal[lines];
        journal.extend(&torn[..torn.len() / 2]);
        check(
            &finished,
            lines,
            &journal,
            &path,
            &format!("in line {}", lines + 1),
        );
    }
}
