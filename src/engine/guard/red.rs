//! A test that failed before the work, and was changed while no code was: it was fitted to what the
//! code does. That is right only where a person says that the test is wrong.

use super::beside::{Share, share};
use super::changed::{Changed, Content};
use super::finding::{Finding, Rule};
use super::judge::Judgement;
use super::language::Language;
use super::scene::Scene;
use super::source::code::Code;
use super::source::imports::words;
use super::tested::moved::leaf;

/// Why such a change is not accepted. `red` are the names of the tests that failed before, as their
/// tools write them. None: there is none.
pub fn fitted(judgement: &Judgement, scene: &Scene<'_>, red: &[&str]) -> Option<Finding> {
    if scene.changed.iter().any(is_code) {
        return None;
    }
    let mut rewritten = judgement.rewritten.iter();
    let (path, name) = rewritten.find(|(path, name)| {
        let leaf = leaf(name);
        let is_red =
            |red: &&str| words(red).contains(&leaf) || (leaf.contains(' ') && red.contains(leaf));
        red.iter().any(is_red) && !scene.announced.calls_wrong(leaf, path)
    })?;
    let what = format!(
        "`{path}`: the test `{name}` failed before this ticket and was changed, while no code was: correct the code, or have the person say that the test is wrong"
    );
    Some(Finding::new(Rule::TestChanged, what))
}

/// Whether code that is no test is another now.
fn is_code(file: &Changed) -> bool {
    if share(&file.path) != Share::Work {
        return false;
    }
    let text =
        |content: &Option<Content>| content.as_ref().and_then(Content::text).map(str::to_owned);
    match (
        text(&file.before),
        text(&file.now),
        Language::of(&file.path),
    ) {
        (Some(before), Some(now), Some(language)) => {
            work(&before, language) != work(&now, language)
        }
        _ => true,
    }
}

/// The code without its layout, and without tests that stand in it.
fn work(text: &str, language: Language) -> String {
    let end = (language == Language::Rust)
        .then(|| text.find("#[cfg(test)]"))
        .flatten();
    Code::read(text, language).normal(0..end.unwrap_or(text.len()))
}
