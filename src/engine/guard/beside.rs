//! Which of a ticket's files only say whether the work is done, and which only tell of it. What is
//! left is the work itself. Told from the path alone.

use super::files::{Role, folders, is_leftover, is_test_folder, name, role};

/// What a changed file is to the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// A test.
    Test,
    /// What tests are run with: their data, their configuration, the targets of a build.
    Beside,
    /// Text for people.
    Text,
    /// What tools leave behind.
    Leftover,
    /// Anything else.
    Work,
}

/// What a file is to the work, by its path.
pub fn share(path: &str) -> Share {
    const TARGETS: &[&str] = &[
        "Makefile",
        "makefile",
        "GNUmakefile",
        "justfile",
        "Justfile",
    ];
    const TEXTS: &[&str] = &["md", "rst", "adoc", "txt"];
    let name = name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if is_leftover(path) {
        return Share::Leftover;
    }
    match role(path) {
        // What a test compares with is a part of it.
        Role::Test | Role::Expected => Share::Test,
        Role::Configuration | Role::Manifest | Role::Pipeline => Share::Beside,
        Role::Other if folders(path).any(is_test_folder) => Share::Beside,
        Role::Other if TARGETS.contains(&name) => Share::Beside,
        Role::Other if TEXTS.contains(&ending) => Share::Text,
        Role::Other => Share::Work,
    }
}

/// Whether a file says what is run as a check: targets, scripts of a package or of the shell.
pub fn is_of_checks(path: &str) -> bool {
    let is_shell = [".sh", ".bash"].iter().any(|ending| path.ends_with(ending));
    match share(path) {
        Share::Beside => !matches!(role(path), Role::Configuration | Role::Pipeline),
        share => share != Share::Test && is_shell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_a_file_is_to_the_work() {
        for (expected, paths) in [
            (
                Share::Test,
                &["test_a.py", "tests/a.rs", "a.test.js", "a.golden"][..],
            ),
            (
                Share::Beside,
                &["tests/data.json", "Cargo.toml", "conftest.py", "Makefile"],
            ),
            (Share::Text, &["README.md", "docs/use.rst"]),
            (Share::Leftover, &["__pycache__/a.pyc", "a.log"]),
            (Share::Work, &["a.py", "src/lib.rs", "data.json"]),
        ] {
            for path in paths {
                assert_eq!(share(path), expected, "{path}");
            }
        }
    }
}
