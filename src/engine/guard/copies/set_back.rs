//! Which files are put back to look at the work with the tests as they were: what tests are run
//! with, apart from what was changed as announced and what that needs. A file that was added beside
//! the tests can change what the old ones say, and leaves each of them as it was.

use std::collections::BTreeSet;

use crate::engine::guard::beside::{Share, share};
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, folders, is_test_folder, name, role};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;

/// What is put back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetBack {
    /// The files that were added beside tests; without any there is nothing to look at.
    pub added: Vec<String>,
    /// These and what was changed of the tests besides.
    pub back: Vec<String>,
    /// What says how everything is built and started, and was changed. The new work may need it:
    /// it goes back where the tests do not stand with it.
    pub gates: Vec<String>,
}

/// What is put back of these files. Those that `stay` were changed as announced.
pub fn set_back(changed: &[Changed], stay: &BTreeSet<String>) -> SetBack {
    let mut set = SetBack::default();
    let mut needing: Vec<&Changed> = Vec::new();
    let mut fresh: Vec<&Changed> = Vec::new();
    for file in changed {
        let stays = stay.contains(&file.path);
        match sort(&file.path) {
            Sort::Tests if stays => needing.push(file),
            Sort::Tests if file.before.is_none() => fresh.push(file),
            Sort::Tests => set.back.push(file.path.clone()),
            Sort::Gate => {
                set.gates.push(file.path.clone());
                needing.push(file);
            }
            Sort::Work => needing.push(file),
            Sort::Nothing => {}
        }
    }
    // What is needed by what stays has to stay as well, and so has what that needs.
    while let Some(place) = fresh
        .iter()
        .position(|file| needing.iter().any(|other| needs(other, file)))
    {
        needing.push(fresh.remove(place));
    }
    set.added = fresh.iter().map(|file| file.path.clone()).collect();
    set.back.extend(set.added.iter().cloned());
    set
}

enum Sort {
    Tests,
    Gate,
    Work,
    Nothing,
}

fn sort(path: &str) -> Sort {
    match share(path) {
        Share::Leftover | Share::Text => Sort::Nothing,
        Share::Work => Sort::Work,
        Share::Test => Sort::Tests,
        Share::Beside => match role(path) {
            Role::Expected | Role::Configuration => Sort::Tests,
            Role::Other if folders(path).any(is_test_folder) => Sort::Tests,
            _ => Sort::Gate,
        },
    }
}

/// Whether a file cannot do without one that was added.
fn needs(file: &Changed, fresh: &Changed) -> bool {
    let Some(text) = file.now.as_ref().and_then(Content::text) else {
        return false;
    };
    let added = fresh.path.as_str();
    let language = Language::of(&file.path);
    let bare = || language.map(|language| Code::read(text, language).bare(0..text.len()));
    match sort(&file.path) {
        Sort::Tests if uses_a_fixture(file, fresh) => true,
        Sort::Tests => match bare() {
            // In JavaScript what is imported is a text.
            Some(_) if language == Some(Language::JavaScript) => has_word(text, stem(added)),
            Some(bare) => has_word(&bare, stem(added)),
            None => text.contains(name(added)),
        },
        // What names its targets one by one.
        Sort::Gate => {
            matches!(name(&file.path), "Cargo.toml" | "CMakeLists.txt")
                && text.contains(name(added))
        }
        Sort::Work if language == Some(Language::Rust) => {
            bare().is_some_and(|bare| has_word(&bare, &format!("mod {}", stem(added))))
        }
        Sort::Work | Sort::Nothing => false,
    }
}

/// Whether a test is given what a `conftest.py` above it makes, which pytest finds without an import.
/// Not where that file does something to every test.
fn uses_a_fixture(file: &Changed, fresh: &Changed) -> bool {
    let read = |file: &Changed| file.now.as_ref().and_then(Content::text).map(str::to_owned);
    let (Some(test), Some(made)) = (read(file), read(fresh)) else {
        return false;
    };
    let Some(folder) = fresh.path.strip_suffix("conftest.py") else {
        return false;
    };
    let is_above = file.path.starts_with(folder) && (folder.is_empty() || folder.ends_with('/'));
    if !is_above || made.contains("autouse") {
        return false;
    }
    let bare = Code::read(&test, Language::Python).bare(0..test.len());
    let mut is_fixture = false;
    made.lines().any(|line| {
        let line = line.trim_start();
        let name = line.trim_start_matches("async ").strip_prefix("def ");
        let given = name.and_then(|name| name.split('(').next());
        let uses = is_fixture && given.is_some_and(|name| has_word(&bare, name.trim()));
        is_fixture = line.starts_with("@pytest.fixture")
            || line.starts_with("@fixture")
            || (is_fixture && name.is_none());
        uses
    })
}

