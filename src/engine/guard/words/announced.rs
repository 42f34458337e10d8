//! What a ticket and its plan say beforehand that they will change, or take away.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::named::Named;
use super::removal::{Gone, Removal, removal_in, removals};
use crate::engine::artifact::{PlanTicket, Ticket};
use crate::engine::guard::files::{Role, name, role};
use crate::engine::guard::language::Language;
use crate::engine::guard::seen::{Announced, TestSeen};

/// What a ticket and its plan say that they will change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    paths: Vec<String>,
    /// What the ticket and the task say is to go.
    removals: Vec<Removal>,
    /// Files of which the plan says that they, or something in them, go.
    removed: Vec<(String, Removal)>,
    /// The words of the task, which name files as well as a plan does.
    task: Vec<String>,
    /// What is asked for in words: behaviour, names, and what a person answered.
    asked: Asked,
    /// What a person's own words name for a change.
    named: Named,
    /// The same of the task alone: it speaks of all tickets at once.
    asked_in_the_task: Asked,
    /// Files that earlier tickets made, as the task asked.
    made: BTreeSet<String>,
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
            for text in said {
                announced.removals.extend(removals(text));
                announced.asked = announced.asked.and(text);
            }
        }
        for text in plan.iter().map(|plan| &plan.approach) {
            announced.asked = announced.asked.and(text);
        }
        for file in plan.iter().flat_map(|plan| &plan.files) {
            announced.paths.push(file.path.clone());
            announced.asked = announced.asked.and(&file.change);
            if let Some(removal) = removal_in(&file.change) {
                announced
                    .removed
                    .push((plain(&file.path).to_owned(), removal));
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
        self.removals.extend(removals(task));
        self.asked_in_the_task = Asked::default().and(task);
        self.asked = self.asked.and_not_spoken_of(task);
        self.named = self.named.and(task);
        self
    }

    /// Besides, which files earlier tickets of the same task made: the task speaks of what is in
    /// them as well, and does not ask for it to be another.
    #[must_use]
    pub fn and_made(mut self, paths: BTreeSet<String>) -> Self {
        self.made = paths;
        self
    }

    /// Whether the words speak of one of these.
    pub(in crate::engine::guard) fn speaks_of<'a>(
        &self,
        path: &str,
        names: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        self.asked.speaks_of(names.clone())
            || (!self.made.contains(path) && self.asked_in_the_task.speaks_of(names))
    }

    /// The same by the words that the names are made of.
    pub(in crate::engine::guard) fn speaks_of_a_part<'a>(
        &self,
        path: &str,
        names: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        self.asked.speaks_of_a_part(names.clone())
            || (!self.made.contains(path) && self.asked_in_the_task.speaks_of_a_part(names))
    }

    /// Besides, what a person answered when the ticket was blocked.
    #[must_use]
    pub fn and_answered(mut self, answers: &[String]) -> Self {
        for answer in answers {
            self.removals.extend(removals(answer));
            self.asked = self.asked.and_answered(answer);
            self.named = self.named.and(answer);
        }
        self
    }

    /// Whether a test that calls these may expect something else than before: the words ask for
    /// other behaviour of one of them.
    pub(in crate::engine::guard) fn changes_one_of<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
    ) -> bool {
        self.asked.changes_one_of(names)
    }

    /// The same by the words that the names are made of.
    pub(in crate::engine::guard) fn changes_a_part_of<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
    ) -> bool {
        self.asked.changes_a_part_of(names)
    }

    /// Whether the person's own words name a test for a change.
    pub(in crate::engine::guard) fn names_test(&self, leaf: &str) -> bool {
        self.named.changes_test(leaf)
    }

    /// Whether the person's own words call a test wrong, or ask for another expectation of it.
    pub(in crate::engine::guard) fn calls_wrong(&self, leaf: &str, path: &str) -> bool {
        self.named.calls_wrong(leaf, path)
    }

    /// Whether a name is said to become another.
    pub(in crate::engine::guard) fn renames(&self, old: &str, new: &str) -> bool {
        self.asked.renames(old, new)
    }

    pub(in crate::engine::guard) fn has(&self, path: &str) -> Announced {
        let names = |path: &str, announced: &String| {
            let announced = plain(announced);
            path == announced
                || path
                    .strip_prefix(announced)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let is_for_tests = matches!(role(path), Role::Test | Role::Expected);
        if self.paths.iter().any(|announced| names(path, announced))
            || self.is_in_the_task(path)
            || self.asked.lets_change(path, is_for_tests)
            || self.is_of_a_test(path, names)
        {
            Announced::Yes
        } else {
            Announced::No
        }
    }

    /// A snapshot goes with its test.
    fn is_of_a_test(&self, path: &str, names: impl Fn(&str, &String) -> bool) -> bool {
        let test = path
            .strip_suffix(".snap")
            .map(|test| test.replace("__snapshots__/", ""));
        test.is_some_and(|test| self.paths.iter().any(|announced| names(&test, announced)))
    }

    /// Named by the person: what tests are made of for a change, all else by its mere name; or, where
    /// no plan names a single file, of the sort that they speak of.
    fn is_in_the_task(&self, path: &str) -> bool {
        let (lower, name) = (path.to_lowercase(), name(path).to_lowercase());
        let speaks_of = |sorts: &[&str]| {
            let mut words = self.task.iter();
            self.paths.is_empty() && words.any(|word| sorts.contains(&word.as_str()))
        };
        let is_named = self.task.iter().any(|word| *word == lower || *word == name);
        match role(path) {
            Role::Test | Role::Expected => {
                self.named.changes_file(path)
                    || (self.paths.is_empty() && self.named.rewrites_tests())
            }
            // What sets tests up is written like tests.
            Role::Configuration if Language::of(path).is_some() => self.named.changes_file(path),
            Role::Pipeline => {
                is_named || speaks_of(&["ci", "workflow", "workflows", "pipeline", "pipelines"])
            }
            Role::Configuration | Role::Manifest | Role::Other => is_named,
        }
    }

    /// Whether a test may go: the ticket or the task names it or its file, or says that the tests
    /// of something go that it is about; or the plan says so of its file.
    pub(in crate::engine::guard) fn may_lose(&self, test: &TestSeen) -> bool {
        let is_announced = self.has(&test.path) == Announced::Yes;
        let gone = Gone {
            path: &test.path,
            name: &test.name,
            // What a test calls says what it is about only where its file is spoken of.
            body: if is_announced { &test.essence } else { "" },
        };
        let in_its_file = |(path, removal): &(String, Removal)| {
            *path == test.path && removal.lets_go_in_its_file(gone)
        };
        self.removals.iter().any(|removal| removal.lets_go(gone))
            || self.removed.iter().any(in_its_file)
    }

    /// The names of what is said to go.
    pub(in crate::engine::guard) fn to_go(&self) -> impl Iterator<Item = &str> {
        let planned = self.removed.iter().map(|(_, removal)| removal);
        let all = self.removals.iter().chain(planned);
        all.flat_map(Removal::things)
    }

    /// Whether it is said of this very file that it goes.
    pub fn removes(&self, path: &str) -> bool {
        let as_planned =
            |(file, removal): &(String, Removal)| file == path && removal.is_of_the_whole();
        self.removals.iter().any(|removal| removal.names_file(path))
            || self.removed.iter().any(as_planned)
    }
}

