//! What a series of checks adds up to: the verdict behind a claim of being done. Pure; the checks
//! themselves are run by `run/gate.rs`.

use super::event::{Gate, Receipt};

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

/// Whether the model was told before that nothing shows its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No: it is told once.
    Never,
    /// Yes: there may be nothing to test, as in a text.
    Before,
}

/// Said once where no test command can be found.
const NOTHING_SHOWS_IT: &str = "Nothing shows that it works: the program found no tests to run in the project folder. If you wrote code, add a test that runs from the project folder. If there is nothing that could be tested, such as a text, just end again.";

/// The verdict on a ticket or a repair.
pub fn verdict(
    receipts: &[Receipt],
    commands: Commands,
    changed: Changed,
    asked: Asked,
) -> Receipt {
    let tests: u64 = receipts.iter().filter_map(|receipt| receipt.tests).sum();
    let failed = receipts.iter().find(|receipt| !receipt.passed);
    let (passed, output) = match (failed, changed) {
        (Some(failed), _) => (false, failure(failed)),
        (None, Changed::No) => (
            false,
            "You said that you are done, but nothing in the project has changed. Do the work first, with the tools.".to_owned(),
        ),
        (None, Changed::Yes | Changed::Unknown) => match commands {
            Commands::OfThePlan if tests == 0 => (false, no_tests(receipts)),
            Commands::None if asked == Asked::Never => (false, NOTHING_SHOWS_IT.to_owned()),
            Commands::None => (true, "changed, but no check exists that could show it".to_owned()),
            Commands::OfThePlan | Commands::OfTheUser => (true, success(receipts, tests)),
        },
    };
    Receipt {
        tests: Some(tests),
        ms: 0,
        ..told(Gate::Verdict, passed, output)
    }
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
        output: output.into(),
        output_sha256: String::new(),
        tree_before: None,
        tree_after: None,
        sandbox: String::new(),
        passed,
    }
}

fn failure(receipt: &Receipt) -> String {
    let how = match (receipt.timed_out, receipt.exit, receipt.signal) {
        (true, _, _) => "did not end in time".to_owned(),
        (false, Some(0), _) => "executed no test".to_owned(),
        (false, Some(code), _) => format!("failed with exit code {code}"),
        (false, None, Some(signal)) => format!("was ended by signal {signal}"),
        (false, None, None) => "could not be started".to_owned(),
    };
    format!(
        "The program ran a check and it {how}:\n$ {}\n{}\nFind the cause and repair it. If a new test of yours states the wrong thing, correct it; never weaken the others.",
        receipt.command,
        tail(&receipt.output)
    )
}

fn no_tests(receipts: &[Receipt]) -> String {
    let commands: Vec<&str> = receipts
        .iter()
        .map(|receipt| receipt.command.as_str())
        .collect();
    format!(
        "These checks exited 0, but none of them started a test runner, so nothing is shown:\n$ {}\nWrite real tests in the way of the language (for Python: test_*.py with unittest). The program finds and runs the project's tests by itself.",
        commands.join("\n$ ")
    )
}

fn success(receipts: &[Receipt], tests: u64) -> String {
    // Each command with its own count: suites may overlap, so a sum would promise too much.
    let counted: Vec<String> = receipts
        .iter()
        .map(|receipt| match receipt.tests {
            Some(1) => format!("{} (1 test)", receipt.command),
            Some(n) => format!("{} ({n} tests)", receipt.command),
            None => receipt.command.clone(),
        })
        .collect();
    let what = if tests == 0 {
        "exit 0"
    } else {
        "tests ran and passed"
    };
    format!("{what}: {}", counted.join("; "))
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
        let verdict = verdict(receipts, commands, changed, Asked::Before);
        assert_eq!(verdict.passed, passed, "{}", verdict.output);
        assert!(verdict.output.contains(says), "{}", verdict.output);
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
    fn findings_pass_only_if_every_path_exists() {
        assert!(paths_verdict("src/a.py holds it", &[]).passed);
        assert!(!paths_verdict("  ", &[]).passed);
        let verdict = paths_verdict("see src/b.py", &["src/b.py".to_owned()]);
        assert!(!verdict.passed);
        assert_eq!(verdict.command, "src/b.py");
    }
}
