//! What words ask for: which files of tests a person's answer lets the work change, which behaviour
//! is to be another, what is to be called otherwise. Refuses to guess: an answer that forbids, or
//! that names a file without a word of changing, allows nothing.

use super::removal::{alike, parts};
use crate::engine::guard::files::name;

/// Words of changing in an answer.
const CHANGING: &[&str] = &[
    "may", "can", "change", "changing", "edit", "update", "adapt", "adjust", "rewrite", "correct",
    "replace", "rename", "move", "merge", "split", "delete", "remove", "drop", "allowed", "allow",
    "fine", "ok", "okay",
];

/// Words of forbidding, or of leaving as it is.
const DENYING: &[&str] = &[
    "not",
    "never",
    "no",
    "leave",
    "keep",
    "without",
    "cannot",
    "untouched",
    "unchanged",
];

/// Words by which what is there is to behave otherwise.
const OTHERWISE: &[&str] = &[
    "change",
    "changes",
    "changed",
    "instead",
    "longer",
    "become",
    "becomes",
    "replace",
    "replaces",
    "switch",
    "switches",
    "differently",
];

/// Words by which what must be is what it was.
const STAYING: &[&str] = &[
    "still", "stay", "stays", "remain", "remains", "same", "pass", "passes", "green",
];

/// Verbs that are names of functions as well.
const VERBS: &[&str] = &[
    "add", "remove", "update", "write", "get", "set", "list", "print", "show", "split", "join",
    "merge", "sort", "run", "load", "save", "read", "open", "close", "find", "count", "format",
    "parse", "convert", "move", "test", "check", "make", "create",
];

/// Parts of names that say nothing of what they are about.
const PLAIN: &[&str] = &[
    "test", "tests", "case", "from", "with", "that", "this", "must", "when", "then", "value",
    "values", "result", "results", "return", "returns", "raises", "error", "file", "files",
    "function", "class", "method", "data", "item", "items", "list", "name", "names", "text",
    "line", "lines", "number", "numbers", "empty", "none", "null", "true", "false", "zero",
    "string", "strings", "after", "before", "python", "gives", "make", "should", "only",
];

/// Short words that are parts of names and say nothing.
const SMALL: &[&str] = &[
    "and", "the", "for", "not", "two", "one", "all", "has", "can", "its", "are", "was", "any",
    "get", "set", "new", "old", "per", "out", "via", "but", "may", "use", "run", "works", "work",
    "same", "gets", "into", "some", "more", "less", "three", "both", "each", "does",
];

/// Words that mean every test.
const ALL: &[&str] = &["test", "tests", "specs", "suite"];

/// What texts ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Of each clause of what a person answered that lets something be changed, the words by which
    /// it says what.
    let_go: Vec<Vec<String>>,
    /// The words of each sentence by which something is to be another.
    otherwise: Vec<Vec<String>>,
    /// The words of each text.
    said: Vec<Vec<String>>,
    /// Of each sentence that does not say that something stays, the words that may name something.
    spoken: Vec<Vec<String>>,
}

impl Asked {
    /// Besides, what a ticket, its plan or the task says.
    pub(super) fn and(mut self, text: &str) -> Self {
        for words in sentences(text) {
            let must = words.iter().position(|word| word == "must");
            let must = must.filter(|_| !has(&words, STAYING));
            if denies(&words) {
            } else if has(&words, OTHERWISE) {
                self.otherwise.push(without_verbs(&words, text));
            } else if let Some(must) = must {
                // What must be so stands before it.
                self.otherwise.push(without_verbs(&words[..=must], text));
            }
            if !is_to_stay(&words) {
                self.spoken.push(without_verbs(&words, text));
            }
            self.said.push(words);
        }
        self
    }

    /// The same, without counting what it only speaks of.
    pub(super) fn and_not_spoken_of(mut self, text: &str) -> Self {
        let spoken = std::mem::take(&mut self.spoken);
        Self {
            spoken,
            ..self.and(text)
        }
    }

    /// Besides, what a person answered about the ticket.
    pub(super) fn and_answered(mut self, answer: &str) -> Self {
        for words in sentences(answer) {
            self.let_go.extend(allowing(&words));
        }
        self.and(answer)
    }

    /// Whether a person has answered that this file may be changed, or the tests.
    pub(super) fn lets_change(&self, path: &str, is_for_tests: bool) -> bool {
        let (file, path) = (name(path).to_lowercase(), path.to_lowercase());
        let stem = file.split('.').next().unwrap_or(&file).to_owned();
        let names = |words: &Vec<String>| {
            let is_named = words.iter().any(|word| {
                *word == path || *word == file || (*word == stem && word.contains('_'))
            });
            let names_others = words
                .iter()
                .any(|word| word.contains(['.', '_', '/']) && !word.ends_with('/'));
            let all = is_for_tests && !names_others && has(words, ALL);
            is_named || all
        };
        self.let_go.iter().any(names)
    }

