//! A run that was killed after any of its lines and then resumed: the whole session repeats, the
//! kill included.

use std::fs;

use loop_orchestration::run::Surroundings;
use loop_orchestration::run::recording::{TakenOut, record};
use loop_orchestration::run::replay::replay;
use loop_orchestration::store::Sessions;
use tempfile::TempDir;

use crate::resume::stage::Stage;

/// Every so many lines: the distance has nothing in common with the rhythm of calls and results.
const STRIDE: usize = 7;

#[test]
fn a_killed_and_resumed_session_repeats_wherever_it_was_killed() {
    let stage = Stage::new();
    let mut moments = Vec::new();
    stage.start(&mut || moments.push(stage.content()));
    let path = stage.journal_path();
    let journal = fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    for kept in (1..lines.len()).step_by(STRIDE) {
        stage.put_back(&moments[kept - 1]);
        let mut journal = lines[..kept].concat();
        if kept % 2 == 0 {
            // What the next line was to tell of had happened, but the line was not whole.
            stage.put_back(&moments[kept]);
            journal.extend(&lines[kept][..lines[kept].len() / 2]);
        }
        fs::write(&path, journal).unwrap();
        stage.resume();
        check(&stage, kept);
    }
}

fn check(stage: &Stage, kept: usize) {
    let path = stage.journal_path();
    let folder = path.parent().unwrap();
    let sessions = Sessions::at(folder.parent().unwrap());
    let folder = sessions.find("-").unwrap();
    let surroundings = Surroundings {
        search_path: std::env::var_os("PATH").unwrap(),
        ..Surroundings::default()
    };
    let scratch = TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let repeated = runtime.block_on(async {
        let recording = record(&folder, &surroundings, &TakenOut::default()).await?;
        replay(recording, surroundings, scratch.path()).await
    });
    let repeated = repeated.unwrap();
    assert_eq!(repeated.difference, None, "killed after line {kept}");
    assert_eq!(repeated.same, repeated.lines, "killed after line {kept}");
}
