//! Functions and classes that the words say are to go, that stood in the code before and stand
//! nowhere in it now. A test that uses one of them cannot stay as it was.

use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, role};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::seen::{Meaning, TestSeen};
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::imports::words;

/// Words before a name that is defined; `exports.half = ` as well.
const DEFINING: &[&str] = &[
    "def", "class", "function", "fn", "struct", "enum", "trait", "func", "const", "let", "var",
    "exports",
];

/// What is gone of what was to go.
pub(in crate::engine::guard) fn went<'a>(scene: &Scene<'a>) -> Vec<&'a str> {
    let code = |file: &&Changed| role(&file.path) != Role::Test;
    let stands = |name: &str, content: fn(&Changed) -> Option<&Content>| {
        let mut files = scene.changed.iter().filter(code);
        files.any(|file| content(file).is_some_and(|content| defines(&file.path, content, name)))
    };
    let to_go = scene.announced.to_go();
    to_go
        .filter(|name| {
            stands(name, |file| file.before.as_ref()) && !stands(name, |file| file.now.as_ref())
        })
        .collect()
}

/// Whether a test, or a function of its file that it calls, uses one of these.
pub(in crate::engine::guard) fn uses(test: &TestSeen, went: &[&str]) -> bool {
    let helpers = test.around.names.values().map(|meaning| match meaning {
        Meaning::Function(body) => body.as_str(),
        Meaning::From(_) | Meaning::Line(_) => "",
    });
    std::iter::once(test.essence.as_str())
        .chain(helpers)
        .any(|text| names(text, went))
}

/// Whether a text has one of these names in it.
pub(in crate::engine::guard) fn names(text: &str, went: &[&str]) -> bool {
    words(text).iter().any(|word| went.contains(word))
}

fn defines(path: &str, content: &Content, name: &str) -> bool {
    let Some((text, language)) = content.text().zip(Language::of(path)) else {
        return false;
    };
    let bare = Code::read(text, language).bare(0..text.len());
    let mut pairs = words(&bare);
    pairs.dedup();
    pairs
        .windows(2)
        .any(|pair| DEFINING.contains(&pair[0]) && pair[1] == name)
}
