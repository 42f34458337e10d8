//! Programs that are known to write files which no command names. Tables, and nothing else.

use std::path::Path;

use super::{BY_HAND, Came, words};

/// What tools write beside their work: whoever runs one has them written.
const BESIDE: [&str; 31] = [
    ".coverage",
    "Cargo.lock",
    "Gemfile.lock",
    "Package.resolved",
    "Pipfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "coverage.json",
    "coverage.lcov",
    "coverage.xml",
    "cucumber.json",
    "deno.lock",
    "flake.lock",
    "go.sum",
    "go.work.sum",
    "gradle.lockfile",
    "junit.xml",
    "lcov.info",
    "mix.lock",
    "npm-shrinkwrap.json",
    "npm-debug.log",
    "package-lock.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "report.xml",
    "tsconfig.tsbuildinfo",
    "uv.lock",
    "yarn.lock",
];

/// Folders of the same sort.
const BESIDE_FOLDERS: [&str; 9] = [
    "__snapshots__",
    "proptest-regressions",
    "htmlcov",
    "coverage",
    "target",
    "node_modules",
    ".nyc_output",
    ".pytest_cache",
    "__pycache__",
];

/// Endings of the same sort.
const BESIDE_ENDINGS: [&str; 4] = [".snap", ".snap.new", ".tsbuildinfo", ".pyc"];

/// What these programs write when they are told to set up or to add something.
const MANIFESTS: [(&str, &[&str]); 14] = [
    ("package.json", &["npm", "npx", "yarn", "pnpm", "bun"]),
    ("go.mod", &["go"]),
    ("go.work", &["go"]),
    ("Cargo.toml", &["cargo"]),
    ("main.rs", &["cargo"]),
    ("lib.rs", &["cargo"]),
    (".gitignore", &["cargo", "uv", "git", "poetry"]),
    ("pyproject.toml", &["poetry", "uv", "pdm", "hatch"]),
    (".python-version", &["uv", "pyenv"]),
    ("Pipfile", &["pipenv"]),
    ("Gemfile", &["bundle"]),
    ("composer.json", &["composer"]),
    ("tsconfig.json", &["tsc", "npx"]),
    ("deno.json", &["deno"]),
];

/// The words by which they are told so.
const SETTING_UP: [&str; 15] = [
    "--init",
    "add",
    "create",
    "get",
    "i",
    "init",
    "install",
    "mod",
    "new",
    "pkg",
    "remove",
    "set",
    "tidy",
    "uninstall",
    "version",
];

/// Programs and words of theirs that lay out files of their own choosing, or bring them along.
const LAYING_OUT: [(&str, &[&str]); 22] = [
    ("tar", &[]),
    ("unzip", &[]),
    ("patch", &[]),
    ("rsync", &[]),
    ("cookiecutter", &[]),
    ("copier", &[]),
    ("django-admin", &["startproject", "startapp"]),
    ("manage.py", &["startapp", "makemigrations"]),
    ("alembic", &["init", "revision"]),
    ("flask", &["db"]),
    ("rails", &["new", "generate", "g"]),
    ("dotnet", &["new"]),
    ("ng", &["new", "generate", "g"]),
    ("npm", &["create", "init"]),
    ("npx", &[]),
    ("yarn", &["create", "init"]),
    ("pnpm", &["create", "init", "dlx"]),
    ("gradle", &["init"]),
    ("mvn", &["archetype:generate"]),
    ("cargo", &["new", "init", "generate"]),
    ("go", &["generate"]),
    ("uv", &["init"]),
];

/// Words of commands that go through files which are there.
const GOING_THROUGH: [&str; 24] = [
    "--fix",
    "--in-place",
    "--write",
    "autopep8",
    "biome",
    "black",
    "clang-format",
    "dos2unix",
    "eslint",
    "fmt",
    "fix",
    "format",
    "gofmt",
    "goimports",
    "isort",
    "perl",
    "prettier",
    "ruff",
    "rustfmt",
    "sed",
    "shfmt",
    "stylelint",
    "unix2dos",
    "yapf",
];

/// What takes a state of the project out of a repository, or puts another there.
const OF_GIT: [&str; 14] = [
    "am",
    "apply",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "merge",
    "pull",
    "rebase",
    "reset",
    "restore",
    "revert",
    "stash",
    "switch",
];

/// Words of commands that run tests or checks.
const TESTS: [&str; 21] = [
    "--check",
    "--test",
    "check",
    "clippy",
    "ctest",
    "jest",
    "mocha",
    "mypy",
    "nose2",
    "nosetests",
    "nox",
    "phpunit",
    "py.test",
    "pytest",
    "rspec",
    "test",
    "tests",
    "tox",
    "tsc",
    "unittest",
    "vitest",
];

/// Programs that only look.
const READERS: [&str; 15] = [
    "cat", "cd", "diff", "du", "file", "find", "grep", "head", "ls", "less", "rg", "stat", "tail",
    "tree", "wc",
];

/// Whether a program of the command is known to do that to such a file.
pub(super) fn writes(command: &str, path: &Path, came: Came) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folders = path.parent().into_iter().flat_map(Path::components);
    let mut folders = folders.filter_map(|part| part.as_os_str().to_str());
    let is_beside = BESIDE.contains(&&*name)
        || BESIDE_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || folders.any(|folder| BESIDE_FOLDERS.contains(&folder));
    if is_beside {
        return true;
    }
    let ran: Vec<&str> = plain_words(command).collect();
    let has = |wanted: &[&str]| wanted.iter().any(|word| ran.contains(word));
    if ran.contains(&"git") && has(&OF_GIT) {
        return true;
    }
    let manifests = MANIFESTS.iter().filter(|(manifest, _)| *manifest == name);
    let mut programs = manifests.map(|(_, programs)| *programs);
    if has(&SETTING_UP) && programs.any(has) {
        return true;
    }
    match came {
        Came::New => LAYING_OUT
            .iter()
            .any(|(program, with)| ran.contains(program) && (with.is_empty() || has(with))),
        Came::Changed => {
            let ending = path.extension().and_then(|ending| ending.to_str());
            let is_by_hand =
                ending.is_some_and(|ending| BY_HAND.contains(&ending) || ending == "json");
            is_by_hand && has(&GOING_THROUGH) && !has(&["--check"])
        }
        Came::Gone => false,
    }
}

/// Whether the command runs tests or checks.
pub(super) fn is_test(command: &str) -> bool {
    plain_words(command).any(|word| TESTS.contains(&word))
}

/// Whether it does nothing but look.
pub(super) fn only_reads(command: &str) -> bool {
    is_test(command)
        || command.split(['&', ';', '|', '\n']).all(|part| {
            let first = part.split_whitespace().next();
            first.is_none_or(|first| READERS.contains(&first)) && !part.contains('>')
        })
}

/// The words of a command, a program by its name alone.
fn plain_words(command: &str) -> impl Iterator<Item = &str> {
    words(command).map(|word| word.rsplit('/').next().unwrap_or(word))
}
