//! What a ticket and its plan say beforehand that they will change, or take away.

use super::files::{Role, name, role};
use super::test_file::Announced;
use crate::engine::artifact::{PlanTicket, Ticket};

/// What a ticket and its plan say that they will change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    paths: Vec<String>,
    /// Whether the ticket says that tests are to go.
    removes: bool,
    /// Files of which the plan says so.
    removed: Vec<String>,
    /// The words of the task, which name files as well as a plan does.
    task: Vec<String>,
}

/// Words by which a ticket says that something is to go.
const GOING: &[&str] = &[
    "remove", "removes", "delete", "deletes", "drop", "drops", "retire", "retires",
];

/// Words that may stand before them where they are verbs; and the beginning of a clause.
const BEFORE: &[&str] = &[
    "and", "then", "to", "please", "must", "should", "can", "may", "will", "also", "we", "it",
];

/// Words behind which something else is spoken of.
const ENDS: &[&str] = &[
    "and", "or", "with", "for", "to", "in", "by", "then", "from", "that", "add", "not", "but",
];

/// Whether a text says that tests go: "remove the old tests", and not "add a delete function".
fn removes_tests(text: &str) -> bool {
    let is_end = |c: char| ".,;:!?()\n".contains(c);
    let lower = text.to_lowercase();
    lower.split(is_end).any(|clause| {
        let words: Vec<&str> = clause
            .split(|c: char| !c.is_alphanumeric() && !"'_-/".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        words.iter().enumerate().any(|(at, word)| {
            let before = &words[..at];
            let is_denied = before
                .iter()
                .any(|word| ["not", "never", "without"].contains(word) || word.ends_with("n't"));
            GOING.contains(word)
                && !is_denied
                && before.last().is_none_or(|word| BEFORE.contains(word))
                && words[at + 1..]
                    .iter()
                    .take(5)
                    .take_while(|word| !ENDS.contains(word))
                    .any(|word| ["test", "tests", "spec", "specs"].contains(word))
        })
    })
}

/// Whether what a plan says of one file is that it, or what is in it, goes.
fn goes(change: &str) -> bool {
    let lower = change.trim().to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).next();
    first.is_some_and(|word| GOING.contains(&word) || ["removed", "deleted"].contains(&word))
        || ["is removed", "is deleted"].contains(&lower.trim_end_matches('.'))
        || removes_tests(change)
}

impl Announcement {
    /// Of a ticket and its plan.
    pub fn of(ticket: Option<&Ticket>, plan: Option<&PlanTicket>) -> Self {
        let mut announced = Self::default();
        if let Some(ticket) = ticket {
            announced.paths.extend(ticket.files.iter().cloned());
            let said = [&ticket.title, &ticket.description]
                .into_iter()
                .chain(&ticket.acceptance_criteria);
            announced.removes = said.into_iter().any(|text| removes_tests(text));
        }
        for file in plan.iter().flat_map(|plan| &plan.files) {
            announced.paths.push(file.path.clone());
            if goes(&file.change) {
                announced.removed.push(file.path.clone());
            }
        }
        announced
    }

    /// Of files alone.
    pub fn of_files(paths: Vec<String>) -> Self {
        Self {
            paths,
            ..Self::default()
        }
    }

    /// Besides, what the person's own words name.
    #[must_use]
    pub fn and_in_the_task(mut self, task: &str) -> Self {
        let is_end = |c: char| c.is_whitespace() || "`'\"(),;:!?".contains(c);
        let words = task
            .split(is_end)
            .map(|word| word.trim_end_matches('.').to_lowercase());
        self.task = words.filter(|word| !word.is_empty()).collect();
        self
    }

