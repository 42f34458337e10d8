//! What a command does as far as checks are concerned: starts a test tool, runs something of the
//! project that does, or does nothing that could fail.

/// What one command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) enum Does {
    /// Starts a test tool.
    Tests,
    /// Runs a target of a Makefile or a justfile.
    Target {
        program: Program,
        folder: String,
        target: String,
    },
    /// Runs a script of `package.json`.
    Script { folder: String, name: String },
    /// Runs a file of the project.
    File(String),
    /// Runs code that stands in the command itself.
    Inline(String),
    /// Prints, or does nothing at all.
    Nothing,
    /// Anything else.
    Something,
}

/// What runs targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) enum Program {
    Make,
    Just,
}

/// Test tools by their own name.
const TOOLS: &[&str] = &[
    "pytest",
    "py.test",
    "nose2",
    "nosetests",
    "tox",
    "nox",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "tap",
    "tape",
    "jasmine",
    "karma",
    "uvu",
    "c8",
    "nyc",
    "rspec",
    "phpunit",
    "pest",
    "bats",
    "ctest",
    "prove",
    "busted",
    "stestr",
    "behave",
    "robot",
    "cucumber",
    "playwright",
    "cypress",
    "nextest",
    "cargo-nextest",
    "gotestsum",
    "minitest",
    "web-test-runner",
    "wtr",
    "ward",
    "trial",
];

/// Programs whose first argument says that they test.
const TESTING: &[(&str, &[&str])] = &[
    (
        "cargo",
        &["test", "t", "nextest", "miri", "llvm-cov", "tarpaulin"],
    ),
    ("go", &["test", "vet"]),
    ("deno", &["test"]),
    ("bun", &["test"]),
    ("dotnet", &["test"]),
    ("mix", &["test"]),
    ("swift", &["test"]),
    ("zig", &["test", "build"]),
    ("sbt", &["test", "testOnly"]),
    ("flutter", &["test"]),
    ("dart", &["test"]),
    ("bazel", &["test"]),
    ("meson", &["test"]),
    ("ninja", &["test", "check"]),
    ("hatch", &["test"]),
    ("rake", &["test", "spec", "default"]),
    ("rails", &["test"]),
    ("artisan", &["test"]),
    ("stack", &["test"]),
    ("cabal", &["test"]),
    ("dune", &["test", "runtest"]),
    ("ng", &["test"]),
    ("react-scripts", &["test"]),
];

/// Python modules that test.
const MODULES: &[&str] = &[
    "pytest", "unittest", "nose2", "doctest", "tox", "nox", "trial", "coverage", "behave", "ward",
    "stestr",
];

/// Commands that cannot show anything.
const NOTHING: &[&str] = &[
    "true", ":", "echo", "printf", "cat", "exit", "return", "cd", "mkdir", "rm", "cp", "mv",
    "touch", "sleep", "set", "export", "unset", "shift", "local", "trap", "wait", "pwd", "date",
    "ls", "sync", "clear", "umask", "alias", "type", "which", "tee", "tail", "head", "pushd",
    "popd", "readonly", "source", ".", "break", "continue",
];

/// What a command does, read from its words.
pub(in crate::engine::guard) fn does(words: &[String]) -> Does {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    does_plain(unwrapped(&words))
}

fn does_plain(words: &[&str]) -> Does {
    let Some((first, rest)) = words.split_first() else {
        return Does::Nothing;
    };
    let program = first.rsplit('/').next().unwrap_or(first);
    let stem = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let verb = rest
        .iter()
        .find(|word| !word.starts_with(['-', '+']))
        .copied()
        .unwrap_or_default();
    match stem {
        "make" | "gmake" | "$(MAKE)" | "${MAKE}" => return target(Program::Make, rest),
        "just" => return target(Program::Just, rest),
        "npm" | "pnpm" | "yarn" | "bun" if *first != "bun" || verb != "test" => {
            if let Some(does) = script(stem, rest) {
                return does;
            }
        }
        "python" | "pypy" | "py" | "node" | "ruby" | "perl" | "php" | "bash" | "sh" | "zsh"
        | "dash" | "ksh" | "tsx" | "ts-node" => {
            return interpreted(stem, rest);
        }
        "coverage" if verb == "run" => return interpreted("python", &rest[1..]),
        "source" | "." => {
            return rest
                .first()
                .map_or(Does::Nothing, |path| Does::File(tidy(path)));
        }
        "mvn" | "mvnw" | "gradle" | "gradlew" => {
            let goals = [
                "test",
                "verify",
                "check",
                "build",
                "package",
                "install",
                "integration-test",
            ];
            let tests = rest
                .iter()
                .any(|word| goals.contains(&word.rsplit(':').next().unwrap_or(word)));
            return if tests { Does::Tests } else { Does::Something };
        }
        _ => {}
    }
    if TOOLS.contains(&program) && !is_own_file(first) {
        return Does::Tests;
    }
    let tests = TESTING
        .iter()
        .any(|(name, verbs)| *name == program && verbs.contains(&verb));
    if tests && !is_own_file(first) {
        return Does::Tests;
    }
    if first.contains('/') && !first.starts_with('/') && !is_installed(first) {
        return Does::File(tidy(first));
    }
    if TOOLS.contains(&program) {
        return Does::Tests;
    }
    let assigns = first.contains('=') && !first.starts_with('=');
    if NOTHING.contains(first) || assigns || first.ends_with("()") {
        Does::Nothing
    } else {
        Does::Something
    }
}

