//! What a person's own words name for a change: a file of tests, a test, or all tests where they
//! are to be written in another way; and which test they call wrong. A word that says where new
//! tests go, or that tests are to pass, names nothing.

use super::asked::{denies, has, sentences};
use crate::engine::guard::files::name;

/// Verbs by which what stands behind them is to be another.
const CHANGING: &[&str] = &[
    "change", "update", "adjust", "adapt", "edit", "modify", "fix", "correct", "repair", "shorten",
    "replace", "clean", "tidy", "simplify", "extract", "inline",
];

/// Of these, those that are said of code as well as of a test that shows its fault.
const OF_FAULTS: &[&str] = &["fix", "correct", "repair"];

/// Verbs by which tests are written in another way and test the same.
const REWRITING: &[&str] = &[
    "rewrite",
    "rename",
    "move",
    "split",
    "merge",
    "join",
    "convert",
    "port",
    "migrate",
    "turn",
    "refactor",
    "restructure",
    "reorganise",
    "reorganize",
    "reformat",
    "format",
    "translate",
    "parametrise",
    "parametrize",
    "deduplicate",
];

/// The same where something is to be so.
const TO_BE: &[&str] = &[
    "changed",
    "updated",
    "adjusted",
    "adapted",
    "edited",
    "modified",
    "corrected",
    "rewritten",
    "renamed",
    "moved",
    "replaced",
];

/// Words behind which something else is spoken of.
const ENDS: &[&str] = &[
    "add",
    "adding",
    "with",
    "write",
    "create",
    "implement",
    "extend",
    "cover",
    "so",
    "that",
    "until",
    "because",
    "since",
    "where",
    "when",
    "while",
    "which",
    "by",
    "see",
    "keep",
    "leave",
    "make",
    "makes",
    "without",
    "but",
    "using",
    "use",
];

/// Words by which a name before them only says what it does.
const SHOWS: &[&str] = &[
    "shows", "fails", "fail", "passes", "pass", "succeeds", "tests", "covers",
];

/// Words that call a test wrong.
const WRONG: &[&str] = &[
    "wrong",
    "incorrect",
    "outdated",
    "stale",
    "obsolete",
    "mistaken",
    "expects",
];

/// What the words of a person say of tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    sentences: Vec<Vec<String>>,
}

impl Named {
    /// Besides, what a person says.
    pub(super) fn and(mut self, text: &str) -> Self {
        self.sentences.extend(sentences(text));
        self
    }

    /// Whether a file is named for a change.
    pub(super) fn changes_file(&self, path: &str) -> bool {
        self.about().any(|said| names_file(&said.of, path))
    }

    /// Whether a test is named for a change.
    pub(super) fn changes_test(&self, leaf: &str) -> bool {
        self.about().any(|said| names_test(&said.of, leaf))
    }

    /// Whether all tests are to be written in another way.
    pub(super) fn rewrites_tests(&self) -> bool {
        const BETWEEN: &[&str] = &[
            "the", "all", "our", "my", "existing", "old", "unit", "unittest", "pytest", "jest",
        ];
        self.about().any(|said| {
            let mut words = said.of.iter().map(String::as_str);
            let first = words.find(|word| !BETWEEN.contains(word));
            REWRITING.contains(&said.verb) && first.is_some_and(|word| ALL.contains(&word))
        })
    }

    /// Whether a test is called wrong, or what it expects is to be another: by its name or by that
    /// of its file.
    pub(super) fn calls_wrong(&self, leaf: &str, path: &str) -> bool {
        let is_it = |words: &[String]| names_test(words, leaf) || names_file(words, path);
        let is_to_change = self
            .about()
            .any(|said| !OF_FAULTS.contains(&said.verb) && is_it(&said.of));
        let ends = |word: &String| {
            word == ","
                || ENDS.contains(&word.as_str())
                || matches!(word.as_str(), "shows" | "show")
        };
        let mut clauses = self.sentences.iter().flat_map(|words| words.split(ends));
        is_to_change
            || self.rewrites_tests()
            || clauses.any(|clause| {
                let is_expectation = clause.iter().any(|word| word.starts_with("expectation"));
                let wrong = clause
                    .iter()
                    .position(|word| WRONG.contains(&word.as_str()));
                let is_wrong = wrong.is_some_and(|at| {
                    let behind = &clause[at + 1..];
                    is_it(&clause[..at])
                        || has(&clause[..at], &["test", "tests"])
                        || behind.iter().take(2).any(|word| word == "test")
                        || is_it(&behind[..behind.len().min(2)])
                });
                !denies(clause) && (is_wrong || (is_expectation && is_it(clause)))
            })
    }

    /// What is said to be another, each time with the verb.
    fn about(&self) -> impl Iterator<Item = Said<'_>> {
        self.sentences.iter().flat_map(|words| said_in(words))
    }
}

/// Words that mean every test.
const ALL: &[&str] = &["test", "tests", "specs", "suite"];

/// A verb of change and the words that it is about.
struct Said<'a> {
    verb: &'a str,
    of: Vec<String>,
}

