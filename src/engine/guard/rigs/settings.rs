//! What of a manifest or a configuration says how tests are run, so that the rest may change.

use serde_json::Value;

use crate::engine::guard::files::{Role, name, role};
use crate::engine::guard::finding::{Finding, Rule};

/// What somebody changed about how tests are run, without having announced it.
pub(in crate::engine::guard) fn changed(path: &str, before: &str, now: &str) -> Option<Finding> {
    let what = match role(path) {
        Role::Configuration | Role::Pipeline => {
            (plain(before) != plain(now)).then(|| format!("`{path}` was changed"))
        }
        Role::Manifest => {
            let parts = parts(path, now);
            self::parts(path, before)
                .into_iter()
                .find(|(name, said)| {
                    parts
                        .iter()
                        .find(|(other, _)| other == name)
                        .is_none_or(|(_, other)| other != said)
                })
                .map(|(name, _)| {
                    format!("`{path}`: `{name}`, which says how tests are run, was changed")
                })
        }
        Role::Test | Role::Expected | Role::Other => None,
    }?;
    let rule = if role(path) == Role::Pipeline {
        Rule::PipelineChanged
    } else {
        Rule::ConfigurationChanged
    };
    Some(Finding::new(
        rule,
        format!("{what}, and neither the ticket nor its plan names it"),
    ))
}

/// Settings by which tests do not run, or fail for nothing.
const MARKS: &[&str] = &[
    "--collect-only",
    "--deselect",
    "--ignore=test",
    "testFailureIgnore>true",
    "skipTests>true",
    "maven.test.skip",
    "ignoreFailures=true",
    "skipTests=true",
    "--exit-zero",
    "testFailureIgnore=true",
    "failOnError>false",
];

/// A line that keeps tests from running or from counting, and was not there before.
pub(in crate::engine::guard) fn lets_fail(
    path: &str,
    before: Option<&str>,
    now: &str,
) -> Option<Finding> {
    if !matches!(role(path), Role::Configuration | Role::Manifest) {
        return None;
    }
    let tight = |line: &str| -> String { line.split_whitespace().collect() };
    let old: Vec<String> = before
        .iter()
        .flat_map(|text| text.lines())
        .map(tight)
        .collect();
    let line = now.lines().find(|line| {
        let line = tight(line);
        !old.contains(&line)
            && !line.starts_with('#')
            && MARKS.iter().any(|mark| line.contains(mark))
    })?;
    let what = format!(
        "`{path}`: `{}` keeps tests from running or from counting",
        line.trim()
    );
    Some(Finding::new(Rule::TestOff, what))
}

/// The lines that say something.
fn plain(text: &str) -> Vec<&str> {
    let says =
        |line: &&str| !line.is_empty() && !line.starts_with(['#', ';']) && !line.starts_with("//");
    text.lines().map(str::trim).filter(says).collect()
}

/// The parts of a manifest that speak of tests: a name, and what it says.
fn parts(path: &str, text: &str) -> Vec<(String, String)> {
    match name(path) {
        "package.json" => of_package(text),
        "deno.json" | "deno.jsonc" | "composer.json" => lines(text, &["\"test", "\"check"]),
        "Cargo.toml" => sections(text, |section, line| {
            section.starts_with("[[test")
                || section.starts_with("[profile.test")
                || section.contains("nextest")
                || key(line, &["autotests", "harness", "test", "doctest"])
        }),
        "pyproject.toml" => sections(text, |section, _| {
            [
                "pytest",
                "tox",
                "coverage",
                "nox",
                "hatch.envs",
                "unittest",
                "poe",
                "taskipy",
                "pdm.scripts",
            ]
            .iter()
            .any(|tool| section.contains(tool))
                && section.starts_with("[tool")
        }),
        "setup.cfg" => sections(text, |section, _| {
            ["pytest", "coverage", "aliases", "nosetests", "tox"]
                .iter()
                .any(|tool| section.contains(tool))
        }),
        "CMakeLists.txt" => lines(
            text,
            &[
                "add_test",
                "enable_testing",
                "WILL_FAIL",
                "DISABLED",
                "gtest_discover",
                "include(CTest",
            ],
        ),
        "Rakefile" => lines(
            text,
            &[
                "TestTask",
                "RSpec::",
                "task :test",
                "task :default",
                "t.pattern",
                "t.test_files",
                "t.libs",
            ],
        ),
        "mix.exs" => lines(
            text,
            &[
                "test_paths",
                "test_pattern",
                "elixirc_paths(:test",
                "test_load_filters",
                "\"test\"",
            ],
        ),
        _ => lines(
            text,
            &[
                "surefire",
                "failsafe",
                "skip",
                "ignoreFailures",
                "testFailureIgnore",
                "exclude",
                "useJUnit",
                "useTestNG",
                "test {",
                "tasks.test",
                "onlyIf",
                "setupFiles",
                "globals:",
                "passWithNoTests",
                "include:",
            ],
        ),
    }
}

fn key(line: &str, keys: &[&str]) -> bool {
    line.split_once('=')
        .is_some_and(|(key, _)| keys.contains(&key.trim()))
}

