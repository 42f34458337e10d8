//! Verdicts on receipts as they come.

use super::*;

fn ran(exit: i32, tests: Option<u64>) -> Receipt {
    Receipt {
        command: "make check".to_owned(),
        exit: Some(exit),
        tests,
        ..told(Gate::Verify, exit == 0, "output")
    }
}

fn check(receipts: &[Receipt], commands: Commands, changed: Changed, passed: bool, says: &str) {
    let checks: Vec<Check<'_>> = receipts
        .iter()
        .map(|now| Check {
            now,
            before: None,
            origin: Origin::Ticket,
            without: None,
            fresh: &[],
        })
        .collect();
    let verdict = verdict(&checks, commands, changed, Asked::Before);
    assert_eq!(verdict.passed, passed, "{}", verdict.output);
    assert!(verdict.output.contains(says), "{}", verdict.output);
}

#[test]
fn what_did_not_end_in_time_shows_nothing_whatever_it_ran_until_then() {
    let ran = |tests| Receipt {
        exit: None,
        timed_out: true,
        ..ran(1, Some(tests))
    };
    let (before, now) = (ran(1), ran(2));
    let check = Check {
        now: &now,
        before: Some(&before),
        origin: Origin::Project,
        without: None,
        fresh: &[],
    };
    assert_eq!(check.standing(), Standing::AsBefore);
    let verdict = verdict(&[check], Commands::OfThePlan, Changed::Yes, Asked::Never);
    assert_eq!((verdict.passed, verdict.tests), (false, Some(0)));
}

#[test]
fn a_claim_passes_only_with_green_checks_that_ran_tests_and_a_change() {
    check(
        &[ran(0, Some(3))],
        Commands::OfThePlan,
        Changed::Yes,
        true,
        "(3 tests)",
    );
    check(
        &[ran(1, Some(3))],
        Commands::OfThePlan,
        Changed::Yes,
        false,
        "exit code 1",
    );
    check(
        &[ran(0, Some(3))],
        Commands::OfThePlan,
        Changed::No,
        false,
        "nothing in the project has changed",
    );
    check(
        &[ran(0, Some(0))],
        Commands::OfThePlan,
        Changed::Yes,
        true,
        "changed, but no check found a test: make check (0 tests)",
    );
    check(
        &[ran(0, None)],
        Commands::OfThePlan,
        Changed::Yes,
        false,
        "none of them started a test runner",
    );
    check(
        &[ran(0, None)],
        Commands::OfTheUser,
        Changed::Yes,
        true,
        "exit 0",
    );
    check(
        &[ran(0, None)],
        Commands::WithoutTool,
        Changed::Yes,
        true,
        "no check here is one of a test tool: make check",
    );
    check(&[], Commands::None, Changed::Yes, true, "no check exists");
    check(
        &[],
        Commands::None,
        Changed::No,
        false,
        "nothing in the project has changed",
    );
}

#[test]
fn where_nothing_can_be_run_the_model_is_told_once() {
    let first = verdict(&[], Commands::None, Changed::Yes, Asked::Never);
    assert!(!first.passed, "{}", first.output);
    assert!(first.output.contains("add a test"), "{}", first.output);
}

#[test]
fn a_red_check_without_names_shows_nothing() {
    let (before, now) = (ran(1, Some(2)), ran(1, Some(5)));
    let check = Check {
        now: &now,
        before: Some(&before),
        origin: Origin::Project,
        without: None,
        fresh: &[],
    };
    let verdict_on = |commands, asked| verdict(&[check], commands, Changed::Yes, asked);
    assert!(!verdict_on(Commands::OfThePlan, Asked::Never).passed);
    let of_user = verdict_on(Commands::OfTheUser, Asked::Before);
    assert!(of_user.passed, "{}", of_user.output);
    assert!(!of_user.output.contains("passed"), "{}", of_user.output);
}

#[test]
fn a_new_suite_shows_nothing_beside_one_that_was_there() {
    let (old, new) = (ran(0, Some(2)), ran(0, Some(3)));
    let check = |now, before, origin| Check {
        now,
        before,
        origin,
        without: None,
        fresh: &[],
    };
    let shown = |checks: &[Check<'_>]| {
        verdict(checks, Commands::OfThePlan, Changed::Yes, Asked::Never).tests
    };
    let stood = check(&old, Some(&old), Origin::Project);
    assert_eq!(shown(&[stood, check(&new, None, Origin::Project)]), Some(0));
    assert_eq!(shown(&[stood, check(&new, None, Origin::Ticket)]), Some(3));
    assert_eq!(shown(&[check(&new, None, Origin::Project)]), Some(3));
}

