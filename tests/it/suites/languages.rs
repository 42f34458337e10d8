//! Rust, Python, Node and make: a ticket adds code and a test, and the receipts say what ran.

use serde_json::{Value, json};

use super::{Suite, best_wall, done, receipts, simple, start, writes};
use crate::support::todo::{Asked, Says};

const CARGO: Suite = Suite {
    name: "cargo test",
    unless: "false",
    files: &[
        (
            "Cargo.toml",
            "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        (
            "Cargo.lock",
            "version = 3\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n",
        ),
        (
            "src/lib.rs",
            "pub fn twice(n: u32) -> u32 {\n    n * 2\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn twice_two_is_four() {\n        assert_eq!(super::twice(2), 4);\n    }\n}\n",
        ),
    ],
    broken: (
        "tests/broken.rs",
        "#[test]\nfn broken_for_long() {\n    assert_eq!(demo::twice(2), 5);\n}\n",
    ),
    adds: || {
        vec![
            (
                "edit_file",
                json!({
                    "path": "src/lib.rs", "old_text": "pub fn twice",
                    "new_text": "pub fn half(n: u32) -> u32 {\n    HALF\n}\n\npub fn twice",
                }),
            ),
            writes(
                "tests/half.rs",
                "#[test]\nfn half_of_four_is_two() {\n    assert_eq!(demo::half(4), 2);\n}\n",
            ),
        ]
    },
    half: ("src/lib.rs", "n / 3", "n / 2"),
    command: "cargo test --no-fail-fast",
    failing: ("half_of_four_is_two", "broken_for_long"),
};

const UNITTEST: Suite = Suite {
    name: "python unittest",
    unless: "python3 -m pytest --version",
    files: &[
        ("old.py", "def twice(n):\n    return n * 2\n"),
        (
            "test_old.py",
            "import unittest\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n",
        ),
    ],
    broken: (
        "test_broken.py",
        "import unittest\n\n\nclass Broken(unittest.TestCase):\n    def test_broken(self):\n        self.fail()\n",
    ),
    adds: || {
        vec![
            writes("half.py", "def half(n):\n    return HALF\n"),
            writes(
                "test_half.py",
                "import unittest\nfrom half import half\n\n\nclass Half(unittest.TestCase):\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n",
            ),
        ]
    },
    half: ("half.py", "n / 3", "n / 2"),
    command: "python3 -m unittest discover",
    // What stands in the brackets differs between versions of Python.
    failing: (
        "test_half (test_half.Half",
        "test_broken (test_broken.Broken",
    ),
};

const PYTEST: Suite = Suite {
    name: "pytest",
    unless: "false",
    files: &[
        ("old.py", "def twice(n):\n    return n * 2\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\n"),
        (
            "test_old.py",
            "from old import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n",
        ),
    ],
    broken: ("test_broken.py", "def test_broken():\n    assert False\n"),
    adds: || {
        vec![
            writes("half.py", "def half(n):\n    return HALF\n"),
            writes(
                "test_half.py",
                "from half import half\n\n\ndef test_half():\n    assert half(4) == 2\n",
            ),
        ]
    },
    half: ("half.py", "n / 3", "n / 2"),
    command: "python3 -m pytest -q",
    failing: ("test_half.py::test_half", "test_broken.py::test_broken"),
};

const OLD_JS: &str = "exports.twice = (n) => n * 2;\n";
const OLD_TEST_JS: &str = "const test = require('node:test');\nconst assert = require('node:assert');\nconst { twice } = require('./old.js');\n\ntest('twice two is four', () => assert.strictEqual(twice(2), 4));\n";
const BROKEN_JS: (&str, &str) = (
    "broken.test.js",
    "const test = require('node:test');\n\ntest('broken for long', () => { throw new Error('no'); });\n",
);

fn adds_javascript() -> Vec<(&'static str, Value)> {
    vec![
        writes("half.js", "exports.half = (n) => HALF;\n"),
        writes(
            "half.test.js",
            "const test = require('node:test');\nconst assert = require('node:assert');\nconst { half } = require('./half.js');\n\ntest('half of four is two', () => assert.strictEqual(half(4), 2));\n",
        ),
    ]
}

const NODE: Suite = Suite {
    name: "node --test",
    unless: "false",
    files: &[("old.js", OLD_JS), ("old.test.js", OLD_TEST_JS)],
    broken: BROKEN_JS,
    adds: adds_javascript,
    half: ("half.js", "n / 3", "n / 2"),
    command: "node --test",
    failing: ("half of four is two", "broken for long"),
};

const NPM: Suite = Suite {
    name: "npm test",
    unless: "false",
    files: &[
        ("old.js", OLD_JS),
        ("old.test.js", OLD_TEST_JS),
        (
            "package.json",
            "{\"name\": \"demo\", \"version\": \"1.0.0\", \"scripts\": {\"test\": \"node --test\"}}\n",
        ),
    ],
    broken: BROKEN_JS,
    adds: adds_javascript,
    half: ("half.js", "n / 3", "n / 2"),
    command: "npm test",
    failing: ("half of four is two", "broken for long"),
};

