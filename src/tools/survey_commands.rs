//! Which commands test and build a project, told from its files. Only what is really there is
//! named: no test command for a project without tests.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::survey_python::Pytest;
use crate::engine::picture::Picture;

/// The most bytes of a manifest that are read.
const MAX_MANIFEST: u64 = 256 * 1024;

/// Commands that run the project's tests, one a language.
pub(super) fn test_commands(
    project: &Path,
    files: &[PathBuf],
    picture: &Picture,
    pytest: Pytest,
) -> Vec<String> {
    let is = |name: &str| files.iter().any(|path| path == Path::new(name));
    let mut commands: Vec<String> = Vec::new();
    if is("Cargo.toml") {
        // Without that, a test program that fails hides all that come after it.
        commands.push("cargo test --no-fail-fast".to_owned());
    }
    commands.extend(node_tests(project, files));
    commands.extend(python_tests(project, files, picture, pytest));
    if is("go.mod") {
        commands.push("go test ./...".to_owned());
    }
    commands.extend(java(files, "test"));
    for (present, command) in [
        (is("Package.swift"), "swift test"),
        (is("mix.exs"), "mix test"),
        (is("Gemfile") && below(files, "spec"), "bundle exec rspec"),
        (
            is("phpunit.xml") || is("phpunit.xml.dist"),
            "vendor/bin/phpunit",
        ),
        (
            files
                .iter()
                .any(|path| path.extension().is_some_and(|end| end == "sln")),
            "dotnet test",
        ),
    ] {
        if present {
            commands.push(command.to_owned());
        }
    }
    if commands.is_empty() {
        commands.extend(target(project, files, "test"));
    }
    commands
}

/// Commands that build.
pub(super) fn build_commands(project: &Path, files: &[PathBuf]) -> Vec<String> {
    let is = |name: &str| files.iter().any(|path| path == Path::new(name));
    let mut commands: Vec<String> = Vec::new();
    if is("Cargo.toml") {
        commands.push("cargo build".to_owned());
    }
    if script(project, files, "build").is_some() {
        commands.push(format!("{} run build", node_manager(files)));
    }
    if is("go.mod") {
        commands.push("go build ./...".to_owned());
    }
    commands.extend(java(files, "build"));
    if commands.is_empty() {
        commands.extend(target(project, files, "build"));
    }
    commands
}

fn node_tests(project: &Path, files: &[PathBuf]) -> Option<String> {
    // What `npm init` writes is no test.
    let is_real = |script: &String| !script.contains("no test specified");
    if script(project, files, "test").as_ref().is_some_and(is_real) {
        return Some(match node_manager(files) {
            "bun" => "bun run test".to_owned(),
            manager => format!("{manager} test"),
        });
    }
    let is_test = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".test.js", ".test.mjs", ".test.cjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    files.iter().any(is_test).then(|| "node --test".to_owned())
}

/// The package manager whose lock file is there.
pub(super) fn node_manager(files: &[PathBuf]) -> &'static str {
    let is = |name: &str| files.iter().any(|path| path == Path::new(name));
    if is("pnpm-lock.yaml") {
        "pnpm"
    } else if is("yarn.lock") {
        "yarn"
    } else if is("bun.lock") || is("bun.lockb") {
        "bun"
    } else {
        "npm"
    }
}

fn script(project: &Path, files: &[PathBuf], name: &str) -> Option<String> {
    let package: Value = serde_json::from_str(&manifest(project, files, "package.json")?).ok()?;
    package
        .get("scripts")?
        .get(name)?
        .as_str()
        .map(str::to_owned)
}

fn python_tests(
    project: &Path,
    files: &[PathBuf],
    picture: &Picture,
    pytest: Pytest,
) -> Option<String> {
    let is_test = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.starts_with("test_") && name.ends_with(".py")) || name.ends_with("_test.py")
    };
    let tests: Vec<&PathBuf> = files.iter().filter(is_test).collect();
    let mentions = |file: &str, word: &str| {
        manifest(project, files, file).is_some_and(|text| text.contains(word))
    };
    let configured = files.iter().any(|path| path.ends_with("conftest.py"))
        || files.iter().any(|path| path == Path::new("pytest.ini"))
        || mentions("pyproject.toml", "[tool.pytest")
        || mentions("setup.cfg", "[tool:pytest]");
    let python = if picture.has(".venv/bin/python") {
        ".venv/bin/python"
    } else {
        "python3"
    };
    // Examples in the texts of the sources are tests, where pytest is told to look for them.
    let has_examples = ["pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini"]
        .iter()
        .any(|file| mentions(file, "--doctest-modules"));
    if tests.is_empty() && !has_examples {
        return None;
    }
    match pytest {
        Pytest::Module => return Some(format!("{python} -m pytest -q")),
        Pytest::Program if configured => return Some("pytest -q".to_owned()),
        // By itself it imports from the folders of the tests only.
        Pytest::Program => return Some("pytest -q -o pythonpath=.".to_owned()),
        Pytest::Absent if configured => return Some(format!("{python} -m pytest -q")),
        Pytest::Absent => {}
    }
    // Only unittest is there: it finds tests in one folder at a time.
    let folder = tests.iter().map(|path| path.iter().next()).min()??;
    if tests.iter().any(|path| path.components().count() == 1) {
        return Some(format!("{python} -m unittest discover"));
    }
    let folder = folder.to_str().filter(|name| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    })?;
    Some(format!("{python} -m unittest discover -s {folder}"))
}

fn java(files: &[PathBuf], goal: &str) -> Option<String> {
    let is = |name: &str| files.iter().any(|path| path == Path::new(name));
    let gradle = is("build.gradle") || is("build.gradle.kts");
    if is("pom.xml") {
        let program = if is("mvnw") { "./mvnw" } else { "mvn" };
        let goal = if goal == "build" { "package" } else { goal };
        Some(format!("{program} {goal}"))
    } else if gradle {
        let program = if is("gradlew") { "./gradlew" } else { "gradle" };
        Some(format!("{program} {goal}"))
    } else {
        None
    }
}

/// A target of a Makefile or a justfile.
fn target(project: &Path, files: &[PathBuf], name: &str) -> Option<String> {
    for (file, program) in [
        ("Makefile", "make"),
        ("makefile", "make"),
        ("justfile", "just"),
        ("Justfile", "just"),
    ] {
        let defines = |line: &str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with(':') && !rest.contains(":="))
        };
        if manifest(project, files, file).is_some_and(|text| text.lines().any(defines)) {
            return Some(format!("{program} {name}"));
        }
    }
    None
}

fn below(files: &[PathBuf], folder: &str) -> bool {
    files.iter().any(|path| path.starts_with(folder))
}

/// The text of a manifest that the walk has seen as a plain file.
fn manifest(project: &Path, files: &[PathBuf], name: &str) -> Option<String> {
    files
        .iter()
        .find(|path| path.as_path() == Path::new(name))?;
    let path = project.join(name);
    let metadata = path.symlink_metadata().ok()?;
    (metadata.is_file() && metadata.len() <= MAX_MANIFEST)
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}
