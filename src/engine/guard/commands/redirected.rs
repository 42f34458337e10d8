//! Commands that come to something else than before the work, although no file that they run was
//! touched or a change of it was announced: a file of targets that comes before another, lines for
//! all targets, a target that leaves out what it ran, and one that exchanges sources for its tests.

use super::gates::{Followed, followed};
use super::left_behind::{before, leaves_out};
use super::makefiles::{bends, for_all, setting_bends};
use super::shell::pieces;
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, is_leftover, name, role};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::{Form, Gate, looks_like_check};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::seen::Announced;

/// What is found of it.
pub(in crate::engine::guard) fn redirected(scene: &Scene<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in scene.changed {
        found.extend(for_all_targets(file, scene));
    }
    for command in scene.commands {
        let now = followed(command, scene.read).0;
        let old = followed(command, &|path| before(scene, path)).0;
        found.extend(comes_to_another(command, (&old, &now), scene));
        found.extend(leaves_out(command, (&old, &now), scene));
        found.extend(now.gates.iter().filter_map(|gate| exchanges(gate, scene)));
    }
    found.sort_by(|one, other| one.what.cmp(&other.what));
    found.dedup();
    found
}

fn changed<'a>(scene: &'a Scene<'_>, path: &str) -> Option<&'a Changed> {
    scene.changed.iter().find(|file| file.path == path)
}

fn is_of_targets(path: &str) -> bool {
    let name = name(path);
    matches!(
        name,
        "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile" | ".justfile"
    ) || [".mk", ".just"].iter().any(|end| name.ends_with(end))
}

/// Lines of a file of targets by which failures get lost, or that nobody has announced.
fn for_all_targets(file: &Changed, scene: &Scene<'_>) -> Option<Finding> {
    let path = &file.path;
    let now = file.now.as_ref().and_then(Content::text)?;
    if !is_of_targets(path) {
        return None;
    }
    let before = file.before.as_ref().and_then(Content::text);
    let had = before.and_then(bends);
    if let Some(line) = bends(now).filter(|line| had != Some(line)) {
        let what = format!("`{path}`: `{line}` lets failures of tests get lost");
        return Some(Finding::new(Rule::GateCannotFail, what));
    }
    let had = for_all(before?);
    let announced = scene.announced.has(path) == Announced::Yes;
    let mut added = for_all(now).into_iter().filter(|line| !had.contains(line));
    let line = added.next().filter(|_| !announced)?;
    let what = format!(
        "`{path}`: `{line}` changes how every target is run, and neither the ticket nor its plan names it"
    );
    Some(Finding::new(Rule::GateChanged, what))
}

/// What a command ran before and does not run any more, or from another place.
fn comes_to_another(
    command: &str,
    (before, now): (&Followed, &Followed),
    scene: &Scene<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_there = |path: &str| (scene.read)(path).is_some();
    let is_announced = |path: &str| scene.announced.has(path) == Announced::Yes;
    for old in &before.gates {
        let part = |gate: &&Gate| gate.part == old.part && name(&gate.path) != name(&old.path);
        let is_target = old.form == Form::Recipe && is_there(&old.path);
        let instead = now.gates.iter().filter(part).find(|gate| {
            let is_new = changed(scene, &gate.path).is_some_and(|file| file.before.is_none());
            is_target && is_new && is_of_targets(&gate.path)
        });
        if let Some(instead) = instead {
            let what = format!(
                "`{}` comes before `{}`, which `{command}` ran to check the work",
                instead.path, old.path
            );
            found.push(Finding::new(Rule::GateChanged, what));
            continue;
        }
        let same = now
            .gates
            .iter()
            .find(|gate| (&gate.path, &gate.part) == (&old.path, &old.part));
        match same {
            // The file is as it was, and what it includes is not.
            Some(same) if same.text != old.text && changed(scene, &old.path).is_none() => {
                let what = format!(
                    "`{}`, `{}`, which is run to check the work, comes to something else through a file that it includes",
                    old.path, old.part
                );
                found.push(Finding::new(Rule::GateChanged, what));
            }
            Some(_) => {}
            None => {
                let is_check = match old.form {
                    Form::Program(_) => {
                        looks_like_check(&old.text) || role(&old.path) == Role::Test
                    }
                    Form::Script => role(&old.path) == Role::Test,
                    Form::Recipe => false,
                };
                if is_check && is_there(&old.path) && !is_announced(&old.path) {
                    let what = format!("`{command}` does not run `{}` any more", old.path);
                    found.push(Finding::new(Rule::GateChanged, what));
                }
            }
        }
    }
    found
}

