//! The map in `src/lib.rs` leads somewhere: every file and folder that it names is there.

use std::path::Path;

/// The words in backticks that look like a file or a folder and are neither below `src/` nor
/// below the root. A word in capitals stands for a name.
fn paths_that_are_not_there(map: &str) -> Vec<&str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    map.lines()
        .filter(|line| line.starts_with("//!"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|word| !word.contains([' ', '[']) && !word.contains("NAME"))
        .filter(|word| {
            let end = Path::new(word).extension().and_then(|end| end.to_str());
            word.contains('/') || matches!(end, Some("rs" | "yaml" | "md"))
        })
        .filter(|word| *word != "SKILL.md")
        .filter(|word| !root.join("src").join(word).exists() && !root.join(word).exists())
        .collect()
}

#[test]
fn the_map_leads_to_files_that_exist() {
    let map =
        "//! `ui/nowhere/` `engine/tool.rs` `gone.rs` `skills/NAME/SKILL.md` `loop run`\n`a.rs`";
    assert_eq!(paths_that_are_not_there(map), ["ui/nowhere/", "gone.rs"]);
    let map = include_str!("../../../src/lib.rs");
    assert_eq!(paths_that_are_not_there(map), Vec::<&str>::new());
}

#[test]
fn the_map_has_every_layer() {
    let map = include_str!("../../../src/lib.rs");
    for line in map.lines() {
        if let Some(module) = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            assert!(
                map.contains(&format!("//! | [`{module}`] |")),
                "{module} is not in the map"
            );
        }
    }
}
