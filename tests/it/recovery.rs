//! What goes wrong with a model or its server on the way does not change what is built: a sample
//! of the faults at a sample of the places where they can come, and a storm of all of them.
//! `cargo bench --bench recovery` tries every fault at every place.

use std::sync::OnceLock;

use crate::support::recovery::{Cell, Fault, Plan, Ran, Speaker, judge, run};

/// The run in which nothing goes wrong.
fn clean() -> &'static Ran {
    static CLEAN: OnceLock<Ran> = OnceLock::new();
    CLEAN.get_or_init(|| run(Plan::Clean, Speaker::Native))
}

fn cell(plan: Plan) -> Cell {
    judge(clean(), &run(plan, Speaker::Native))
}

/// What is wrong after such a run, and the command that runs it alone.
fn survives(plan: Plan) -> Option<String> {
    let problems = cell(plan).problems.join("\n  ");
    (!problems.is_empty()).then(|| format!("{}\n  {problems}", plan.command()))
}

/// Every fault of a quarter of them, once in the documents and once at the tools.
#[track_caller]
fn survives_quarter(quarter: usize) {
    let mut lost = Vec::new();
    for (place, fault) in Fault::ALL.into_iter().enumerate().skip(quarter * 5).take(5) {
        let place = place as u64;
        for at in [1 + place % 9, 10 + place * 3 % 11] {
            lost.extend(survives(Plan::once(fault, at)));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn a_clean_run_is_long_enough_and_leaves_what_is_compared() {
    let clean = clean();
    assert_eq!(clean.unfinished, None);
    assert!(clean.ledger.requests >= 20, "{}", clean.ledger.requests);
    assert_eq!(clean.ledger.misshapen, Vec::<String>::new());
    assert_eq!(clean.tickets, ["T1 completed shown", "T2 completed shown"]);
    assert_eq!(clean.trace, ["R", "T1", "T2"]);
    let files: Vec<&str> = clean.files.keys().map(String::as_str).collect();
    assert_eq!(files, ["test_add.py", "test_done.py", "todo.py"]);
    assert_eq!(clean.executed.len(), 8);
}

#[test]
fn the_comparison_sees_what_is_different() {
    let clean = clean();
    assert_eq!(judge(clean, clean).problems, Vec::<String>::new());
    let differs = |change: fn(&mut Ran)| {
        let mut other = clean.clone();
        change(&mut other);
        let problems = judge(clean, &other).problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
    };
    differs(|ran| ran.unfinished = Some("it stopped".to_owned()));
    differs(|ran| ran.trace.push("T1".to_owned()));
    differs(|ran| ran.tickets.truncate(1));
    differs(|ran| ran.failed_attempts.push("too many turns".to_owned()));
    differs(|ran| _ = ran.files.insert("new.py".to_owned(), Vec::new()));
    differs(|ran| _ = ran.files.remove("todo.py"));
    differs(|ran| _ = ran.executed.insert("write_file {}".to_owned(), 1));
    differs(|ran| _ = ran.executed.pop_first());
    differs(|ran| *ran.executed.first_entry().unwrap().get_mut() += 1);
    differs(|ran| ran.ledger.misshapen.push("two user messages".to_owned()));
}

#[test]
fn faults_of_the_server_change_nothing() {
    survives_quarter(0);
}

#[test]
fn replies_without_a_call_change_nothing() {
    survives_quarter(1);
}

#[test]
fn calls_that_cannot_be_used_change_nothing() {
    survives_quarter(2);
}

#[test]
fn calls_too_many_and_servers_away_change_nothing() {
    survives_quarter(3);
}

/// A model without tool calls of its own: every fault at one place, against its own clean run.
#[test]
fn in_the_text_protocol_faults_change_nothing_either() {
    let clean = run(Plan::Clean, Speaker::Text);
    assert_eq!(clean.unfinished, None);
    assert_eq!(clean.files, self::clean().files);
    let mut lost = Vec::new();
    for (place, fault) in Fault::ALL.into_iter().enumerate() {
        let plan = Plan::once(fault, 10 + place as u64 * 3 % 11);
        let problems = judge(&clean, &run(plan, Speaker::Text)).problems;
        if !problems.is_empty() {
            lost.push(format!("{}\n  {}", plan.command(), problems.join("\n  ")));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn a_storm_changes_nothing() {
    assert_eq!(
        survives(Plan::Storm {
            seed: 1,
            percent: 30
        }),
        None
    );
}

/// Nine times is more than the client tries by itself.
#[test]
fn a_queue_that_stays_full_is_waited_for() {
    let (fault, at, times) = (Fault::Busy, 12, 3);
    assert_eq!(survives(Plan::From { fault, at, times }), None);
}

/// The new text of that edit holds the old one: made twice, it would be another program.
#[test]
fn an_edit_that_is_sent_again_is_not_made_again() {
    let fault = Fault::Repeated;
    let ran = run(Plan::once(fault, 22), Speaker::Native);
    let last = |name: &str| {
        let calls = ran.journal.of("tool_started").into_iter();
        calls.filter(|line| line["call"]["name"] == name).count()
    };
    assert_eq!(last("edit_file"), 3, "the repair's edit came twice");
    assert_eq!(judge(clean(), &ran).problems, Vec::<String>::new());
}

#[test]
fn what_a_fault_costs_is_counted() {
    let busy = cell(Plan::once(Fault::Busy, 11));
    assert_eq!((busy.extra_requests, busy.extra_tokens), (3, 0));
    let empty = cell(Plan::once(Fault::Empty, 11));
    assert_eq!(empty.extra_requests, 1);
    assert!(empty.extra_tokens > 500, "{}", empty.extra_tokens);
}

#[test]
fn every_fault_is_found_by_its_name() {
    for fault in Fault::ALL {
        assert_eq!(Fault::named(fault.name()), Some(fault));
        let command = Plan::once(fault, 3).command();
        assert!(command.ends_with(&format!("--fault {} --at 3", fault.name())));
    }
    assert_eq!(Fault::named("no such fault"), None);
    assert_eq!(Speaker::named("native"), Some(Speaker::Native));
    assert_eq!(Speaker::named("text"), Some(Speaker::Text));
}