/// The word by which a file is known in a program.
fn stem(path: &str) -> &str {
    let name = name(path);
    let stem = name.split('.').next().unwrap_or(name);
    if matches!(stem, "mod" | "__init__" | "index") {
        folders(path).last().unwrap_or(stem)
    } else {
        stem
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(path: &str, before: Option<&str>, now: Option<&str>) -> Changed {
        let content = |text: &str| Content::Text(text.to_owned());
        Changed {
            path: path.to_owned(),
            before: before.map(content),
            now: now.map(content),
        }
    }

    fn check(changed: &[Changed], stay: &[&str], added: &[&str], back: &[&str]) {
        let stay = stay.iter().map(|path| (*path).to_owned()).collect();
        let set = set_back(changed, &stay);
        assert_eq!((set.added, set.back), (owned(added), owned(back)));
    }

    fn owned(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn what_was_added_beside_tests_goes_and_what_was_changed_goes_back() {
        let files = [
            changed("old.py", Some("a"), Some("b")),
            changed("conftest.py", None, Some("import old")),
            changed("test_old.py", Some("a"), Some("a\nb")),
            changed("tests/__init__.py", None, Some("")),
            changed("README.md", None, Some("conftest")),
            changed("Makefile", Some("a"), Some("b")),
        ];
        check(
            &files,
            &[],
            &["conftest.py", "tests/__init__.py"],
            &["test_old.py", "conftest.py", "tests/__init__.py"],
        );
        assert_eq!(set_back(&files, &BTreeSet::new()).gates, ["Makefile"]);
        check(&files[..1], &[], &[], &[]);
    }

    #[test]
    fn what_is_needed_stays() {
        // A helper that was taken out of a test that may be changed, and what it needs itself.
        let files = [
            changed(
                "tests/test_old.py",
                Some("a"),
                Some("from tests.helpers import made"),
            ),
            changed("tests/helpers.py", None, Some("import makers  # conftest")),
            changed("tests/makers.py", None, Some("a")),
            changed("tests/conftest.py", None, Some("a")),
        ];
        check(
            &files,
            &["tests/test_old.py"],
            &["tests/conftest.py"],
            &["tests/conftest.py"],
        );
        // What pytest gives a test without an import, and what does something to every test.
        let fixture = "@pytest.fixture\ndef pair():\n    return 1, 2\n";
        let autouse = fixture.replace("fixture", "fixture(autouse=True)");
        for (made, expected) in [(fixture, &[][..]), (&*autouse, &["conftest.py"])] {
            let test = "def test_add(pair):\n    assert add(*pair) == 3\n";
            let files = [
                changed("test_add.py", Some("a"), Some(test)),
                changed("conftest.py", None, Some(made)),
            ];
            check(&files, &["test_add.py"], expected, expected);
        }
        // The tests of a module of Rust, and a target by its name.
        let files = [
            changed("src/lib.rs", Some(""), Some("#[cfg(test)]\nmod tests;")),
            changed("src/tests.rs", None, Some("")),
            changed(
                "Cargo.toml",
                Some(""),
                Some("[[test]]\npath = \"tests/all.rs\""),
            ),
            changed("tests/all.rs", None, Some("mod common;")),
            changed("tests/common/mod.rs", None, Some("")),
            changed("tests/other.rs", None, Some("")),
        ];
        check(&files, &[], &["tests/other.rs"], &["tests/other.rs"]);
        // A source of Python does not excuse what stands beside the tests.
        let files = [
            changed("old.py", Some(""), Some("import conftest")),
            changed("conftest.py", None, Some("")),
        ];
        check(&files, &[], &["conftest.py"], &["conftest.py"]);
    }
}