fn said_in(words: &[String]) -> Vec<Said<'_>> {
    let mut found: Vec<Said<'_>> = Vec::new();
    let mut is_open = false;
    let mut is_denied = false;
    // What may turn out to be what is to be another.
    let mut before: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let small = word.as_str();
        let next = words.get(at + 1).map_or("", String::as_str);
        let last = at.checked_sub(1).map_or("", |at| words[at].as_str());
        let begins = matches!(last, "" | "," | "and" | "then" | "to" | "please");
        let tests_it = small == "test" && begins && !next.starts_with("test");
        if CHANGING.contains(&small) || REWRITING.contains(&small) {
            is_open = !is_denied;
            if is_open {
                let of = Vec::new();
                found.push(Said { verb: small, of });
            }
        } else if TO_BE.contains(&small) && matches!(last, "be" | "is" | "are") && !is_denied {
            let of = std::mem::take(&mut before);
            found.push(Said { verb: small, of });
        } else if denies(std::slice::from_ref(word)) {
            (is_open, is_denied) = (false, true);
        } else if ENDS.contains(&small) || tests_it {
            (is_open, is_denied) = (false, false);
            before.clear();
        } else if small == "," {
            is_open &= next.contains(['.', '_', '/']) || matches!(next, "and" | "please");
            is_denied = false;
            before.clear();
        } else if !SHOWS.contains(&next) {
            before.push(word.clone());
            if let Some(said) = found.last_mut().filter(|_| is_open) {
                said.of.push(word.clone());
            }
        }
    }
    found
}

fn names_file(words: &[String], path: &str) -> bool {
    let (file, path) = (name(path).to_lowercase(), path.to_lowercase());
    let stem = file.split('.').next().unwrap_or(&file);
    words.iter().any(|word| {
        let word = word.trim_start_matches("./");
        let is_folder = word.ends_with('/') && path.starts_with(word);
        word == path || word == file || is_folder || (word == stem && word.contains('_'))
    })
}

/// A test may be called by several words.
fn names_test(words: &[String], leaf: &str) -> bool {
    let leaf = leaf.to_lowercase();
    let parts: Vec<&str> = leaf.split_whitespace().collect();
    let is_name = parts.len() > 1 || leaf.contains('_') || leaf.len() > 4;
    let last = |word: &str| {
        word.rsplit(['.', ':'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    is_name
        && words.windows(parts.len().max(1)).any(|some| {
            some.iter()
                .zip(&parts)
                .all(|(word, part)| last(word) == *part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_of_change_names_a_file_or_a_test() {
        for (text, file, test) in [
            ("Add a half function with tests", false, false),
            ("add half, with its tests in test_calc.py", false, false),
            ("change half and test it in test_calc.py", false, false),
            ("fix calc.py so that test_calc.py passes", false, false),
            ("fix sub in calc.py, test_calc.py shows it", false, false),
            ("make sure that test_calc.py passes", false, false),
            ("update calc.py but not test_calc.py", false, false),
            ("do not change test_calc.py", false, false),
            ("update half and add tests to test_calc.py", false, false),
            ("Adjust test_calc.py", true, false),
            ("add half; update calc.py, test_calc.py", true, false),
            ("fix the typo in `tests/test_calc.py`, please", true, false),
            ("remove sub (and adjust test_calc.py)", true, false),
            ("test_calc.py must be changed", true, false),
            (
                "rename sub to less in calc.py and test_calc.py",
                true,
                false,
            ),
            ("change what test_sub expects", false, true),
            ("the test test_sub should be adapted", false, true),
        ] {
            let named = Named::default().and(text);
            assert_eq!(named.changes_file("tests/test_calc.py"), file, "{text}");
            assert_eq!(named.changes_test("test_sub"), test, "{text}");
        }
        let spoken = Named::default().and("change the test `adds two`");
        assert!(spoken.changes_test("adds two") && !spoken.changes_test("adds three"));
    }

    #[test]
    fn all_tests_are_only_meant_where_they_are_to_be_written_in_another_way() {
        let rewrites = |text: &str| Named::default().and(text).rewrites_tests();
        assert!(rewrites("Move the tests to pytest"));
        assert!(rewrites("convert all unit tests to pytest"));
        assert!(!rewrites("update the tests"));
        assert!(!rewrites("fix the failing tests"));
        assert!(!rewrites("move sub and keep the tests green"));
        assert!(!rewrites(
            "rename half to halve and make sure all tests pass"
        ));
    }

    #[test]
    fn a_test_is_called_wrong_by_name() {
        for (text, expected) in [
            ("fix the failing test test_sub in test_calc.py", false),
            ("the test suite is red: make the tests pass", false),
            ("sub is wrong, fix it", false),
            ("sub is wrong, test_sub shows it", false),
            ("test_sub fails because sub is wrong", false),
            ("test_sub shows that sub is wrong", false),
            ("test_sub is not wrong", false),
            ("test_add is wrong", false),
            ("test_sub is wrong", true),
            ("the test is wrong", true),
            ("correct the wrong test test_sub", true),
            ("correct the expectation of test_sub", true),
            ("test_sub expects the old result", true),
            ("update test_calc.py", true),
        ] {
            let named = Named::default().and(text);
            assert_eq!(
                named.calls_wrong("test_sub", "test_calc.py"),
                expected,
                "{text}"
            );
        }
    }
}