/// Whether a tool is named by a path of the project where no tool is installed.
fn is_own_file(first: &str) -> bool {
    first.contains('/') && !first.starts_with('/') && !is_installed(first)
}

fn is_installed(path: &str) -> bool {
    let path = path.trim_start_matches("./");
    ["node_modules/", ".venv/", "venv/", "vendor/bin/"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// Without settings and programs in front that only start another.
pub(super) fn unwrapped<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    let mut words = words;
    loop {
        let Some((first, rest)) = words.split_first() else {
            return words;
        };
        let skip = match *first {
            _ if first.contains('=') && !first.starts_with(['=', '-']) && !rest.is_empty() => 0,
            "env" | "time" | "nohup" | "exec" | "command" | "xvfb-run" | "npx" | "bunx"
            | "pnpx" | "setsid" | "sudo" | "stdbuf" => {
                rest.iter().take_while(|word| word.starts_with('-')).count()
            }
            "timeout" | "nice" => {
                let options = rest.iter().take_while(|word| word.starts_with('-')).count();
                options
                    + usize::from(
                        rest.get(options)
                            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())),
                    )
            }
            "uv" | "poetry" | "pipenv" | "pdm" | "hatch" | "rye"
                if rest.first() == Some(&"run") =>
            {
                1 + rest[1..]
                    .iter()
                    .take_while(|word| word.starts_with('-'))
                    .count()
            }
            "bundle" | "pnpm" | "yarn" | "npm" if rest.first() == Some(&"exec") => {
                1 + rest[1..]
                    .iter()
                    .take_while(|word| word.starts_with('-'))
                    .count()
            }
            _ => return words,
        };
        words = &rest[skip.min(rest.len())..];
    }
}

fn target(program: Program, rest: &[&str]) -> Does {
    let mut folder = String::new();
    let mut named = None;
    let mut skip = false;
    for (at, word) in rest.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match *word {
            "-C" | "--directory" | "-d" | "--working-directory" => {
                folder = rest
                    .get(at + 1)
                    .map(|folder| tidy(folder))
                    .unwrap_or_default();
                skip = true;
            }
            "-f" | "--file" | "-j" | "-o" => skip = true,
            // Says what would be done, or goes on after an error.
            "-n" | "--dry-run" | "-i" | "--ignore-errors" | "-t" | "--touch" | "-q"
            | "--question" => return Does::Nothing,
            _ if word.starts_with('-') || word.contains('=') => {}
            _ => drop(named.get_or_insert(*word)),
        }
    }
    let target = named.unwrap_or_default().to_owned();
    Does::Target {
        program,
        folder,
        target,
    }
}

fn script(manager: &str, rest: &[&str]) -> Option<Does> {
    let mut folder = String::new();
    let mut words = Vec::new();
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--prefix" | "-C" | "--cwd" | "--dir" => {
                folder = rest.next().map(|folder| tidy(folder)).unwrap_or_default();
            }
            "--" => break,
            _ if word.starts_with('-') => {}
            _ => words.push(*word),
        }
    }
    let name = match words.as_slice() {
        ["test" | "t" | "tst", ..] => "test",
        ["run" | "run-script", name, ..] => name,
        ["exec" | "dlx" | "x", rest @ ..] => return Some(does_plain(rest)),
        ["install" | "ci" | "i" | "add", ..] | [] => return Some(Does::Something),
        [name, rest @ ..] if manager == "yarn" || manager == "pnpm" || manager == "bun" => {
            if TOOLS.contains(name) {
                return Some(does_plain(&[&[*name], rest].concat()));
            }
            name
        }
        _ => return None,
    };
    Some(Does::Script {
        folder,
        name: name.to_owned(),
    })
}