    pub(super) fn has(&self, path: &str) -> Announced {
        let names = |announced: &String| {
            let announced = announced.trim_start_matches("./").trim_end_matches('/');
            path == announced
                || path
                    .strip_prefix(announced)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        if self.paths.iter().any(names) || self.is_in_the_task(path) {
            Announced::Yes
        } else {
            Announced::No
        }
    }

    /// Named by the person; or, where no plan names a single file, of the sort that they speak of.
    fn is_in_the_task(&self, path: &str) -> bool {
        let (lower, name) = (path.to_lowercase(), name(path).to_lowercase());
        let speaks_of = |sorts: &[&str]| {
            let mut words = self.task.iter();
            self.paths.is_empty() && words.any(|word| sorts.contains(&word.as_str()))
        };
        self.task.iter().any(|word| *word == lower || *word == name)
            || match role(path) {
                Role::Test | Role::Expected | Role::Configuration => speaks_of(&[
                    "test", "tests", "spec", "specs", "unittest", "pytest", "jest", "suite",
                ]),
                Role::Pipeline => {
                    speaks_of(&["ci", "workflow", "workflows", "pipeline", "pipelines"])
                }
                Role::Manifest | Role::Other => false,
            }
    }

    /// Whether the tests of a file may go: it is announced, and the ticket or its plan says
    /// that tests are to go.
    pub(super) fn may_lose(&self, path: &str) -> bool {
        self.has(path) == Announced::Yes
            && (self.removes || self.removed.iter().any(|removed| removed == path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::artifact::FileChange;

    fn announced(announcement: &Announcement, paths: &[&str]) -> Vec<bool> {
        let has = |path: &&str| announcement.has(path) == Announced::Yes;
        paths.iter().map(has).collect()
    }

    #[test]
    fn a_ticket_and_its_plan_name_files() {
        let ticket = Ticket {
            title: "Delete the tests of the export".to_owned(),
            files: vec!["tests/".to_owned()],
            ..Ticket::default()
        };
        let plan = PlanTicket {
            files: vec![FileChange {
                path: "test_old.py".to_owned(),
                change: "remove the tests of the export".to_owned(),
            }],
            ..PlanTicket::default()
        };
        let both = Announcement::of(Some(&ticket), Some(&plan));
        let paths = ["tests/a.py", "tests2/a.py", "test_old.py", "test_old.pyc"];
        assert_eq!(announced(&both, &paths), [true, false, true, false]);
        assert!(both.may_lose("tests/a.py") && !both.may_lose("test_new.py"));
        let plan_only = Announcement::of(None, Some(&plan));
        assert!(plan_only.may_lose("test_old.py"));
        let files = Announcement::of_files(vec!["test_old.py".to_owned()]);
        assert!(!files.may_lose("test_old.py"));
    }

    #[test]
    fn only_words_that_speak_of_tests_let_tests_go() {
        for (text, expected) in [
            ("Remove the old tests", true),
            ("Rework the export and drop its two slow tests", true),
            (
                "Delete test_export: the test is obsolete. Please delete the test.",
                true,
            ),
            ("Add a delete function and tests", false),
            ("Add a remove command with tests", false),
            ("Add the delete tests", false),
            ("Do not delete any tests", false),
            ("Test the dropdown", false),
            (
                "A title is no longer than 80 characters; tests say so",
                false,
            ),
        ] {
            assert_eq!(removes_tests(text), expected, "{text}");
        }
        assert!(goes("removed") && goes("Delete, the feature is gone"));
        assert!(!goes("tests of the delete function") && !goes("deletion is tested"));
    }

    #[test]
    fn the_persons_own_words_name_files() {
        let named =
            Announcement::default().and_in_the_task("Fix the typo in `test_old.py`, please.");
        assert_eq!(
            announced(&named, &["a/test_old.py", "test_new.py"]),
            [true, false]
        );
        let spoken = Announcement::default().and_in_the_task("Move the tests to pytest");
        let paths = [
            "test_old.py",
            "conftest.py",
            ".github/workflows/ci.yml",
            "Cargo.toml",
        ];
        assert_eq!(announced(&spoken, &paths), [true, true, false, false]);
        // Where a plan says which files it is about, it is about those.
        let planned =
            Announcement::of_files(vec!["a.py".to_owned()]).and_in_the_task("Write tests");
        assert_eq!(announced(&planned, &paths), [false; 4]);
    }
}