/// A path without what says nothing.
fn plain(path: &str) -> &str {
    path.trim_start_matches("./").trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::artifact::FileChange;
    use crate::engine::guard::asserts::assertion::Asserts;
    use crate::engine::guard::seen::Around;

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
        let may = |announced: &Announcement, path: &str, name: &str| {
            announced.may_lose(&TestSeen {
                path: path.to_owned(),
                name: name.to_owned(),
                essence: "write_csv()".to_owned(),
                asserts: Asserts::Something,
                around: Around::default(),
                idle: None,
            })
        };
        assert!(may(&both, "tests/a.py", "test_export"));
        assert!(!may(&both, "tests/a.py", "test_import"));
        let plan_only = Announcement::of(None, Some(&plan));
        assert!(may(&plan_only, "test_old.py", "test_export"));
        assert!(!may(&plan_only, "tests/a.py", "test_export"));
        let files = Announcement::of_files(vec!["test_old.py".to_owned()]);
        assert!(!may(&files, "test_old.py", "test_export"));
        let csv = files.and_in_the_task("Remove the tests of CSV");
        assert!(may(&csv, "test_old.py", "test_none"));
        assert!(!may(&csv, "test_new.py", "test_none"));
        assert!(csv.and_in_the_task("Drop the Makefile").removes("Makefile"));
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
        assert_eq!(announced(&spoken, &paths), [true, false, false, false]);
        let added = Announcement::default().and_in_the_task("Add a list with tests");
        assert_eq!(announced(&added, &paths), [false; 4]);
        // Where a plan says which files it is about, it is about those.
        let planned =
            Announcement::of_files(vec!["a.py".to_owned()]).and_in_the_task("Write tests");
        assert_eq!(announced(&planned, &paths), [false; 4]);
    }
}
