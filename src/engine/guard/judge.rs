//! The judgement on a ticket's changes, before its checks run and after. Knows only what is given:
//! the files that the work changed, before and now, what was announced, and the commands that count.

use std::collections::{BTreeMap, BTreeSet};

use super::asserts::assertion::Asserts;
use super::changed::{Changed, Content};
use super::commands::collected::Collecting;
use super::commands::gate_files::look_at_gates;
use super::commands::gates::{Reach, followed};
use super::commands::left_behind::{before, is_another};
use super::files::{Role, is_leftover, role};
use super::finding::{Finding, Rule};
use super::gate::{Form, Gate, Read};
use super::language::Language;
use super::rigs::bent::bent;
use super::rigs::stand_in::starts;
use super::scene::Scene;
use super::seen::{About, Announced, TestSeen};
use super::tested::look::look_at;
use super::tested::merged::is_merged;
use super::tested::moved::{excuse, is_as_it_was, is_in_another_class, is_renamed};
use super::tested::test_file::{Compared, Extent};
use super::tested::unspoken::{Unspoken, is_spoken_of};
use super::tested::went::{uses, went};
use crate::engine::event::Receipt;
use crate::engine::test_count::of_runs;

/// What the guard says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Why the work is not accepted; empty if nothing stands against it.
    pub refused: Vec<Finding>,
    /// Existing files of tests that were changed as announced.
    pub edited: Vec<String>,
    /// What is run to check the work and was changed as announced.
    pub gates: Vec<String>,
    /// The tests that were there and are others now, by file and name.
    pub rewritten: Vec<(String, String)>,
    /// What is another now in files that were announced, and is not spoken of.
    pub unspoken: Vec<Unspoken>,
    /// What a person should know, one sentence each.
    pub told: Vec<String>,
    /// New tests that assert nothing, beside others that do.
    pub hollow: Vec<String>,
    /// How many tests went as was announced: by so many a check may execute fewer.
    pub may_be_fewer: u64,
    /// Files of tests in which something that was there is another, went, or came from elsewhere.
    pub reworked: BTreeSet<String>,
    /// How many tests are new.
    pub new_tests: u64,
    /// Their names.
    pub new_names: Vec<String>,
}

/// Judges what can be told without running anything.
pub fn judge(scene: &Scene<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    let mut gone: Vec<TestSeen> = Vec::new();
    let mut new: Vec<TestSeen> = Vec::new();
    let mut rewritten: Vec<TestSeen> = Vec::new();
    let mut left_to_do: Option<String> = None;
    let mut excused: BTreeSet<&str> = BTreeSet::new();
    let mut leftovers: Vec<&str> = Vec::new();
    let starts = starts(scene.commands, scene.read);
    for file in scene.changed {
        if file.before.is_none() && is_leftover(&file.path) {
            leftovers.push(&file.path);
        }
        let announced = scene.announced.has(&file.path);
        let mut compared = look_at(file, announced, &starts, scene);
        judgement.refused.append(&mut compared.findings);
        judgement.told.append(&mut compared.told);
        for doubt in &compared.doubts {
            match excuse(doubt, scene) {
                Some(why) => {
                    judgement.told.push(format!("`{}`: {why}", file.path));
                    excused.insert(&file.path);
                    if let About::Test(both) = &doubt.about {
                        rewritten_of(&both.1, &mut judgement);
                    }
                }
                None => judgement.refused.push(doubt.finding.clone()),
            }
        }
        look_at_others(file, &compared, scene, &mut judgement);
        for test in &compared.rewritten {
            rewritten_of(test, &mut judgement);
        }
        rewritten.append(&mut compared.rewritten);
        left_to_do = left_to_do.or(compared.left_to_do.take());
        if compared.changed || !compared.gone.is_empty() || excused.contains(&*file.path) {
            judgement.reworked.insert(file.path.clone());
        }
        gone.append(&mut compared.gone);
        new.append(&mut compared.new);
        if compared.changed && (announced == Announced::Yes || excused.contains(&*file.path)) {
            judgement.edited.push(file.path.clone());
        }
    }
    let collecting = Collecting::by(scene.commands, scene.read);
    look_for_lost(
        (scene, &collecting),
        &gone,
        (&new, &rewritten),
        &mut judgement,
    );
    judgement.refused.extend(
        scene
            .changed
            .iter()
            .filter_map(|file| lost_class(file, &collecting)),
    );
    look_at_gates(scene, &mut judgement.refused);
    judgement.refused.extend(bent(scene));
    let fresh: Vec<&TestSeen> = new
        .iter()
        .filter(|test| {
            let is_it = |old: &TestSeen| old.essence == test.essence;
            !gone
                .iter()
                .any(|old| is_it(old) || is_in_another_class(old, test))
        })
        .collect();
    judgement.new_tests = fresh.len() as u64;
    judgement.new_names = fresh.iter().map(|test| test.name.clone()).collect();
    let (idle, running): (Vec<&TestSeen>, Vec<&TestSeen>) =
        fresh.iter().partition(|test| test.idle.is_some());
    look_at_new(&running, &mut judgement);
    look_at_idle((&idle, &running), left_to_do, &mut judgement);
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
    tell_of_gates(scene, &mut judgement);
    judgement.refused.sort_by_key(|finding| finding.rule);
    judgement
}

