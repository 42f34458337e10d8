//! Which tests failed, by name, as a runner's output tells it: so that a test which failed before
//! the work is told from one which the work broke. Knows the lines of common runners; what it does
//! not know has no names, and is then compared by exit code only. Pure.

use std::collections::BTreeSet;

/// The most names that are kept of one output.
const MOST: usize = 500;
/// Characters of one name.
const LONGEST: usize = 200;

/// The names of the tests that failed, without repeats, in the order of their names. Empty if
/// none failed or the output does not name them.
pub fn failing_tests(output: &str) -> Vec<String> {
    let mut names = BTreeSet::new();
    for line in output.lines() {
        if let Some(name) = failed(line) {
            let name: String = name.trim().chars().take(LONGEST).collect();
            if !name.is_empty() {
                names.insert(name);
            }
        }
        if names.len() >= MOST {
            break;
        }
    }
    names.into_iter().collect()
}

/// How many tests failed, as the summaries in the output say; none if they do not say.
pub fn failed_count(output: &str) -> Option<u64> {
    let counts = output.lines().filter_map(|line| {
        let failures = counted(line, &["failing", "failed", "failure", "failures"])?;
        let errors = counted(line, &["error", "errors"]).unwrap_or(0);
        Some(failures.saturating_add(errors))
    });
    counts.reduce(u64::saturating_add)
}

/// The number beside one of these words: `3 failing`, `Failures: 3`.
fn counted(line: &str, words: &[&str]) -> Option<u64> {
    // jest and vitest count their files apart, Maven its classes.
    let of_files = ["Test Suites:", "Test Files", "Time elapsed"];
    if of_files.iter().any(|label| line.contains(label)) {
        return None;
    }
    let number = |word: &str| word.parse::<u32>().ok().map(u64::from);
    let pieces = line.split([',', ';', '.', '(', ')', '|', '=']);
    let counts = pieces.filter_map(|piece| {
        let piece: Vec<&str> = piece.split_whitespace().collect();
        piece.windows(2).find_map(|pair| {
            let label = pair[0].strip_suffix(':').map(str::to_ascii_lowercase);
            match label.filter(|label| words.contains(&label.as_str())) {
                Some(_) => number(pair[1]),
                None if words.contains(&pair[1]) => number(pair[0]),
                None => None,
            }
        })
    });
    counts.reduce(u64::saturating_add)
}

/// The test that this line calls failed.
fn failed(line: &str) -> Option<&str> {
    let text = line.trim_end();
    rust(text)
        .or_else(|| python(text))
        .or_else(|| go(text))
        .or_else(|| javascript(text))
        .or_else(|| java(text))
        .or_else(|| text.strip_prefix("rspec ").map(before_comment))
}

/// `test a::b ... FAILED`, and nextest's `FAIL [   0.012s] crate a::b`.
fn rust(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("test ") {
        return rest.strip_suffix(" ... FAILED");
    }
    let rest = text.trim_start().strip_prefix("FAIL [")?;
    rest.split_once("] ").map(|(_, name)| name)
}

/// pytest's `FAILED test_a.py::test_b - why` and `ERROR test_a.py`, unittest's
/// `FAIL: test_b (test_a.A.test_b)` and `ERROR: test_b (…)`.
fn python(text: &str) -> Option<&str> {
    for label in ["FAIL: ", "ERROR: "] {
        if let Some(name) = text.strip_prefix(label) {
            return name.ends_with(')').then_some(name);
        }
    }
    let name = text
        .strip_prefix("FAILED ")
        .or_else(|| text.strip_prefix("ERROR "))?;
    let name = name.split_once(" - ").map_or(name, |(name, _)| name);
    let file = name.split("::").next().unwrap_or(name);
    file.strip_suffix(".py").map(|_| name)
}

/// `--- FAIL: TestX (0.00s)`; a package that did not build has no tests to name.
fn go(text: &str) -> Option<&str> {
    if let Some(rest) = text.trim_start().strip_prefix("--- FAIL: ") {
        return rest.split_whitespace().next();
    }
    let package = text.strip_prefix("FAIL\t")?;
    package.strip_suffix(" [build failed]")
}

