//! A test that was there, in a file whose change was announced, and that is another now although no
//! words speak of what it is about. It is fine where it still passes as it was: then nothing is
//! lost. Where it does not, it was made to expect something else, and that is refused.

use super::merged::called;
use super::moved::{leaf, tested};
use crate::engine::guard::finding::Finding;
use crate::engine::guard::language::Language;
use crate::engine::guard::seen::{About, Doubt};
use crate::engine::guard::source::blocks::test_modules;
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::imports::words;
use crate::engine::guard::words::announced::Announcement;

/// What is another now and is not spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unspoken {
    /// The file in which it stands.
    pub path: String,
    /// The file as it is now with its tests as they were. None: the whole file is put back.
    pub with_old_tests: Option<String>,
    /// The test; none where it is something that tests use.
    test: Option<String>,
    finding: Finding,
}

impl Unspoken {
    pub(in crate::engine::guard) fn new(
        path: &str,
        doubt: &Doubt,
        with_old_tests: Option<String>,
    ) -> Self {
        let test = match &doubt.about {
            About::Test(both) => Some(leaf(&both.0.name).to_owned()),
            _ => None,
        };
        Self {
            path: path.to_owned(),
            with_old_tests,
            test,
            finding: doubt.finding.clone(),
        }
    }

    /// Whether it is one of the tests of these names, as tools write them.
    fn is_one_of(&self, names: &[String]) -> bool {
        let mut names = names.iter();
        self.test
            .as_ref()
            .is_some_and(|test| names.any(|name| is_named(name, test)))
    }
}

fn is_named(name: &str, leaf: &str) -> bool {
    words(name).contains(&leaf) || (leaf.contains(' ') && name.contains(leaf))
}

/// Why tests that are not spoken of may not stay as they are. `lost` are the tests that do not pass
/// any more as they were, by name where that is known; `rewritten` are all that are others now, by
/// file and name. None: words speak of everything that is lost.
pub fn expects_otherwise(
    unspoken: &[Unspoken],
    lost: &[String],
    rewritten: &[(String, String)],
    announced: &Announcement,
) -> Option<Finding> {
    let is_spoken_of = |name: &&String| {
        let is_rewritten = rewritten.iter().any(|(path, test)| {
            let is_fine = !unspoken
                .iter()
                .any(|one| one.path == *path && one.test.as_deref() == Some(leaf(test)));
            is_fine && is_named(name, leaf(test))
        });
        let part = name.rsplit(['/', ':', '>']).next().unwrap_or(name);
        let part = part.split(['(', '[']).next().unwrap_or(part);
        let of = |one: &Unspoken| announced.speaks_of_a_part(&one.path, [part].into_iter());
        is_rewritten || unspoken.iter().all(|one| one.test.is_none() && of(one))
    };
    if !lost.is_empty() && lost.iter().all(|name| is_spoken_of(&name)) {
        return None;
    }
    let mut all = unspoken.iter();
    let it = all.find(|one| one.is_one_of(lost)).or(unspoken.first())?;
    Some(it.finding.clone())
}

/// The first of these that failed before the work: it was fitted to what the code does.
pub fn was_red(unspoken: &[Unspoken], failing: &[String]) -> Option<Finding> {
    let mut all = unspoken.iter();
    let it = all.find(|one| one.is_one_of(failing))?;
    Some(it.finding.clone())
}

/// Whether words speak of what a test is about.
pub(in crate::engine::guard) fn is_spoken_of(
    path: &str,
    doubt: &Doubt,
    announced: &Announcement,
) -> bool {
    // What every program calls says nothing.
    const OF_THE_LANGUAGE: &[&str] = &[
        "list",
        "dict",
        "set",
        "str",
        "int",
        "float",
        "len",
        "print",
        "open",
        "range",
        "sorted",
        "tuple",
        "sum",
        "max",
        "min",
        "format",
        "read",
        "write",
        "get",
        "append",
        "run",
        "main",
        "new",
        "push",
        "insert",
        "test",
        "raises",
        "join",
        "split",
        "vec",
        "unwrap",
        "to_string",
        "describe",
        "require",
        "string",
        "map",
        "filter",
        "keys",
        "values",
        "items",
    ];
    let About::Test(both) = &doubt.about else {
        return false;
    };
    let before = &both.0;
    let own = tested(before);
    let others = called(&before.essence).into_iter().filter(|name| {
        let lower = name.to_lowercase();
        !lower.starts_with("assert")
            && !OF_THE_LANGUAGE.contains(&lower.as_str())
            && !matches!(
                *name,
                "expect" | "toBe" | "toEqual" | "equal" | "deepEqual" | "it"
            )
    });
    let names = own.iter().map(String::as_str).chain(others);
    announced.speaks_of(path, names)
        || announced.speaks_of_a_part(path, std::iter::once(leaf(&before.name)))
}

/// A source as it is now with its module of tests as it was. None: there is not one of each.
pub(in crate::engine::guard) fn with_old_tests(old: &Code<'_>, new: &Code<'_>) -> Option<String> {
    if new.language != Language::Rust {
        return None;
    }
    let (before, now) = (test_modules(old), test_modules(new));
    let ([before], [now]) = (&before[..], &now[..]) else {
        return None;
    };
    let (head, tail) = (&new.text[..now.start], &new.text[now.end..]);
    Some(format!("{head}{}{tail}", &old.text[before.clone()]))
}
