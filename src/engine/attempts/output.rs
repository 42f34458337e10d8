//! The few lines of a failing check that say most. Knows no runner; leaves out what says nothing.

use crate::engine::loops::telling_line;

/// What a line that tells of a failure has in it.
const SIGNS: [&str; 9] = [
    "error",
    "fail",
    "exception",
    "assert",
    "panicked",
    "not found",
    "no such",
    "denied",
    "undefined",
];
/// What a line that only counts or passes has in it.
const QUIET: [&str; 3] = ["0 failed", "0 errors", "... ok"];

/// The first failing lines of an output, at most so many, each of at most so many characters. The
/// line that tells most is the last of them.
pub(super) fn first_failing(output: &str, most: usize, longest: usize) -> Vec<String> {
    let lines = telling_lines(output);
    let short = |line: &str| line.chars().take(longest).collect::<String>();
    let telling = short(&telling_line(output));
    let first = lines.iter().position(|line| tells_of_a_failure(line));
    let Some(first) = first else {
        let last = lines.len().saturating_sub(most);
        return lines[last..].iter().map(|line| short(line)).collect();
    };
    let mut found: Vec<String> = Vec::new();
    for line in &lines[first..] {
        found.push(short(line));
        if found.last().is_some_and(|line| line.trim() == telling) {
            break;
        }
    }
    if found.len() > most {
        found.truncate(most.saturating_sub(1));
        found.push(telling);
    }
    found
}

/// The lines without rules, carets, heads of traces, and what a trace says of a runtime's own files.
fn telling_lines(output: &str) -> Vec<&str> {
    let mut within_runtime = false;
    let lines = output.lines().map(str::trim_end);
    lines
        .filter(|line| {
            let of_the_frame = std::mem::take(&mut within_runtime) && line.starts_with("    ");
            within_runtime = is_of_the_runtime(line);
            let says_something = line.chars().any(char::is_alphanumeric)
                && !line.starts_with("Traceback (most recent call last)");
            says_something && !within_runtime && !of_the_frame
        })
        .collect()
}

/// A frame of a trace that is not in the project.
fn is_of_the_runtime(line: &str) -> bool {
    let line = line.trim_start();
    let is_frame = line.starts_with("File \"/") || line.starts_with("at ");
    let places = ["/lib/python", "/site-packages/", "node:", "/rustc/"];
    is_frame && places.iter().any(|place| line.contains(place))
}

fn tells_of_a_failure(line: &str) -> bool {
    let line = line.to_lowercase();
    SIGNS.iter().any(|sign| line.contains(sign)) && !QUIET.iter().any(|quiet| line.contains(quiet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, most: usize, expected: &[&str]) {
        assert_eq!(first_failing(output, most, 60), expected, "{output}");
    }

    #[test]
    fn the_first_failure_is_told_without_what_says_nothing() {
        let unittest = "E\n=====\nERROR: test_a (test_a.A)\n-----\nTraceback (most recent call last):\n  File \"a.py\", line 3\n    import b\n    ^^^^^^^^\nModuleNotFoundError: No module named 'b'\n\nRan 1 test in 0.000s\n\nFAILED (errors=1)\n";
        check(
            unittest,
            4,
            &[
                "ERROR: test_a (test_a.A)",
                "  File \"a.py\", line 3",
                "    import b",
                "ModuleNotFoundError: No module named 'b'",
            ],
        );
        // Where it stands too far down, the telling line comes last all the same.
        check(
            unittest,
            2,
            &[
                "ERROR: test_a (test_a.A)",
                "ModuleNotFoundError: No module named 'b'",
            ],
        );
        let cargo = "running 2 tests\ntest a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\nthread 'b' panicked at src/lib.rs:3:5:\nassertion failed: 1 == 2\n";
        check(
            cargo,
            3,
            &["test b ... FAILED", "failures:", "assertion failed: 1 == 2"],
        );
    }

    #[test]
    fn without_a_sign_the_last_lines_are_told() {
        check("one\ntwo\nthree\n", 2, &["two", "three"]);
        check("", 3, &[]);
        check(&"x".repeat(90), 3, &[&"x".repeat(60)]);
    }
}
