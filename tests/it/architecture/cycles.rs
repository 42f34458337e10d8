//! No two modules need each other. Looked at folder by folder: what stands in one folder (files,
//! and folders as a whole) forms a graph without cycles. A name is followed through re-exports to
//! the file that owns it; a child that uses what its own parent declares is no cycle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::{Names, Path, module, names};
use super::source::{Source, tree};

/// Within one folder: who imports whom, and the first place where that is written.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

fn cycles(sources: &[Source]) -> Vec<String> {
    let sources: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.starts_with("src/"))
        .collect();
    let modules: BTreeSet<Path> = sources.iter().map(|source| module(&source.path)).collect();
    let all: BTreeMap<Path, Names> = sources
        .iter()
        .map(|source| (module(&source.path), names(source, &modules)))
        .collect();
    let mut folders: BTreeMap<Path, Graph> = BTreeMap::new();
    for source in sources {
        let from = module(&source.path);
        for import in &all[&from].imports {
            let to = owner(&import.path, &all);
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(mine), Some(other)) = (from.get(shared), to.get(shared)) {
                folders
                    .entry(from[..shared].to_vec())
                    .or_default()
                    .entry(mine.clone())
                    .or_default()
                    .entry(other.clone())
                    .or_insert_with(|| source.says(import.line, &import.path.join("::")));
            }
        }
    }
    folders
        .iter()
        .flat_map(|(folder, graph)| told(folder, graph))
        .collect()
}

/// The module that owns what a path names. The bound is for a name that is imported in a circle.
fn owner(path: &Path, all: &BTreeMap<Path, Names>) -> Path {
    let mut path = path.clone();
    for _ in 0..8 {
        let length = (0..=path.len())
            .rev()
            .find(|n| all.contains_key(&path[..*n]))
            .unwrap_or(0);
        let next = path
            .get(length)
            .and_then(|name| all.get(&path[..length])?.short.get(name));
        match next {
            Some(target) if target[0] == "crate" => {
                path = target.iter().chain(&path[length + 1..]).cloned().collect();
            }
            _ => return path[..length].to_vec(),
        }
    }
    path
}

/// Every cycle of a folder once, in words; the shortest through each module.
fn told(folder: &Path, graph: &Graph) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        let Some(cycle) = shortest(start, graph) else {
            continue;
        };
        if seen.insert(cycle.iter().cloned().collect::<BTreeSet<String>>()) {
            let next = cycle.iter().cycle().skip(1);
            let edges: Vec<String> = cycle
                .iter()
                .zip(next)
                .map(|(a, b)| format!("    {a} → {b}: {}", graph[a][b]))
                .collect();
            found.push(format!("in {}:\n{}", folder.join("::"), edges.join("\n")));
        }
    }
    found
}

fn shortest(start: &String, graph: &Graph) -> Option<Vec<String>> {
    let mut waiting = VecDeque::from([vec![start.clone()]]);
    let mut reached = BTreeSet::new();
    while let Some(way) = waiting.pop_front() {
        for next in graph.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way);
            }
            if reached.insert(next.clone()) {
                waiting.push_back(way.iter().chain([next]).cloned().collect());
            }
        }
    }
    None
}

/// The cycles of a few files.
fn cycles_of(files: &[(&str, &str)]) -> usize {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect();
    cycles(&sources).len()
}

#[test]
fn no_modules_need_each_other() {
    let between_folders = [
        ("src/engine/context/mod.rs", "mod budget;"),
        (
            "src/engine/context/budget.rs",
            "use crate::engine::decide::Effect;",
        ),
        (
            "src/engine/decide/mod.rs",
            "mod work;\nuse super::context;\npub enum Effect {}",
        ),
        ("src/engine/decide/work.rs", "fn f() {}"),
    ];
    assert_eq!(cycles_of(&between_folders), 1);

    let through_a_re_export = [
        ("src/tools/mod.rs", "mod a;\nmod b;\npub use a::Thing;"),
        ("src/tools/a.rs", "use super::b;"),
        ("src/tools/b.rs", "use crate::tools::Thing;"),
    ];
    assert_eq!(cycles_of(&through_a_re_export), 1);

    let of_three = [
        ("src/run/a.rs", "use super::b;"),
        ("src/run/b.rs", "use super::c::C;"),
        ("src/run/c.rs", "fn f() { crate::run::a::g(); }"),
    ];
    assert_eq!(cycles_of(&of_three), 1);

    let parent_and_child = [
        (
            "src/engine/decide/mod.rs",
            "mod work;\npub enum Effect {}\nfn f() { work::g(); }",
        ),
        ("src/engine/decide/work.rs", "use super::Effect;"),
        ("src/engine/ticket.rs", "use super::decide;"),
    ];
    assert_eq!(cycles_of(&parent_and_child), 0);

    let found = cycles(tree());
    assert!(
        found.is_empty(),
        "{} found:\n{}",
        found.len(),
        found.join("\n")
    );
}
