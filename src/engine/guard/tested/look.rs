//! One file that work changed: what of it is not accepted, and which tests went and came.

use std::collections::BTreeSet;

use super::test_file::{Compared, Extent, compare, compare_lines};
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, name, role};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::language::Language;
use crate::engine::guard::rigs::rigged::{noteworthy, rigged};
use crate::engine::guard::rigs::settings::{changed, lets_fail};
use crate::engine::guard::rigs::stand_in::stand_in;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::seen::Announced;
use crate::engine::guard::source::imports::{module, words};

/// Looks at a file.
pub(in crate::engine::guard) fn look_at(
    file: &Changed,
    announced: Announced,
    starts: &BTreeSet<String>,
    scene: &Scene<'_>,
) -> Compared {
    let path = file.path.as_str();
    let role = role(path);
    let (before, now) = (text(file.before.as_ref()), text(file.now.as_ref()));
    let mut found = Vec::new();
    // One that stood there before is not of this work.
    let stood = file.before.is_some() && stand_in(path, before, starts).is_some();
    if file.now.is_some() && !stood {
        found.extend(stand_in(path, now, starts));
    }
    if let Some(now) = now {
        let is_loaded = scene.changed.iter().any(|other| loads(other, path));
        found.extend(rigged(path, role, (before, now), is_loaded));
        found.extend(lets_fail(path, before, now));
    }
    let is_guarded = !matches!(role, Role::Other | Role::Manifest);
    let was_unreadable = file.before.is_some() && before.is_none();
    let mut compared = if was_unreadable
        || (now.is_none() && file.now.is_some() && before.is_none())
    {
        let is_refused = is_guarded && was_unreadable && announced == Announced::No;
        let what = format!("`{path}` was there before this ticket and was replaced, {UNANNOUNCED}");
        let findings = is_refused.then(|| Finding::new(Rule::TestChanged, what));
        Compared {
            findings: findings.into_iter().collect(),
            ..Compared::default()
        }
    } else {
        by_role(path, role, (before, now), (announced, scene))
    };
    found.append(&mut compared.findings);
    compared.findings = found;
    if let Some(now) = now.filter(|_| compared.new.is_empty()) {
        compared.told.extend(noteworthy(path, role, before, now));
    }
    compared
}

const UNANNOUNCED: &str = "and neither the ticket nor its plan names it";

fn text(content: Option<&Content>) -> Option<&str> {
    content.and_then(Content::text)
}

fn by_role(
    path: &str,
    role: Role,
    (before, now): (Option<&str>, Option<&str>),
    (announced, scene): (Announced, &Scene<'_>),
) -> Compared {
    let language = Language::of(path).filter(|language| match role {
        Role::Test => true,
        // What sets tests up is written like tests.
        Role::Configuration => is_set_up(path),
        Role::Other => [before, now]
            .into_iter()
            .flatten()
            .any(|text| has_tests(text, *language)),
        Role::Expected | Role::Manifest | Role::Pipeline => false,
    });
    if let Some(language) = language {
        let extent = if role == Role::Other {
            Extent::Part
        } else {
            Extent::Whole
        };
        let mut compared = compare(
            path,
            (before, now),
            (language, extent),
            announced,
            scene.read,
        );
        let is_lost = now.is_none() && announced == Announced::No && role != Role::Other;
        if is_lost && compared.gone.is_empty() {
            compared.findings.push(deleted(path, Rule::TestGone));
        }
        return compared;
    }
    let Some(before) = before.filter(|_| role != Role::Other) else {
        return Compared::default();
    };
    let finding = match (role, now) {
        _ if announced == Announced::Yes => None,
        (Role::Pipeline, None) => Some(deleted(path, Rule::PipelineChanged)),
        (Role::Configuration | Role::Manifest, None) => {
            Some(deleted(path, Rule::ConfigurationChanged))
        }
        (_, None) => Some(deleted(path, Rule::TestGone)),
        (Role::Test | Role::Expected, Some(now)) => compare_lines(path, before, now),
        (_, Some(now)) => changed(path, before, now),
    };
    Compared {
        findings: finding.into_iter().collect(),
        changed: role != Role::Manifest,
        ..Compared::default()
    }
}

/// Whether a file brings in another one.
fn loads(file: &Changed, path: &str) -> bool {
    let now = text(file.now.as_ref()).filter(|_| file.path != path);
    now.is_some_and(|now| {
        let mut lines = now.lines();
        lines.any(|line| {
            (line.contains("import") || line.contains("require"))
                && words(line).contains(&module(path))
        })
    })
}

/// Whether a configuration is a program that sets tests up.
fn is_set_up(path: &str) -> bool {
    matches!(
        name(path),
        "conftest.py"
            | "noxfile.py"
            | "spec_helper.rb"
            | "rails_helper.rb"
            | "test_helper.rb"
            | "test_helper.exs"
            | "Pest.php"
    )
}

/// Whether a source that is no file of tests has tests in it.
fn has_tests(text: &str, language: Language) -> bool {
    let marks: &[&str] = match language {
        Language::Rust => &["test]", "#[test", "cfg(test)"],
        Language::Python => &["unittest.TestCase", "(TestCase)", "import pytest"],
        Language::Java => &["@Test"],
        Language::CSharp => &["[Fact", "[Theory", "[Test"],
        _ => &[],
    };
    marks.iter().any(|mark| text.contains(mark))
}

fn deleted(path: &str, rule: Rule) -> Finding {
    let what = format!("`{path}` was there before this ticket and is gone, {UNANNOUNCED}");
    Finding::new(rule, what)
}