const MAKE: Suite = Suite {
    name: "make test",
    unless: "false",
    files: &[
        (
            "Makefile",
            "test:\n\t@status=0; for t in t/*.sh; do sh $$t || status=1; done; exit $$status\n",
        ),
        ("t/old.sh", "echo 'ok 1 - twice two is four'\n"),
    ],
    broken: ("t/broken.sh", "echo 'not ok 1 - broken for long'; exit 1\n"),
    adds: || {
        vec![
            writes("half.sh", "half() { n=$1; echo $((HALF)); }\n"),
            writes(
                "t/half.sh",
                ". ./half.sh\nif [ $(half 4) = 2 ]; then echo 'ok 1 - half of four'; else echo 'not ok 1 - half of four'; exit 1; fi\n",
            ),
        ]
    },
    half: ("half.sh", "n / 3", "n / 2"),
    command: "make test",
    failing: ("half of four", "broken for long"),
};

/// The suite grows by one test, which the receipts count before and after.
fn grows(suite: &Suite) {
    if !suite.runs_here() {
        return;
    }
    let calls = suite.adds(suite.half.2);
    let server = simple(move |asked| match asked.turn() {
        0 => Says::Calls(calls.clone()),
        _ => done(),
    });
    let project = suite.project(&server, &[]);
    start(&project).exits(0);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed")], "{}", suite.name);
    for (gate, tests) in [("before", 1), ("verify", 2)] {
        let receipts = receipts(&journal, gate);
        let receipt = receipts
            .iter()
            .find(|receipt| receipt["ticket"] == "T1")
            .unwrap_or_else(|| panic!("{}: nothing was run {gate}", suite.name));
        let found = json!({
            "command": receipt["command"], "exit": receipt["exit"], "tests": receipt["tests"],
            "passed": receipt["passed"], "sandbox": receipt["sandbox"],
        });
        let expected = json!({
            "command": suite.command, "exit": 0, "tests": tests, "passed": true,
            "sandbox": best_wall(),
        });
        assert_eq!(found, expected, "{} {gate}: {receipt}", suite.name);
    }
    let cited = format!("`{}` exit 0, 2 tests", suite.command);
    let summary = project.artifact("summary.md");
    assert!(summary.contains(&cited), "{cited} is not in {summary}");
    let shown = project.run(&["sessions", "show"]).exits(0);
    assert!(shown.stdout.contains("exit 0, 2 tests"), "{}", shown.stdout);
}

/// A wrong ticket is sent back with the name of what fails, and repaired; a test that failed from
/// the start is told by name and excused.
fn is_red_and_repaired(suite: &Suite) {
    if !suite.runs_here() {
        return;
    }
    let (wrong, repair) = (suite.adds(suite.half.1), suite.repairs());
    let server = simple(move |asked: &Asked| match asked.turn() {
        0 => Says::Calls(wrong.clone()),
        2 => repair.clone(),
        _ => done(),
    });
    let project = suite.project(&server, &[suite.broken]);
    start(&project).exits(0);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed")], "{}", suite.name);
    let failing = |receipt: &Value| -> Vec<String> {
        let names = receipt["failing"].as_array().cloned().unwrap_or_default();
        let names = names.iter().map(|name| name.as_str().unwrap().to_owned());
        names.collect()
    };
    let is = |receipt: &Value, expected: &[&str], tests: u64| {
        let names = failing(receipt);
        assert_eq!(names.len(), expected.len(), "{}: {receipt}", suite.name);
        for name in expected {
            let found = names.iter().any(|found| found.starts_with(name));
            assert!(found, "{}: {name} is not in {names:?}", suite.name);
        }
        assert_eq!(receipt["tests"], tests, "{}: {receipt}", suite.name);
        assert_eq!(receipt["passed"], false, "{}: {receipt}", suite.name);
    };
    let (new, old) = suite.failing;
    is(receipts(&journal, "before")[0], &[old], 2);
    let verified = receipts(&journal, "verify");
    is(verified[0], &[new, old], 3);
    is(verified[1], &[old], 3);
    let told = journal.of("warned");
    let red = |line: &&Value| {
        let text = line["text"].as_str().unwrap();
        text.contains("was red already") && text.contains(old)
    };
    assert!(told.iter().any(red), "{}: {told:?}", suite.name);
    let verdicts = receipts(&journal, "verdict");
    let sent_back = verdicts[0]["output"].as_str().unwrap();
    assert!(
        sent_back.contains("these are new: ") && sent_back.contains(new),
        "{sent_back}"
    );
    assert_eq!(verdicts[1]["passed"], true, "{}", verdicts[1]);
}

#[test]
fn rust_grows() {
    grows(&CARGO);
}

#[test]
fn rust_is_red_and_repaired() {
    is_red_and_repaired(&CARGO);
}

#[test]
fn python_unittest_grows() {
    grows(&UNITTEST);
}

#[test]
fn python_unittest_is_red_and_repaired() {
    is_red_and_repaired(&UNITTEST);
}

#[test]
fn python_pytest_grows() {
    grows(&PYTEST);
}

#[test]
fn python_pytest_is_red_and_repaired() {
    is_red_and_repaired(&PYTEST);
}

#[test]
fn node_grows() {
    grows(&NODE);
}

#[test]
fn node_is_red_and_repaired() {
    is_red_and_repaired(&NODE);
}

#[test]
fn npm_grows() {
    grows(&NPM);
}

#[test]
fn npm_is_red_and_repaired() {
    is_red_and_repaired(&NPM);
}

#[test]
fn make_grows() {
    grows(&MAKE);
}

#[test]
fn make_is_red_and_repaired() {
    is_red_and_repaired(&MAKE);
}
