//! Which files decide whether work is done: tests, their data, the configuration of tests, what a
//! server for continuous integration runs. Told from the path, by the conventions of each language.

use super::language::Language;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Tests, or what only tests use.
    Test,
    /// What tests compare with: snapshots, expected output.
    Expected,
    /// Says how tests are run; every word counts.
    Configuration,
    /// Says among other things how tests are run.
    Manifest,
    /// What a server runs.
    Pipeline,
    /// Anything else.
    Other,
}

pub(super) fn role(path: &str) -> Role {
    let name = name(path);
    if is_pipeline(path) {
        Role::Pipeline
    } else if is_configuration(path, name) {
        Role::Configuration
    } else if is_expected(path) {
        Role::Expected
    } else if MANIFESTS.contains(&name) || name.starts_with("vite.config.") {
        Role::Manifest
    } else if is_test(path, name) {
        Role::Test
    } else {
        Role::Other
    }
}

const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.cfg",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "build.sbt",
    "mix.exs",
    "composer.json",
    "deno.json",
    "deno.jsonc",
    "CMakeLists.txt",
    "Rakefile",
];

const CONFIGURATIONS: &[&str] = &[
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "conftest.py",
    "tox.ini",
    "tox.toml",
    "noxfile.py",
    ".coveragerc",
    "nextest.toml",
    ".rspec",
    "phpunit.xml",
    "phpunit.xml.dist",
    "phpunit.dist.xml",
    "jasmine.json",
    ".nycrc",
    ".nycrc.json",
    ".taprc",
    "bunfig.toml",
    "Pest.php",
    "testng.xml",
    "junit-platform.properties",
    "CTestCustom.cmake",
    "dart_test.yaml",
    ".busted",
    "test_helper.exs",
    "spec_helper.rb",
    "rails_helper.rb",
    "test_helper.rb",
    "nose2.cfg",
    "unittest.cfg",
    "trunk.toml",
];

/// Before the first dot of a configuration written in JavaScript.
const CONFIGURED: &[&str] = &[
    "jest",
    "vitest",
    "karma",
    "playwright",
    "cypress",
    "ava",
    "wdio",
    "nightwatch",
];

fn is_configuration(path: &str, name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    CONFIGURATIONS.contains(&name)
        || (CONFIGURED.contains(&stem)
            && (name.contains(".config.") || name.contains(".conf.") || name.contains(".setup.")))
        || name.starts_with(".mocharc")
        || path == ".cargo/config.toml"
        || path == ".cargo/config"
}

fn is_pipeline(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        ".github/workflows/",
        ".github/actions/",
        ".circleci/",
        ".gitlab/ci/",
        ".buildkite/",
        ".woodpecker/",
        ".ci/",
        ".azure-pipelines/",
        ".forgejo/workflows/",
        ".gitea/workflows/",
        ".husky/",
    ];
    const FILES: &[&str] = &[
        ".gitlab-ci.yml",
        ".gitlab-ci.yaml",
        "Jenkinsfile",
        "azure-pipelines.yml",
        "azure-pipelines.yaml",
        ".travis.yml",
        "appveyor.yml",
        ".appveyor.yml",
        ".drone.yml",
        ".cirrus.yml",
        "bitbucket-pipelines.yml",
        ".woodpecker.yml",
        ".pre-commit-config.yaml",
        "codecov.yml",
        ".codecov.yml",
        "wercker.yml",
        ".semaphore/semaphore.yml",
        "cloudbuild.yaml",
        "lefthook.yml",
    ];
    FILES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn is_expected(path: &str) -> bool {
    const ENDINGS: &[&str] = &["snap", "ambr", "golden", "expected", "approved", "snapshot"];
    let name = name(path);
    let ending = name.rsplit('.').next().unwrap_or_default();
    (name.contains('.') && ENDINGS.contains(&ending))
        || name.contains(".approved.")
        || name.contains(".golden.")
        || folders(path).any(|folder| folder == "__snapshots__")
}

/// Folders in which everything is for tests.
pub(super) fn is_test_folder(folder: &str) -> bool {
    matches!(
        folder.to_ascii_lowercase().as_str(),
        "test"
            | "tests"
            | "__tests__"
            | "spec"
            | "specs"
            | "e2e"
            | "testing"
            | "integration_test"
            | "androidtest"
    ) || folder.ends_with(".Tests")
        || folder.ends_with(".Test")
        || folder.ends_with("Tests")
}

