//! The judgement on a ticket's changes, before its checks run and after. Knows only what is given:
//! the files that the work changed, before and now, what was announced, and the commands that count.

use std::collections::BTreeMap;

use super::asserting::Asserts;
use super::changed::{Changed, Content};
use super::files::{Role, is_leftover, role};
use super::finding::{Finding, Rule};
use super::gate::Read;
use super::gate_files::look_at_gates;
use super::gates::{Reach, gates};
use super::language::Language;
use super::rigged::rigged;
use super::scene::Scene;
use super::settings::{changed, lets_fail};
use super::stand_in::stand_in;
use super::test_file::{Announced, Compared, Extent, TestSeen, compare, compare_lines};
use crate::engine::event::Receipt;

/// What the guard says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Why the work is not accepted; empty if nothing stands against it.
    pub refused: Vec<Finding>,
    /// Existing files of tests that were changed as announced.
    pub edited: Vec<String>,
    /// What a person should know, one sentence each.
    pub told: Vec<String>,
    /// Whether tests went, or moved, as was announced: then a check may execute fewer.
    pub fewer_are_expected: bool,
}

/// Judges what can be told without running anything.
pub fn judge(scene: &Scene<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    let mut gone: Vec<TestSeen> = Vec::new();
    let mut new: Vec<TestSeen> = Vec::new();
    let mut leftovers: Vec<&str> = Vec::new();
    for file in scene.changed {
        if file.before.is_none() && is_leftover(&file.path) {
            leftovers.push(&file.path);
        }
        let announced = scene.announced.has(&file.path);
        let mut compared = look_at(file, announced);
        judgement.refused.append(&mut compared.findings);
        gone.append(&mut compared.gone);
        new.append(&mut compared.new);
        if compared.changed && announced == Announced::Yes {
            judgement.edited.push(file.path.clone());
        }
    }
    look_for_lost(scene, &gone, &new, &mut judgement);
    look_at_gates(scene, &mut judgement.refused);
    let fresh: Vec<&TestSeen> = new
        .iter()
        .filter(|test| !gone.iter().any(|old| old.essence == test.essence))
        .collect();
    look_at_new(&fresh, &mut judgement);
    if !leftovers.is_empty() {
        judgement
            .told
            .push(format!("left behind: {}", some(&leftovers)));
    }
    if !judgement.edited.is_empty() {
        let names: Vec<&str> = judgement.edited.iter().map(String::as_str).collect();
        judgement.told.insert(
            0,
            format!(
                "tests that were there were changed, as announced: {}",
                some(&names)
            ),
        );
    }
    judgement.refused.sort_by_key(|finding| finding.rule);
    judgement
}

/// The first names, and how many more there are.
fn some(names: &[&str]) -> String {
    const MOST: usize = 6;
    let shown = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        0..=MOST => shown,
        all => format!("{shown} and {} more", all - MOST),
    }
}

fn look_at(file: &Changed, announced: Announced) -> Compared {
    let path = file.path.as_str();
    let role = role(path);
    let text =
        |content: &Option<Content>| content.as_ref().and_then(Content::text).map(str::to_owned);
    let (before, now) = (text(&file.before), text(&file.now));
    let mut compared = Compared::default();
    if file.before != file.now && file.now.is_some() {
        compared.findings.extend(stand_in(path, now.as_deref()));
    }
    let is_readable = |content: &Option<Content>| {
        content
            .as_ref()
            .is_none_or(|content| content.text().is_some())
    };
    if !is_readable(&file.before) || !is_readable(&file.now) {
        let is_guarded = !matches!(role, Role::Other | Role::Manifest);
        if is_guarded && file.before.is_some() && announced == Announced::No {
            let what = format!(
                "`{path}` was there before this ticket and was replaced, and neither the ticket nor its plan names it"
            );
            compared
                .findings
                .push(Finding::new(Rule::TestChanged, what));
        }
        return compared;
    }
    if let Some(now) = &now {
        compared
            .findings
            .extend(rigged(path, role, before.as_deref(), now));
        compared
            .findings
            .extend(lets_fail(path, before.as_deref(), now));
    }
    // What sets up tests is written like tests.
    let is_code = Language::of(path).filter(|_| {
        role == Role::Test
            || (role == Role::Configuration
                && (path.ends_with(".py")
                    || path.ends_with(".rb")
                    || path.ends_with(".exs")
                    || path.ends_with("Pest.php")))
    });
    match (role, is_code) {
        (_, Some(language)) => {
            let mut found = compare(
                path,
                (before.as_deref(), now.as_deref()),
                language,
                Extent::Whole,
                announced,
            );
            if now.is_none() && announced == Announced::No && found.gone.is_empty() {
                found.findings.push(deleted(path, Rule::TestGone));
            }
            compared.findings.append(&mut found.findings);
            compared.gone = found.gone;
            compared.new = found.new;
            compared.changed = found.changed;
        }
        (Role::Test | Role::Expected, None) => {
            if let (Some(before), Announced::No) = (&before, announced) {
                compared.findings.extend(match &now {
                    None => Some(deleted(path, Rule::TestGone)),
                    Some(now) => compare_lines(path, before, now),
                });
            }
            compared.changed = before.is_some();
        }
        (Role::Configuration | Role::Manifest | Role::Pipeline, None) => {
            if let (Some(before), Announced::No) = (&before, announced) {
                let rule = if role == Role::Pipeline {
                    Rule::PipelineChanged
                } else {
                    Rule::ConfigurationChanged
                };
                compared.findings.extend(match &now {
                    None => Some(deleted(path, rule)),
                    Some(now) => changed(path, before, now),
                });
            }
            compared.changed = before.is_some() && role != Role::Manifest;
        }
        (Role::Other, None) => {
            let part = Language::of(path).filter(|language| {
                [&before, &now]
                    .into_iter()
                    .flatten()
                    .any(|text| has_tests(text, *language))
            });
            if let Some(language) = part {
                let found = compare(
                    path,
                    (before.as_deref(), now.as_deref()),
                    language,
                    Extent::Part,
                    announced,
                );
                compared.findings.extend(found.findings);
                compared.gone = found.gone;
                compared.new = found.new;
                compared.changed = found.changed;
            }
        }
    }
    compared
}

