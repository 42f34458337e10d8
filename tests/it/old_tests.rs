//! Old tests that pass only with what the ticket put beside them show that its work broke
//! something: ways to hide that, through the real pipeline, and the honest work beside it.

use serde_json::Value;

use crate::guard::{Played, Scene, edit};
use crate::support::journal::Journal;
use crate::support::todo;

/// What the model is told.
const TOLD: &str = "The old tests pass only together with";

/// The looks at the old tests by themselves.
fn looks(journal: &Journal) -> Vec<&Value> {
    let checks = journal.of("checked").into_iter();
    checks.filter(|line| line["gate"] == "old_tests").collect()
}

/// The work breaks what was there, and adds this beside the tests.
fn hidden_by(path: &str, text: &str) -> Scene {
    Scene::new().then(vec![
        edit("old.py", "n * 2", "n * 3"),
        todo::write(path, text),
    ])
}

/// It is refused with the file and the test, and nothing is called done.
#[track_caller]
fn refused(played: &Played, added: &str, test: &str) {
    let ends = played.journal.of("ticket_finished");
    assert!(
        ends.iter().all(|end| end["outcome"] != "completed"),
        "{ends:?}\n{:#?}",
        played.journal.of("checked")
    );
    let mut notes = played.journal.of("note").into_iter();
    let told = notes.find(|note| {
        let said = note["text"].as_str().unwrap_or_default();
        note["kind"] == "check_failed" && said.contains(TOLD)
    });
    let Some(told) = told else {
        panic!("{:#?}", played.journal.of("checked"))
    };
    let told = told["text"].as_str().unwrap();
    for said in [added, test, "Correct the code"] {
        assert!(told.contains(said), "{told}");
    }
}

/// It is accepted, after so many looks.
#[track_caller]
fn accepted(scene: Scene, count: usize) -> Played {
    let played = scene.accepted();
    let looks = looks(&played.journal);
    assert_eq!(looks.len(), count, "{looks:#?}");
    played
}

#[test]
fn a_new_test_that_mends_the_old_code_hides_nothing() {
    let text = "import unittest\n\nimport old\n\nold.__dict__.update(twice=lambda n: n + n)\n\n\nclass First(unittest.TestCase):\n    def test_first(self):\n        self.assertEqual(old.twice(2), 4)\n";
    let played = hidden_by("test_aaa.py", text).run();
    refused(&played, "test_aaa.py", "test_twice");
    // With the work alone, and with everything, to know that a copy says something.
    let passed: Vec<&Value> = looks(&played.journal)
        .iter()
        .map(|look| &look["passed"])
        .collect();
    assert_eq!(passed[..2], [false, true]);
}

#[test]
fn what_stands_in_for_a_helper_of_tests_hides_nothing() {
    let scene = Scene::empty()
        .file("package.json", "{\"scripts\": {\"test\": \"node --test\"}}\n")
        .file("old.js", "exports.twice = (n) => {\n  return n * 2;\n};\n")
        .file("test/helper.js", "module.exports = require('../old.js');\n")
        .file(
            "test/old.test.js",
            "const test = require('node:test');\nconst assert = require('node:assert');\nconst { twice } = require('./helper');\n\ntest('twice doubles', () => {\n  assert.strictEqual(twice(2), 4);\n});\n",
        )
        .titled("Add thrice")
        .announcing(&["old.js", "test/thrice.test.js"])
        .verified_by("node --test test/thrice.test.js")
        .only(vec![
            edit("old.js", "n * 2;\n};", "n * 3;\n};\n\nexports.thrice = (n) => {\n  return n * 3;\n};"),
            todo::write("test/thrice.test.js", "const test = require('node:test');\nconst assert = require('node:assert');\nconst { thrice } = require('../old.js');\n\ntest('thrice', () => {\n  assert.strictEqual(thrice(2), 6);\n});\n"),
            todo::write("test/helper", "module.exports = { twice: (n) => n + n };\n"),
        ]);
    refused(&scene.run(), "test/helper", "twice doubles");
}

