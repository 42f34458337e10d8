//! A test tool that ran and found no test: nothing is shown by it, and nothing is wrong either where
//! there was none before.

use crate::engine::event::Receipt;
use crate::engine::test_count::{Summary, started};

/// What pytest, and unittest of late, end with when there is no test.
const NONE_COLLECTED: i32 = 5;

/// Whether a check is of a test tool that found no test at all: none failed, and none was left out.
/// Told to be quiet twice it does not say so; then it has ended before the work as it does now.
pub(super) fn found_none(now: &Receipt, before: Option<&Receipt>) -> bool {
    says_none(now) || is_silent(now) && before.is_some_and(is_silent)
}

fn is_silent(receipt: &Receipt) -> bool {
    receipt.exit == Some(NONE_COLLECTED)
        && receipt.tests.is_none()
        && receipt.output.trim().is_empty()
        && is_of_python(&receipt.command)
}

fn says_none(receipt: &Receipt) -> bool {
    if receipt.timed_out || !receipt.failing.is_empty() || leaves_out(&receipt.output) {
        return false;
    }
    match receipt.exit {
        Some(0) => receipt.tests == Some(0),
        Some(NONE_COLLECTED) => receipt.tests == Some(0) && is_of_python(&receipt.command),
        _ => false,
    }
}

fn is_of_python(command: &str) -> bool {
    started(command).is_some_and(|runs| {
        let mut runs = runs.iter();
        runs.all(|run| matches!(run, Summary::Pytest | Summary::Unittest))
    })
}

/// Whether tests were found and not run, as a summary counts them.
fn leaves_out(output: &str) -> bool {
    const LEFT: [&str; 8] = [
        "skipped",
        "skip",
        "todo",
        "deselected",
        "xfailed",
        "ignored",
        "filtered",
        "pending",
    ];
    let words: Vec<&str> = output
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let counts = |word: &str| word.parse::<u64>().is_ok_and(|count| count > 0);
    words.windows(2).any(|pair| {
        counts(pair[0]) && LEFT.contains(&pair[1]) || LEFT.contains(&pair[0]) && counts(pair[1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;
    use crate::engine::test_count::tests_executed;

    #[test]
    fn a_tool_that_found_nothing_is_told_from_one_that_failed() {
        let none = |command: &str, exit: i32, output: &str| {
            let now = Receipt {
                command: command.to_owned(),
                exit: Some(exit),
                tests: tests_executed(command, output),
                ..told(Gate::Verify, exit == 0, output)
            };
            (found_none(&now, None), found_none(&now, Some(&now)))
        };
        let pytest = "python3 -m pytest -q";
        assert_eq!(none(pytest, 5, "no tests ran in 0.00s"), (true, true));
        assert_eq!(
            none(pytest, 5, "\n"),
            (false, true),
            "told to be quiet twice"
        );
        let ran_none = "Ran 0 tests in 0.000s\n\nNO TESTS RAN\n";
        assert_eq!(none("python3 -m unittest", 5, ran_none), (true, true));
        assert_eq!(
            none("python3 -m unittest", 0, "Ran 0 tests in 0.000s\n\nOK"),
            (true, true)
        );
        assert_eq!(
            none("npm test", 0, "# tests 0\n# skipped 0\n# todo 0\n"),
            (true, true)
        );
        let cargo = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(none("cargo test", 0, cargo), (true, true));
        for (command, exit, output) in [
            (pytest, 4, "ERROR: file not found\n\nno tests ran in 0.00s"),
            (pytest, 2, "1 error in 0.10s"),
            (pytest, 5, "4 deselected in 0.10s"),
            (pytest, 0, "2 skipped in 0.10s"),
            (pytest, 5, "something else"),
            ("./check.sh", 5, "no tests ran"),
            (
                "cargo test adds",
                0,
                &cargo.replace("0 filtered", "3 filtered"),
            ),
            ("true", 0, ""),
            (pytest, 0, "1 passed in 0.1s"),
        ] {
            assert_eq!(
                none(command, exit, output),
                (false, false),
                "{command}: {output}"
            );
        }
    }
}
