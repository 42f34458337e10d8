//! Files that a check handed to a test tool, through a target or a script that is another now, and
//! that are still there: they have to be run. Not for files that every test tool finds by itself:
//! the whole suite runs these.

use super::gates::Followed;
use super::runners::{Does, does};
use super::shell::pieces;
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, role};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::{Form, Gate, looks_like_check};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;

/// Says of each such file that is not run any more.
pub(super) fn leaves_out(
    command: &str,
    (before, now): (&Followed, &Followed),
    scene: &Scene<'_>,
) -> Vec<Finding> {
    let texts = now.gates.iter().map(|gate| gate.text.as_str());
    let runs: Vec<&str> = texts.chain([command]).flat_map(words).collect();
    let is_run = |path: &str| runs.iter().any(|word| reaches(word, path));
    let mut found = Vec::new();
    for gate in &before.gates {
        if !is_another(gate, now) {
            continue;
        }
        for word in handed(gate) {
            let path = plain(&word);
            let is_handed = Language::of(path).is_some()
                && role(path) != Role::Test
                && stood(path, scene)
                && (scene.read)(path).is_some();
            if is_handed && !is_run(path) {
                let what = format!(
                    "`{command}` does not run `{path}` any more, which `{}` ran to check the work",
                    gate.path
                );
                found.push(Finding::new(Rule::GateChanged, what));
            }
        }
    }
    found
}

/// The words that a part of a check hands to a test tool.
fn handed(gate: &Gate) -> Vec<String> {
    if let Form::Program(_) = gate.form {
        let all = words(&gate.text).map(str::to_owned);
        return all.filter(|_| looks_like_check(&gate.text)).collect();
    }
    let pieces = pieces(&gate.text.replace('@', " ")).into_iter();
    pieces
        .filter(|piece| matches!(does(&piece.words), Does::Tests))
        .flat_map(|piece| piece.words)
        .collect()
}

/// What is run to check the work and is another now.
pub(in crate::engine::guard) fn is_another(gate: &Gate, now: &Followed) -> bool {
    let same = |other: &&Gate| (&other.path, &other.part) == (&gate.path, &gate.part);
    // A test that is run by itself is judged as a test.
    let is_test = role(&gate.path) == Role::Test && !matches!(gate.form, Form::Script);
    !is_test
        && now
            .gates
            .iter()
            .find(same)
            .is_none_or(|other| other.text != gate.text)
}

fn stood(path: &str, scene: &Scene<'_>) -> bool {
    let is_new = |file: &&Changed| file.path == path && file.before.is_none();
    !scene.changed.iter().any(|file| is_new(&file))
}

/// Everything in a text that may be a path.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "'\"`,;()[]{}=&|<>@".contains(c);
    text.split(ends).filter(|word| !word.is_empty())
}

/// A path without what a tool is told besides: `a.py::test_one`.
fn plain(word: &str) -> &str {
    let path = word.split("::").next().unwrap_or(word);
    path.trim_start_matches("./")
}

/// Whether a path, a folder or a pattern of a command is about a file.
fn reaches(word: &str, path: &str) -> bool {
    let word = plain(word);
    let fixed = word.split(['*', '?']).next().unwrap_or(word);
    let is_folder = word.len() == fixed.len();
    let inside = path.strip_prefix(fixed.trim_end_matches('/'));
    word == path
        || (is_folder && !fixed.is_empty() && inside.is_some_and(|rest| rest.starts_with('/')))
        || (!is_folder && fixed.contains('/') && path.starts_with(fixed))
}

/// The text that a file had.
pub(in crate::engine::guard) fn before(scene: &Scene<'_>, path: &str) -> Option<String> {
    match scene.changed.iter().find(|file| file.path == path) {
        Some(file) => file
            .before
            .as_ref()
            .and_then(Content::text)
            .map(str::to_owned),
        None => (scene.read)(path),
    }
}
