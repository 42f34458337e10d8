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
    with_values(lines.join("\n"), &joined)
}

/// The text with what the variables in it stand for, as far as the file says.
fn with_values(mut recipe: String, text: &str) -> String {
    /// Variables may stand for others.
    const DEEPEST: usize = 3;
    /// Bytes of a value, and to which a recipe may grow.
    const LONGEST: usize = 1_000;
    const MOST: usize = 20_000;
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((said, value)) = line.split_once('=') else {
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
                    recipe = recipe.replace(&form, value);
                }
            }
        }
    }
    recipe
}

fn gather<'a>(text: &'a str, target: &str, seen: &mut Vec<String>, lines: &mut Vec<&'a str>) {
    let header = |line: &'a str| -> Option<(&'a str, &'a str)> {
        if line.starts_with([' ', '\t', '#', '.', '['])
            || line.contains(":=")
            || line.contains("?=")
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
    for line in text.lines() {
        if let Some((names, needs)) = header(line) {
            let mut names = names
                .split_whitespace()
                .map(|name| name.trim_start_matches('@'));
            inside = names.any(|other| other == name);
            if inside {
                let (needs, own) = needs.split_once(';').unwrap_or((needs, ""));
                for need in needs.trim_start_matches(':').split_whitespace() {
                    gather(text, need, seen, lines);
                }
                if !own.trim().is_empty() {
                    lines.push(own.trim());
                }
            }
        } else if inside && line.starts_with([' ', '\t']) {
            lines.push(line.trim());
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            inside = false;
        }
    }
}
