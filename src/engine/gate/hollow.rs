//! Whether the tests of a ticket are to be run once more with the code that it added made to fail,
//! and what that comes to: tests that pass then as well say nothing of it. Pure; they are run by
//! `run/hollow.rs`.

use crate::engine::event::Receipt;

/// How runners say that a value was not as expected, and not merely that something is not there.
const COMPARED: &[&str] = &[
    "AssertionError",
    "ERR_ASSERTION",
    "assertion `",
    "assertion failed",
    "expect(",
    "\nFAIL: ",
];

/// With these a test may say itself that something is not there.
const FORESEEN: &[&str] = &[
    "except",
    "hasattr",
    "getattr",
    "importlib",
    "find_spec",
    "catch",
    "typeof",
    ".exists",
    "existsSync",
];

/// Whether tests that fail without the work may do so only because what they load is not there.
pub fn may_only_load<'a>(without: &Receipt, mut tests: impl Iterator<Item = &'a str>) -> bool {
    let is_compared = COMPARED.iter().any(|said| without.output.contains(said));
    !is_compared || tests.any(|text| FORESEEN.iter().any(|word| text.contains(word)))
}

/// Whether such a run has shown that the tests need no code: all of them pass, and there are some.
pub fn needs_no_code(hollow: &Receipt) -> bool {
    hollow.passed && hollow.tests.is_some_and(|tests| tests > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;

    #[test]
    fn what_is_compared_is_told_from_what_is_not_there() {
        let said = |text: &str| told(Gate::Without, false, text);
        let only = |output: &str, test: &str| may_only_load(&said(output), [test].into_iter());
        let missing = "ImportError: cannot import name 'thrice'";
        assert!(only(missing, "import old"));
        assert!(!only("AssertionError: 4 != 6", "import old"));
        assert!(only("AssertionError: no", "except ImportError:"));
    }

    #[test]
    fn only_tests_that_ran_need_no_code() {
        let ran = |passed, tests| Receipt {
            tests,
            ..told(Gate::Hollow, passed, "")
        };
        assert!(needs_no_code(&ran(true, Some(1))));
        assert!(!needs_no_code(&ran(false, Some(1))));
        assert!(!needs_no_code(&ran(true, Some(0))));
        assert!(!needs_no_code(&ran(true, None)));
    }
}