/// What is another in a file that was announced: words speak of it, or it is run as it was.
fn look_at_others(
    file: &Changed,
    compared: &Compared,
    scene: &Scene<'_>,
    judgement: &mut Judgement,
) {
    for doubt in &compared.others {
        if is_spoken_of(&file.path, doubt, scene.announced) || excuse(doubt, scene).is_some() {
            continue;
        }
        match (compared.extent, compared.with_old_tests.clone()) {
            (Extent::Part, None) => judgement.refused.push(doubt.finding.clone()),
            (_, with) => judgement
                .unspoken
                .push(Unspoken::new(&file.path, doubt, with)),
        }
    }
}

fn tell_of_gates(scene: &Scene<'_>, judgement: &mut Judgement) {
    judgement.gates = other_gates(scene);
    if !judgement.gates.is_empty() {
        let names: Vec<&str> = judgement.gates.iter().map(String::as_str).collect();
        judgement.told.push(format!(
            "what is run to check the work was changed, as announced: {}",
            some(&names)
        ));
    }
}

/// The files behind the commands that count that were there and are others now.
fn other_gates(scene: &Scene<'_>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for command in scene.commands {
        let old = followed(command, &|path| before(scene, path)).0;
        let now = followed(command, scene.read).0;
        let others = old.gates.iter().filter(|gate| is_another(gate, &now));
        let is_changed = |path: &str| scene.changed.iter().any(|file| file.path == path);
        found.extend(
            others
                .map(|gate| gate.path.clone())
                .filter(|path| is_changed(path)),
        );
    }
    found.into_iter().collect()
}

