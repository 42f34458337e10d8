//! The verdict behind a claim of being done: from the checks that were run, and how the same
//! checks stood before the work.

use super::compare::{Origin, Standing, passing, standing};
use super::hollow::is_of_nothing;
use super::missing::missing;
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
    /// The plan or the program, where the work is in a language that has no test tool: scripts of
    /// the shell that check something show nothing, and more is not to be had.
    WithoutTool,
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
    /// With the ticket's tests on the project as it was before the ticket, or on its work with the
    /// code made to fail, if it was run there.
    pub without: Option<&'a Receipt>,
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
    const SAID: [&str; 6] = [
        NOTHING_SHOWS_IT,
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
    if let Some(why) = missing(receipt) {
        return format!(
            "The program ran a check and it could not begin: {why}\n$ {}\n{}\n{history}",
            receipt.command,
            tail(&receipt.output)
        );
    }
    format!(
        "The program ran a check and it {how}:\n$ {}\n{}\n{history}Find the cause and repair it. If a new test of yours states the wrong thing, correct it; never weaken the others.",
        receipt.command,
        tail(&receipt.output)
    )
}

fn no_tests(checks: &[Check<'_>]) -> String {
    let runs = |names: &[&str]| {
        let mut words = checks
            .iter()
            .flat_map(|check| check.now.command.split_whitespace());
        words.any(|word| names.iter().any(|name| word.starts_with(name)))
    };
    let way = if runs(&["python", "pytest"]) {
        " (for Python: test_*.py with unittest)"
    } else if runs(&["node", "npm", "npx", "yarn", "pnpm"]) {
        " (for JavaScript: *.test.js with node:test)"
    } else {
        ""
    };
    let next = format!(
        "Write real tests in the way of the language{way}. The program finds and runs the project's tests by itself."
    );
    let all_ended_well = checks.iter().all(|check| check.now.exit == Some(0));
    if all_ended_well {
        return format!(
            "These checks exited 0, but none of them started a test runner, so nothing is shown:\n$ {}\n{next}",
            commands(checks, "\n$ ")
        );
    }
    let each: Vec<String> = checks
        .iter()
        .map(|Check { now, .. }| {
            let how = match (missing(now), now.exit) {
                (Some(why), _) => why,
                (None, Some(0)) => "exit code 0, and no test runner was started".to_owned(),
                (None, Some(code)) => format!("exit code {code}, and no test ran"),
                (None, None) => "it did not end by itself, and no test ran".to_owned(),
            };
            format!("$ {}\n  {how}", now.command)
        })
        .collect();
    format!(
        "None of these checks ran a test, so nothing is shown:\n{}\n{next}",
        each.join("\n")
    )
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

pub(super) fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(OUTPUT_MOST);
    let start = (start..=text.len())
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0);
    &text[start..]
}

#[cfg(test)]
mod tests;
