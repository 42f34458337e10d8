//! What a ticket's tests say without its work: which files they are, whether such a look is due at
//! all, and what it adds up to. Tests that pass on the code as it was before the ticket show
//! nothing of it. Pure; they are run by `run/without.rs`.

use crate::engine::artifact::{PlanTicket, Ticket};
use crate::engine::guard::{Share, share};

/// What is to be done about the tests of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// None of its own: there is nothing to run alone.
    NoTests,
    /// Nothing but tests, and what they are run with, was changed: without the work everything is
    /// as it is. They may be tests of what an earlier ticket has made.
    OnlyTests(Vec<String>),
    /// These are to be run without the rest: tests, and what they are run with.
    Run(Vec<String>),
}

/// What is to be done about the tests among the files that a ticket has changed.
pub fn look(changed: &[String]) -> Look {
    let of = |wanted: fn(Share) -> bool| changed.iter().filter(move |path| wanted(share(path)));
    if of(|share| share == Share::Test).next().is_none() {
        return Look::NoTests;
    }
    let is_work = |share| matches!(share, Share::Work | Share::Text);
    let beside = of(|share| matches!(share, Share::Test | Share::Beside));
    let beside = beside.cloned().collect();
    if of(is_work).next().is_none() {
        Look::OnlyTests(beside)
    } else {
        Look::Run(beside)
    }
}

/// Why tests that pass without the work are no fault of it: it was to change how the code is
/// written and not what it does, or to be nothing but tests and texts. None: they are.
pub fn may_pass_without(
    ticket: Option<&Ticket>,
    plan: Option<&PlanTicket>,
    changed: &[String],
) -> Option<&'static str> {
    if is_refactoring(ticket) {
        return Some("the ticket is a refactoring");
    }
    let is_work = |path: &String| share(path) == Share::Work;
    if changed.iter().any(is_work) {
        return None;
    }
    let words = words(ticket);
    let is_said = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "test" | "tests" | "coverage" | "doc" | "docs" | "readme"
        ) || word.starts_with("document")
            || word.starts_with("characteri")
    });
    let planned = plan.iter().flat_map(|plan| &plan.files);
    let mut announced: Vec<String> = planned.map(|file| file.path.clone()).collect();
    if announced.is_empty() {
        announced.extend(ticket.iter().flat_map(|ticket| ticket.files.clone()));
    }
    let names_tests = announced.iter().any(|path| share(path) == Share::Test);
    let is_about_tests = if announced.is_empty() || names_tests {
        // Whoever tests something names it beside its tests.
        is_said || (names_tests && !announced.iter().any(is_work))
    } else {
        !announced.iter().any(is_work)
    };
    is_about_tests.then_some(OF_TESTS)
}

/// Said of a ticket that is nothing but tests, or texts.
pub const OF_TESTS: &str = "the ticket is about tests and texts: tests of code that was there";

/// Whether a ticket is to change how something is written and not what it does, by its title.
pub fn is_refactoring(ticket: Option<&Ticket>) -> bool {
    const VERBS: &[&str] = &[
        "rename",
        "move",
        "split",
        "extract",
        "inline",
        "simplify",
        "tidy",
        "clean",
        "merge",
        "deduplicate",
        "format",
        "reformat",
        "join",
        "parametrise",
        "parametrize",
    ];
    const OF_CODE: &[&str] = &[
        "function",
        "functions",
        "module",
        "modules",
        "class",
        "classes",
        "method",
        "methods",
        "file",
        "files",
        "package",
        "code",
        "helper",
        "helpers",
        "test",
        "tests",
    ];
    const MORE: &[&str] = &["add", "implement", "support", "introduce", "new"];
    let words = words(ticket);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let title = ticket.map_or("", |ticket| ticket.title.as_str());
    let is_named = words.iter().any(|word| {
        ["refactor", "restructur", "reorgani"]
            .iter()
            .any(|begin| word.starts_with(begin))
    });
    let begins = words
        .first()
        .is_some_and(|word| VERBS.contains(&word.as_str()));
    let is_of_code = has(OF_CODE) || title.contains(['`', '_', '(']) || title.contains(".py");
    !has(MORE) && (is_named || (begins && is_of_code))
}

/// The words of a ticket's title, in small letters.
fn words(ticket: Option<&Ticket>) -> Vec<String> {
    let title = ticket.map_or("", |ticket| ticket.title.as_str());
    let words = title.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::artifact::FileChange;

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn tests_are_run_with_what_is_beside_them() {
        let changed = ["a.py", "test_a.py", "Makefile", "__pycache__/a.pyc"];
        let beside = paths(&["test_a.py", "Makefile"]);
        assert_eq!(look(&paths(&changed)), Look::Run(beside));
        assert_eq!(look(&paths(&["a.py", "Makefile"])), Look::NoTests);
        let only = ["test_a.py", "tests/data.json", "__pycache__/a.pyc"];
        assert_eq!(look(&paths(&only)), Look::OnlyTests(paths(&only[..2])));
        // A text may be what the test is about.
        let text = look(&paths(&["greeting.txt", "test_a.py"]));
        assert_eq!(text, Look::Run(paths(&["test_a.py"])));
    }

    #[test]
    fn a_refactoring_and_a_ticket_of_tests_are_excused() {
        let titled = |title: &str| Ticket {
            title: title.to_owned(),
            ..Ticket::default()
        };
        let plan = |path: &str| PlanTicket {
            files: vec![FileChange {
                path: path.to_owned(),
                change: "write".to_owned(),
            }],
            ..PlanTicket::default()
        };
        let excused = |title: &str, plan: Option<&PlanTicket>, changed: &[&str]| {
            may_pass_without(Some(&titled(title)), plan, &paths(changed)).is_some()
        };
        assert!(excused("Refactor the store", None, &["a.py", "test_a.py"]));
        assert!(!excused("Add a list", None, &["a.py", "test_a.py"]));
        assert!(excused("Add tests for add", None, &["test_a.py"]));
        assert!(!excused("Add tests for add", None, &["a.py", "test_a.py"]));
        assert!(!excused("Add a list", None, &["test_a.py"]));
        assert!(excused(
            "Cover add",
            Some(&plan("test_a.py")),
            &["test_a.py"]
        ));
        assert!(!excused("Add tests", Some(&plan("a.py")), &["test_a.py"]));
        let mut both = plan("a.py");
        both.files.extend(plan("test_a.py").files);
        assert!(excused("Write tests for add", Some(&both), &["test_a.py"]));
        assert!(!excused("Add a list", Some(&both), &["test_a.py"]));
    }

    #[test]
    fn a_refactoring_is_told_from_a_feature_by_its_title() {
        for (title, expected) in [
            ("Refactor the store", true),
            ("Rename `twice` to `double`", true),
            ("Split test_old.py in two", true),
            ("Move the helpers into their own module", true),
            ("Extract load() into store.py", true),
            ("Refactor the store and add a list", false),
            ("Rename a todo", false),
            ("Move a todo up", false),
            ("Split a bill", false),
            ("Add a list", false),
        ] {
            let ticket = Ticket {
                title: title.to_owned(),
                ..Ticket::default()
            };
            assert_eq!(is_refactoring(Some(&ticket)), expected, "{title}");
        }
    }
}
