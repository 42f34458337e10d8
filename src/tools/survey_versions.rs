//! The slow part of the look at a machine: versions of what is installed, and which packages can
//! be used without a network. Runs only programs from outside the project, outside the project,
//! with a limit; whatever does not answer is left out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::task::JoinSet;

use super::clean::clean;
use super::surroundings::Surroundings;
use super::survey_python::{children, installed};
use super::text::head;
use crate::engine::picture::Picture;

/// The longest a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most package names of one kind.
const MAX_NAMES: usize = 60;

/// A program that says its version, and the languages for which that matters.
struct Program {
    name: &'static str,
    argument: &'static str,
    languages: &'static [&'static str],
}

const PROGRAMS: [Program; 11] = [
    Program {
        name: "python3",
        argument: "--version",
        languages: &["Python"],
    },
    Program {
        name: "node",
        argument: "--version",
        languages: &["JavaScript", "TypeScript", "Vue", "Svelte", "HTML"],
    },
    Program {
        name: "npm",
        argument: "--version",
        languages: &["JavaScript", "TypeScript", "Vue", "Svelte"],
    },
    Program {
        name: "cargo",
        argument: "--version",
        languages: &["Rust"],
    },
    Program {
        name: "go",
        argument: "version",
        languages: &["Go"],
    },
    Program {
        name: "java",
        argument: "--version",
        languages: &["Java", "Kotlin", "Scala"],
    },
    Program {
        name: "gcc",
        argument: "--version",
        languages: &["C", "C++"],
    },
    Program {
        name: "ruby",
        argument: "--version",
        languages: &["Ruby"],
    },
    Program {
        name: "php",
        argument: "--version",
        languages: &["PHP"],
    },
    Program {
        name: "dotnet",
        argument: "--version",
        languages: &["C#"],
    },
    Program {
        name: "swift",
        argument: "--version",
        languages: &["Swift"],
    },
];

/// What is installed for the project's languages; for an empty project, for all of them.
pub async fn inventory(picture: &Picture, project: &Path, surroundings: &Surroundings) -> String {
    let matters = |languages: &[&str]| {
        picture.languages.is_empty() || languages.iter().any(|language| picture.uses(language))
    };
    let mut asked = JoinSet::new();
    for (index, program) in PROGRAMS.iter().enumerate() {
        if matters(program.languages)
            && let Some(path) = surroundings.program(project, program.name)
        {
            asked.spawn(async move { (index, version(path, program.argument).await) });
        }
    }
    let mut versions = asked.join_all().await;
    versions.sort();
    let mut text = String::new();
    for (index, version) in versions {
        if let (Some(program), Some(version)) = (PROGRAMS.get(index), version) {
            // silent-ok: writing to a string can not fail.
            let _ = writeln!(text, "{}: {version}", program.name);
        }
    }
    if matters(&["Python"]) && picture.has("python3") {
        text.push_str(&named("Python packages", &installed(project, surroundings)));
    }
    // In an empty project a list of somebody's crates would only be noise.
    if picture.uses("Rust") && picture.has("cargo") {
        text.push_str(&named(
            "Crates in cargo's cache",
            &cached_crates(surroundings),
        ));
    }
    if matters(&["JavaScript", "TypeScript"]) && picture.has("node") {
        let modules: Vec<String> =
            children(&project.join("node_modules"), |name| !name.starts_with('.'))
                .iter()
                .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
                .collect();
        text.push_str(&named("Node modules of the project", &modules));
    }
    text.trim_end().to_owned()
}

/// The first line of what a program says of itself.
async fn version(path: PathBuf, argument: &str) -> Option<String> {
    let output = Command::new(path)
        .arg(argument)
        // Not in the project: its files could change what the program does.
        .current_dir("/")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.ok()?.ok()?;
    let said = clean(&String::from_utf8_lossy(&output.stdout));
    let first = said.lines().find(|line| !line.trim().is_empty())?;
    output
        .status
        .success()
        .then(|| head(first.trim(), 100).to_owned())
}

/// Crates that cargo can use without a network, as `name-version`.
pub(super) fn cached_crates(surroundings: &Surroundings) -> Vec<String> {
    let own = surroundings.cargo_home();
    let own = own.map(|home| home.join("registry/cache"));
    own.iter()
        .chain(&surroundings.fetched_crates)
        .flat_map(|cache| children(cache, |_| true))
        .flat_map(|index| children(&index, |_| true))
        .filter(|path| path.extension().is_some_and(|end| end == "crate"))
        .filter_map(|path| path.file_stem()?.to_str().map(str::to_owned))
        .collect()
}

fn named(label: &str, names: &[String]) -> String {
    match names.len() {
        0 => format!("{label}: none\n"),
        count if count > MAX_NAMES => format!(
            "{label}: {} and {} more\n",
            names[..MAX_NAMES].join(", "),
            count - MAX_NAMES
        ),
        _ => format!("{label}: {}\n", names.join(", ")),
    }
}
