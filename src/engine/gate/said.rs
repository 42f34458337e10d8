//! What the model is told of checks that stand against its work, and how checks are counted. Decides
//! nothing.

use super::compare::Check;
use super::found_none::found_none;
use super::missing::missing;
use crate::engine::test_count::started;

/// Characters of failing output that go back to the model.
const OUTPUT_MOST: usize = 3_000;

/// Said once where a test tool ran and there is no test.
pub(super) const FOUND_NONE: &str =
    "These checks ran and found no test, so nothing shows what you did";

/// Why a check that stands against the work does, with the names of the tests that fail only now.
pub(super) fn failure(check: &Check<'_>, new: &[String]) -> String {
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
        Some(before) if before.passed => passed_before(new, check.fresh),
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

/// What it means that a check fails which passed before: tests that are new fail, or others do.
fn passed_before(failing: &[String], fresh: &[String]) -> String {
    let is_fresh = |name: &&String| fresh.iter().any(|test| is_of(name, test));
    let (new, old): (Vec<&String>, Vec<&String>) = failing.iter().partition(is_fresh);
    let list = |names: &[&String]| {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        names.join(", ")
    };
    match (&*new, &*old) {
        ([_, ..], []) => format!(
            "What ran here before your change passed then and does not fail now; your new tests fail: {}.\n",
            list(&new)
        ),
        ([_, ..], [_, ..]) => format!(
            "These passed before your change, and are broken now: {}. These are new and fail: {}.\n",
            list(&old),
            list(&new)
        ),
        _ => "This check passed before your change: something that worked is broken now.\n"
            .to_owned(),
    }
}

/// Whether a test that an output names is that one: its own name, without what it stands in.
fn is_of(named: &str, test: &str) -> bool {
    let is_end = |c: char| !c.is_alphanumeric() && c != '_';
    let leaf = test.rsplit(['.', ':']).next().unwrap_or(test).trim();
    let mut words = named.split(is_end);
    !leaf.is_empty() && (named == leaf || words.any(|word| word == leaf))
}

/// Why checks that are green show nothing: none of them ran a test.
pub(super) fn no_tests(checks: &[Check<'_>]) -> String {
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
    if checks
        .iter()
        .any(|check| found_none(check.now, check.before))
    {
        return format!(
            "{FOUND_NONE}:\n$ {}\n{next} If there is nothing that could be tested, such as a text or an empty folder, just end again.",
            commands(checks, "\n$ ")
        );
    }
    let all_ended_well = checks.iter().all(|check| check.now.exit == Some(0));
    if all_ended_well {
        let is_tool =
            |check: &Check<'_>| check.now.tests.is_some() || started(&check.now.command).is_some();
        let how = if checks.iter().any(is_tool) {
            "their output names no test that ran"
        } else {
            "none of them started a test runner"
        };
        return format!(
            "These checks exited 0, but {how}, so nothing is shown:\n$ {}\n{next}",
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

/// The commands, with this between them.
pub(super) fn commands(checks: &[Check<'_>], between: &str) -> String {
    let commands: Vec<&str> = checks
        .iter()
        .map(|check| check.now.command.as_str())
        .collect();
    commands.join(between)
}

/// Each command with its own count: suites may overlap, so a sum would promise too much.
pub(super) fn counted(checks: &[Check<'_>]) -> String {
    let counted: Vec<String> = checks
        .iter()
        .map(|Check { now, before, .. }| {
            let tests = match now.tests {
                Some(1) => " (1 test)".to_owned(),
                Some(n) => format!(" ({n} tests)"),
                None => String::new(),
            };
            let old = match now.failing.len() {
                0 if now.passed || found_none(now, *before) => String::new(),
                0 => ", red as it was before".to_owned(),
                failing => format!(", {failing} of them failed before as well"),
            };
            format!("{}{tests}{old}", now.command)
        })
        .collect();
    counted.join("; ")
}

/// The end of an output, cut to size.
pub(super) fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(OUTPUT_MOST);
    let start = (start..=text.len())
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0);
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_test_that_fails_is_nothing_that_broke() {
        let names = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let fresh = names(&["test_mul", "Calc.test_half"]);
        let says = |failing: &[&str]| passed_before(&names(failing), &fresh);
        assert_eq!(
            says(&[
                "test_mul.py::test_mul",
                "test_half (test_calc.Calc.test_half)"
            ]),
            "What ran here before your change passed then and does not fail now; your new tests fail: test_mul.py::test_mul, test_half (test_calc.Calc.test_half).\n"
        );
        assert_eq!(
            says(&["test_mul.py::test_mul", "test_add.py::test_add"]),
            "These passed before your change, and are broken now: test_add.py::test_add. These are new and fail: test_mul.py::test_mul.\n"
        );
        for failing in [&["test_add.py::test_add"][..], &[]] {
            assert!(says(failing).starts_with("This check passed before your change"));
        }
    }
}