fn is_test(path: &str, name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else {
        return false;
    };
    let is_code = Language::of(path).is_some()
        || matches!(
            ending,
            "lua"
                | "pl"
                | "t"
                | "hs"
                | "clj"
                | "erl"
                | "jl"
                | "r"
                | "R"
                | "ml"
                | "zig"
                | "feature"
                | "robot"
        );
    if !is_code {
        return false;
    }
    if folders(path).any(is_test_folder) {
        return true;
    }
    let lower = stem.to_ascii_lowercase();
    let starts = lower.starts_with("test_") || lower.starts_with("test-");
    let ends = [
        "_test", "-test", ".test", ".spec", "_spec", "-spec", ".e2e", "_tests", ".tests", ".cy",
    ]
    .iter()
    .any(|end| lower.ends_with(end));
    let alone = matches!(lower.as_str(), "test" | "tests");
    match Language::of(path) {
        Some(Language::Java | Language::CSharp | Language::Php | Language::C) => {
            starts
                || ends
                || alone
                || ["Test", "Tests", "IT", "Spec", "TestCase"]
                    .iter()
                    .any(|end| stem.ends_with(end))
        }
        Some(Language::Shell) => starts || ends || alone || ending == "bats",
        Some(Language::Go) => lower.ends_with("_test"),
        Some(Language::Rust) => ends || alone,
        _ => starts || ends || alone || ending == "t",
    }
}

/// Results of tools, which no work is made of.
pub(super) fn is_leftover(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "__pycache__",
        "node_modules",
        "target",
        "dist",
        "build",
        "coverage",
        "htmlcov",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".nyc_output",
        ".gradle",
        "_build",
        ".next",
        "out",
        "obj",
        ".tox",
        ".nox",
    ];
    const ENDINGS: &[&str] = &[
        "pyc", "pyo", "o", "class", "log", "tmp", "swp", "orig", "rej", "bak", "profraw", "gcda",
        "gcno",
    ];
    let name = name(path);
    folders(path).any(|folder| FOLDERS.contains(&folder) || folder.ends_with(".egg-info"))
        || name
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ENDINGS.contains(&ending))
        || matches!(name, ".coverage" | "nohup.out" | "core" | "a.out")
}

pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(super) fn folders(path: &str) -> impl Iterator<Item = &str> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_a_file_is_for() {
        for (expected, paths) in [
            (
                Role::Test,
                &[
                    "test_todo.py",
                    "todo_test.py",
                    "tests/helper.py",
                    "app/tests.py",
                    "src/a.test.ts",
                    "src/a.spec.jsx",
                    "__tests__/a.js",
                    "test.js",
                    "test-add.mjs",
                    "tests/it/main.rs",
                    "src/calls/tests.rs",
                    "store_test.go",
                    "src/test/java/AppTest.java",
                    "AppTest.kt",
                    "App.Tests/AddTests.cs",
                    "spec/todo_spec.rb",
                    "test/todo_test.exs",
                    "tests/TodoTest.php",
                    "test_list.c",
                    "list_test.cpp",
                    "tests/run.sh",
                    "todo.bats",
                    "Tests/AppTests.swift",
                    "t/basic.t",
                ][..],
            ),
            (
                Role::Configuration,
                &[
                    "pytest.ini",
                    "tests/conftest.py",
                    "tox.ini",
                    "jest.config.js",
                    "vitest.config.mts",
                    ".mocharc.yml",
                    "karma.conf.js",
                    ".config/nextest.toml",
                    "phpunit.xml.dist",
                    ".rspec",
                    ".cargo/config.toml",
                ],
            ),
            (
                Role::Manifest,
                &[
                    "Cargo.toml",
                    "crates/a/Cargo.toml",
                    "package.json",
                    "pyproject.toml",
                    "pom.xml",
                    "build.gradle.kts",
                ],
            ),
            (
                Role::Pipeline,
                &[
                    ".github/workflows/ci.yml",
                    ".gitlab-ci.yml",
                    ".circleci/config.yml",
                    "Jenkinsfile",
                    "azure-pipelines.yml",
                ],
            ),
            (
                Role::Expected,
                &[
                    "src/__snapshots__/a.test.js.snap",
                    "tests/snapshots/a.snap",
                    "out.golden",
                    "a.approved.txt",
                ],
            ),
            (
                Role::Other,
                &[
                    "todo.py",
                    "src/lib.rs",
                    "contest.py",
                    "latest.py",
                    "attest.go",
                    "testimony.js",
                    "README.md",
                    "tests/data.json",
                    "src/specification.ts",
                    "Makefile",
                    "greatest.rs",
                    "App.java",
                    "unit.c",
                ],
            ),
        ] {
            for path in paths {
                assert_eq!(role(path), expected, "{path}");
            }
        }
    }
}