/// A part of a check, new or changed, that exchanges sources for the tests, or sets what leaves
/// tests out.
fn exchanges(gate: &Gate, scene: &Scene<'_>) -> Option<Finding> {
    let file = changed(scene, &gate.path)?;
    if matches!(gate.form, Form::Program(_)) {
        return None;
    }
    let before = file
        .before
        .as_ref()
        .and_then(Content::text)
        .unwrap_or_default();
    let found = pieces(&gate.text.replace(['@'], " "))
        .into_iter()
        .find(|piece| {
            let words: Vec<&str> = piece.words.iter().map(String::as_str).collect();
            let stood = before.contains(&words.join(" "));
            let sets = words.iter().any(|word| {
                word.split_once('=')
                    .is_some_and(|(name, value)| setting_bends(name, value))
            });
            !stood && (sets || writes_a_source(&words, scene))
        })?;
    let part = if gate.part.is_empty() {
        String::new()
    } else {
        format!(", `{}`", gate.part)
    };
    let what = format!(
        "`{}`{part}: `{}` changes what is tested, or how, before the tests run",
        gate.path,
        found.words.join(" ")
    );
    Some(Finding::new(Rule::GateCannotFail, what))
}

/// Whether a command writes over a source that is there.
fn writes_a_source(words: &[&str], scene: &Scene<'_>) -> bool {
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let given: Vec<&str> = rest
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_source = |path: &str| {
        let path = path.trim_start_matches("./");
        Language::of(path).is_some() && !is_leftover(path) && (scene.read)(path).is_some()
    };
    match *first {
        "cp" | "mv" | "ln" | "install" => given.split_last().is_some_and(|(target, sources)| {
            let into = |source: &&str| {
                let folder = target.trim_end_matches('/').trim_start_matches('.');
                let path = format!("{folder}/{}", name(source));
                is_source(path.trim_start_matches('/'))
            };
            is_source(target) || (Language::of(target).is_none() && sources.iter().any(into))
        }),
        "sed" | "perl" => {
            rest.iter().any(|word| word.starts_with("-i"))
                && given.iter().any(|path| is_source(path))
        }
        "patch" => true,
        "git" => matches!(
            given.first(),
            Some(&("checkout" | "restore" | "stash" | "apply" | "reset"))
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guard::words::announced::Announcement;

    const BEFORE: &[(&str, &str)] = &[
        ("calc.py", "x = 1\n"),
        ("checks/old.py", "assert 1 == 1\n"),
        (
            "Makefile",
            "PY = python3\ntest:\n\t$(PY) checks/old.py\n-include local.mk\n",
        ),
        ("justfile", "check:\n  pytest\n"),
        ("package.json", "{\"scripts\": {\"test\": \"node --test\"}}"),
    ];

    fn found(path: &str, text: &str, announced: &[&str]) -> Vec<String> {
        let content = |text: &str| Content::Text(text.to_owned());
        let old = |path: &str| {
            BEFORE
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| *text)
        };
        let changed = [Changed {
            path: path.to_owned(),
            before: old(path).map(content),
            now: Some(content(text)),
        }];
        let commands = ["make test", "just check", "npm test"].map(str::to_owned);
        let announced = announced.iter().map(|path| (*path).to_owned()).collect();
        let scene = Scene {
            changed: &changed,
            announced: &Announcement::of_files(announced),
            commands: &commands,
            read: &|other| {
                if other == path {
                    Some(text)
                } else {
                    old(other)
                }
                .map(str::to_owned)
            },
        };
        redirected(&scene)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[track_caller]
    fn check(path: &str, text: &str, announced: &[&str], expected: &str) {
        let found = found(path, text, announced);
        assert!(
            found.iter().any(|what| what.contains(expected)),
            "{path}: {text}: {found:?}"
        );
    }

    #[test]
    fn a_check_that_comes_to_something_else_is_seen() {
        check(
            "GNUmakefile",
            "test:\n\tpython3 -m unittest\n",
            &["GNUmakefile"],
            "`GNUmakefile` comes before `Makefile`",
        );
        check(
            "local.mk",
            "test:\n\tpython3 -m unittest\n",
            &["local.mk"],
            "through a file that it includes",
        );
        let of = |lines: &str| {
            format!("PY = python3\ntest:\n\t$(PY) checks/old.py\n{lines}-include local.mk\n")
        };
        check(
            "Makefile",
            &of("test: PY = python3 -m unittest x \\#\n"),
            &["Makefile"],
            "does not run `checks/old.py` any more",
        );
        check(
            "Makefile",
            &of("test:\n\tpython3 -m unittest\n"),
            &["Makefile"],
            "does not run `checks/old.py` any more",
        );
        check(
            "Makefile",
            &of("SHELL := ./shell\n"),
            &["Makefile"],
            "`SHELL := ./shell` lets failures",
        );
        check(
            "Makefile",
            &of("export PATH := tools:$(PATH)\n"),
            &[],
            "changes how every target is run",
        );
        check(
            "Makefile",
            &of("test: swap\nswap:\n\tcp good/calc.py .\n"),
            &["Makefile"],
            "`cp good/calc.py .` changes what is tested",
        );
        check(
            "Makefile",
            &of("test: swap\nswap:\n\tPYTEST_ADDOPTS='-k half' pytest\n"),
            &["Makefile"],
            "changes what is tested",
        );
        check(
            "package.json",
            "{\"scripts\": {\"pretest\": \"cp a.py calc.py\", \"test\": \"node --test\"}}",
            &["package.json"],
            "`cp a.py calc.py` changes what is tested",
        );
        check(
            "justfile",
            "set shell := [\"./sh\", \"-c\"]\ncheck:\n  pytest\n",
            &["justfile"],
            "lets failures",
        );
    }

    #[test]
    fn what_was_handed_to_a_test_tool_has_to_be_run() {
        let handed = "test:\n\tpytest -q checks/old.py\n";
        let says = |now: &str| -> Vec<String> {
            let content = |text: &str| Some(Content::Text(text.to_owned()));
            let changed = [Changed {
                path: "Makefile".to_owned(),
                before: content(handed),
                now: content(now),
            }];
            let scene = Scene {
                changed: &changed,
                announced: &Announcement::of_files(vec!["Makefile".to_owned()]),
                commands: &["make test".to_owned()],
                read: &|path| match path {
                    "Makefile" => Some(now.to_owned()),
                    "checks/old.py" | "checks/new.py" => Some("x".to_owned()),
                    _ => None,
                },
            };
            let found = redirected(&scene).into_iter();
            found.map(|finding| finding.what).collect()
        };
        let lost = says("test:\n\tpytest -q checks/new.py\n");
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert!(lost[0].contains("`make test` does not run `checks/old.py` any more"));
        for line in [
            "checks",
            "checks/*.py",
            "checks/old.py checks/new.py",
            "./checks/old.py::test_one",
        ] {
            let found = says(&format!("test:\n\tpytest -q {line}\n"));
            assert_eq!(found, Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn what_a_check_needs_besides_is_left_alone() {
        let of = |lines: &str| {
            format!("PY = python3\ntest:\n\t$(PY) checks/old.py\n{lines}-include local.mk\n")
        };
        for (path, text) in [
            ("Makefile", of("clean:\n\trm -rf build\n")),
            (
                "Makefile",
                of("test: data\ndata:\n\tcp data.example.json data.json\n\tcp calc.py build/\n"),
            ),
            ("Makefile", of("lint:\n\tsed -i s/a/b/ calc.py\n")),
            ("local.mk", "PREFIX = /usr/local\n".to_owned()),
            (
                "docs/Makefile",
                "SHELL := /bin/sh\nhtml:\n\tsphinx\n".to_owned(),
            ),
            (
                "package.json",
                "{\"scripts\": {\"pretest\": \"tsc\", \"test\": \"node --test\"}}".to_owned(),
            ),
        ] {
            assert_eq!(
                found(path, &text, &[path]),
                Vec::<String>::new(),
                "{path}: {text}"
            );
        }
    }
}
