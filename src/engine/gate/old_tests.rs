//! What the tests that stood before a ticket say of its work when nothing stands beside them that
//! the ticket has added: what passed before has to pass. Pure; they are run by
//! `run/old_tests.rs`.

use super::compare::passing;
use super::said::tail;
use super::verdict::told;
use crate::engine::event::{Gate, Receipt};

/// The most names that are told.
const NAMED: usize = 6;

/// Whether that check says something about old tests: some of them passed before the ticket, and
/// it is known that it was they.
pub fn has_passed(before: &Receipt) -> bool {
    passing(before) > 0 && (before.passed || !before.failing.is_empty())
}

/// What passed before the ticket and does not pass now with the tests as they were. None: all of
/// it does. By name, where the output names what fails; else by how many were executed, of which
/// so many may be fewer; none is counted where tests that were there are others now.
pub fn lost(as_they_were: &Receipt, before: &Receipt, may_be_fewer: Option<u64>) -> Option<String> {
    let names = as_they_were.failing.iter();
    let new: Vec<&str> = names
        .filter(|name| !before.failing.contains(name))
        .map(String::as_str)
        .collect();
    if !new.is_empty() {
        let shown: Vec<String> = new
            .iter()
            .take(NAMED)
            .map(|name| format!("`{name}`"))
            .collect();
        let more = match new.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let verb = if new.len() == 1 { "fails" } else { "fail" };
        return Some(format!("{}{more} {verb}", shown.join(", ")));
    }
    let (had, has) = (passing(before), passing(as_they_were));
    let fewer = match may_be_fewer {
        Some(fewer) => fewer,
        None if as_they_were.exit == Some(0) => return None,
        None => 0,
    };
    (has.saturating_add(fewer) < had)
        .then(|| format!("{has} of the {had} tests that passed before your change pass"))
}

/// Whether a check in a copy of the project came to what it did in the project: only then a copy
/// says something.
pub fn is_the_same(in_copy: &Receipt, now: &Receipt) -> bool {
    passing(in_copy) >= passing(now) && (in_copy.passed || !now.passed)
}

/// Fewer tests than were executed before the ticket and the new ones together, where only numbers
/// can say whether old ones are left out.
pub fn too_few(now: &Receipt, before: &Receipt, (new, fewer): (u64, u64)) -> Option<Receipt> {
    let (had, has) = (before.tests?, now.tests?);
    if has.saturating_add(fewer) >= had.saturating_add(new) {
        return None;
    }
    let text = format!(
        "The program ran a check, and some tests are not run any more: it executed {had} tests before your change, your change adds {new}, and it executes {has} now:\n$ {}\nFind out which tests are left out, and let all of them run.",
        now.command
    );
    Some(told(Gate::Verdict, false, text))
}

/// What the model is told besides of a test that does not pass any more as it was.
pub fn as_it_was(as_they_were: &Receipt, lost: &str) -> String {
    format!(
        "\nThe program ran it as it was, and {lost}:\n$ {}\n{}",
        as_they_were.command,
        tail(&as_they_were.output)
    )
}

/// What the model is told of old tests that need what it added, or what it changed beside them.
pub fn need_what_was_added(
    as_they_were: &Receipt,
    lost: &str,
    (added, back): (&[String], &[String]),
) -> Receipt {
    let (these, them) = match added {
        [_] => ("this file", "it"),
        _ => ("these files", "them"),
    };
    let changed: Vec<&String> = back.iter().filter(|path| !added.contains(path)).collect();
    let (also, as_it_was) = match &changed[..] {
        [] => (String::new(), String::new()),
        changed => {
            let names: Vec<String> = changed.iter().map(|path| format!("`{path}`")).collect();
            let names = names.join(", ");
            (
                format!(", or with what you changed beside them: {names}"),
                format!(", with {names} as before your change"),
            )
        }
    };
    let text = format!(
        "The old tests pass only together with {these} that you added: {}{also}. The program ran them without {them}{as_it_was}, and {lost}:\n$ {}\n{}\nYour change breaks what worked. Correct the code so that the old tests pass without {these}; what stands beside tests must not change the code or other tests.",
        added.join(", "),
        as_they_were.command,
        tail(&as_they_were.output)
    );
    told(Gate::Verdict, false, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(exit: i32, tests: Option<u64>, failing: &[&str]) -> Receipt {
        Receipt {
            exit: Some(exit),
            tests,
            failing: failing.iter().map(|name| (*name).to_owned()).collect(),
            ..told(Gate::OldTests, exit == 0, "")
        }
    }

    #[test]
    fn what_passed_has_to_pass() {
        let before = ran(1, Some(3), &["a"]);
        let says = |now: &Receipt, fewer| lost(now, &before, fewer);
        assert_eq!(says(&ran(1, Some(3), &["a"]), Some(0)), None);
        // Something else is wrong with it, as that too little is covered.
        assert_eq!(says(&ran(2, Some(3), &[]), Some(0)), None);
        assert_eq!(
            says(&ran(1, Some(3), &["a", "b"]), None).unwrap(),
            "`b` fails"
        );
        let one = "1 of the 2 tests that passed before your change pass";
        assert_eq!(says(&ran(0, Some(1), &[]), Some(0)).unwrap(), one);
        assert_eq!(says(&ran(0, Some(1), &[]), Some(1)), None);
        assert_eq!(says(&ran(0, Some(1), &[]), None), None);
        assert!(says(&ran(1, None, &[]), None).is_some());
        assert!(!has_passed(&ran(1, Some(1), &["a"])));
        assert!(!has_passed(&ran(1, Some(1), &[])));
        assert!(has_passed(&before));
    }

    #[test]
    fn what_was_put_back_is_named_beside_what_was_added() {
        let paths = |paths: &[&str]| -> Vec<String> {
            paths.iter().map(|path| (*path).to_owned()).collect()
        };
        let says = |back: &[&str]| {
            let receipt = ran(1, Some(1), &["a"]);
            need_what_was_added(&receipt, "`a` fails", (&paths(&["new.py"]), &paths(back))).output
        };
        let both = says(&["tests/data/rates.json", "new.py"]);
        assert!(both.contains("that you added: new.py, or with what you changed beside them: `tests/data/rates.json`. The program ran them without it, with `tests/data/rates.json` as before your change, and `a` fails"), "{both}");
        let one = says(&["new.py"]);
        assert!(
            one.contains("that you added: new.py. The program ran them without it, and"),
            "{one}"
        );
    }

    #[test]
    fn a_copy_and_numbers_say_what_they_can() {
        let now = ran(0, Some(3), &[]);
        assert!(is_the_same(&now, &now));
        assert!(!is_the_same(&ran(1, None, &[]), &now));
        let before = ran(0, Some(2), &[]);
        assert!(too_few(&now, &before, (1, 0)).is_none());
        assert!(too_few(&now, &before, (2, 0)).is_some());
        assert!(too_few(&now, &before, (2, 1)).is_none());
        assert!(too_few(&now, &ran(1, None, &[]), (9, 0)).is_none());
    }
}
