//! Lines that decide the outcome of tests in the tests' place: that end the process as if all were
//! well, exchange what asserts, drop tests, or print what a test tool would.

use super::code::{Code, Kind};
use super::files::Role;
use super::finding::{Finding, Rule};
use super::language::Language;
use crate::engine::test_count::tests_executed;

/// What was added to a file that rigs the outcome, if anything was.
pub(super) fn rigged(path: &str, role: Role, before: Option<&str>, now: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(language) = Language::of(path) {
        let code = Code::read(now, language);
        let old: Vec<String> = before
            .map(|text| {
                signs(&Code::read(text, language), role, path)
                    .into_iter()
                    .map(|(_, sign)| sign)
                    .collect()
            })
            .unwrap_or_default();
        let is_new =
            |sign: &String, old: &[String]| old.iter().filter(|other| *other == sign).count() == 0;
        for (line, sign) in signs(&code, role, path) {
            if is_new(&sign, &old) {
                let what = format!(
                    "`{path}`, line {line}: `{sign}` decides the outcome of tests without them"
                );
                found.push(Finding::new(Rule::Rigged, what));
            }
        }
    }
    let old: Vec<String> = before
        .map(|text| printed(path, text))
        .unwrap_or_default()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for (line, text) in printed(path, now) {
        if !old.contains(&text) {
            let what =
                format!("`{path}`, line {line}, prints `{text}` as if a test tool had said it");
            found.push(Finding::new(Rule::FakeOutput, what));
        }
    }
    found.truncate(3);
    found
}

/// Anywhere in a program: what asserts is exchanged.
const EXCHANGES: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "unittest.TestCase.",
            "unittest.main=",
            "TestCase.assert",
            "TestCase.fail=",
            "TestCase.run=",
            "pytest.raises=",
            "sys.modules[\"unittest",
            "sys.modules[\"pytest",
            "sys.modules['unittest",
            "sys.modules['pytest",
            "setattr(unittest",
            "setattr(TestCase",
            "builtins.AssertionError=",
            "AssertionError=",
            "unittest.TestResult",
            "unittest.TextTestRunner=",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "process.exitCode=0",
            "global.expect=",
            "globalThis.expect=",
            "global.test=",
            "globalThis.test=",
            "global.it=",
            "assert.equal=",
            "assert.strictEqual=",
            "assert.ok=",
            "assert.deepEqual=",
        ],
    ),
    (
        Language::Rust,
        &[
            "macro_rules!assert{",
            "macro_rules!assert_eq{",
            "macro_rules!assert_ne{",
            "macro_rules!panic{",
        ],
    ),
    (
        Language::C,
        &[
            "#defineassert(",
            "#defineEXPECT_",
            "#defineASSERT_",
            "#defineNDEBUG",
            "#defineREQUIRE",
            "#defineCHECK(",
        ],
    ),
    (
        Language::Ruby,
        &[
            "at_exit{exit!",
            "Minitest::Assertions",
            "RSpec::Expectations.fail_with",
        ],
    ),
];

/// In files of tests: the process is ended.
const ENDS: &[(Language, &[&str])] = &[
    (Language::Python, &["os._exit("]),
    (Language::Rust, &["process::exit(0)"]),
    (Language::Go, &["os.Exit(0)"]),
    (
        Language::Java,
        &[
            "System.exit(0)",
            "Runtime.getRuntime().halt(0)",
            "exitProcess(0)",
        ],
    ),
    (Language::CSharp, &["Environment.Exit(0)"]),
    (Language::Ruby, &["exit!"]),
    (Language::Elixir, &["System.halt(0)", "System.stop(0)"]),
    (Language::C, &["_exit(0)", "quick_exit(0)"]),
];

/// In files of tests, outside of every function.
const ENDS_OUTSIDE: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "sys.exit(0)",
            "sys.exit()",
            "exit(0)",
            "exit()",
            "quit()",
            "raiseSystemExit",
            "os._exit(",
        ],
    ),
    (
        Language::JavaScript,
        &["process.exit(0)", "process.exit()", "Deno.exit(0)"],
    ),
    (Language::Php, &["exit(0);", "exit;", "die;"]),
    (Language::Ruby, &["exit", "exit0", "exit(0)"]),
];

/// Hooks of pytest that decide which tests run and how they end.
const HOOKS: &[&str] = &[
    "defpytest_runtest_makereport(",
    "defpytest_pyfunc_call(",
    "defpytest_runtest_protocol(",
    "defpytest_cmdline_main(",
    "defpytest_ignore_collect(",
    "defpytest_report_teststatus(",
    "defpytest_runtest_call(",
    "defpytest_terminal_summary(",
    "defpytest_runtestloop(",
    "defpytest_collection(",
    "defpytest_exception_interact(",
];

