//! What stands around a test, and whether a change of tests that nobody announced by their file is
//! fine all the same: a test, a helper or an import that only stands elsewhere or is called
//! otherwise, and what it has to be since the ticket asks for other behaviour.

use super::went::{names, uses, went};
use crate::engine::guard::asserts::bound::is_tool;
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::seen::{About, Doubt, Meaning, TestSeen};
use crate::engine::guard::source::cases::cases;
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::imports::{last, module, source, stands_for_the_same, words};
use crate::engine::guard::words::announced::Announcement;

/// Why a change is fine, for a person to read. None: it is not.
pub(in crate::engine::guard) fn excuse(doubt: &Doubt, scene: &Scene<'_>) -> Option<String> {
    let announced = scene.announced;
    let went = went(scene);
    match &doubt.about {
        About::Test(both) => {
            let (before, now) = &**both;
            let name = &now.name;
            if is_renamed(&before.essence, &now.essence, announced) {
                return Some(format!(
                    "`{name}` only has other names in it, as the ticket says"
                ));
            }
            if announced.names_test(leaf(&before.name)) {
                return Some(format!("`{name}` was changed, as the task says"));
            }
            if uses(before, &went) {
                return Some(format!(
                    "`{name}` used what is gone now, as the ticket says"
                ));
            }
            let calls = |test: &TestSeen| -> Vec<String> { tested(test) };
            let still: Vec<String> = calls(before)
                .into_iter()
                .filter(|name| calls(now).contains(name))
                .collect();
            let still = || still.iter().map(String::as_str);
            let with_its_name = || still().chain(std::iter::once(leaf(&before.name)));
            (announced.changes_one_of(still()) || announced.changes_a_part_of(with_its_name()))
                .then(|| {
                    format!(
                        "`{name}` expects something else, since the ticket asks for other behaviour"
                    )
                })
        }
        About::Helper(before, _) if names(before, &went) => Some(
            "a function that tests use was about what is gone now, as the ticket says".to_owned(),
        ),
        About::Gone { name, body, .. } if names(body, &went) => Some(format!(
            "`{name}`, which tests used, was about what is gone now, as the ticket says"
        )),
        About::Helper(before, now) => is_renamed(before, now, announced).then(|| {
            "a function that tests use only has other names in it, as the ticket says".to_owned()
        }),
        About::Gone {
            name,
            body,
            brought_in,
        } => {
            let place = defined(scene.changed, name, body)?;
            let is_brought_in = brought_in.iter().any(|line| {
                words(line).contains(&module(place))
                    || source(line).is_some_and(|from| last(from) == module(place))
            });
            is_brought_in.then(|| format!("`{name}`, which tests use, now stands in `{place}`"))
        }
        About::Import { name, before, now } => {
            let sources = (source(before)?, source(now)?);
            stands_for_the_same(name, sources, scene.changed).then(|| {
                format!(
                    "`{name}` is brought in from `{}`, where it stands now",
                    sources.1
                )
            })
        }
        About::Line(before, added) => added
            .iter()
            .any(|line| is_renamed(before, line, announced))
            .then(|| {
                "a line that tests need only has other names in it, as the ticket says".to_owned()
            }),
    }
}

/// Whether a test that is gone from one place stands at another as it was.
pub(in crate::engine::guard) fn is_as_it_was(
    gone: &TestSeen,
    other: &TestSeen,
    scene: &Scene<'_>,
) -> bool {
    gone.around.names.iter().all(|(name, before)| {
        // What it does not bring in is not there, or what everybody has.
        let Some(now) = other.around.names.get(name) else {
            return true;
        };
        match (before, now) {
            (Meaning::From(before), Meaning::From(now)) => {
                stands_for_the_same(name, (before, now), scene.changed)
            }
            (Meaning::Function(body), Meaning::From(now)) => {
                defined(scene.changed, name, body).is_some_and(|place| module(place) == last(now))
            }
            (before, now) => before == now,
        }
    })
}

/// Whether a test stands in a class of the same file now, or in none any more, and does the same:
/// nothing else is called before or in it.
pub(in crate::engine::guard) fn is_in_another_class(gone: &TestSeen, other: &TestSeen) -> bool {
    let without_self = |text: &str| {
        let text = text.replacen("(self,", "(", 1);
        text.replacen("(self)", "()", 1)
    };
    let known = &gone.around.names;
    gone.path == other.path
        && Language::of(&gone.path) == Some(Language::Python)
        && leaf(&gone.name) == leaf(&other.name)
        && without_self(&gone.essence) == without_self(&other.essence)
        && (other.around.names.keys()).all(|name| {
            known.contains_key(name) || other.name.split('.').any(|class| class == name)
        })
}

/// Whether one text is the other with names in it that are said to be others now.
pub(in crate::engine::guard) fn is_renamed(
    before: &str,
    now: &str,
    announced: &Announcement,
) -> bool {
    let (before, now) = (parts(before), parts(now));
    before.len() == now.len()
        && before.iter().zip(&now).all(|(old, new)| {
            old == new
                || (old.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && announced.renames(old, new))
        })
}

/// The last part of a test's name.
pub(in crate::engine::guard) fn leaf(name: &str) -> &str {
    name.rsplit(['.', '>']).next().unwrap_or_default().trim()
}

/// Words, and each other character by itself.
fn parts(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if is_word(first) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

/// The names of the project that a test calls: what it brought in, and members of that.
pub(super) fn tested(test: &TestSeen) -> Vec<String> {
    let parts = parts(&test.essence);
    let is_brought_in = |name: &str| match test.around.names.get(name) {
        Some(Meaning::From(place)) => !is_tool(place),
        Some(Meaning::Line(line)) => !source(line).is_some_and(is_tool),
        Some(Meaning::Function(_)) | None => false,
    };
    let mut found = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let is_called = parts.get(at + 1) == Some(&"(");
        let of = (at >= 2 && parts[at - 1] == ".").then(|| parts[at - 2]);
        if is_called && (is_brought_in(part) || of.is_some_and(is_brought_in)) {
            found.push((*part).to_owned());
        }
    }
    found
}

/// The file in which a function of that name and body stands now.
fn defined<'a>(changed: &'a [Changed], name: &str, body: &str) -> Option<&'a str> {
    let leaf = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let stands_in = |file: &&Changed| {
        let Some((text, language)) = file
            .now
            .as_ref()
            .and_then(Content::text)
            .zip(Language::of(&file.path))
        else {
            return false;
        };
        let code = Code::read(text, language);
        cases(&code)
            .iter()
            .any(|case| leaf(&case.name) == leaf(name) && code.normal(case.body.clone()) == body)
    };
    changed
        .iter()
        .find(stands_in)
        .map(|file| file.path.as_str())
}
