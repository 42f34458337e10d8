//! `loop sessions show --timeline` and `--stats` of real sessions.

use std::path::Path;

use loop_orchestration::engine::stats::{Spent, stats};
use loop_orchestration::run::store::read_recording;
use serde_json::Value;

use crate::support::project::Project;
use crate::support::scenes::SCENES;
use crate::support::todo::todo_server;

/// A finished session of two runs.
fn project() -> Project {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "plan"]).exits(0);
    project.resume_unattended(&[]).exits(0);
    project
}

#[test]
fn the_timeline_has_a_line_for_each_thing_that_happened() {
    let project = project();
    let text = project
        .run(&["sessions", "show", "--timeline"])
        .exits(0)
        .stdout;
    let place = |words: &str| {
        let found = text.lines().position(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("{words} is not in\n{text}"))
    };
    let order = [
        "Build a todo app in Python",
        "asked: Where are todos kept?",
        "answered by the file: a JSON file",
        "prd             wrote prd.json",
        "plan            phase completed",
        "nothing ran for",
        "resumed",
        "implement T1    model: ",
        "run_command echo T1",
        "check: python3 -m unittest test_add",
        "session completed",
    ];
    let places: Vec<usize> = order.iter().map(|words| place(words)).collect();
    assert!(places.is_sorted(), "{places:?}\n{text}");
    for line in text.lines() {
        assert!(line.starts_with("  0:0"), "{line}");
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn the_numbers_add_up_and_are_the_same_in_words_and_in_json() {
    let project = project();
    let json = project
        .run(&["sessions", "show", "--stats", "--json"])
        .exits(0)
        .stdout;
    let stats: Value = serde_json::from_str(&json).unwrap();
    let journal = project.journal();
    let total = &stats["total"];
    assert_eq!(total["replies"], journal.of("replied").len());
    assert_eq!(total["commands"], 2);
    assert_eq!(total["attempts"], 2);
    assert_eq!(
        (&stats["tickets"], &stats["interventions"]),
        (&2.into(), &1.into())
    );
    assert_eq!(stats["outcome"], "completed");
    let number = |of: &Value, key: &str| of[key].as_u64().unwrap();
    let phases = stats["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 6);
    for key in ["prompt_tokens", "eval_tokens", "replies", "checks"] {
        let sum: u64 = phases
            .iter()
            .map(|phase| number(&phase["spent"], key))
            .sum();
        assert_eq!(sum, number(total, key), "{key}");
    }
    let parts = [
        "model_ms",
        "command_ms",
        "tool_ms",
        "waiting_ms",
        "overhead_ms",
    ];
    let sum: u64 = parts.iter().map(|key| number(total, key)).sum();
    assert!(sum >= number(total, "wall_ms"), "{total}");
    let text = project
        .run(&["sessions", "show", "--stats"])
        .exits(0)
        .stdout;
    for words in [
        "| implement T1 |",
        "| all |",
        "Of the wall time: model ",
        "of each request stood in the one before",
        "a person was needed once besides the planned stops",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn the_parts_of_every_recording_add_up_to_its_wall_time() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for scene in SCENES {
        let file = folder.join(format!("{}.replay", scene.name));
        let records = read_recording(&file).unwrap().records;
        let stats = stats(&records);
        let phases = stats.phases.iter();
        let tickets = phases
            .flat_map(|phase| &phase.tickets)
            .map(|one| &one.spent);
        let phases = stats.phases.iter().map(|phase| &phase.spent);
        for spent in tickets.chain(phases).chain([&stats.total]) {
            let Spent {
                model_ms,
                command_ms,
                tool_ms,
                waiting_ms,
                overhead_ms,
                wall_ms,
                ..
            } = spent;
            let sum = model_ms + command_ms + tool_ms + waiting_ms + overhead_ms;
            // Each time is a whole number of milliseconds, and so is each line's moment.
            let off = sum.abs_diff(*wall_ms);
            assert!(off <= records.len() as u64, "{}: {spent:?}", scene.name);
        }
    }
}

#[test]
fn all_sessions_are_counted_together() {
    let project = project();
    let show = |more: &[&str]| {
        let all = [&["sessions", "show", "--stats", "--all"], more].concat();
        project.run(&all).exits(0).stdout
    };
    let across: Value = serde_json::from_str(&show(&["--json"])).unwrap();
    assert_eq!(across["sessions"], 1);
    assert_eq!(
        (&across["completed"], &across["without_intervention"]),
        (&1.into(), &0.into())
    );
    assert_eq!(across["interventions_per_100_tickets"], 50);
    let text = show(&[]);
    assert!(text.contains("0.50 a ticket"), "{text}");
    project
        .run(&["sessions", "show", "--all"])
        .exits(2)
        .says("--stats");
}

#[test]
fn what_a_fork_has_from_another_session_is_counted_there() {
    let project = project();
    let all = ["sessions", "show", "--stats", "--all", "--json"];
    let across = || -> Value { serde_json::from_str(&project.run(&all).exits(0).stdout).unwrap() };
    let before = across();
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap();
    for point in ["implement", "T2"] {
        project.run(&["fork", "--at", point, "-s", id]).exits(0);
    }
    let after = across();
    assert_eq!(after["sessions"], 3);
    for key in ["tokens", "tickets", "interventions", "completed"] {
        assert_eq!(after[key], before[key], "{key}");
    }
}
