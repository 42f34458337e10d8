//! The verdict behind a claim of being done: from the checks that were run, and how the same
//! checks stood before the work.

use super::compare::{Check, Origin, Standing, passing};
use super::found_none::found_none;
use super::hollow::is_of_nothing;
use super::said::{FOUND_NONE, commands as lines, counted, failure, no_tests};
use crate::engine::event::{Gate, Receipt};

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
    /// The plan or the program, where the work is in a language that has no test tool: scripts of
    /// the shell that check something show nothing, and more is not to be had.
    WithoutTool,
    /// There are none.
    None,
}

/// Whether the model was told before that nothing shows its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No: it is told once.
    Never,
    /// Yes: there may be nothing to test, as in a text.
    Before,
    /// It need not show anything new: what it does is to be what it was.
    ToKeepWhatItDoes,
}

/// Said once where every check passed before the work as it does now.
const SAME_AS_BEFORE: &str = "These checks pass, but they passed just the same before your change, so nothing shows what you did";

/// Said once where what passed before is joined by a suite that nobody asked for.
const NEW_BESIDE: &str = "These checks pass, but those that were there passed just the same before your change, and a suite that is new beside them shows nothing";

/// Said once where the tests of the work do not need it.
const PASSES_WITHOUT: &str = "These checks pass, but with your tests they pass on the code as it was before your change as well, so nothing shows what you did";

/// Said once where the tests of the work do not need its code.
const PASSES_HOLLOW: &str = "These checks pass, but they pass as well when every function that you added or changed fails, so nothing shows what you did";

/// The same where code that returns nothing is enough for them.
const PASSES_NOTHING: &str = "These checks pass, but they pass as well when every function that you added or changed returns nothing, so nothing shows what you did";

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
    let shown: u64 = showing(checks).filter_map(|check| check.now.tests).sum();
    let why = unshown(checks);
    let found = checks
        .iter()
        .any(|check| found_none(check.now, check.before));
    let is_kept = asked == Asked::ToKeepWhatItDoes && keeps(checks);
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
            Commands::WithoutTool => (
                true,
                format!("changed, but no check here is one of a test tool: {}", counted(checks)),
            ),
            Commands::OfThePlan if tests == 0 && asked == Asked::Before && found => {
                (true, format!("changed, but no check found a test: {}", counted(checks)))
            }
            Commands::OfThePlan if tests == 0 => (false, no_tests(checks)),
            Commands::OfThePlan | Commands::OfTheUser if shown == 0 && is_kept => {
                (true, format!("a refactoring, and what was tested before still passes: {}", counted(checks)))
            }
            Commands::OfThePlan if shown == 0 && asked != Asked::Before => (false, shows_nothing(why, checks)),
            Commands::OfTheUser if shown == 0 && asked != Asked::Before && [PASSES_WITHOUT, PASSES_HOLLOW, PASSES_NOTHING].contains(&why) => (false, shows_nothing(why, checks)),
            Commands::None if asked != Asked::Before => (false, NOTHING_SHOWS_IT.to_owned()),
            Commands::None => (true, "changed, but no check exists that could show it".to_owned()),
            Commands::OfThePlan if shown == 0 => (true, format!("changed, but {}: {}", briefly(why), counted(checks))),
            Commands::OfThePlan | Commands::OfTheUser => (true, success(checks, tests)),
        },
    };
    Receipt {
        tests: Some(if shown == 0 && is_kept { tests } else { shown }),
        ms: 0,
        ..told(Gate::Verdict, passed, output)
    }
}

/// The checks that show the work: they execute tests to their end, and failed before or executed
/// fewer, also with the tests of the work and without the rest of it. What was not there before
/// shows nothing beside a suite that was, unless it was asked for; neither does a red one that does
/// not say which tests failed.
pub fn showing<'a, 'b>(checks: &'b [Check<'a>]) -> impl Iterator<Item = &'b Check<'a>> {
    let had_suite = had_suite(checks);
    checks.iter().filter(move |check| shows(check, had_suite))
}