#[test]
fn each_way_of_showing_nothing_has_its_own_words() {
    let (old, new) = (ran(0, Some(2)), ran(0, Some(3)));
    let check = |now, before, without, origin| Check {
        now,
        before,
        origin,
        without,
        fresh: &[],
    };
    let said = |checks: &[Check<'_>], commands, asked| {
        let verdict = verdict(checks, commands, Changed::Yes, asked);
        assert_eq!(verdict.tests, Some(0), "{}", verdict.output);
        assert!(verdict.passed || told_that_nothing_shows_it(&verdict.output));
        (verdict.passed, verdict.output)
    };
    let stood = check(&old, Some(&old), None, Origin::Project);
    let beside = [stood, check(&new, None, None, Origin::Project)];
    let without = [check(&new, None, Some(&new), Origin::Ticket)];
    for (checks, told, briefly) in [
        (
            &[stood][..],
            "they passed just the same",
            "every check passed just the same",
        ),
        (
            &beside,
            "new beside them shows nothing",
            "a new suite beside it shows nothing",
        ),
        (
            &without,
            "with your tests they pass",
            "its tests pass without the change",
        ),
    ] {
        let (passed, output) = said(checks, Commands::OfThePlan, Asked::Never);
        assert!(!passed && output.contains(told), "{output}");
        let (passed, output) = said(checks, Commands::OfThePlan, Asked::Before);
        assert!(passed && output.contains(briefly), "{output}");
    }
    // What the user asked for need show no work, but tests that were written for it must.
    assert!(said(&[stood], Commands::OfTheUser, Asked::Never).0);
    assert!(!said(&without, Commands::OfTheUser, Asked::Never).0);
    assert!(said(&without, Commands::OfTheUser, Asked::Before).0);
}

#[test]
fn failures_that_the_output_names_outrank_the_exit_code() {
    let now = Receipt {
        failing: vec!["test_a".to_owned()],
        ..ran(0, Some(3))
    };
    let says = "ended with 0, but its output names tests that failed: test_a";
    check(&[now], Commands::OfThePlan, Changed::Yes, false, says);
}

#[test]
fn what_passed_before_shows_nothing() {
    let same = ran(0, Some(3));
    let check = |now: &Receipt, before: &Receipt, asked| {
        let checks = [Check {
            now,
            before: Some(before),
            origin: Origin::Ticket,
            without: None,
            fresh: &[],
        }];
        let verdict = verdict(&checks, Commands::OfThePlan, Changed::Yes, asked);
        (verdict.passed, verdict.tests)
    };
    assert_eq!(check(&same, &same, Asked::Never), (false, Some(0)));
    assert_eq!(check(&same, &same, Asked::Before), (true, Some(0)));
    let more = ran(0, Some(4));
    assert_eq!(check(&more, &same, Asked::Never), (true, Some(4)));
    let red = ran(1, None);
    assert_eq!(check(&same, &red, Asked::Never), (true, Some(3)));
}

#[test]
fn a_test_that_failed_before_is_no_fault_of_the_work() {
    let old = Receipt {
        failing: vec!["test_old".to_owned()],
        ..ran(1, Some(3))
    };
    let now = Receipt {
        tests: Some(5),
        ..old.clone()
    };
    let verdict_on = |now: &Receipt| {
        let checks = [Check {
            now,
            before: Some(&old),
            origin: Origin::Project,
            without: None,
            fresh: &[],
        }];
        verdict(&checks, Commands::OfThePlan, Changed::Yes, Asked::Never)
    };
    let passed = verdict_on(&now);
    assert!(passed.passed, "{}", passed.output);
    assert!(
        passed.output.contains("1 of them failed before"),
        "{}",
        passed.output
    );
    let broken = verdict_on(&Receipt {
        failing: vec!["test_new".to_owned(), "test_old".to_owned()],
        ..now
    });
    assert!(!broken.passed);
    assert!(
        broken.output.contains("these are new: test_new"),
        "{}",
        broken.output
    );
}

#[test]
fn findings_pass_only_if_every_path_exists() {
    assert!(paths_verdict("src/a.py holds it", &[]).passed);
    assert!(!paths_verdict("  ", &[]).passed);
    let verdict = paths_verdict("see src/b.py", &["src/b.py".to_owned()]);
    assert!(!verdict.passed);
    assert_eq!(verdict.command, "src/b.py");
}

#[test]
fn a_tool_that_finds_no_test_shows_nothing_and_the_model_is_told_once() {
    let none = Receipt {
        command: "python3 -m pytest -q".to_owned(),
        output: "no tests ran in 0.00s".to_owned(),
        ..ran(5, Some(0))
    };
    let judged = |before, origin, asked| {
        let check = Check {
            now: &none,
            before,
            origin,
            without: None,
            fresh: &[],
        };
        let verdict = verdict(&[check], Commands::OfThePlan, Changed::Yes, asked);
        (verdict.passed, verdict.tests, verdict.output)
    };
    let (passed, _, told) = judged(Some(&none), Origin::Ticket, Asked::Never);
    assert!(!passed && told_that_nothing_shows_it(&told), "{told}");
    assert!(told.contains("found no test"), "{told}");
    let (passed, tests, said) = judged(Some(&none), Origin::Ticket, Asked::Before);
    assert!(passed, "{said}");
    assert_eq!(tests, Some(0));
    assert_eq!(
        said,
        "changed, but no check found a test: python3 -m pytest -q (0 tests)"
    );
    // Tests that were there are missed, and what the person named has to be green.
    let had = ran(0, Some(2));
    assert!(!judged(Some(&had), Origin::Ticket, Asked::Before).0);
    assert!(!judged(Some(&none), Origin::User, Asked::Before).0);
}