fn rewritten_of(test: &TestSeen, judgement: &mut Judgement) {
    let one = (test.path.clone(), test.name.clone());
    judgement.rewritten.push(one);
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

/// Tests that are gone, unless they moved or were to go.
fn look_for_lost(
    (scene, collecting): (&Scene<'_>, &Collecting<'_>),
    gone: &[TestSeen],
    (new, rewritten): (&[TestSeen], &[TestSeen]),
    judgement: &mut Judgement,
) {
    let went = went(scene);
    let mut left: Vec<&TestSeen> = new.iter().collect();
    let mut merged: Vec<&str> = Vec::new();
    let mut lost: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut removed: Vec<&str> = Vec::new();
    let mut at_other_places: Vec<&str> = Vec::new();
    for test in gone {
        let is_announced = |path: &str| scene.announced.has(path) == Announced::Yes;
        let moved = left.iter().position(|other| {
            let places = ((&*test.path, &*test.name), (&*other.path, &*other.name));
            (other.essence == test.essence
                || is_in_another_class(test, other)
                || is_renamed(&test.essence, &other.essence, scene.announced))
                && collecting.moves(places.0, places.1)
                && (is_announced(&test.path)
                    || is_announced(&other.path)
                    || is_as_it_was(test, other, scene))
        });
        let takes_in = |other: &&TestSeen| {
            let places = ((&*test.path, &*test.name), (&*other.path, &*other.name));
            is_announced(&other.path)
                && other.asserts == Asserts::Something
                && collecting.moves(places.0, places.1)
                && is_merged(test, other)
        };
        let new_place = || new.iter().chain(rewritten).find(|other| takes_in(other));
        if let Some(place) = moved {
            judgement.reworked.insert(left.remove(place).path.clone());
            at_other_places.push(&test.name);
        } else if let Some(other) = new_place().filter(|_| is_announced(&test.path)) {
            judgement.reworked.insert(other.path.clone());
            judgement.may_be_fewer += 1;
            merged.push(&test.name);
        } else if scene.announced.may_lose(test) || uses(test, &went) {
            judgement.may_be_fewer += 1;
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
    if !merged.is_empty() {
        judgement.told.push(format!(
            "tests whose values stand in the table of another now: {}",
            some(&merged)
        ));
    }
    if !at_other_places.is_empty() {
        judgement
            .told
            .push(format!("tests that moved: {}", some(&at_other_places)));
    }
    if !removed.is_empty() {
        judgement.told.push(format!(
            "tests that went, as the ticket says: {}",
            some(&removed)
        ));
    }
}

/// A class whose tests are there, and which the runner passes by.
fn lost_class(file: &Changed, collecting: &Collecting<'_>) -> Option<Finding> {
    let is_python = Language::of(&file.path) == Some(Language::Python);
    if !is_python || role(&file.path) != Role::Test {
        return None;
    }
    let before = file.before.as_ref().and_then(Content::text)?;
    let now = file.now.as_ref().and_then(Content::text)?;
    let class = collecting.lost_class(before, now)?;
    let head = format!("class {class}");
    let line = now
        .lines()
        .position(|line| line.trim_start().starts_with(&head));
    let what = format!(
        "`{}`, line {}: the tests of `{class}` are not run any more, since it is no class of tests",
        file.path,
        line.map_or(1, |line| line + 1)
    );
    Some(Finding::new(Rule::TestOff, what))
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
        let what = format!("`{}`: {} {verb} {how}", fresh[0].path, some(&empty));
        judgement
            .refused
            .push(Finding::new(Rule::NothingAsserted, what));
    } else {
        judgement
            .told
            .push(format!("new tests that assert nothing: {}", some(&empty)));
        judgement.hollow = empty.iter().map(|name| (*name).to_owned()).collect();
    }
}

/// New tests that never run: one that runs and asserts has to stand beside them.
fn look_at_idle(
    (idle, running): (&[&TestSeen], &[&TestSeen]),
    left_to_do: Option<String>,
    judgement: &mut Judgement,
) {
    let mut places = idle.iter().filter_map(|test| test.idle.clone());
    let Some(place) = places.next().or(left_to_do) else {
        return;
    };
    let shows = |test: &&TestSeen| test.asserts == Asserts::Something;
    if running.iter().any(shows) {
        let names: Vec<&str> = idle.iter().map(|test| test.name.as_str()).collect();
        if !names.is_empty() {
            let what = format!("new tests that are switched off: {}", some(&names));
            judgement.told.push(what);
        }
        return;
    }
    let what = format!("{place} switches a new test off, and no other new test runs and asserts");
    judgement.refused.push(Finding::new(Rule::TestOff, what));
}

/// Where the work is nothing but tests, each of them has to assert something.
pub fn hollow(judgement: &Judgement) -> Option<Finding> {
    let names: Vec<&str> = judgement.hollow.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        let what = format!(
            "this ticket is about tests, and these new ones assert nothing of what the code does: {}",
            some(&names)
        );
        Finding::new(Rule::NothingAsserted, what)
    })
}

