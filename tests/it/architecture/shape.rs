//! What every file looks like: its size, its header, its name.

use super::source::Source;
use super::{allows, catches, holds};

const LONGEST: usize = 500;

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines > LONGEST {
        vec![source.says(
            LONGEST + 1,
            &format!("{lines} lines; {LONGEST} is the most"),
        )]
    } else {
        Vec::new()
    }
}

#[test]
fn no_file_is_over_500_lines() {
    catches(too_long, "tests/it/a.rs", &"\n".repeat(501));
    allows(too_long, "tests/it/a.rs", &"\n".repeat(500));
    holds(too_long);
}

/// The header says something: more than the name of the file.
fn without_a_header(source: &Source) -> Vec<String> {
    let words = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .flat_map(str::split_whitespace)
        .count();
    if words < 3 {
        vec![source.says(1, "no `//!` header that says what the file owns")]
    } else {
        Vec::new()
    }
}

#[test]
fn every_file_says_what_it_owns() {
    catches(
        without_a_header,
        "src/a.rs",
        "use std::fmt;\n//! Says it too late for a reader.",
    );
    catches(
        without_a_header,
        "src/a.rs",
        "// An ordinary comment at the top.\nfn f() {}",
    );
    catches(without_a_header, "src/a.rs", "//! placeholder\nfn f() {}");
    catches(without_a_header, "src/a.rs", "");
    allows(
        without_a_header,
        "src/a.rs",
        "//! The time as the journal writes it.\nfn f() {}",
    );
    holds(without_a_header);
}

fn named_for_nothing(source: &Source) -> Vec<String> {
    const NAMES: [&str; 9] = [
        "util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "shared",
    ];
    source
        .path
        .trim_end_matches(".rs")
        .split('/')
        .filter(|part| part.split('_').any(|word| NAMES.contains(&word)))
        .map(|part| source.says(1, &format!("`{part}` does not say what is in it")))
        .collect()
}

#[test]
fn every_file_is_named_for_what_is_in_it() {
    for path in [
        "src/utils.rs",
        "src/run/session_manager.rs",
        "tests/it/common/mod.rs",
        "src/ui/helpers.rs",
    ] {
        catches(named_for_nothing, path, "");
    }
    allows(named_for_nothing, "src/ui/text.rs", "");
    holds(named_for_nothing);
}
