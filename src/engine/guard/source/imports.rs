//! What the lines of a file bring in from elsewhere, and whether a name that comes from another
//! place than before is still the same thing.

use super::cases::is_import;
use super::tokens::is_name;
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::files::{Role, name, role};

/// The names that an import brings in.
pub(in crate::engine::guard) fn imported_names(line: &str) -> Vec<&str> {
    let list = line.split_once("import").map_or(line, |(_, list)| list);
    words(list)
}

/// The names that a line gives a meaning.
pub(in crate::engine::guard) fn bound(line: &str) -> Vec<&str> {
    if is_import(line) {
        return imported_names(line);
    }
    for start in ["def ", "class ", "function ", "const ", "let ", "var "] {
        if let Some(rest) = line.strip_prefix(start) {
            return words(rest).into_iter().take(1).collect();
        }
    }
    match line.split_once('=') {
        Some((name, rest)) if !rest.starts_with('=') && words(name) == [name] => vec![name],
        _ => Vec::new(),
    }
}

/// Where an import brings its names in from, if it says so apart from them.
pub(in crate::engine::guard) fn source(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("from ") {
        let (from, _) = rest
            .split_once(" import")
            .or_else(|| rest.split_once("import"))?;
        return Some(from.trim());
    }
    let (_, from) = line
        .rsplit_once("from\"")
        .or_else(|| line.rsplit_once("require(\""))?;
    Some(from.split('"').next().unwrap_or_default())
}

/// Whether two imports are from the same place: `from todo import add` and `from todo import add, done`.
pub(in crate::engine::guard) fn same_source(old: &str, new: &str) -> bool {
    match (source(old), source(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

pub(in crate::engine::guard) fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| is_name(word) && !matches!(*word, "as" | "from" | "type" | "require"))
        .collect()
}

/// Whether a name that was brought in from one place and now is from another stands for the same:
/// the source was renamed or moved, or what was in one source is in another. A new file beside one
/// that stays, with the same name, is something else.
pub(in crate::engine::guard) fn stands_for_the_same(
    name: &str,
    (old, new): (&str, &str),
    changed: &[Changed],
) -> bool {
    let (old, new) = (last(old), last(new));
    let of = |wanted: &str| {
        let sources = changed
            .iter()
            .filter(|file| role(&file.path) == Role::Other);
        sources
            .filter(|file| module(&file.path) == wanted)
            .collect::<Vec<_>>()
    };
    let text = |content: &Option<Content>| -> String {
        let text = content.as_ref().and_then(Content::text);
        text.unwrap_or_default().to_owned()
    };
    if old == new {
        let files = of(old);
        let is_made = files.iter().any(|file| file.before.is_none());
        return !is_made || files.iter().any(|file| file.now.is_none());
    }
    let left = of(old)
        .iter()
        .any(|file| defines(&text(&file.before), name) && !defines(&text(&file.now), name));
    left && of(new).iter().any(|file| defines(&text(&file.now), name))
}

/// The last part of a module's name or of a path, without its ending.
pub(in crate::engine::guard) fn last(source: &str) -> &str {
    let last = source.rsplit('/').next().unwrap_or(source);
    let endings = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".py"];
    let last = endings
        .iter()
        .find_map(|ending| last.strip_suffix(ending))
        .unwrap_or(last);
    last.rsplit(['.', ':']).next().unwrap_or(last)
}

/// What a file is called by those who load it.
pub(in crate::engine::guard) fn module(path: &str) -> &str {
    let stem = name(path).split('.').next().unwrap_or_default();
    if !matches!(stem, "__init__" | "index" | "mod") {
        return stem;
    }
    path.rsplit('/').nth(1).unwrap_or(stem)
}

/// Whether a source defines something of that name.
fn defines(text: &str, name: &str) -> bool {
    const KINDS: &[&str] = &[
        "def",
        "class",
        "function",
        "function*",
        "const",
        "let",
        "var",
        "fn",
        "struct",
        "enum",
    ];
    text.lines().any(|line| {
        let mut words = line
            .split(|c: char| c.is_whitespace() || "(:={<,;".contains(c))
            .filter(|word| !word.is_empty());
        let first = line.split(['=', ' ']).next() == Some(name) && line.contains('=');
        let mut before = "";
        first
            || words.any(|word| {
                let is_it = word == name && KINDS.contains(&before);
                before = word;
                is_it
            })
    })
}