/// Inside of hooks that may be innocent.
const DROPS: &[&str] = &[
    "items[:]=",
    "items.clear(",
    "items.remove(",
    "items.pop(",
    "delitems",
    "pytest_deselected(",
    "session.exitstatus=",
    "exitstatus=0",
];

fn of(
    table: &'static [(Language, &'static [&'static str])],
    language: Language,
) -> &'static [&'static str] {
    table
        .iter()
        .find(|(of, _)| *of == language)
        .map_or(&[], |(_, signs)| signs)
}

fn signs(code: &Code<'_>, role: Role, path: &str) -> Vec<(usize, String)> {
    let is_for_tests = matches!(role, Role::Test | Role::Configuration);
    let is_hook_file = path.ends_with("conftest.py");
    // Whoever forks has to end the child like this.
    let forks = code.text.contains("fork");
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let indent = code.indentation(&line);
        let tight: String = code
            .without_comments(line.clone())
            .split_whitespace()
            .collect();
        // What stands in a text does nothing.
        let bare: String = code.bare(line.clone()).split_whitespace().collect();
        if bare.is_empty() {
            continue;
        }
        let exchanged =
            of(EXCHANGES, code.language)
                .iter()
                .any(|sign| match sign.strip_suffix('.') {
                    Some(class) => assigns_member(&bare, class),
                    None => {
                        (tight.contains(sign)
                            && bare.contains(sign.split(['"', '\'']).next().unwrap_or_default()))
                            && !compares(&bare, sign)
                    }
                });
        let ends = is_for_tests
            && !forks
            && of(ENDS, code.language)
                .iter()
                .any(|sign| bare.contains(sign));
        let outside = indent == Some(0);
        let ends_outside = is_for_tests
            && outside
            && of(ENDS_OUTSIDE, code.language)
                .iter()
                .any(|sign| bare.starts_with(sign));
        let leaves = outside && code.language == Language::Python && bare.starts_with("os._exit(");
        let hooks = is_hook_file
            && (HOOKS.iter().any(|sign| bare.starts_with(sign))
                || DROPS.iter().any(|sign| bare.contains(sign)));
        if exchanged || ends || ends_outside || leaves || hooks {
            found.push((number + 1, code.text[line].trim().to_owned()));
        }
    }
    found
}

/// `x.y == …` is no assignment.
fn compares(bare: &str, sign: &str) -> bool {
    sign.ends_with('=')
        && bare
            .split_once(sign)
            .is_some_and(|(_, rest)| rest.starts_with('='))
}

/// `unittest.TestCase.assertEqual = …`.
fn assigns_member(bare: &str, class: &str) -> bool {
    let Some((_, rest)) = bare.split_once(&format!("{class}.")) else {
        return false;
    };
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest[end..].starts_with('=') && !rest[end..].starts_with("==")
}

/// Bytes in front of a text in which what prints it is looked for.
const NEAR: usize = 400;

/// Functions and commands that print.
const PRINTS: &[&str] = &[
    "print",
    "console.",
    "echo",
    "puts",
    "write",
    "Print",
    "cout",
    "Write",
    "say",
    "log(",
    "IO.inspect",
];

