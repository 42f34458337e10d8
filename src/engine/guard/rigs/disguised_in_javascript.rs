//! JavaScript that gets hold of what asserts under a computed name, or gives values that are equal
//! to what a test wants.

use super::put_together::put_together;
use crate::engine::guard::files::Role;
use crate::engine::guard::source::code::Code;

/// Where it does so.
pub(super) fn in_javascript(code: &Code<'_>, role: Role) -> Vec<usize> {
    let mut found = put_together(code);
    let bare = code.bare(0..code.text.len());
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut names: Vec<String> = vec!["assert".to_owned()];
    for loads in ["require(", "import(", "getBuiltinModule("] {
        for (at, _) in bare.match_indices(loads) {
            let open = at + loads.len() - 1;
            let close = code.closing(open);
            let given = tight(&code.without_comments(open + 1..close));
            let is_literal = given.matches(['"', '\'', '`']).count() == 2
                && given.starts_with(['"', '\'', '`'])
                && given.ends_with(['"', '\'', '`']);
            let inside = given.trim_matches(['"', '\'', '`']);
            let is_tool = matches!(
                inside.trim_start_matches("node:"),
                "assert" | "assert/strict" | "test"
            );
            if !is_literal && given.contains("node:") {
                found.push(at);
            }
            if is_tool || !is_literal {
                // What stands right behind is a member of it.
                if is_tool && assigns_computed(code, &bare, close + 1) {
                    found.push(at);
                }
                let start = bare[..at].rfind('\n').map_or(0, |at| at + 1);
                let bound = bare[start..at].split_once('=').map(|(name, _)| name);
                let bound = bound.and_then(|name| name.split_whitespace().last());
                names.extend(bound.filter(|_| is_tool).map(str::to_owned));
            }
        }
    }
    for line in code.lines() {
        let said = code.without_comments(line.clone());
        let is_of_tool = [
            "assert'",
            "assert\"",
            "assert/strict'",
            "node:test'",
            "node:test\"",
        ]
        .iter()
        .any(|tool| said.trim_end().trim_end_matches(';').ends_with(tool));
        let name = said
            .trim()
            .strip_prefix("import ")
            .and_then(|rest| rest.split_once(" from "));
        let name = name.map(|(name, _)| name.trim_start_matches("* as ").trim().to_owned());
        names.extend(name.filter(|_| is_of_tool));
    }
    for name in &names {
        for (at, _) in bare.match_indices(&format!("{name}[")) {
            let is_whole = !bare[..at].ends_with(|c: char| is_word(c) || c == '.');
            if is_whole && assigns_computed(code, &bare, at + name.len()) {
                found.push(at);
            }
        }
    }
    for line in code.lines() {
        let said = tight(&code.without_comments(line.clone()));
        let bare = tight(&code.bare(line.clone()));
        let sets_global = [
            "globalThis.assert=",
            "global.assert=",
            "globalThis.describe=",
            "globalThis.it=",
        ]
        .iter()
        .any(|sign| {
            bare.split_once(sign)
                .is_some_and(|(_, rest)| !rest.starts_with('='))
        });
        let asks = role == Role::Other
            && ["NODE_TEST_CONTEXT", "JEST_WORKER_ID", "VITEST_WORKER_ID"]
                .iter()
                .any(|name| {
                    said.contains(&format!("env.{name}"))
                        || (said.contains(name) && bare.contains("env["))
                });
        let pretends = role == Role::Other
            && ["[Symbol.toPrimitive]", "valueOf"]
                .iter()
                .any(|method| bare.contains(method) && gives_a_constant(&said, method));
        if sets_global || asks || pretends {
            found.push(line.start);
        }
    }
    found
}

/// `[…] =` at a place of the code.
fn assigns_computed(code: &Code<'_>, bare: &str, at: usize) -> bool {
    let Some(rest) = bare.get(at..) else {
        return false;
    };
    let open = at + (rest.len() - rest.trim_start().len());
    if !bare[open..].starts_with('[') {
        return false;
    }
    let after = bare
        .get(code.closing(open) + 1..)
        .unwrap_or_default()
        .trim_start();
    after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>")
}

/// `valueOf: () => 2`, `valueOf() { return 2`, `[Symbol.toPrimitive]: () => "x"`.
fn gives_a_constant(said: &str, method: &str) -> bool {
    said.match_indices(method).any(|(at, _)| {
        let rest = said[at + method.len()..].trim_start_matches([':', '=']);
        let rest = rest.trim_start_matches("function");
        let Some(body) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
            return false;
        };
        let body = body.1.trim_start_matches("=>").trim_start_matches('{');
        let value = body.strip_prefix("return").unwrap_or(body);
        let end = value.find([';', ',', '}', ')']).unwrap_or(value.len());
        let value = &value[..end];
        value.parse::<f64>().is_ok()
            || matches!(value, "true" | "false" | "null")
            || (value.len() > 1 && value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']))
    })
}

fn tight(text: &str) -> String {
    text.split_whitespace().collect()
}
