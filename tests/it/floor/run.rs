//! The same floor inside a run, on any machine: what holds does not hang on the command line.

use std::path::PathBuf;

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::engine::floor::{Floor, Reachable};
use loop_orchestration::engine::screen::Forbidden;
use loop_orchestration::engine::tier::Tier;
use loop_orchestration::run::Ending;

use crate::resume::stage::Stage;

fn demanding(floor: Floor) -> Stage {
    let mut stage = Stage::new();
    stage.demand(Floor {
        file: Some(PathBuf::from("/etc/policy.yaml")),
        ..floor
    });
    stage
}

/// Every command of the model's was refused with this, and none ran.
fn nothing_runs(floor: Floor, says: &str) {
    let stage = demanding(floor);
    let ending = stage.start(&mut || {});
    assert!(
        matches!(ending, Ending::Finished(Outcome::Blocked, _)),
        "{ending:?}"
    );
    assert!(!stage.project().join("runs.log").exists());
    let journal = stage.journal();
    let results = journal.of("tool_finished").into_iter();
    let mut denied = results.filter(|line| line["result"]["status"] == "denied");
    let told = denied.next().unwrap().to_string();
    assert!(told.contains(says), "{told}");
    let receipts = journal.of("checked").into_iter();
    assert_eq!(receipts.filter(|line| line["exit"].is_number()).count(), 0);
}

#[test]
fn behind_less_than_the_least_wall_no_command_runs() {
    let floor = Floor {
        sandbox: Tier::Full,
        ..Floor::default()
    };
    nothing_runs(floor, "/etc/policy.yaml demands `sandbox: full`");
    let floor = Floor {
        network: Reachable::Off,
        ..Floor::default()
    };
    nothing_runs(floor, "demands `network: off`, which nothing holds without");
}

#[test]
fn commands_that_are_not_allowed_do_not_run_as_checks_either() {
    let rule = |command: &str| Forbidden {
        command: command.to_owned(),
        why: "no".to_owned(),
    };
    let floor = Floor {
        commands: ["echo", "python3 -m unittest"].map(rule).into(),
        ..Floor::default()
    };
    nothing_runs(floor, "runs `echo`, which the administrator");
}

#[test]
fn a_floor_that_demands_nothing_changes_nothing() {
    let stage = demanding(Floor::default());
    let ending = stage.start(&mut || {});
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
}

#[test]
fn a_session_held_to_a_later_floor_runs_nothing_from_then_on() {
    let mut stage = Stage::new();
    let mut lines = 0;
    let mut early = None;
    stage.start(&mut || {
        lines += 1;
        if lines == 10 {
            early = Some(stage.content());
        }
    });
    stage.put_back(&early.unwrap());
    stage.demand(Floor {
        sandbox: Tier::Partial,
        ..Floor::default()
    });
    let ending = stage.resume().unwrap();
    assert!(
        matches!(ending, Ending::Finished(Outcome::Blocked, _)),
        "{ending:?}"
    );
    assert!(!stage.project().join("runs.log").exists());
}