/// A program that is given a file, a module or code.
fn interpreted(program: &str, rest: &[&str]) -> Does {
    let mut rest = rest;
    while let Some((first, others)) = rest.split_first() {
        match *first {
            "-m" if program.starts_with("py") => {
                let module = others.first().copied().unwrap_or_default();
                let name = module.split('.').next().unwrap_or(module);
                if MODULES.contains(&name) {
                    return Does::Tests;
                }
                return Does::File(format!("{}.py", module.replace('.', "/")));
            }
            "--test" if program == "node" => return Does::Tests,
            "-c" | "-e" | "-r" | "-p" | "--eval" | "--print" if others.is_empty() => {
                return Does::Something;
            }
            "-r" | "--require" | "--import" | "--loader" if program == "node" => {
                rest = &others[1.min(others.len())..];
            }
            "-c" | "-e" | "-r" | "--eval" | "-p" | "--print" => {
                return Does::Inline(others[0].to_owned());
            }
            _ if first.starts_with('-') => {
                let has_code = matches!(program, "bash" | "sh" | "zsh" | "dash" | "python")
                    && !first.starts_with("--")
                    && first.contains('c');
                if has_code && !others.is_empty() {
                    return Does::Inline(others[0].to_owned());
                }
                rest = others;
            }
            path => {
                let tool = path.rsplit('/').next().unwrap_or(path);
                if is_installed(path) && TOOLS.contains(&tool.split('.').next().unwrap_or(tool))
                    || (tool == "artisan" && others.first() == Some(&"test"))
                {
                    return Does::Tests;
                }
                return Does::File(tidy(path));
            }
        }
    }
    Does::Something
}

fn tidy(path: &str) -> String {
    path.trim_start_matches("./")
        .trim_end_matches('/')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::shell::pieces;
    use super::*;

    fn check(line: &str, expected: &Does) {
        let piece = pieces(line).remove(0);
        assert_eq!(does(&piece.words), *expected, "{line}");
    }

    #[test]
    fn test_tools_are_known() {
        for line in [
            "pytest -q",
            "python3 -m pytest tests",
            ".venv/bin/python -m unittest discover",
            "PYTHONPATH=. python3 -m unittest",
            "cargo test --lib",
            "cargo nextest run",
            "go test ./...",
            "node --test",
            "npx jest",
            "npx --yes vitest run",
            "bundle exec rspec",
            "./mvnw -q test",
            "./gradlew test",
            "dotnet test",
            "mix test",
            "vendor/bin/phpunit",
            "timeout 60 pytest",
            "uv run pytest",
            "bun test",
            "ctest --test-dir build",
            "coverage run -m pytest",
            "python -m coverage run -m unittest",
            "node_modules/.bin/mocha",
            "php artisan test",
            "node node_modules/jest/bin/jest.js",
        ] {
            check(line, &Does::Tests);
        }
    }

    #[test]
    fn what_is_run_of_the_project_is_named() {
        let file = |path: &str| Does::File(path.to_owned());
        let script = |name: &str| Does::Script {
            folder: String::new(),
            name: name.to_owned(),
        };
        let target = |target: &str| Does::Target {
            program: Program::Make,
            folder: String::new(),
            target: target.to_owned(),
        };
        check("./check.sh", &file("check.sh"));
        check("bash -x scripts/test.sh", &file("scripts/test.sh"));
        check("python3 run_tests.py", &file("run_tests.py"));
        check("python3 -m tools.check", &file("tools/check.py"));
        check("node test.js", &file("test.js"));
        check("./pytest", &file("pytest"));
        check("npm test --silent", &script("test"));
        check("npm run check", &script("check"));
        check("yarn lint", &script("lint"));
        check("make test", &target("test"));
        check("make", &target(""));
        check(
            "python3 -c 'print(1)'",
            &Does::Inline("print(1)".to_owned()),
        );
        check("bash -lc 'pytest'", &Does::Inline("pytest".to_owned()));
        for line in ["echo ok", "true", "exit 0", "make -n test", "X=1"] {
            check(line, &Does::Nothing);
        }
        for line in ["grep -q x y", "cargo build", "ruff check"] {
            check(line, &Does::Something);
        }
    }
}
