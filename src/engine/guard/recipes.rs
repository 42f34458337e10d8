//! What a target of a Makefile or a justfile runs, and a script of `package.json`.

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
    lines.join("\n")
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