/// How many of the tests that a check's output speaks of were executed by a test tool: none where
/// the command comes to none, unless all of what it runs stood there before the session (a project
/// may have a way of its own). Where it is known how often a tool is started, no more than so many
/// runs of it sum up. `now` is the receipt with what its whole output says.
pub fn executed(now: &Receipt, read: Read<'_>, stood: &dyn Fn(&str) -> bool) -> Option<u64> {
    let (found, reach) = followed(&now.command, read);
    let mut gates = found.gates.iter();
    let is_own = reach == Reach::Something && !found.gates.is_empty();
    if reach != Reach::Tests && !(is_own && gates.all(|gate| stood(&gate.path))) {
        return None;
    }
    let runs: Option<Vec<_>> = found.runs.iter().map(|run| run.summary()).collect();
    let own = runs.and_then(|runs| of_runs(&runs, &now.output));
    match (now.tests, own) {
        (Some(tests), Some(own)) => Some(tests.min(own)),
        (tests, _) => tests,
    }
}

/// Whether checks are scripts of the shell that check something, and start no test tool: the work
/// is in no language that has one. `paths` are the files that it wrote.
pub fn has_no_tool<'a>(
    commands: impl Iterator<Item = &'a str>,
    mut paths: impl Iterator<Item = &'a str>,
    read: Read<'_>,
) -> bool {
    let mut reaches: Vec<Reach> = Vec::new();
    for command in commands {
        let (found, reach) = followed(command, read);
        let is_program = |gate: &Gate| matches!(gate.form, Form::Program(_));
        if found.gates.is_empty() || found.gates.iter().any(is_program) {
            return false;
        }
        reaches.push(reach);
    }
    let plain = |path: &str| matches!(Language::of(path), None | Some(Language::Shell));
    !reaches.is_empty()
        && reaches.iter().all(|reach| *reach == Reach::Something)
        && paths.all(plain)
}

/// How many tests pytest found and left out, as it sums up.
fn deselected(output: &str) -> u64 {
    let counts = output.split([',', '\n', '=']).filter_map(|part| {
        let mut words = part.split_whitespace();
        let count = words.next()?.parse::<u64>().ok()?; // silent-ok: no number counts nothing.
        (words.next() == Some("deselected")).then_some(count)
    });
    counts.fold(0, u64::saturating_add)
}

/// A check that passed and executed fewer tests than before the work, by more than so many. None:
/// it did not.
pub fn fewer(now: &Receipt, before: &Receipt, allowed: u64) -> Option<Finding> {
    let (left, leaves) = (deselected(&before.output), deselected(&now.output));
    if before.passed && now.passed && leaves > left {
        let what = format!(
            "`{}` leaves out {leaves} tests that it finds (deselected), and left out {left} before this work",
            now.command
        );
        return Some(Finding::new(Rule::FewerTests, what));
    }
    let (had, has) = (before.tests?, now.tests.unwrap_or(0));
    (before.passed && now.passed && has.saturating_add(allowed) < had).then(|| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Gate;
    use crate::engine::gate::told;

    #[test]
    fn tests_that_are_found_and_left_out_are_missed() {
        let receipt = |output: &str, tests: u64| Receipt {
            tests: Some(tests),
            ..told(Gate::Verify, true, output)
        };
        let before = receipt("2 passed in 0.1s", 2);
        let left_out = receipt("3 passed, 1 deselected in 0.1s", 3);
        assert!(fewer(&left_out, &before, 0).is_some());
        assert!(fewer(&left_out, &left_out, 0).is_none());
        assert!(fewer(&receipt("3 passed in 0.1s", 3), &before, 0).is_none());
    }
}
