//! The files behind the commands that count: what was there stays, and what is new can fail.

use super::gates::{Reach, gates};
use super::losing::cannot_fail;
use super::makefiles::with_included;
use super::recipes::{recipe, script};
use crate::engine::guard::changed::Changed;
use crate::engine::guard::changed::Content;
use crate::engine::guard::files::{Role, folders, name, role};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::gate::{Form, Gate};
use crate::engine::guard::scene::Scene;
use crate::engine::guard::seen::Announced;

/// Names of targets and scripts that are checks whether or not a command runs them now.
const CHECKING: &[&str] = &["test", "tests", "check", "verify", "ci"];

/// The files behind the commands that count: what was there stays, what is new can fail.
pub(in crate::engine::guard) fn look_at_gates(scene: &Scene<'_>, refused: &mut Vec<Finding>) {
    let touched = |path: &str| scene.changed.iter().find(|file| file.path == path);
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut look = |gate: &Gate, reach: Option<Reach>, refused: &mut Vec<Finding>| {
        let Some(file) = touched(&gate.path) else {
            return;
        };
        let key = (gate.path.clone(), gate.part.clone());
        if seen.contains(&key) {
            return;
        }
        seen.push(key);
        refused.extend(look_at_gate(scene, file, gate, reach));
    };
    for command in scene.commands {
        let (found, reach) = gates(command, scene.read);
        let last = found.len();
        for (place, gate) in found.iter().enumerate() {
            // The outermost part is what the command comes to.
            let reach = (place + 1 == last).then_some(reach);
            look(gate, reach, refused);
        }
    }
    for file in scene.changed {
        let program = match name(&file.path) {
            "Makefile" | "makefile" | "GNUmakefile" => "make",
            "justfile" | "Justfile" => "just",
            "package.json" => "npm run",
            _ => continue,
        };
        if folders(&file.path).next().is_some() {
            continue;
        }
        for target in CHECKING {
            let (found, reach) = gates(&format!("{program} {target}"), scene.read);
            if let Some(gate) = found.last().filter(|gate| !gate.text.is_empty()) {
                look(gate, Some(reach), refused);
            }
        }
    }
    // What a check ran before, and cannot run any more.
    for file in scene.changed {
        let (Some(before), None) = (file.before.as_ref().and_then(Content::text), &file.now) else {
            continue;
        };
        let old = |path: &str| -> Option<String> {
            if path == file.path {
                Some(before.to_owned())
            } else {
                (scene.read)(path)
            }
        };
        let runs = scene.commands.iter().any(|command| {
            gates(command, &old)
                .0
                .iter()
                .any(|gate| gate.path == file.path)
        });
        if runs && scene.announced.has(&file.path) == Announced::No {
            refused.push(deleted(&file.path));
        }
    }
}

fn look_at_gate(
    scene: &Scene<'_>,
    file: &Changed,
    gate: &Gate,
    reach: Option<Reach>,
) -> Option<Finding> {
    let path = &gate.path;
    let part = if gate.part.is_empty() {
        String::new()
    } else {
        format!(", `{}`", gate.part)
    };
    // A test that is run by itself is judged as a test.
    let is_test = role(path) == Role::Test && !matches!(gate.form, Form::Script);
    let before = file.before.as_ref().and_then(Content::text);
    if let Some(before) = before.filter(|_| !is_test && scene.announced.has(path) == Announced::No)
    {
        let old = part_of(before, gate, scene);
        if old
            .as_deref()
            .is_some_and(|old| says(old) != says(&gate.text))
        {
            let what = format!(
                "`{path}`{part}, which is run to check the work, was changed, and neither the ticket nor its plan names it"
            );
            return Some(Finding::new(Rule::GateChanged, what));
        }
        if old.is_some() {
            return None;
        }
    }
    if let Some(lost) = cannot_fail(gate, scene.read) {
        let what = format!("`{path}`{part} cannot fail: `{lost}`");
        return Some(Finding::new(Rule::GateCannotFail, what));
    }
    let is_named_so = gate.part.is_empty() || CHECKING.contains(&gate.part.as_str());
    (reach == Some(Reach::Nothing) && is_named_so && !is_test).then(|| {
        Finding::new(
            Rule::NoCheck,
            format!("`{path}`{part} is run to check the work, and starts no test tool"),
        )
    })
}

/// The same part of an earlier text.
fn part_of(before: &str, gate: &Gate, scene: &Scene<'_>) -> Option<String> {
    match gate.form {
        Form::Script | Form::Program(_) => Some(before.to_owned()),
        Form::Recipe if gate.path.ends_with("package.json") => script(before, &gate.part),
        Form::Recipe => {
            let (folder, _) = gate.path.rsplit_once('/').unwrap_or_default();
            let whole = with_included(before, folder, scene.read);
            Some(recipe(&whole, &gate.part)).filter(|text| !text.is_empty())
        }
    }
}

fn says(text: &str) -> Vec<&str> {
    let is_said =
        |line: &&str| !line.is_empty() && (!line.starts_with('#') || line.starts_with("#!"));
    text.lines().map(str::trim).filter(is_said).collect()
}

/// A file that a check ran is gone.
fn deleted(path: &str) -> Finding {
    let what = format!(
        "`{path}`, which is run to check the work, is gone, and neither the ticket nor its plan names it"
    );
    Finding::new(Rule::GateChanged, what)
}