/// Lines of a file with sections, each in the name of its section.
fn sections(text: &str, counts: impl Fn(&str, &str) -> bool) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for line in plain(text) {
        if line.starts_with('[') && line.ends_with(']') {
            line.clone_into(&mut section);
            // The second of the same name is another.
            let again = found
                .iter()
                .filter(|(name, _)| name.starts_with(line))
                .count();
            if line.starts_with("[[") && again > 0 {
                section = format!("{line} {}", again + 1);
            }
            if counts(&section, "") {
                found.push((section.clone(), String::new()));
            }
        } else if counts(&section, line) {
            match found.iter_mut().find(|(name, _)| *name == section) {
                Some((_, said)) => said.extend([line, "\n"]),
                None => found.push((section.clone(), format!("{line}\n"))),
            }
        }
    }
    found
}

fn lines(text: &str, marks: &[&str]) -> Vec<(String, String)> {
    plain(text)
        .into_iter()
        .filter(|line| marks.iter().any(|mark| line.contains(mark)))
        .map(|line| (line.to_owned(), String::new()))
        .collect()
}

fn of_package(text: &str) -> Vec<(String, String)> {
    const TOOLS: &[&str] = &[
        "jest", "mocha", "ava", "vitest", "nyc", "c8", "tap", "jasmine", "karma", "bun",
    ];
    // silent-ok: what cannot be read says nothing.
    let Ok(Value::Object(package)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let scripts = package
        .get("scripts")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let tests = scripts
        .filter(|(name, _)| {
            let own = name.trim_start_matches("pre").trim_start_matches("post");
            own.starts_with("test") || matches!(own, "check" | "verify" | "ci")
        })
        // What `npm init` writes is no test.
        .filter(|(_, text)| !text.to_string().contains("no test specified"))
        .map(|(name, text)| (format!("scripts.{name}"), text.to_string()));
    let tools = TOOLS
        .iter()
        .filter_map(|tool| Some(((*tool).to_owned(), package.get(*tool)?.to_string())));
    tests.chain(tools).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, before: &str, now: &str, is_changed: bool) {
        assert_eq!(
            changed(path, before, now).is_some(),
            is_changed,
            "{path}: {now}"
        );
    }

    #[test]
    fn only_what_says_how_tests_are_run_counts() {
        let cargo = "[package]\nname = \"a\"\nautotests = true\n[dependencies]\nx = \"1\"\n[[test]]\nname = \"it\"\n";
        check(
            "Cargo.toml",
            cargo,
            &cargo.replace("x = \"1\"", "x = \"2\"\ny = \"1\""),
            false,
        );
        check(
            "Cargo.toml",
            cargo,
            &cargo.replace("autotests = true", "autotests = false"),
            true,
        );
        check(
            "Cargo.toml",
            cargo,
            &cargo.replace("name = \"it\"", "name = \"it\"\nharness = false"),
            true,
        );
        check(
            "Cargo.toml",
            cargo,
            &cargo.replace("[[test]]\nname = \"it\"\n", ""),
            true,
        );
        check(
            "Cargo.toml",
            cargo,
            &format!("{cargo}[[test]]\nname = \"more\"\n"),
            false,
        );
        let package =
            r#"{"name": "a", "scripts": {"test": "jest", "build": "tsc"}, "jest": {"bail": true}}"#;
        check(
            "package.json",
            package,
            &package.replace("tsc", "tsc -b"),
            false,
        );
        check(
            "package.json",
            package,
            &package.replace("\"jest\",", "\"echo ok\","),
            true,
        );
        check(
            "package.json",
            package,
            &package.replace("true", "false"),
            true,
        );
        check(
            "package.json",
            package,
            &package.replace(
                "\"name\": \"a\"",
                "\"name\": \"a\", \"dependencies\": {\"x\": \"1\"}",
            ),
            false,
        );
        let empty = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
        check(
            "package.json",
            empty,
            r#"{"scripts": {"test": "node --test"}}"#,
            false,
        );
    }

    #[test]
    fn sections_and_whole_files_count() {
        let python = "[project]\nname = 'a'\n[tool.pytest.ini_options]\naddopts = '-q'\n";
        check(
            "pyproject.toml",
            python,
            &python.replace("name = 'a'", "name = 'b'"),
            false,
        );
        check(
            "pyproject.toml",
            python,
            &python.replace("-q", "-q -k nothing"),
            true,
        );
        check(
            "pyproject.toml",
            "[project]\n",
            "[project]\n[tool.pytest.ini_options]\npythonpath = ['src']\n",
            false,
        );
        check("pytest.ini", "[pytest]\n", "[pytest]\n# so\n", false);
        check(
            "pytest.ini",
            "[pytest]\n",
            "[pytest]\ntestpaths = none\n",
            true,
        );
        check(
            ".github/workflows/ci.yml",
            "run: test\n",
            "run: true\n",
            true,
        );
        check(
            "build.gradle",
            "test {\n}\n",
            "test {\n}\ndependencies { x }\n",
            false,
        );
    }

    #[test]
    fn what_lets_tests_fail_is_seen() {
        assert!(lets_fail("pytest.ini", None, "[pytest]\naddopts = --collect-only\n").is_some());
        assert!(
            lets_fail(
                "pom.xml",
                Some(""),
                "<testFailureIgnore>true</testFailureIgnore>\n"
            )
            .is_some()
        );
        assert!(lets_fail("pytest.ini", None, "[pytest]\naddopts = -q\n").is_none());
        assert!(lets_fail("README.md", None, "--collect-only").is_none());
    }
}
