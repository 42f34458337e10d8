//! A check now against the same check before the work: green, broken by the work, or as red as it
//! was. And whether one command shows what another would.

use super::found_none::found_none;
use crate::engine::event::Receipt;
use crate::engine::failing::failed_count;

/// Whose check it is, which decides what excuses a failure that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The ticket's own: it must be green in the end, or show at least that more tests pass.
    Ticket,
    /// The user's: excused if it is a suite of which some tests passed before. One that showed
    /// nothing before is one that the work has to make green.
    User,
    /// The project's, or of a ticket that is done: no fault of this ticket.
    Project,
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
    /// The names of the tests that the work has added, as far as they are known.
    pub fresh: &'a [String],
}

impl Check<'_> {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        standing(self.now, self.before, self.origin)
    }
}

/// How a check stands, measured by how it stood before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It passed.
    Green,
    /// It failed, and nothing excuses it. The tests that fail now and did not before, by name, if
    /// its output names them.
    Broken(Vec<String>),
    /// It failed before the work in the same way, and nothing else fails now.
    AsBefore,
}

/// Compares a check with the same check before the work, if it was run then. A failure is excused
/// only by one that was there: by the names of the tests if both outputs tell them, else by the
/// same exit code and no more failures, where the outputs count them; output that named its tests
/// before and names none now is a worse failure. A command that ended with 0 has failed all the
/// same if its output names tests that failed, and did not before.
pub fn standing(now: &Receipt, before: Option<&Receipt>, origin: Origin) -> Standing {
    if now.exit == Some(0) && !now.timed_out && !now.failing.is_empty() {
        let new = new_names(now, before);
        return if new.is_empty() {
            Standing::AsBefore
        } else {
            Standing::Broken(new)
        };
    }
    if now.passed {
        return Standing::Green;
    }
    // What the person named has to be green.
    let had_none = before.is_none_or(|before| found_none(before, Some(before)) || !before.passed);
    if origin != Origin::User
        && found_none(now, before)
        && had_none
        && before.is_none_or(|b| tests(b) == 0)
    {
        return Standing::AsBefore;
    }
    let broken = || Standing::Broken(now.failing.clone());
    let Some(before) = before.filter(|before| !before.passed) else {
        return broken();
    };
    let is_excused = match origin {
        Origin::Ticket => passing(now) > passing(before),
        Origin::User => passing(before) > 0,
        Origin::Project => true,
    };
    if !is_excused {
        return broken();
    }
    match (before.failing.is_empty(), now.failing.is_empty()) {
        (false, false) => {
            let new = new_names(now, Some(before));
            let fewer_ran = passing(now) < passing(before);
            if new.is_empty() && !fewer_ran && !now.timed_out {
                Standing::AsBefore
            } else {
                Standing::Broken(new)
            }
        }
        (true, true)
            if same_ending(now, before)
                && tests(now) >= tests(before)
                && !more_failed(now, before) =>
        {
            Standing::AsBefore
        }
        _ => broken(),
    }
}

/// The tests that fail now and did not before.
fn new_names(now: &Receipt, before: Option<&Receipt>) -> Vec<String> {
    let old = before.map_or(&[][..], |before| before.failing.as_slice());
    let names = now.failing.iter();
    names.filter(|name| !old.contains(name)).cloned().collect()
}

/// Whether the output counts more failures than it did before, or counts them no longer.
fn more_failed(now: &Receipt, before: &Receipt) -> bool {
    match (failed_count(&now.output), failed_count(&before.output)) {
        (Some(now), Some(before)) => now > before,
        (now, before) => now.is_none() && before.is_some(),
    }
}

fn same_ending(now: &Receipt, before: &Receipt) -> bool {
    (now.exit, now.signal, now.timed_out) == (before.exit, before.signal, before.timed_out)
        && (now.exit.is_some() || now.timed_out || now.signal.is_some())
}

fn tests(receipt: &Receipt) -> u64 {
    receipt.tests.unwrap_or(0)
}

/// How many tests of a check ran and did not fail.
pub fn passing(receipt: &Receipt) -> u64 {
    tests(receipt).saturating_sub(receipt.failing.len() as u64)
}

/// Whether running `done` has shown what `wanted` would: the same runner over the whole project,
/// told apart only by how much it prints.
pub fn covers(done: &str, wanted: &str) -> bool {
    plain(done) == plain(wanted)
}