    /// Whether one of these is said to behave otherwise.
    pub(super) fn changes_one_of<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> bool {
        names.any(|name| {
            let name = name.to_lowercase();
            let mut sentences = self.otherwise.iter();
            name.len() > 2 && sentences.any(|words| words.contains(&name))
        })
    }

    /// The same by the words that the names are made of: `discount` is of `test_discount`.
    pub(super) fn changes_a_part_of<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        let parts: Vec<String> = names.flat_map(parts).collect();
        let telling = |part: &&String| {
            let part = part.as_str();
            part.len() > 3 && !PLAIN.contains(&part) && !OTHERWISE.contains(&part)
        };
        parts.iter().filter(telling).any(|part| {
            let mut sentences = self.otherwise.iter();
            sentences.any(|words| words.iter().any(|word| alike(word, part)))
        })
    }

    /// Whether one of these is spoken of, by its name.
    pub(super) fn speaks_of<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> bool {
        let mut words = self.spoken.iter().flatten();
        let words: Vec<&str> = words
            .by_ref()
            .flat_map(|word| {
                [
                    word.as_str(),
                    word.rsplit(['.', ':']).next().unwrap_or(word),
                ]
            })
            .collect();
        names.any(|name| {
            let name = name.to_lowercase();
            name.len() > 2 && words.contains(&name.as_str())
        })
    }

    /// The same by the words that the names are made of.
    pub(super) fn speaks_of_a_part<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        let all: Vec<String> = names.flat_map(parts).collect();
        let telling =
            |part: &&String| !PLAIN.contains(&part.as_str()) && !SMALL.contains(&part.as_str());
        let some: Vec<&String> = all.iter().filter(telling).collect();
        // A test may have no other name than a plain one.
        let some = if some.is_empty() {
            all.iter().collect()
        } else {
            some
        };
        let mut words = self
            .spoken
            .iter()
            .flatten()
            .flat_map(|word| word.split(['.', '_', ':', '/']));
        words.any(|word| some.iter().any(|part| alike(word, part)))
    }

    /// Whether one word is said to become the other.
    pub(super) fn renames(&self, old: &str, new: &str) -> bool {
        let (old, new) = (old.to_lowercase(), new.to_lowercase());
        let is_in = |words: &[String], wanted: &str| {
            words
                .iter()
                .any(|word| word == wanted || word.rsplit(['.', '/']).any(|part| part == wanted))
        };
        let mut sentences = self.said.iter();
        sentences.any(|words| {
            let goes = words.iter().any(|word| {
                word.starts_with("renam")
                    || word.starts_with("mov")
                    || word == "becomes"
                    || word == "call"
            });
            goes && is_in(words, &old) && is_in(words, &new) && !denies(words)
        })
    }
}

/// The words without the verbs of what is to be done that are names as well: `add` in `add a list`,
/// and not in `add must give 3` or `add(1, 2)`.
fn without_verbs(words: &[String], text: &str) -> Vec<String> {
    const SAYING: &[&str] = &[
        "must", "should", "gives", "returns", "is", "has", "takes", "now", "no", "does", "will",
        "raises", "prints", "to",
    ];
    let lower = text.to_lowercase();
    let is_verb = |at: usize, word: &str| {
        let next = words.get(at + 1).map_or("", String::as_str);
        let last = at.checked_sub(1).map_or("", |at| words[at].as_str());
        let is_one = |word: &str| VERBS.contains(&word);
        (is_one(word) || word.strip_suffix('s').is_some_and(is_one))
            && matches!(last, "" | "," | "and" | "then" | "to" | "please")
            && !SAYING.contains(&next)
            && !lower.contains(&format!("{word}("))
            && !lower.contains(&format!("`{word}`"))
    };
    let mut kept = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if !is_verb(at, word) {
            kept.push(word.clone());
        }
    }
    kept
}

/// The clauses of a sentence that allow a change: what stands behind a word of changing, or the
/// whole where it says that something may be changed.
fn allowing(words: &[String]) -> Vec<Vec<String>> {
    const BETWEEN: &[&str] = &["since", "because", "but", "where", "when", "if", ","];
    let clauses = words.split(|word| BETWEEN.contains(&word.as_str()));
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut was_allowing = false;
    for clause in clauses {
        let is_list = clause
            .iter()
            .all(|word| word.contains(['.', '_', '/']) || matches!(word.as_str(), "and" | "or"));
        if is_list && !clause.is_empty() {
            if let Some(last) = found.last_mut().filter(|_| was_allowing) {
                last.extend_from_slice(clause);
            }
            continue;
        }
        let verb = clause
            .iter()
            .position(|word| CHANGING.contains(&word.as_str()));
        let is_passive = has(clause, &["be", "fine", "ok", "okay"]);
        was_allowing = verb.is_some() && !denies(clause);
        if let Some(verb) = verb.filter(|_| was_allowing) {
            let start = if is_passive { 0 } else { verb };
            found.push(clause[start..].to_vec());
        }
    }
    found
}

