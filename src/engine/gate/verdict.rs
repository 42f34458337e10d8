//! The verdict behind a claim of being done: from the checks that were run, and how the same
//! checks stood before the work.

use super::compare::{Origin, Standing, passing, standing};
use crate::engine::event::{Gate, Receipt};

/// Characters of failing output that go back to the model.
const OUTPUT_MOST: usize = 3_000;

/// Whether the project's content changed since the work began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Yes.
    Yes,
    /// No.
    No,
    /// There was nothing to compare with, or it does not matter here.
    Unknown,
}

/// Who asked for the commands of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commands {
    /// The user named at least one: it shows what they want shown, tests or not.
    OfTheUser,
    /// The plan or the program: at least one must execute tests.
    OfThePlan,
    /// There are none.
    None,
}

/// A check, and the same check before the work, if it was run then.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// Now.
    pub now: &'a Receipt,
    /// Before the ticket's first attempt.
    pub before: Option<&'a Receipt>,
    /// Whose it is.
    pub origin: Origin,
}

impl Check<'_> {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        standing(self.now, self.before, self.origin)
    }
}

/// Whether the model was told before that nothing shows its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No: it is told once.
    Never,
    /// Yes: there may be nothing to test, as in a text.
    Before,
}

/// Said once where every check passed before the work as it does now.
const SAME_AS_BEFORE: &str = "These checks pass, but they passed just the same before your change, so nothing shows what you did";

/// Said once where no test command can be found.
const NOTHING_SHOWS_IT: &str = "Nothing shows that it works: the program found no tests to run in the project folder. If you wrote code, add a test that runs from the project folder. If there is nothing that could be tested, such as a text, just end again.";

