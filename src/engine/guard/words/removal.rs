//! What words say is to go: which file, which test, or the tests of what. Knows the words of
//! tickets and plans, and refuses to guess: "remove the old tests" names nothing, so nothing goes.

use crate::engine::guard::files::name;

/// Words by which something is to go.
const GOING: &[&str] = &[
    "remove", "removes", "delete", "deletes", "drop", "drops", "retire", "retires",
];

/// Words that may stand before them where they are verbs; and the beginning of a clause.
const BEFORE: &[&str] = &[
    "and", "then", "to", "please", "must", "should", "can", "may", "will", "also", "we", "it",
];

/// Words behind which something else is spoken of.
const ENDS: &[&str] = &[
    "with", "to", "by", "then", "that", "which", "add", "not", "but", "so", "because", "after",
    "before", "when", "instead", "keep", "except",
];

/// Words that say nothing about which.
const VAGUE: &[&str] = &[
    "the",
    "a",
    "an",
    "all",
    "any",
    "every",
    "each",
    "its",
    "their",
    "this",
    "these",
    "those",
    "it",
    "them",
    "old",
    "new",
    "slow",
    "obsolete",
    "unused",
    "existing",
    "failing",
    "broken",
    "flaky",
    "stale",
    "dead",
    "redundant",
    "useless",
    "outdated",
    "two",
    "three",
    "some",
    "file",
    "files",
    "feature",
    "code",
    "function",
    "module",
    "class",
    "case",
    "cases",
    "unit",
    "now",
];

/// Words behind which it is said which.
const OF: &[&str] = &["of", "for", "in", "from", "about"];

const TESTS: &[&str] = &["test", "tests", "spec", "specs"];

/// One thing that is said to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Removal {
    /// What stands behind the verb, as it is written.
    objects: Vec<String>,
    /// Those of it that say which, in small letters.
    subjects: Vec<String>,
    /// How many of the first objects are what goes itself, and not what it is of.
    things: usize,
    speaks_of_tests: bool,
}

/// A test that is gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone<'a> {
    pub(super) path: &'a str,
    pub(super) name: &'a str,
    /// What it did; empty where that must not count.
    pub(super) body: &'a str,
}

/// Everything that a text says is to go.
pub(super) fn removals(text: &str) -> Vec<Removal> {
    clauses(text)
        .iter()
        .flat_map(|words| {
            let verbs = (0..words.len()).filter(|at| is_verb(words, *at));
            verbs.map(|at| Removal::of(&words[at + 1..]))
        })
        .collect()
}

/// What a plan says of one file, where it begins with a word of going.
pub(super) fn removal_in(change: &str) -> Option<Removal> {
    let clauses = clauses(change);
    let words = clauses.first()?;
    let first = words.first()?.to_lowercase();
    let goes = GOING.contains(&first.as_str()) || ["removed", "deleted"].contains(&first.as_str());
    let whole = ["is removed", "is deleted"].contains(&words.join(" ").to_lowercase().as_str());
    let rest = if whole { &[] } else { &words[1..] };
    (goes || whole).then(|| Removal::of(rest))
}

/// The words of each clause; a dot ends one where a blank follows.
fn clauses(text: &str) -> Vec<Vec<String>> {
    let mut clauses = vec![Vec::new()];
    for word in text.split_inclusive(|c: char| c.is_whitespace() || c == '(' || c == ')') {
        let ends = word.ends_with(['\n', '(', ')']);
        let plain = word.trim_matches(|c: char| c.is_whitespace() || "()`'\"".contains(c));
        let closed = plain.trim_end_matches(|c: char| ".,;:!?`'\"".contains(c));
        let last = clauses.len() - 1;
        if !closed.is_empty() {
            clauses[last].push(closed.to_owned());
        }
        if ends || closed != plain {
            clauses.push(Vec::new());
        }
    }
    clauses.retain(|words| !words.is_empty());
    clauses
}

