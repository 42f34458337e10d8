//! The shape of the code, as tests: which layer may import which, no cycles, what stays out of the
//! engine, who prints, who starts processes, and how large a file may get. Each rule first shows
//! on a few lines that it catches what it forbids, then reads the tree.

mod cycles;
mod imports;
mod layers;
mod map;
mod places;
mod shape;
mod source;

use source::{Source, tree};

/// What one file does against one rule, as `path:line: what`.
type Rule = fn(&Source) -> Vec<String>;

/// The rule holds for every file there is.
#[track_caller]
fn holds(rule: Rule) {
    let broken: Vec<String> = tree().iter().flat_map(rule).collect();
    assert!(
        broken.is_empty(),
        "{} found:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

/// The rule would find something in this text.
#[track_caller]
fn catches(rule: Rule, path: &str, text: &str) {
    assert!(
        !rule(&Source::new(path, text)).is_empty(),
        "not caught in {path}: {text}"
    );
}

/// The rule finds nothing in this text.
#[track_caller]
fn allows(rule: Rule, path: &str, text: &str) {
    assert_eq!(
        rule(&Source::new(path, text)),
        Vec::<String>::new(),
        "in {path}: {text}"
    );
}

#[test]
fn every_file_of_the_tree_is_read() {
    let read: Vec<&str> = tree().iter().map(|source| source.path.as_str()).collect();
    for path in [
        "src/lib.rs",
        "src/main.rs",
        "src/engine/decide/mod.rs",
        "tests/it/main.rs",
    ] {
        assert!(
            read.contains(&path),
            "{path} is not among the {} files read",
            read.len()
        );
    }
}
