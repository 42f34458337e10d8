//! The files without which a command cannot run at all: where they go as was announced, the command
//! goes with them.

use super::runners::{Does, Program, does};
use super::shell::pieces;

/// For each part of a command that needs one, the files of which one has to be there.
pub fn stands_on(command: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for piece in pieces(command) {
        let names: (String, &[&str]) = match does(&piece.words) {
            Does::File(path) => (path, &[""]),
            Does::Target {
                program: Program::Make,
                folder,
                ..
            } => (folder, &["GNUmakefile", "makefile", "Makefile"]),
            Does::Target { folder, .. } => (folder, &["justfile", "Justfile", ".justfile"]),
            Does::Script { folder, .. } => (folder, &["package.json"]),
            Does::Tests => (String::new(), manifests(&piece.words)),
            Does::Inline(_) | Does::Nothing | Does::Something => continue,
        };
        let (folder, names) = names;
        let paths = names.iter().map(|name| match (folder.as_str(), *name) {
            ("", name) => name.to_owned(),
            (path, "") => path.to_owned(),
            (folder, name) => format!("{folder}/{name}"),
        });
        found.push(paths.collect());
    }
    found.retain(|paths: &Vec<String>| !paths.is_empty());
    found
}

/// What says how a test tool is to run.
fn manifests(words: &[String]) -> &'static [&'static str] {
    let is = |wanted: &str| {
        words
            .iter()
            .any(|word| word.rsplit('/').next() == Some(wanted))
    };
    if is("cargo") {
        &["Cargo.toml"]
    } else if is("go") {
        &["go.mod"]
    } else if is("mvn") || is("mvnw") {
        &["pom.xml"]
    } else if is("gradle") || is("gradlew") {
        &["build.gradle", "build.gradle.kts"]
    } else if is("mix") {
        &["mix.exs"]
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_needs_its_files() {
        for (command, expected) in [
            (
                "make -C app check",
                &["app/GNUmakefile", "app/makefile", "app/Makefile"][..],
            ),
            ("npm test", &["package.json"]),
            ("sh scripts/test.sh -q", &["scripts/test.sh"]),
            ("cargo test", &["Cargo.toml"]),
            ("python3 -m unittest", &[]),
        ] {
            assert_eq!(stands_on(command).concat(), expected, "{command}");
        }
    }
}
