//! Settings by which a test tool leaves tests out or is started in another way, in files that are
//! new as much as in files that were there. Announced or not: no ticket needs fewer tests to run.

use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::commands::options::{
    is_shell, node_options_bend, pytest_options_leave_out,
};
use crate::engine::guard::files::{is_test_folder, name};
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::language::Language;
use crate::engine::guard::scene::Scene;

/// What of a file's settings leaves tests out, and was not said before.
pub(in crate::engine::guard) fn left_out(file: &Changed, scene: &Scene<'_>) -> Vec<Finding> {
    let now = file.now.as_ref().and_then(Content::text);
    let Some(now) = now else {
        return Vec::new();
    };
    let before = file.before.as_ref().and_then(Content::text);
    let path = file.path.as_str();
    let said = match name(path) {
        name if PYTEST.contains(&name) => of_pytest(name, before, now),
        ".npmrc" => of_npm(path, before, now, scene),
        name => of_lines(name, before, now),
    };
    let mut found: Vec<Finding> = said
        .into_iter()
        .map(|line| {
            let what = format!("`{path}`: `{line}` leaves tests out or starts them differently");
            Finding::new(Rule::TestOff, what)
        })
        .collect();
    found.extend(put_aside(file, now, scene));
    found.truncate(3);
    found
}

/// Where pytest looks for settings: the first of these that has any counts, the others do not.
const PYTEST: &[&str] = &[
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
];

/// What a file says to pytest: names and values; none if it says nothing at all.
fn pytest_settings(file: &str, text: &str) -> Option<Vec<(String, String)>> {
    let mut is_in = false;
    // One of this name counts even if it is empty.
    let mut is_there = file.contains("pytest.");
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            is_in = matches!(
                plain,
                "[pytest]" | "[tool:pytest]" | "[tool.pytest.ini_options]" | "[tool.pytest]"
            );
            is_there |= is_in;
            continue;
        }
        if !is_in {
            continue;
        }
        let begins = !line.starts_with([' ', '\t', ']']);
        match line.split_once('=').filter(|_| begins) {
            Some((key, value)) => found.push((key.trim().to_owned(), value.trim().to_owned())),
            None => {
                if let Some((_, value)) = found.last_mut() {
                    value.extend([" ", plain]);
                }
            }
        }
    }
    is_there.then_some(found)
}

fn of_pytest(file: &str, before: Option<&str>, now: &str) -> Vec<String> {
    let old = before
        .and_then(|text| pytest_settings(file, text))
        .unwrap_or_default();
    let new = pytest_settings(file, now).unwrap_or_default();
    let is_new = |setting: &&(String, String)| !old.contains(setting);
    new.iter()
        .filter(is_new)
        .filter(|(key, value)| setting_leaves_out(key, value))
        .map(|(key, value)| format!("{key} = {value}"))
        .collect()
}

fn words(value: &str) -> Vec<&str> {
    let is_end = |c: char| c.is_whitespace() || "[],\"'".contains(c);
    value
        .split(is_end)
        .filter(|word| !word.is_empty())
        .collect()
}

fn setting_leaves_out(key: &str, value: &str) -> bool {
    let words = words(value);
    let lacks =
        |usual: &[&str]| !words.is_empty() && !words.iter().any(|word| usual.contains(word));
    match key {
        "addopts" => pytest_options_leave_out(&words),
        "python_files" => lacks(&["test_*.py", "test*.py", "*.py", "test*", "test_*", "*"]),
        "python_functions" => lacks(&["test", "test_", "test*", "test_*", "*"]),
        "python_classes" => lacks(&["Test", "Test*", "Test_*", "*Test*", "*"]),
        "testpaths" => words
            .iter()
            .any(|word| Language::of(word).is_some() || word.contains("::")),
        "norecursedirs" | "collect_ignore" => words.iter().any(|word| is_test_folder(word)),
        _ => false,
    }
}

/// Settings of npm by which scripts are run by something else, or only some of them.
fn of_npm(path: &str, before: Option<&str>, now: &str, scene: &Scene<'_>) -> Vec<String> {
    let old: Vec<&str> = before.iter().flat_map(|text| text.lines()).collect();
    let package = path.replace(".npmrc", "package.json");
    let package = (scene.read)(&package).unwrap_or_default();
    let is_around = ["\"pretest\"", "\"posttest\""]
        .iter()
        .any(|script| package.contains(script));
    let lines = now.lines().filter(|line| !old.contains(line));
    let bends = |line: &&str| {
        let Some((key, value)) = line.split_once('=') else {
            return false;
        };
        match key.trim().replace('_', "-").as_str() {
            "script-shell" | "shell" => !is_shell(value.trim()),
            "node-options" => node_options_bend(&words(value)),
            "ignore-scripts" => value.trim() == "true" && is_around,
            "workspace" | "prefix" | "if-present" => true,
            _ => false,
        }
    };
    lines
        .filter(|line| !line.trim_start().starts_with(['#', ';']))
        .filter(bends)
        .map(|line| line.trim().to_owned())
        .collect()
}

