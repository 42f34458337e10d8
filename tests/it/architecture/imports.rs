//! Which names a file uses, as whole paths: `use` lines, paths inside expressions, and names that
//! a `use` made short. A path of the crate starts with `crate`, any other is as it is written.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Token};

/// A module or an item, from its root on.
pub(super) type Path = Vec<String>;

/// A use of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// Where.
    pub(super) line: usize,
    /// What.
    pub(super) path: Path,
}

impl Import {
    /// Whether it is that path or lies below it.
    pub(super) fn is_below(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.split("::").collect();
        self.path.len() >= wanted.len() && self.path.iter().zip(wanted).all(|(a, b)| a == b)
    }
}

/// What a file uses, and under which names it knows it.
pub(super) struct Names {
    /// Every use.
    pub(super) imports: Vec<Import>,
    /// The short names made by `use`.
    pub(super) short: BTreeMap<String, Path>,
}

/// The module a file is. The root of the binary is `main`, not part of the crate.
pub(super) fn module(path: &str) -> Path {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    match path {
        "main" => vec!["main".to_owned()],
        "lib" => vec!["crate".to_owned()],
        _ => std::iter::once("crate")
            .chain(path.trim_end_matches("/mod").split('/'))
            .map(str::to_owned)
            .collect(),
    }
}

/// The names a file uses, when the crate has no other modules.
pub(super) fn imports(source: &Source) -> Vec<Import> {
    names(source, &BTreeSet::new()).imports
}

/// The names a file uses; `modules` are those of the crate, since a parent names its children
/// without a prefix.
pub(super) fn names(source: &Source, modules: &BTreeSet<Path>) -> Names {
    let own = module(&source.path);
    let mut used = Vec::new();
    let mut inside_use = vec![false; source.tokens.len()];
    let mut at = 0;
    while at < source.tokens.len() {
        let start = at;
        at += 1;
        if source.tokens[start].text == "use" && text(&source.tokens, at) != "<" {
            read_tree(&source.tokens, &mut at, &[], &mut used);
            inside_use[start..at].fill(true);
        }
    }
    let nothing = BTreeMap::new();
    let mut short = BTreeMap::new();
    let mut imports = Vec::new();
    for leaf in used {
        let path = whole(&leaf.path, &own, modules, &nothing);
        short.insert(leaf.name, path.clone());
        imports.push(Import {
            line: leaf.line,
            path,
        });
    }
    for (start, inside_use) in inside_use.into_iter().enumerate() {
        if !inside_use && let Some(path) = expression_path(&source.tokens, start) {
            let path = whole(&path, &own, modules, &short);
            imports.push(Import {
                line: source.tokens[start].line,
                path,
            });
        }
    }
    Names { imports, short }
}

struct Leaf {
    line: usize,
    path: Path,
    name: String,
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads one tree of a `use`, from behind the keyword or a `::` on.
fn read_tree(tokens: &[Token], at: &mut usize, before: &[String], leaves: &mut Vec<Leaf>) {
    let mut path = before.to_vec();
    loop {
        let word = text(tokens, *at);
        if word == "{" {
            *at += 1;
            while *at < tokens.len() && text(tokens, *at) != "}" {
                read_tree(tokens, at, &path, leaves);
                if text(tokens, *at) == "," {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        if word != "::" {
            let line = tokens.get(*at).map_or(0, |token| token.line);
            *at += 1;
            if word != "*" && (word != "self" || path.is_empty()) {
                path.push(word.to_owned());
            }
            if text(tokens, *at) != "::" {
                let mut name = if word == "*" {
                    "*".to_owned()
                } else {
                    path.last().cloned().unwrap_or_default()
                };
                if text(tokens, *at) == "as" {
                    text(tokens, *at + 1).clone_into(&mut name);
                    *at += 2;
                }
                leaves.push(Leaf { line, path, name });
                return;
            }
        }
        *at += 1;
    }
}

/// The path that starts at a token: two words or more with `::` between.
fn expression_path(tokens: &[Token], start: usize) -> Option<Path> {
    let first = text(tokens, start);
    let before = if start == 0 {
        ""
    } else {
        text(tokens, start - 1)
    };
    if !is_word(first) || ["::", "."].contains(&before) || text(tokens, start + 1) != "::" {
        return None;
    }
    let mut path = vec![first.to_owned()];
    let mut at = start + 1;
    while text(tokens, at) == "::" && is_word(text(tokens, at + 1)) {
        path.push(text(tokens, at + 1).to_owned());
        at += 2;
    }
    Some(path)
}

/// The same path from its root on.
fn whole(
    path: &Path,
    own: &Path,
    modules: &BTreeSet<Path>,
    short: &BTreeMap<String, Path>,
) -> Path {
    let rest = |skipped: usize| path.iter().skip(skipped).cloned();
    let Some(first) = path.first() else {
        return own.clone();
    };
    match first.as_str() {
        "crate" => own.iter().take(1).cloned().chain(rest(1)).collect(),
        "loop_orchestration" => std::iter::once("crate".to_owned()).chain(rest(1)).collect(),
        "self" => own.iter().cloned().chain(rest(1)).collect(),
        "super" => {
            let up = path.iter().take_while(|word| *word == "super").count();
            let above = own.len().saturating_sub(up).max(1);
            own.iter().take(above).cloned().chain(rest(up)).collect()
        }
        _ => {
            let child: Path = own.iter().chain([first]).cloned().collect();
            match short.get(first) {
                Some(start) => start.iter().cloned().chain(rest(1)).collect(),
                None if modules.contains(&child) => child.into_iter().chain(rest(1)).collect(),
                None => path.clone(),
            }
        }
    }
}

#[test]
fn all_ways_to_name_something_are_read() {
    let source = Source::new(
        "src/run/tool.rs",
        "use crate::{engine::{event::Event as E, call}, error};\nuse super::driver::{self, Run};\nuse std::env;\n\
         fn f() -> impl T + use<'_> { env::var(\"X\"); call::x(); super::super::git::y(); E::Told; a.b::<C>() }",
    );
    let found: Vec<(usize, String)> = imports(&source)
        .into_iter()
        .map(|import| (import.line, import.path.join("::")))
        .collect();
    let expected = [
        (1, "crate::engine::event::Event"),
        (1, "crate::engine::call"),
        (1, "crate::error"),
        (2, "crate::run::driver"),
        (2, "crate::run::driver::Run"),
        (3, "std::env"),
        (4, "std::env::var"),
        (4, "crate::engine::call::x"),
        (4, "crate::git::y"),
        (4, "crate::engine::event::Event::Told"),
    ];
    assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
}
