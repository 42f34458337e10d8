//! What it comes to that the tests of a ticket are run once more with the code that it added made to
//! fail, or to return nothing: tests that pass then as well say nothing of it. Pure; they are run
//! by `run/hollow.rs`.

use crate::engine::event::Receipt;

/// The first line of the output where functions do not fail, but return nothing.
pub const RETURNS_NOTHING: &str =
    "every function that was added or changed returns nothing at once here";

/// Whether functions return nothing in such a run; in others they fail.
pub fn is_of_nothing(hollow: &Receipt) -> bool {
    hollow.output.starts_with(RETURNS_NOTHING)
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
    fn the_two_ways_are_told_apart_by_the_first_line() {
        let said = |text: &str| told(Gate::Hollow, false, text);
        assert!(is_of_nothing(&said(&format!(
            "{RETURNS_NOTHING}\n1 failed"
        ))));
        assert!(!is_of_nothing(&said("1 failed")));
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