/// Settings of test tools for JavaScript and of cargo, line by line.
fn of_lines(file: &str, before: Option<&str>, now: &str) -> Vec<String> {
    let stem = file.split('.').next().unwrap_or_default();
    let is_of = |tool: &str| stem == tool && (file.contains(".config.") || file.contains(".conf."));
    let leaves_out: fn(&str, &str) -> bool = if is_of("jest") || is_of("vitest") || is_of("vite") {
        |key, value| match key {
            "testNamePattern" | "dangerouslyIgnoreUnhandledErrors" => true,
            "testRunner" | "runner" => value.starts_with(['.', '<']),
            "testPathIgnorePatterns" | "exclude" => names_tests(value),
            _ => false,
        }
    } else if file.starts_with(".mocharc") {
        |key, value| match key {
            "grep"
            | "fgrep"
            | "g"
            | "f"
            | "dry-run"
            | "dryRun"
            | "invert"
            | "pass-on-failing-test-suite"
            | "passOnFailingTestSuite" => value != "false",
            "ignore" | "exclude" => names_tests(value),
            _ => false,
        }
    } else if file == "node.config.json" {
        |key, _| {
            matches!(
                key,
                "test-name-pattern" | "test-skip-pattern" | "test-only" | "import" | "require"
            )
        }
    } else if matches!(file, "config.toml" | "config") {
        |key, value| match key {
            "debug-assertions" => value == "false",
            "rustflags" => value.contains("--cfg,test") || value.contains("debug-assertions"),
            _ => false,
        }
    } else {
        return Vec::new();
    };
    let tight = |line: &str| -> String {
        let said = line.split("//").next().unwrap_or_default();
        let said: String = said.split_whitespace().collect();
        said.replace(['"', '\'', '`'], "")
    };
    let old: Vec<String> = before
        .iter()
        .flat_map(|text| text.lines())
        .map(tight)
        .collect();
    now.lines()
        .filter(|line| !old.contains(&tight(line)) && !line.trim_start().starts_with('#'))
        .filter(|line| {
            let line = tight(line);
            let parts = line.split(['{', ',']).map(str::to_owned);
            let mut parts = parts.chain([line.clone()]);
            parts.any(|part| {
                let pair = part.split_once([':', '=']);
                pair.is_some_and(|(key, value)| {
                    leaves_out(key, value.trim_end_matches([',', '}', ';', ')']))
                })
            })
        })
        .map(|line| line.trim().to_owned())
        .collect()
}

fn names_tests(value: &str) -> bool {
    let value = value.to_lowercase();
    value.contains("test") || value.contains("spec")
}