/// The words of a command that say what is run.
fn plain(command: &str) -> Vec<&str> {
    let words: Vec<&str> = command
        .split_whitespace()
        .filter(|word| {
            !matches!(
                *word,
                "-q" | "-v" | "-vv" | "--quiet" | "--verbose" | "--no-fail-fast"
            )
        })
        .collect();
    match words.as_slice() {
        [
            "python" | "python3" | ".venv/bin/python",
            "-m",
            module,
            rest @ ..,
        ] => {
            let rest = rest.iter().filter(|word| **word != "discover");
            std::iter::once(module).chain(rest).copied().collect()
        }
        words => words.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;

    fn ran(exit: i32, tests: Option<u64>, failing: &[&str]) -> Receipt {
        Receipt {
            exit: Some(exit),
            tests,
            failing: failing.iter().map(|name| (*name).to_owned()).collect(),
            ..told(Gate::Verify, exit == 0, "")
        }
    }

    fn check(before: Option<&Receipt>, now: &Receipt, expected: &Standing) {
        let standing = standing(now, before, Origin::Project);
        assert_eq!(standing, *expected, "{before:?}\n{now:?}");
    }

    fn broken(names: &[&str]) -> Standing {
        Standing::Broken(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn only_new_failures_count() {
        let green = ran(0, Some(3), &[]);
        let one = ran(1, Some(3), &["a"]);
        check(None, &green, &Standing::Green);
        check(None, &one, &broken(&["a"]));
        check(Some(&green), &one, &broken(&["a"]));
        check(Some(&one), &one, &Standing::AsBefore);
        check(Some(&one), &ran(1, Some(5), &["a"]), &Standing::AsBefore);
        check(Some(&one), &ran(1, Some(4), &["a", "b"]), &broken(&["b"]));
        check(Some(&one), &ran(1, Some(4), &["b"]), &broken(&["b"]));
        // Tests that passed and are gone are no improvement.
        check(Some(&one), &ran(1, Some(1), &["a"]), &broken(&[]));
    }

    #[test]
    fn without_names_the_ending_must_be_the_same() {
        let red = ran(2, None, &[]);
        check(Some(&red), &ran(2, None, &[]), &Standing::AsBefore);
        check(Some(&red), &ran(1, None, &[]), &broken(&[]));
        // It ran tests before and does not even start now.
        check(
            Some(&ran(1, Some(3), &["a"])),
            &ran(1, None, &[]),
            &broken(&[]),
        );
        let ended = |timed_out| Receipt {
            exit: None,
            timed_out,
            ..ran(1, None, &[])
        };
        check(Some(&ended(true)), &ended(true), &Standing::AsBefore);
        check(Some(&ended(false)), &ended(false), &broken(&[]));
    }

    #[test]
    fn without_names_no_more_may_fail() {
        let red = |output: &str, tests| Receipt {
            output: output.to_owned(),
            ..ran(1, Some(tests), &[])
        };
        let before = red("2 passing\n1 failing", 3);
        let same = red("3 passing\n1 failing", 4);
        check(Some(&before), &same, &Standing::AsBefore);
        check(Some(&before), &red("1 passing\n3 failing", 4), &broken(&[]));
        check(Some(&before), &red("cannot load", 3), &broken(&[]));
    }

    #[test]
    fn what_the_output_names_outranks_the_exit_code() {
        let named = ran(0, Some(3), &["a"]);
        let green = ran(0, Some(3), &[]);
        check(None, &named, &broken(&["a"]));
        check(Some(&green), &named, &broken(&["a"]));
        check(Some(&named), &named, &Standing::AsBefore);
        check(Some(&named), &ran(0, Some(3), &["a", "b"]), &broken(&["b"]));
    }

    #[test]
    fn what_the_work_has_to_turn_green_is_not_excused() {
        let red = ran(1, Some(1), &["a"]);
        let some = ran(1, Some(3), &["a"]);
        let stands = |now: &Receipt, before: &Receipt, origin| standing(now, Some(before), origin);
        assert_eq!(stands(&red, &red, Origin::Ticket), broken(&["a"]));
        assert_eq!(stands(&some, &some, Origin::Ticket), broken(&["a"]));
        let more = ran(1, Some(4), &["a"]);
        assert_eq!(stands(&more, &some, Origin::Ticket), Standing::AsBefore);
        assert_eq!(stands(&red, &red, Origin::User), broken(&["a"]));
        assert_eq!(stands(&some, &some, Origin::User), Standing::AsBefore);
    }

    #[test]
    fn the_same_runner_is_known_again() {
        assert!(covers(
            "python3 -m unittest",
            "python3 -m unittest discover"
        ));
        assert!(covers("pytest", "python3 -m pytest -q"));
        assert!(covers("cargo test --quiet", "cargo test"));
        assert!(covers("cargo test", "cargo test --no-fail-fast"));
        assert!(!covers(
            "python3 -m unittest test_a",
            "python3 -m unittest discover"
        ));
        assert!(!covers("cargo test --lib", "cargo test"));
    }
}
