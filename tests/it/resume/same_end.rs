//! A run with a model of the test's own, resumed after every line of its journal from some line on:
//! it comes to the same tickets and the same files.

use std::fs;

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::run::Ending;

use super::stage::{Instead, Stage, content};
use crate::support::journal::Journal;

/// Runs it once, then resumes every prefix from the first line that has these words in it on.
/// `check` looks at the journal of each run.
pub(super) fn comes_to_the_same_end(instead: Instead, from: &str, check: impl Fn(&Journal, &str)) {
    let stage = Stage::new().spoken_by(instead);
    let mut moments = Vec::new();
    let ending = stage.start(&mut || moments.push(stage.content()));
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
    check(&stage.journal(), "without a kill");
    // The trace that commands leave is no part of what was built.
    let trace = stage.project().join("runs.log");
    let files = || {
        let mut files = content(&stage.project());
        files.remove(&trace);
        files
    };
    let expected = files();
    let path = stage.journal_path();
    let journal = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    assert_eq!(lines.len(), moments.len());
    let first = lines.iter().position(|line| line.contains(from)).unwrap();
    for count in first..=lines.len() {
        let name = format!("after line {count}");
        stage.put_back(&moments[count - 1]);
        fs::write(&path, lines[..count].concat()).unwrap();
        let ending = stage.resume();
        assert!(
            matches!(ending, None | Some(Ending::Finished(Outcome::Completed, _))),
            "{name}: {ending:?}"
        );
        let journal = stage.journal();
        journal.assert_whole();
        assert_eq!(
            journal.tickets(),
            [("T1", "completed"), ("T2", "completed")],
            "{name}"
        );
        check(&journal, &name);
        assert!(files() == expected, "{name}: other files");
    }
}
