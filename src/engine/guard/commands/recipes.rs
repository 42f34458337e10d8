//! What a target of a Makefile or a justfile runs, and a script of `package.json`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A script of `package.json`, with what is run before and after it.
pub(super) fn script(package: &str, name: &str) -> Option<String> {
    let package: Value = serde_json::from_str(package).ok()?; // silent-ok: then it runs nothing
    let scripts = package.get("scripts")?;
    let text = |name: &str| scripts.get(name).and_then(Value::as_str).map(str::to_owned);
    let own = text(name)?;
    let around = [
        text(&format!("pre{name}")),
        Some(own),
        text(&format!("post{name}")),
    ];
    Some(around.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// The lines that a target runs, those of what it needs first; without a name the first target.
pub(super) fn recipe(text: &str, target: &str) -> String {
    let mut lines = Vec::new();
    let joined = text.replace("\\\n", " ");
    gather(&joined, target, &mut Vec::new(), &mut lines);
    with_values(lines.join("\n"), &joined, target)
}

/// The text with what the variables in it stand for, as far as the file says.
fn with_values(mut recipe: String, text: &str, target: &str) -> String {
    /// Variables may stand for others.
    const DEEPEST: usize = 3;
    /// Bytes of a value, and to which a recipe may grow.
    const LONGEST: usize = 1_000;
    const MOST: usize = 20_000;
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let (line, is_for_it) = match for_targets(line) {
            Some((targets, assignment)) => {
                let mut targets = targets.split_whitespace();
                (assignment, targets.any(|other| other == target))
            }
            None => (line, true),
        };
        let Some((said, value)) = line.split_once('=').filter(|_| is_for_it) else {
            continue;
        };
        let name = said.trim_end_matches([':', '?', '+', '!', ' ']);
        let name = name.trim_start_matches("export ").trim();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let is_kept = said.trim_end().ends_with('?') && values.contains_key(name);
        if is_name && !is_kept && value.len() < LONGEST {
            values.insert(name, value.trim().trim_matches(['"', '\'']));
        }
    }
    for _ in 0..DEEPEST {
        for (name, value) in &values {
            let forms = [
                format!("$({name})"),
                format!("${{{name}}}"),
                format!("{{{{{name}}}}}"),
            ];
            for form in forms {
                if recipe.len() < MOST && recipe.contains(&form) {
                    // What begins a comment in a recipe has to be marked in a value.
                    recipe = recipe.replace(&form, &value.replace("\\#", "#"));
                }
            }
        }
    }
    recipe
}

/// The targets for which a line sets a variable, and how it does.
fn for_targets(line: &str) -> Option<(&str, &str)> {
    let (targets, rest) = line.split_once(':')?;
    let rest = rest.trim_start();
    let words = ["export ", "override ", "private "];
    let said = words.iter().fold(rest, |rest, word| {
        rest.strip_prefix(word).unwrap_or(rest).trim_start()
    });
    let (name, _) = said.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', '!', ' ']);
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (!name.is_empty() && is_name(name) && !targets.contains('=')).then_some((targets, said))
}

fn gather<'a>(text: &'a str, target: &str, seen: &mut Vec<String>, lines: &mut Vec<&'a str>) {
    let header = |line: &'a str| -> Option<(&'a str, &'a str)> {
        if line.starts_with([' ', '\t', '#', '.', '['])
            || line.contains(":=")
            || line.contains("?=")
            || for_targets(line).is_some()
        {
            return None;
        }
        line.split_once(':')
    };
    let name = match target {
        "" => text
            .lines()
            .find_map(header)
            .map(|(names, _)| names.split_whitespace().next().unwrap_or_default()),
        name => Some(name),
    };
    let Some(name) = name.filter(|name| !seen.iter().any(|other| other == name)) else {
        return;
    };
    seen.push(name.to_owned());
    let name = name.to_owned();
    let mut inside = false;
    // What stands later in the file counts, unless the rules are made to add up.
    let mut own: Vec<&str> = Vec::new();
    let mut adds_up = true;
    for line in text.lines() {
        if let Some((names, needs)) = header(line) {
            let mut names = names
                .split_whitespace()
                .map(|name| name.trim_start_matches('@'));
            inside = names.any(|other| other == name);
            if inside {
                adds_up = needs.starts_with(':') || own.is_empty();
                let (needs, line) = needs.split_once(';').unwrap_or((needs, ""));
                for need in needs.trim_start_matches(':').split_whitespace() {
                    gather(text, need, seen, lines);
                }
                let line = line.trim();
                add((!line.is_empty()).then_some(line), &mut adds_up, &mut own);
            }
        } else if inside && line.starts_with([' ', '\t']) {
            let line = line.trim();
            add((!line.is_empty()).then_some(line), &mut adds_up, &mut own);
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            inside = false;
        }
    }
    lines.append(&mut own);
}

/// Adds a line to a recipe; the first one that does not add up takes the place of all others.
fn add<'a>(line: Option<&'a str>, adds_up: &mut bool, own: &mut Vec<&'a str>) {
    let Some(line) = line else {
        return;
    };
    if !std::mem::replace(adds_up, true) {
        own.clear();
    }
    own.push(line);
}