/// Whether what executed tests and passed before the work does so still.
fn keeps(checks: &[Check<'_>]) -> bool {
    let mut kept = checks.iter().filter(|check| {
        let before = check.before.is_some_and(|before| passing(before) > 0);
        before && check.without.is_none() && passing(check.now) > 0
    });
    kept.next().is_some()
}

/// The checks that execute tests and pass, as they did before. With tests that were changed as
/// announced they may show the work all the same: where these fail without it.
pub fn passing_as_before<'a, 'b>(checks: &'b [Check<'a>]) -> impl Iterator<Item = &'b Check<'a>> {
    checks.iter().filter(|check| {
        check.standing() == Standing::Green && check.before.is_some() && passing(check.now) > 0
    })
}

/// Whether a suite of the project's executed tests before the work.
fn had_suite(checks: &[Check<'_>]) -> bool {
    checks.iter().any(|check| {
        let before = check.before.and_then(|before| before.tests);
        check.origin == Origin::Project && before.is_some_and(|tests| tests > 0)
    })
}

const fn is_new_beside(check: &Check<'_>) -> bool {
    check.before.is_none() && matches!(check.origin, Origin::Project)
}

fn shows(check: &Check<'_>, had_suite: bool) -> bool {
    if is_new_beside(check) && had_suite {
        return false;
    }
    if !check.now.passed && check.now.failing.is_empty() {
        return false;
    }
    let better =
        |before: Option<&Receipt>| before.is_none_or(|before| is_better(check.now, before));
    // Changed tests may be as many as before, and fail without the work.
    let shown = if check.without.is_some() {
        better(check.without)
    } else {
        better(check.before)
    };
    passing(check.now) > 0 && shown && !check.now.timed_out
}

/// Whether a check came to more than it did: it failed then, or fewer tests passed. With the code
/// made to fail only some of the tests are there.
pub fn is_better(now: &Receipt, before: &Receipt) -> bool {
    if before.gate == Gate::Hollow {
        return !before.passed;
    }
    before.exit.is_none() || passing(before) < passing(now) || (!before.passed && now.passed)
}

/// Why nothing shows the work, if nothing does.
fn unshown(checks: &[Check<'_>]) -> &'static str {
    let mut empty = checks.iter().filter_map(|check| {
        let without = check.without?;
        (!is_better(check.now, without)).then_some(without)
    });
    if let Some(without) = empty.next() {
        match without.gate {
            Gate::Hollow if is_of_nothing(without) => PASSES_NOTHING,
            Gate::Hollow => PASSES_HOLLOW,
            _ => PASSES_WITHOUT,
        }
    } else if had_suite(checks) && checks.iter().any(is_new_beside) {
        NEW_BESIDE
    } else {
        SAME_AS_BEFORE
    }
}

/// The same for the receipt of a ticket.
fn briefly(why: &str) -> &'static str {
    match why {
        PASSES_WITHOUT => "its tests pass without the change as well",
        PASSES_HOLLOW => "its tests pass even when the code it added always fails",
        PASSES_NOTHING => "its tests pass even when the code it added returns nothing",
        NEW_BESIDE => {
            "what was there passed just the same before, and a new suite beside it shows nothing"
        }
        _ => "every check passed just the same before",
    }
}

/// Whether the model was told already that its checks show nothing.
pub fn told_that_nothing_shows_it(output: &str) -> bool {
    const SAID: [&str; 7] = [
        NOTHING_SHOWS_IT,
        FOUND_NONE,
        SAME_AS_BEFORE,
        NEW_BESIDE,
        PASSES_WITHOUT,
        PASSES_HOLLOW,
        PASSES_NOTHING,
    ];
    SAID.iter().any(|said| output.starts_with(said))
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

fn shows_nothing(why: &str, checks: &[Check<'_>]) -> String {
    let what = match why {
        PASSES_HOLLOW | PASSES_NOTHING => {
            "Write tests that call the functions that you added and compare what they give with what is expected"
        }
        PASSES_WITHOUT => {
            "Write tests that call what you changed and compare what it gives, so that they fail without your change"
        }
        NEW_BESIDE => {
            "Add a test of what you did to the suite that was there, one that fails without your change"
        }
        _ => "Add a test of what you did, one that fails without your change",
    };
    format!(
        "{why}:\n$ {}\n{what}. If there is nothing that could be tested, such as a text, just end again.",
        lines(checks, "\n$ ")
    )
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

#[cfg(test)]
mod tests;
