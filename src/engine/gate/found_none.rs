//! A test tool that ran and found no test: nothing is shown by it, and nothing is wrong either where
//! there was none before.

use crate::engine::event::Receipt;
use crate::engine::test_count::{Summary, started};

/// What pytest, and unittest of late, end with when there is no test.
const NONE_COLLECTED: i32 = 5;

/// Whether a check is of a test tool that found no test at all: none failed, and none was left out.
pub(super) fn found_none(receipt: &Receipt) -> bool {
    if receipt.timed_out || !receipt.failing.is_empty() || leaves_out(&receipt.output) {
        return false;
    }
    let is_silent = || receipt.tests.is_none() && receipt.output.trim().is_empty();
    match receipt.exit {
        Some(0) => receipt.tests == Some(0),
        Some(NONE_COLLECTED) => {
            is_of_python(&receipt.command) && (receipt.tests == Some(0) || is_silent())
        }
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
            found_none(&Receipt {
                command: command.to_owned(),
                exit: Some(exit),
                tests: tests_executed(command, output),
                ..told(Gate::Verify, exit == 0, output)
            })
        };
        let pytest = "python3 -m pytest -q";
        assert!(none(pytest, 5, "no tests ran in 0.00s"));
        assert!(none(pytest, 5, "\n"), "told to be quiet twice");
        let ran_none = "Ran 0 tests in 0.000s\n\nNO TESTS RAN\n";
        assert!(none("python3 -m unittest", 5, ran_none));
        assert!(none(
            "python3 -m unittest",
            0,
            "Ran 0 tests in 0.000s\n\nOK"
        ));
        assert!(none("npm test", 0, "# tests 0\n# skipped 0\n# todo 0\n"));
        let cargo = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert!(none("cargo test", 0, cargo));
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
            assert!(!none(command, exit, output), "{command}: {output}");
        }
    }
}