/// Whether a sentence says that something is to be what it was.
fn is_to_stay(words: &[String]) -> bool {
    const KEEPING: &[&str] = &[
        "leave",
        "keep",
        "without",
        "untouched",
        "unchanged",
        "existing",
    ];
    has(words, STAYING) || has(words, KEEPING) || (denies(words) && has(words, CHANGING))
}

pub(super) fn has(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(&word.as_str()))
}

/// `no longer` denies nothing.
pub(super) fn denies(words: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let goes_on = words
            .get(at + 1)
            .is_some_and(|next| next == "longer" || next == "more");
        (DENYING.contains(&word.as_str()) && !goes_on) || word.ends_with("n't")
    })
}

/// The words of each sentence, in small letters; a dot ends one where a blank follows.
pub(super) fn sentences(text: &str) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    for raw in text.split_inclusive(char::is_whitespace) {
        let plain = raw.trim_matches(|c: char| c.is_whitespace() || "`'\"()[],:".contains(c));
        let closed = plain.trim_end_matches(['.', ';', '!', '?']);
        // `twice(2)` is about `twice`.
        let called = closed.split('(').next().unwrap_or(closed);
        let word = called
            .trim_matches(|c: char| "`'\"".contains(c))
            .to_lowercase();
        let last = found.len() - 1;
        if !word.is_empty() {
            found[last].push(word);
        }
        if raw.trim_end().ends_with([',', ':']) {
            found[last].push(",".to_owned());
        }
        if closed != plain || raw.ends_with('\n') {
            found.push(Vec::new());
        }
    }
    found.retain(|words| !words.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_allows_what_it_names() {
        for (answer, path, expected) in [
            ("you may change test_x.py", "tests/test_x.py", true),
            ("you may change `test_x`.", "test_x.py", true),
            ("Update the tests as well", "test_x.py", true),
            ("The tests may be adapted", "test_x.py", true),
            ("you may change test_y.py", "test_x.py", false),
            ("you may change the tests in test_y.py", "test_x.py", false),
            ("do not change test_x.py", "test_x.py", false),
            ("you can't change the tests", "test_x.py", false),
            (
                "Leave test_x.py as it is; correct old.py",
                "test_x.py",
                false,
            ),
            ("test_x.py fails in line 3", "test_x.py", false),
            ("use argparse", "test_x.py", false),
            ("test_x.py fails, correct old.py", "test_x.py", false),
            ("Correct old.py since test_x.py fails", "test_x.py", false),
            (
                "use argparse, and you may change a.py, test_x.py",
                "test_x.py",
                true,
            ),
            ("but you may change test_x.py", "test_x.py", true),
        ] {
            let asked = Asked::default().and_answered(answer);
            assert_eq!(asked.lets_change(path, true), expected, "{answer}");
        }
        let asked = Asked::default().and_answered("you may change the tests");
        assert!(!asked.lets_change("Makefile", false));
        assert!(
            !Asked::default()
                .and("you may change test_x.py")
                .lets_change("test_x.py", true)
        );
    }

    #[test]
    fn words_say_what_is_to_be_another() {
        let changes = |text: &str| {
            Asked::default()
                .and(text)
                .changes_one_of(["twice"].into_iter())
        };
        assert!(changes("Change twice so that it gives three times as much"));
        assert!(changes("`twice(2)` gives 6 instead of 4."));
        assert!(changes("twice no longer takes text"));
        assert!(!changes("Add thrice beside twice"));
        assert!(!changes("Do not change twice"));
        assert!(!changes("Change add. Leave twice."));
        assert!(changes("twice must give three times as much"));
        assert!(!changes("The new list must call twice"));
        assert!(!changes("twice must still pass"));
        let adds = |text: &str| {
            Asked::default()
                .and(text)
                .changes_one_of(["add"].into_iter())
        };
        assert!(adds("fix the bug: add(1, 2) gives 4 and must give 3"));
        assert!(adds("add must return a string"));
        assert!(!adds("add a half function that rounds up instead of down"));
        assert!(!adds("add a half function that must give half"));
        let part = |text: &str, name: &str| {
            Asked::default()
                .and(text)
                .changes_a_part_of([name].into_iter())
        };
        let discount = "the discount must be 20 percent instead of 10";
        assert!(part(discount, "test_discount") && part(discount, "apply_discounts"));
        assert!(!part(discount, "test_total"));
        let renames = |text: &str| Asked::default().and(text).renames("twice", "double");
        assert!(renames("Rename `twice` to `double`"));
        assert!(renames("Move old.twice to new.double"));
        assert!(!renames("Add double beside twice"));
    }
}
