//! A machine without a wall and nobody there: no command runs, and both sides are told why.

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::run::{Attendance, Ending};

use super::stage::Stage;

#[test]
fn without_a_wall_and_without_anybody_no_command_runs() {
    let stage = Stage::new().attended_by(Attendance::Nobody);
    let ending = stage.start(&mut || {});
    assert!(
        matches!(ending, Ending::Finished(Outcome::Blocked, _)),
        "{ending:?}"
    );
    assert!(!stage.project().join("runs.log").exists());
    let journal = stage.journal();
    let warned = journal.of("warned").into_iter();
    let warned = warned.filter(|line| line.to_string().contains("--sandbox off"));
    assert_eq!(warned.count(), 1);
    let results = journal.of("tool_finished").into_iter();
    let mut denied = results.filter(|line| line["result"]["status"] == "denied");
    let told = denied.next().unwrap().to_string();
    assert!(told.contains("this machine has no sandbox"), "{told}");
    let receipts = journal.of("checked").into_iter();
    assert_eq!(receipts.filter(|line| line["exit"].is_number()).count(), 0);
}