/// TAP's `not ok 1 - name`, node's `✖ name (1.2ms)`, jest's `✕ name (3 ms)`, vitest's `× name`.
fn javascript(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix("not ok ") {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let name = name.trim_start().trim_start_matches("- ");
        let expected = name.contains("# TODO") || name.contains("# SKIP");
        return (!expected).then_some(name);
    }
    let name = ["✖ ", "✕ ", "× "]
        .iter()
        .find_map(|sign| text.strip_prefix(sign))?;
    // node ends with a heading of that form.
    let expected = name.contains("# TODO");
    (name != "failing tests:" && !expected).then(|| without_time(name))
}

/// Gradle's `ATest > b() FAILED`, Maven's `[ERROR]   ATest.b:12 why`.
fn java(text: &str) -> Option<&str> {
    if text.contains(" > ") {
        return text.strip_suffix(" FAILED");
    }
    let rest = text.strip_prefix("[ERROR]   ")?;
    let name = rest.split([':', ' ']).next()?;
    name.contains('.').then_some(name)
}

/// `name (1.2ms)` without the time, which differs from run to run.
fn without_time(name: &str) -> &str {
    match name.rsplit_once(" (") {
        Some((before, time)) if time.ends_with("ms)") || time.ends_with("s)") => before,
        _ => name,
    }
}

/// `./spec/a_spec.rb:3 # says` without what it says.
fn before_comment(name: &str) -> &str {
    name.split_once(" # ").map_or(name, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, expected: &[&str]) {
        assert_eq!(failing_tests(output), expected, "{output}");
    }

    #[test]
    fn runners_say_how_many_failed() {
        let said = [
            ("  2 passing (5ms)\n  3 failing\n\n  1) adds", Some(3)),
            ("Tests: 5, Assertions: 5, Errors: 1, Failures: 3.", Some(4)),
            (
                "5 runs, 5 assertions, 3 failures, 1 errors, 0 skips",
                Some(4),
            ),
            ("5 tests, 3 failures", Some(3)),
            (
                "Failed!  - Failed:     3, Passed:     2, Total:     5",
                Some(3),
            ),
            (
                "Test Suites: 1 failed, 1 total\nTests:       3 failed, 5 total",
                Some(3),
            ),
            ("5 tests, 0 failures", Some(0)),
            ("error: could not compile, 3 errors", None),
            ("", None),
        ];
        for (output, expected) in said {
            assert_eq!(failed_count(output), expected, "{output}");
        }
    }

    #[test]
    fn runners_name_what_failed() {
        check(
            "test a::b ... ok\ntest a::c ... FAILED\ntest d - should panic ... FAILED\n",
            &["a::c", "d - should panic"],
        );
        check(
            "        FAIL [   0.012s] (1/2) app a::c\n        PASS [   0.010s] app a::d",
            &["(1/2) app a::c"],
        );
        check(
            "FAILED tests/test_a.py::test_b - assert 1 == 2\nERROR tests/test_c.py\nFAILED tests/test_a.py::test_d[1-2]\n",
            &[
                "tests/test_a.py::test_b",
                "tests/test_a.py::test_d[1-2]",
                "tests/test_c.py",
            ],
        );
        check(
            "FAIL: test_b (test_a.A.test_b)\nERROR: test_c (test_a.A.test_c)\nFAILED (failures=1)\n",
            &["test_b (test_a.A.test_b)", "test_c (test_a.A.test_c)"],
        );
        check(
            "--- FAIL: TestX (0.00s)\n    --- FAIL: TestX/y (0.00s)\nFAIL\tex/z [build failed]\nFAIL\tex/q\t0.01s",
            &["TestX", "TestX/y", "ex/z"],
        );
        check(
            "TAP version 13\nok 1 - a\nnot ok 2 - b c\nnot ok 3 - d # TODO later\n",
            &["b c"],
        );
        check(
            "✖ adds two (1.234ms)\n✖ failing tests:\n✖ adds two (1.234ms)\n",
            &["adds two"],
        );
        check("    ✕ adds (3 ms)\n    ✓ works (1 ms)\n", &["adds"]);
        check(
            "ATest > b() FAILED\n2 tests completed, 1 failed",
            &["ATest > b()"],
        );
        check(
            "[ERROR]   ATest.b:12 expected 1\n[ERROR] Tests run: 2",
            &["ATest.b"],
        );
        check(
            "rspec ./spec/a_spec.rb:3 # A says b\n",
            &["./spec/a_spec.rb:3"],
        );
        check(
            "ERROR: the server is gone\nFAILED to connect\nerror: x",
            &[],
        );
    }
}