/// What a file prints that looks like the outcome of tests.
fn printed(path: &str, text: &str) -> Vec<(usize, String)> {
    let file = super::files::name(path);
    let is_recipe = matches!(
        file,
        "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile" | "package.json"
    );
    let language = Language::of(path).or(text.starts_with("#!").then_some(Language::Shell));
    let counts = |said: &str| {
        let lines = said.replace("\\n", "\n");
        tests_executed("", &lines).is_some_and(|tests| tests > 0)
    };
    let mut found = Vec::new();
    if is_recipe || language == Some(Language::Shell) {
        for (number, line) in text.lines().enumerate() {
            let rest = ["echo", "printf"]
                .iter()
                .find_map(|word| line.split_once(&format!("{word} ")).map(|(_, rest)| rest));
            let said = rest.map(|rest| {
                rest.trim()
                    .trim_matches(['"', '\'', ',', '\\'])
                    .trim_start_matches("-e ")
                    .trim_start_matches("-n ")
                    .trim_matches(['"', '\''])
            });
            let plain = text.contains("<<").then(|| line.trim());
            // A line that tells of both outcomes is a test of its own, as the shell's are.
            if let Some(said) = said.or(plain)
                && counts(said)
                && !line.contains("not ok")
            {
                found.push((number + 1, said.to_owned()));
            }
        }
        return found;
    }
    let Some(language) = language else {
        return found;
    };
    let code = Code::read(text, language);
    let mut at = 0;
    while at < text.len() {
        if code.kinds[at] != Kind::Quote {
            at += 1;
            continue;
        }
        let start = at
            + text[at..]
                .bytes()
                .enumerate()
                .take_while(|(offset, _)| code.kinds[at + offset] == Kind::Quote)
                .count();
        let end = (start..text.len())
            .find(|at| code.kinds[*at] == Kind::Quote)
            .unwrap_or(text.len());
        let close = (end..text.len())
            .find(|at| code.kinds[*at] != Kind::Quote)
            .unwrap_or(text.len());
        // The call may begin a line above its text, and not far from it.
        let near = (at.saturating_sub(NEAR)..=at).find(|near| text.is_char_boundary(*near));
        let near = near.unwrap_or(at);
        let mut lines = text[near..at].rmatch_indices('\n');
        let above = lines.nth(1).map_or(near, |(end, _)| near + end + 1);
        let calls = code.bare(above..at);
        if text.is_char_boundary(start)
            && text.is_char_boundary(end)
            && start <= end
            && PRINTS.iter().any(|word| calls.contains(word))
            && counts(&text[start..end])
        {
            found.push((code.line_number(at), text[start..end].trim().to_owned()));
        }
        at = close.max(at + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::files::role;
    use super::*;

    fn is_rigged(path: &str, text: &str) -> bool {
        !rigged(path, role(path), None, text).is_empty()
    }

    #[test]
    fn what_decides_in_the_place_of_tests_is_seen() {
        for (path, text) in [
            ("test_a.py", "import os\n\nos._exit(0)\n"),
            ("test_a.py", "import sys\nsys.exit(0)\n"),
            ("test_a.py", "print('Ran 12 tests in 0.001s')\n"),
            (
                "todo.py",
                "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n",
            ),
            ("todo.py", "import sys\nsys.modules['unittest'] = None\n"),
            (
                "conftest.py",
                "def pytest_collection_modifyitems(items):\n    items[:] = []\n",
            ),
            (
                "conftest.py",
                "@hook\ndef pytest_runtest_makereport(item, call):\n    pass\n",
            ),
            (
                "conftest.py",
                "def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 0\n",
            ),
            ("check.py", "print(\n    'Ran 3 tests in 0.1s\\n\\nOK')\n"),
            ("run.sh", "echo \"Ran 3 tests in 0.1s\"\n"),
            (
                "run.sh",
                "cat <<END\ntest result: ok. 3 passed; 0 failed\nEND\n",
            ),
            ("Makefile", "test:\n\t@echo '3 passed in 0.1s'\n"),
            (
                "package.json",
                "{\"scripts\": {\"test\": \"echo Tests: 3 passed, 3 total\"}}",
            ),
            ("a.test.js", "process.exit(0);\n"),
            (
                "a.js",
                "process.on('exit', () => { process.exitCode = 0; });\n",
            ),
            (
                "tests/a.rs",
                "fn main() { println!(\"test result: ok. 5 passed; 0 failed\"); }\n",
            ),
            (
                "tests/a.rs",
                "macro_rules! assert_eq { ($($t:tt)*) => {}; }\n",
            ),
            ("a_test.go", "func TestMain(m *testing.M) { os.Exit(0) }\n"),
            ("test_a.c", "#define assert(x)\n"),
        ] {
            assert!(is_rigged(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn usual_lines_are_left_alone() {
        for (path, text) in [
            (
                "todo.py",
                "import sys\nif __name__ == '__main__':\n    sys.exit(0)\n",
            ),
            (
                "test_a.py",
                "import sys\ndef test_a():\n    with raises(SystemExit):\n        sys.exit(0)\n",
            ),
            (
                "test_a.py",
                "def test_counts():\n    assert count('3 passed in 0.1s') == 3\n",
            ),
            (
                "test_a.py",
                "if __name__ == '__main__':\n    unittest.main()\n",
            ),
            (
                "todo.py",
                "print('3 todos')\nprint(f'{n} passed in {s}s')\n",
            ),
            (
                "todo.py",
                "class A(unittest.TestCase):\n    x = unittest.TestCase.maxDiff == 1\n",
            ),
            (
                "conftest.py",
                "import pytest\n\n@pytest.fixture\ndef store():\n    return []\n",
            ),
            (
                "a_test.go",
                "func TestMain(m *testing.M) { os.Exit(m.Run()) }\n",
            ),
            ("run.sh", "echo running\npytest\n"),
            ("src/main.rs", "fn main() { std::process::exit(0); }\n"),
        ] {
            assert_eq!(rigged(path, role(path), None, text), [], "{path}: {text}");
        }
        let old = "import os\nos._exit(0)\n";
        assert_eq!(
            rigged("test_a.py", Role::Test, Some(old), &format!("{old}x = 1\n")),
            []
        );
    }
}
