//! Imports point one way: from the command line down to the engine.

use super::imports::{imports, module};
use super::source::Source;
use super::{allows, catches, holds};

/// A layer, and the layers it may import.
const LAYERS: [(&str, &[&str]); 12] = [
    ("main", &["cli", "sandbox"]),
    ("cli", &["ui", "run", "config", "engine", "error"]),
    (
        "run",
        &[
            "ollama", "tools", "sandbox", "store", "git", "engine", "error",
        ],
    ),
    ("ui", &["engine"]),
    ("config", &["engine", "error"]),
    ("ollama", &["engine", "error"]),
    ("store", &["engine", "error"]),
    ("git", &["engine", "error"]),
    ("sandbox", &["engine", "error"]),
    ("tools", &["sandbox", "engine", "error"]),
    ("engine", &[]),
    ("error", &[]),
];

fn import_against_the_layers(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || source.path == "src/lib.rs" {
        return Vec::new();
    }
    let own = module(&source.path);
    let layer = if own[0] == "main" {
        "main"
    } else {
        own[1].as_str()
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![source.says(1, &format!("`{layer}` has no place among the layers"))];
    };
    imports(source)
        .into_iter()
        .filter(|import| import.path[0] == "crate" && import.path.len() > 1)
        .filter(|import| import.path[1] != layer && !allowed.contains(&import.path[1].as_str()))
        .map(|import| {
            source.says(
                import.line,
                &format!("{layer} imports {}", import.path.join("::")),
            )
        })
        .collect()
}

#[test]
fn imports_point_down() {
    let rule = import_against_the_layers;
    catches(
        rule,
        "src/engine/decide/mod.rs",
        "use crate::error::Result;",
    );
    catches(rule, "src/error.rs", "use crate::engine::reply::Fault;");
    catches(
        rule,
        "src/store/lock.rs",
        "fn f() { crate::ollama::base_url(); }",
    );
    catches(
        rule,
        "src/tools/read.rs",
        "use crate::{engine::tool::Tool, store::Journal};",
    );
    catches(rule, "src/ui/screen.rs", "use super::super::error::Error;");
    catches(rule, "src/git.rs", "use super::run::Run;");
    catches(rule, "src/cli/start.rs", "use crate::store::Sessions;");
    catches(
        rule,
        "src/main.rs",
        "fn main() { loop_orchestration::run::start(); }",
    );
    catches(rule, "src/extra/mod.rs", "");
    allows(
        rule,
        "src/tools/shell.rs",
        "use crate::sandbox::Plain;\nuse super::text;",
    );
    allows(
        rule,
        "src/run/begin.rs",
        "use crate::{git, ollama, store, tools};",
    );
    allows(rule, "src/main.rs", "use loop_orchestration::cli;");
    allows(
        rule,
        "src/engine/ask.rs",
        "#[cfg(test)]\nmod tests { use crate::store::Journal; }",
    );
    holds(rule);
}