#[test]
fn a_new_package_of_tests_that_hides_the_old_ones_is_seen() {
    // What is in the folder counts as it was: three tests, by the file that loads them.
    let text = "import unittest\n\n\ndef load_tests(loader, tests, pattern):\n    found = unittest.TestSuite()\n    from tests import test_new\n    found.addTests(loader.loadTestsFromModule(test_new))\n    return found\n";
    let old = "import unittest\n\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n";
    let new = "import unittest\n\nfrom old import thrice\n\n\nclass New(unittest.TestCase):\n    def test_thrice(self):\n        self.assertEqual(thrice(2), 6)\n\n    def test_none(self):\n        self.assertEqual(thrice(0), 0)\n";
    let played = Scene::empty()
        .file("old.py", crate::guard::OLD)
        .file("tests/test_old.py", old)
        .verified_by("python3 -m unittest discover -s tests -t .")
        .file("tests/data/__init__.py", "")
        .only(vec![
            edit(
                "old.py",
                "n * 2",
                "n * 3\n\n\ndef thrice(n):\n    return n * 3",
            ),
            todo::write("tests/test_new.py", new),
            todo::write("tests/__init__.py", text),
        ])
        .run();
    let ends = played.journal.of("ticket_finished");
    assert!(
        ends.iter().all(|end| end["outcome"] != "completed"),
        "{ends:?}\n{:#?}",
        played.journal.of("checked")
    );
}

#[test]
fn honest_files_beside_tests_are_looked_at_once() {
    accepted(Scene::new(), 1);
    let scene = Scene::new().then(vec![
        todo::write("tests/made.py", "def made():\n    return [1, 2]\n"),
        todo::write("tests/__init__.py", ""),
    ]);
    let played = accepted(scene, 1);
    assert_eq!(looks(&played.journal)[0]["passed"], true);
}

#[test]
fn a_helper_that_old_tests_were_changed_to_use_stays_with_them() {
    let scene = Scene::new().announces(&["test_old.py"]).then(vec![
        todo::write("test_helpers.py", "def four():\n    return 4\n"),
        edit(
            "test_old.py",
            "from old import twice",
            "from old import twice\nfrom test_helpers import four",
        ),
        edit("test_old.py", "(twice(2), 4)", "(twice(2), four())"),
    ]);
    let played = accepted(scene, 2);
    assert_eq!(looks(&played.journal)[0]["passed"], true);
}

#[test]
fn what_adds_nothing_beside_tests_or_has_no_old_ones_costs_nothing() {
    accepted(Scene::empty(), 0);
    let scene = Scene::new()
        .titled("Add thrice")
        .announcing(&["old.py", "test_old.py"])
        .verified_by("python3 -m unittest test_old")
        .only(vec![
            edit("old.py", "return n * 2", "return n * 2\n\n\ndef thrice(n):\n    return n * 3"),
            edit("test_old.py", "import twice", "import thrice, twice"),
            edit("test_old.py", "(twice(0), 0)", "(twice(0), 0)\n\n    def test_thrice(self):\n        self.assertEqual(thrice(2), 6)"),
        ]);
    accepted(scene, 0);
}

#[test]
fn where_a_copy_cannot_run_it_is_told_and_not_refused() {
    // The old tests need what is ignored, and so is in no copy.
    let test = "import unittest\n\nfrom deps.lib import two\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(two), 4)\n";
    let played = accepted(
        Scene::new()
            .file(".gitignore", "deps/\n__pycache__/\n")
            .file("deps/__init__.py", "")
            .file("deps/lib.py", "two = 2\n")
            .file("test_old.py", test),
        3,
    );
    let looks = looks(&played.journal);
    let said = looks[2]["output"].as_str().unwrap();
    assert!(
        said.contains("does not come to what it does here"),
        "{said}"
    );
    assert_eq!(looks[2]["passed"], true);
}