fn is_verb(words: &[String], at: usize) -> bool {
    let lower = |word: &String| word.to_lowercase();
    let before = &words[..at];
    let is_denied = before
        .iter()
        .map(lower)
        .any(|word| ["not", "never", "without"].contains(&word.as_str()) || word.ends_with("n't"));
    GOING.contains(&lower(&words[at]).as_str())
        && !is_denied
        && before
            .last()
            .is_none_or(|word| BEFORE.contains(&lower(word).as_str()))
}

/// Whether a word is the name of something in the code.
fn is_name(word: &str) -> bool {
    word.contains(['_', '/', ':']) || word.trim_end_matches('.').contains('.')
}

impl Removal {
    fn of(behind: &[String]) -> Self {
        let mut objects: Vec<String> = Vec::new();
        let mut subjects = Vec::new();
        let mut things = 0;
        let mut speaks_of_tests = false;
        let mut is_said_which = false;
        for (at, word) in behind.iter().enumerate() {
            let lower = word.to_lowercase();
            let small = lower.as_str();
            let next = behind[at + 1..]
                .iter()
                .find(|word| !VAGUE.contains(&word.to_lowercase().as_str()));
            let goes_on = next.is_some_and(|next| is_name(next) || next == "tests");
            if ENDS.contains(&small) || (matches!(small, "and" | "or") && !goes_on) {
                break;
            }
            if OF.contains(&small) {
                is_said_which = true;
                continue;
            }
            if TESTS.contains(&small) {
                speaks_of_tests = true;
            } else if small.len() > 2
                && (!VAGUE.contains(&small) || (is_said_which && small == "old"))
                && !matches!(small, "and" | "or")
            {
                subjects.push(lower.clone());
            }
            objects.push(word.clone());
            if !is_said_which {
                things = objects.len();
            }
        }
        Self {
            objects,
            subjects,
            things,
            speaks_of_tests,
        }
    }

    /// The names of what goes itself, each without what it stands in.
    pub(super) fn things(&self) -> impl Iterator<Item = &str> {
        let things = self.objects[..self.things].iter();
        things.filter_map(|word| word.rsplit(['.', ':']).next())
    }

    /// Whether a file is named.
    pub(super) fn names_file(&self, path: &str) -> bool {
        let file = name(path);
        let stem = file.split('.').next().unwrap_or(file);
        self.objects.iter().any(|word| {
            let word = word.trim_start_matches("./");
            let (word, _) = word.split_once("::").unwrap_or((word, ""));
            let is_folder = word.ends_with('/') && path.starts_with(word);
            word == path || word == file || is_folder || (word == stem && word.contains('_'))
        })
    }

    /// Whether a test is named.
    fn names_test(&self, gone: Gone<'_>) -> bool {
        let leaf = leaf(gone.name);
        let is_spoken = self.speaks_of_tests && leaf.contains(' ');
        self.objects.iter().any(|word| {
            let last = word.rsplit(['.', ':']).next().unwrap_or(word);
            word == gone.name || (last == leaf && (is_name(last) || last.len() > 4))
        }) || (is_spoken && self.objects.join(" ").contains(leaf))
    }

    /// Whether it is said of what the tests are, and a test is one of these.
    fn speaks_of(&self, gone: Gone<'_>) -> bool {
        let parts = parts(&format!("{} {} {}", gone.path, gone.name, gone.body));
        let is_in = |word: &String| parts.iter().any(|part| alike(part, word));
        self.subjects.iter().any(is_in)
    }

    /// Whether a test may go by words that stand anywhere.
    pub(super) fn lets_go(&self, gone: Gone<'_>) -> bool {
        let in_file = self.names_file(gone.path) && !self.names_only_tests(gone.path);
        in_file || self.names_test(gone) || (self.speaks_of_tests && self.speaks_of(gone))
    }

    /// Whether a test of the very file that the words were said of may go.
    pub(super) fn lets_go_in_its_file(&self, gone: Gone<'_>) -> bool {
        self.is_of_the_whole() || self.lets_go(gone) || self.speaks_of(gone)
    }