/// Whether a source that is no file of tests has tests in it.
fn has_tests(text: &str, language: Language) -> bool {
    match language {
        Language::Rust => {
            text.contains("test]") || text.contains("#[test") || text.contains("cfg(test)")
        }
        Language::Python => {
            text.contains("unittest.TestCase")
                || text.contains("(TestCase)")
                || text.contains("import pytest")
        }
        Language::Java => text.contains("@Test"),
        Language::CSharp => ["[Fact", "[Theory", "[Test"]
            .iter()
            .any(|mark| text.contains(mark)),
        _ => false,
    }
}

fn deleted(path: &str, rule: Rule) -> Finding {
    Finding::new(
        rule,
        format!(
            "`{path}` was there before this ticket and is gone, and neither the ticket nor its plan names it"
        ),
    )
}

/// Tests that are gone, unless they moved or were to go.
fn look_for_lost(
    scene: &Scene<'_>,
    gone: &[TestSeen],
    new: &[TestSeen],
    judgement: &mut Judgement,
) {
    let mut left: Vec<&TestSeen> = new.iter().collect();
    let mut lost: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut removed: Vec<&str> = Vec::new();
    for test in gone {
        let moved = left.iter().position(|other| other.essence == test.essence);
        let is_announced = |path: &str| scene.announced.has(path) == Announced::Yes;
        if let Some(place) = moved
            && (is_announced(&test.path) || is_announced(&left[place].path))
        {
            left.remove(place);
            judgement.fewer_are_expected = true;
        } else if scene.announced.may_lose(&test.path) {
            judgement.fewer_are_expected = true;
            removed.push(&test.name);
        } else {
            lost.entry(&test.path).or_default().push(&test.name);
        }
    }
    for (path, names) in lost {
        let are = if names.len() == 1 {
            "the test"
        } else {
            "the tests"
        };
        let verb = if names.len() == 1 { "is" } else { "are" };
        judgement.refused.push(Finding::new(
            Rule::TestGone,
            format!("`{path}`: {are} {} {verb} gone", some(&names)),
        ));
    }
    if !removed.is_empty() {
        judgement.told.push(format!(
            "tests that went, as the ticket says: {}",
            some(&removed)
        ));
    }
}

fn look_at_new(fresh: &[&TestSeen], judgement: &mut Judgement) {
    let empty: Vec<&str> = fresh
        .iter()
        .filter(|test| test.asserts != Asserts::Something)
        .map(|test| test.name.as_str())
        .collect();
    if empty.is_empty() {
        return;
    }
    let obvious = fresh.iter().all(|test| test.asserts != Asserts::Nothing);
    let how = if obvious {
        "only what is always true"
    } else {
        "nothing of what the code does"
    };
    let verb = if empty.len() == 1 {
        "asserts"
    } else {
        "assert"
    };
    if empty.len() == fresh.len() {
        let what = format!("{} {verb} {how}", some(&empty));
        judgement
            .refused
            .push(Finding::new(Rule::NothingAsserted, what));
    } else {
        judgement
            .told
            .push(format!("new tests that assert nothing: {}", some(&empty)));
    }
}

/// Whether a command starts something that tests, as far as is known.
pub fn tests_something(command: &str, read: Read<'_>) -> bool {
    gates(command, read).1 > Reach::Nothing
}

/// A check that passed and executed fewer tests than before the work. None: it did not.
pub fn fewer(now: &Receipt, before: &Receipt) -> Option<Finding> {
    let (had, has) = (before.tests?, now.tests.unwrap_or(0));
    (before.passed && now.passed && has < had).then(|| {
        let what = format!(
            "`{}` executed {had} tests before this work and executes {has} now",
            now.command
        );
        Finding::new(Rule::FewerTests, what)
    })
}

/// The person's repository stands at another commit than before a command of the model's.
pub fn committed(from: &str, to: &str) -> Finding {
    let short = |commit: &str| commit.chars().take(10).collect::<String>();
    let what = format!(
        "a command of this work moved the repository from commit {} to {}; go back with `git reset --soft {from}`",
        short(from),
        short(to)
    );
    Finding::new(Rule::Committed, what)
}