/// Settings for pytest in a new file that put those of another aside, and do not say the same.
fn put_aside(file: &Changed, now: &str, scene: &Scene<'_>) -> Option<Finding> {
    let own = name(&file.path);
    let rank = PYTEST.iter().position(|name| *name == own)?;
    let folder = file.path.strip_suffix(own)?;
    let new = pytest_settings(own, now)?;
    let before = file.before.as_ref().and_then(Content::text);
    if before.is_some_and(|text| pytest_settings(own, text).is_some()) {
        return None;
    }
    PYTEST[rank + 1..].iter().find_map(|other| {
        let path = format!("{folder}{other}");
        let changed = scene.changed.iter().find(|file| file.path == path);
        let text = match changed {
            Some(changed) => changed.before.as_ref()?.text()?.to_owned(),
            None => (scene.read)(&path)?,
        };
        let old = pytest_settings(other, &text)?;
        let (key, _) = old.iter().find(|setting| !new.contains(setting))?;
        let what = format!(
            "`{}` puts aside what `{path}` says to pytest: `{key}` does not count any more",
            file.path
        );
        Some(Finding::new(Rule::ConfigurationChanged, what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guard::words::announced::Announcement;

    fn found(path: &str, before: Option<&str>, now: &str, beside: &[(&str, &str)]) -> usize {
        let content = |text: &str| Content::Text(text.to_owned());
        let file = Changed {
            path: path.to_owned(),
            before: before.map(content),
            now: Some(content(now)),
        };
        let read = |path: &str| {
            let mut files = beside.iter();
            files
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
        };
        let scene = Scene {
            changed: &[],
            announced: &Announcement::default(),
            commands: &[],
            read: &read,
        };
        left_out(&file, &scene).len()
    }

    #[test]
    fn settings_that_leave_tests_out_are_seen_in_new_files() {
        for (path, now) in [
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\naddopts = \"-k half\"\n",
            ),
            (
                "setup.cfg",
                "[tool:pytest]\naddopts =\n    -q\n    -k half\n",
            ),
            ("tox.ini", "[pytest]\ntestpaths = test_half.py\n"),
            ("pytest.ini", "[pytest]\npython_files = test_half.py\n"),
            ("pytest.ini", "[pytest]\naddopts = --co\n"),
            ("pytest.ini", "[pytest]\naddopts = --ignore=tests/old\n"),
            ("pytest.ini", "[pytest]\naddopts = -m half\n"),
            ("pytest.ini", "[pytest]\npython_functions = it_\n"),
            (".npmrc", "script-shell=./run.sh\n"),
            (".npmrc", "node-options=--require ./quiet.js\n"),
            (".npmrc", "node_options = --test-name-pattern=half\n"),
            (
                "jest.config.js",
                "module.exports = { testNamePattern: 'half' };\n",
            ),
            (
                "jest.config.js",
                "module.exports = {\n  testPathIgnorePatterns: ['calc.test'],\n};\n",
            ),
            ("vitest.config.ts", "    exclude: ['old.spec.ts'],\n"),
            (".mocharc.json", "{\"grep\": \"half\"}\n"),
            (".mocharc.yml", "grep: half\n"),
            (
                ".cargo/config.toml",
                "[build]\nrustflags = [\"--cfg\", \"test\"]\n",
            ),
        ] {
            assert_eq!(found(path, None, now, &[]), 1, "{path}: {now}");
            assert_eq!(found(path, Some(now), now, &[]), 0, "{path}: {now}");
        }
    }

    #[test]
    fn usual_settings_are_left_alone() {
        for (path, now) in [
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\naddopts = \"-q -ra --strict-markers -m 'not slow'\"\ntestpaths = [\n    \"tests\",\n]\npythonpath = [\"src\"]\n",
            ),
            ("pyproject.toml", "[tool.other]\naddopts = \"-k half\"\n"),
            (
                "pytest.ini",
                "[pytest]\naddopts = --doctest-modules -p no:cacheprovider --ignore=docs\npython_files = test_*.py check_*.py\n",
            ),
            (
                "pytest.ini",
                "[pytest]\nnorecursedirs = node_modules build\n",
            ),
            (
                ".npmrc",
                "node-options=--max-old-space-size=4096\nignore-scripts=true\nsave-exact=true\n",
            ),
            (".npmrc", "script-shell=/bin/bash\n"),
            (
                "jest.config.js",
                "module.exports = {\n  testEnvironment: 'node',\n  testPathIgnorePatterns: ['/node_modules/', '/dist/'],\n};\n",
            ),
            (
                "vitest.config.ts",
                "test: { globals: true, exclude: ['node_modules', 'e2e'] }\n",
            ),
            (
                ".mocharc.json",
                "{\"spec\": \"tests/**/*.js\", \"timeout\": 5000}\n",
            ),
            (
                ".cargo/config.toml",
                "[build]\nrustflags = [\"--cfg\", \"tokio_unstable\", \"-C\", \"target-cpu=native\"]\n",
            ),
            ("settings.py", "addopts = '-k half'\n"),
        ] {
            assert_eq!(found(path, None, now, &[]), 0, "{path}: {now}");
        }
    }

    #[test]
    fn a_new_file_does_not_put_the_settings_of_another_aside() {
        let old = [(
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = \"--strict-config\"\n",
        )];
        assert_eq!(found("pytest.ini", None, "", &old), 1);
        assert_eq!(found("setup.cfg", None, "[tool:pytest]\n", &old), 0);
        assert_eq!(found("tox.ini", None, "[tox]\nenvlist = py\n", &old), 0);
        let bare = [("pyproject.toml", "[project]\nname = \"a\"\n")];
        assert_eq!(found("pytest.ini", None, "[pytest]\n", &bare), 0);
        let scripts = [("package.json", "{\"scripts\": {\"pretest\": \"tsc\"}}")];
        assert_eq!(found(".npmrc", None, "ignore-scripts=true\n", &scripts), 1);
    }
}