/// The verdict on a ticket or a repair. Its `tests` are those of the checks that show the work:
/// that failed before it, or executed fewer tests.
pub fn verdict(
    checks: &[Check<'_>],
    commands: Commands,
    changed: Changed,
    asked: Asked,
) -> Receipt {
    let tests: u64 = checks
        .iter()
        .filter(|check| !check.now.timed_out)
        .filter_map(|check| check.now.tests)
        .sum();
    let had_suite = checks.iter().any(|check| {
        let before = check.before.and_then(|before| before.tests);
        check.origin == Origin::Project && before.is_some_and(|tests| tests > 0)
    });
    let shown: u64 = checks
        .iter()
        .filter(|check| shows(check, had_suite))
        .filter_map(|check| check.now.tests)
        .sum();
    let broken = checks.iter().find_map(|check| match check.standing() {
        Standing::Broken(new) => Some((check, new)),
        Standing::Green | Standing::AsBefore => None,
    });
    let (passed, output) = match (broken, changed) {
        (Some((check, new)), _) => (false, failure(check, &new)),
        (None, Changed::No) => (
            false,
            "You said that you are done, but nothing in the project has changed. Do the work first, with the tools.".to_owned(),
        ),
        (None, Changed::Yes | Changed::Unknown) => match commands {
            Commands::OfThePlan if tests == 0 => (false, no_tests(checks)),
            Commands::OfThePlan if shown == 0 && asked == Asked::Never => (false, same_as_before(checks)),
            Commands::None if asked == Asked::Never => (false, NOTHING_SHOWS_IT.to_owned()),
            Commands::None => (true, "changed, but no check exists that could show it".to_owned()),
            Commands::OfThePlan if shown == 0 => (true, format!("changed, but every check passed just the same before: {}", counted(checks))),
            Commands::OfThePlan | Commands::OfTheUser => (true, success(checks, tests)),
        },
    };
    Receipt {
        tests: Some(shown),
        ms: 0,
        ..told(Gate::Verdict, passed, output)
    }
}

/// Whether a check shows the work: it executes tests to its end, and failed before or executed
/// fewer. What was not there before shows nothing beside a suite that was, unless it was asked for;
/// neither does a red one that does not say which tests failed.
fn shows(check: &Check<'_>, had_suite: bool) -> bool {
    if check.before.is_none() && check.origin == Origin::Project && had_suite {
        return false;
    }
    if !check.now.passed && check.now.failing.is_empty() {
        return false;
    }
    let now = passing(check.now);
    let better = check.before.is_none_or(|before| {
        before.exit.is_none() || passing(before) < now || (!before.passed && check.now.passed)
    });
    now > 0 && better && !check.now.timed_out
}

/// Whether the model was told already that its checks show nothing.
pub fn told_that_nothing_shows_it(output: &str) -> bool {
    output.starts_with(NOTHING_SHOWS_IT) || output.starts_with(SAME_AS_BEFORE)
}

/// The verdict when nothing was changed since the last check failed: the same failure, said once
/// more without running it.
pub fn unchanged_verdict(last: &Receipt) -> Receipt {
    const SAID: &str = "Nothing was changed since this check failed. ";
    let output = last.output.strip_prefix(SAID).unwrap_or(&last.output);
    Receipt {
        tree_after: last.tree_after.clone(),
        ..told(Gate::Verdict, false, format!("{SAID}{output}"))
    }
}

/// The verdict on a text: every path that it names exists. The missing ones stand in `command`.
pub fn paths_verdict(text: &str, missing: &[String]) -> Receipt {
    let (passed, output) = if text.trim().is_empty() {
        (
            false,
            "Your findings are missing. Write them as text, then the marker on the last line."
                .to_owned(),
        )
    } else if missing.is_empty() {
        (true, "every path exists".to_owned())
    } else {
        (
            false,
            format!(
                "These paths in your findings do not exist: {}. Write the findings again and name only files that are there.",
                missing.join(", ")
            ),
        )
    };
    Receipt {
        command: missing.join("\n"),
        ..told(Gate::Verdict, passed, output)
    }
}

/// A receipt of something that was looked at rather than run.
pub fn told(gate: Gate, passed: bool, output: impl Into<String>) -> Receipt {
    Receipt {
        gate,
        command: String::new(),
        cwd: ".".to_owned(),
        exit: None,
        signal: None,
        timed_out: false,
        ms: 0,
        tests: None,
        failing: Vec::new(),
        output: output.into(),
        output_sha256: String::new(),
        tree_before: None,
        tree_after: None,
        sandbox: String::new(),
        criteria: Vec::new(),
        passed,
    }
}

fn failure(check: &Check<'_>, new: &[String]) -> String {
    let receipt = check.now;
    let how = match (receipt.timed_out, receipt.exit, receipt.signal) {
        (true, _, _) => "did not end in time".to_owned(),
        (false, Some(0), _) if !new.is_empty() => format!(
            "ended with 0, but its output names tests that failed: {}",
            new.join(", ")
        ),
        (false, Some(0), _) => "executed no test".to_owned(),
        (false, Some(code), _) => format!("failed with exit code {code}"),
        (false, None, Some(signal)) => format!("was ended by signal {signal}"),
        (false, None, None) => "could not be started".to_owned(),
    };
    let history = match check.before {
        Some(before) if before.passed => {
            "This check passed before your change: something that worked is broken now.\n"
                .to_owned()
        }
        Some(before) if !before.failing.is_empty() && !new.is_empty() => format!(
            "Some of its tests failed before your change; these are new: {}.\n",
            new.join(", ")
        ),
        _ => String::new(),
    };
    format!(
        "The program ran a check and it {how}:\n$ {}\n{}\n{history}Find the cause and repair it. If a new test of yours states the wrong thing, correct it; never weaken the others.",
        receipt.command,
        tail(&receipt.output)
    )
}

fn no_tests(checks: &[Check<'_>]) -> String {
    format!(
        "These checks exited 0, but none of them started a test runner, so nothing is shown:\n$ {}\nWrite real tests in the way of the language (for Python: test_*.py with unittest). The program finds and runs the project's tests by itself.",
        commands(checks, "\n$ ")
    )
}

fn same_as_before(checks: &[Check<'_>]) -> String {
    format!(
        "{SAME_AS_BEFORE}:\n$ {}\nAdd a test of what you did, one that fails without your change. If there is nothing that could be tested, such as a text, just end again.",
        commands(checks, "\n$ ")
    )
}

fn commands(checks: &[Check<'_>], between: &str) -> String {
    let commands: Vec<&str> = checks
        .iter()
        .map(|check| check.now.command.as_str())
        .collect();
    commands.join(between)
}

fn success(checks: &[Check<'_>], tests: u64) -> String {
    let is_red = |check: &Check<'_>| !check.now.passed || !check.now.failing.is_empty();
    let what = if checks.iter().any(is_red) {
        "nothing fails that did not fail before"
    } else if tests == 0 {
        "exit 0"
    } else {
        "tests ran and passed"
    };
    format!("{what}: {}", counted(checks))
}

/// Each command with its own count: suites may overlap, so a sum would promise too much.
fn counted(checks: &[Check<'_>]) -> String {
    let counted: Vec<String> = checks
        .iter()
        .map(|Check { now, .. }| {
            let tests = match now.tests {
                Some(1) => " (1 test)".to_owned(),
                Some(n) => format!(" ({n} tests)"),
                None => String::new(),
            };
            let old = match now.failing.len() {
                0 if now.passed => String::new(),
                0 => ", red as it was before".to_owned(),
                failing => format!(", {failing} of them failed before as well"),
            };
            format!("{}{tests}{old}", now.command)
        })
        .collect();
    counted.join("; ")
}

fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(OUTPUT_MOST);
    let start = (start..=text.len())
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0);
    &text[start..]
}

#[cfg(test)]
mod tests {
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
            false,
            "none of them started a test runner",
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
}