    /// Whether nothing says which part.
    pub(super) fn is_of_the_whole(&self) -> bool {
        self.subjects.is_empty()
    }

    /// `test_none in test_old.py` names a test, and the file only as its place.
    fn names_only_tests(&self, path: &str) -> bool {
        let file = name(path);
        let is_test = |word: &&String| {
            word.starts_with("test_")
                && !word.contains(['.', '/'])
                && !file.starts_with(word.as_str())
        };
        self.objects.iter().any(|word| is_test(&word))
            || self.objects.iter().any(|word| word.contains("::"))
    }
}

/// The last part of a test's name.
fn leaf(name: &str) -> &str {
    let name = name.split(" (").next().unwrap_or(name);
    name.rsplit(['.', '>', ':']).next().unwrap_or(name).trim()
}

/// One word, whether or not it is of many.
pub(super) fn alike(part: &str, word: &str) -> bool {
    part.trim_end_matches('s') == word.trim_end_matches('s')
}

/// The words that names are made of, in small letters.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut was_small = false;
    for c in text.chars().chain(std::iter::once(' ')) {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_small) {
            if word.len() > 2 && !TESTS.contains(&word.as_str()) {
                found.push(std::mem::take(&mut word));
            }
            word.clear();
        }
        was_small = c.is_lowercase();
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GONE: Gone<'_> = Gone {
        path: "tests/test_export.py",
        name: "Export.test_none",
        body: "assertEqual(write_csv([]), 0)",
    };

    #[test]
    fn only_words_that_say_which_let_a_test_go() {
        for (text, expected) in [
            ("Remove tests/test_export.py", true),
            ("The export is gone; please delete `test_export.py`.", true),
            ("Remove test_none from tests/test_export.py", true),
            ("Remove the tests of the export", true),
            ("Rework it and drop its two export tests", true),
            ("Delete the tests for CSV", true),
            ("Remove test_old and test_none", true),
            ("Delete tests/test_export.py::Export::test_none", true),
            ("Remove test_other from tests/test_export.py", false),
            ("Delete tests/test_export.py::Export::test_other", false),
            ("Remove the export", false),
            ("Remove the old tests", false),
            ("Remove all tests", false),
            ("Remove the tests of the import", false),
            ("Add a delete function for exports and tests", false),
            ("Add a remove command with tests of the export", false),
            ("Add the delete tests of the export", false),
            ("Do not delete any tests of the export", false),
            ("Never remove test_export.py", false),
            ("Test the dropdown of the export", false),
            ("Drop the cache and test the export", false),
            (
                "Remove the import with its tests; see test_export.py",
                false,
            ),
        ] {
            let lets = removals(text).iter().any(|removal| removal.lets_go(GONE));
            assert_eq!(lets, expected, "{text}: {:?}", removals(text));
        }
    }

    #[test]
    fn what_a_plan_says_of_one_file_is_about_that_file() {
        for (change, expected) in [
            ("removed", true),
            ("Delete, the feature is gone", true),
            ("remove the file", true),
            ("is deleted.", true),
            ("remove obsolete tests", true),
            ("remove the tests of the export", true),
            ("remove test_none", true),
            ("remove test_other", false),
            ("remove the tests of the import", false),
            ("tests of the delete function", false),
            ("deletion is tested", false),
            ("write", false),
        ] {
            let lets = removal_in(change).is_some_and(|removal| removal.lets_go_in_its_file(GONE));
            assert_eq!(lets, expected, "{change}: {:?}", removal_in(change));
        }
    }

    #[test]
    fn a_file_is_named_by_its_path_or_its_name() {
        let names = |text: &str, path: &str| {
            removals(text)
                .iter()
                .any(|removal| removal.names_file(path))
        };
        assert!(names("Remove the Makefile", "Makefile"));
        assert!(names(
            "Retire the Makefile and scripts/check.sh.",
            "scripts/check.sh"
        ));
        assert!(!names("Remove the target from what is built", "Makefile"));
        assert!(!names("Add a Makefile", "Makefile"));
    }
}
