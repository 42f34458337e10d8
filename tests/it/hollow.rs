//! Tests that load the new code and never call it, or that throw away what it gives, show nothing of
//! it: in each language, through the real pipeline, and the honest work beside it.

use serde_json::{Value, json};

use crate::guard::{Played, Scene, edit};
use crate::support::journal::Journal;
use crate::support::todo;

/// What the model is told.
const TOLD: &str = "they pass as well when every function that you added or changed fails";

/// The same of functions that return nothing.
const TOLD_OF_NOTHING: &str =
    "they pass as well when every function that you added or changed returns nothing";

/// The looks at a ticket's tests with its code made to fail, or to return nothing.
fn looks(journal: &Journal) -> Vec<&Value> {
    let checks = journal.of("checked").into_iter();
    checks.filter(|line| line["gate"] == "hollow").collect()
}

fn is_told(journal: &Journal, told: &str) -> bool {
    let mut notes = journal.of("note").into_iter();
    notes.any(|note| {
        let text = note["text"].as_str().unwrap_or_default();
        note["kind"] == "check_failed" && text.contains(told)
    })
}

/// A file with `thrice`, and a test of it.
fn tested_by(test: &str) -> Scene {
    Scene::new()
        .titled("Add thrice")
        .announcing(&["thrice.py", "test_add.py"])
        .only(vec![
            todo::write(
                "thrice.py",
                "MOST = 9\n\n\ndef thrice(n):\n    return n * 2\n",
            ),
            todo::write("test_add.py", test),
        ])
}

const CALLS_NOTHING: &str = "import unittest\n\nimport thrice\nfrom old import twice\n\n\nclass Add(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(twice(2), 4)\n";

/// It is sent back with the reason, and nothing stands behind it in the end.
#[track_caller]
fn shows_nothing(played: &Played) {
    let ends = played.journal.of("ticket_finished");
    let all = ends.iter().all(|end| end["proof"] == "not_shown");
    assert!(all && !ends.is_empty(), "{ends:?}");
    let checks = played.journal.of("checked");
    assert!(is_told(&played.journal, TOLD), "{checks:#?}");
    let reason = ends[0]["reason"].as_str().unwrap();
    let why = "its tests pass even when the code it added always fails";
    assert!(reason.contains(why), "{reason}");
}

#[test]
fn a_test_of_python_that_only_loads_the_code_shows_nothing() {
    let played = tested_by(CALLS_NOTHING).run();
    shows_nothing(&played);
    assert!(
        looks(&played.journal)
            .iter()
            .all(|look| look["passed"] == true)
    );
}

#[test]
fn a_test_that_says_itself_what_is_not_there_shows_nothing() {
    let test = CALLS_NOTHING.replace(
        "import thrice\n",
        "try:\n    from thrice import thrice\nexcept ImportError:\n    thrice = None\n",
    );
    let test = test.replace(
        "        self.assert",
        "        self.assertIsNotNone(thrice)\n        self.assert",
    );
    shows_nothing(&tested_by(&test).run());
}

/// A file with `thrice`, and a test with that body.
fn asserted_by(body: &str) -> Scene {
    let test = CALLS_NOTHING.replace("import unittest\n", "import os\nimport unittest\n");
    tested_by(&test.replace("self.assertEqual(twice(2), 4)", body))
}

#[test]
fn a_test_that_something_is_there_shows_nothing_though_it_fails_without() {
    for body in [
        "self.assertIn('thrice', dir(thrice))",
        "self.assertTrue(os.path.isfile('thrice.py'))",
    ] {
        let scene = asserted_by(body);
        let scene = if body.contains("isfile") {
            tested_by(&format!(
                "import os\nimport unittest\n\n\nclass Add(unittest.TestCase):\n    def test_add(self):\n        {body}\n"
            ))
        } else {
            scene
        };
        shows_nothing(&scene.run());
    }
}

#[test]
fn a_test_that_throws_away_what_the_code_gives_shows_nothing() {
    for body in [
        "try:\n            thrice.thrice(4)\n        except Exception:\n            pass\n        self.assertEqual(twice(2), 4)",
        "self.assertIn(thrice.thrice(4), [8, None])",
    ] {
        let played = asserted_by(body).run();
        let ends = played.journal.of("ticket_finished");
        let all = ends.iter().all(|end| end["proof"] == "not_shown");
        assert!(all && !ends.is_empty(), "{body}: {ends:?}");
        let told = [TOLD, TOLD_OF_NOTHING].map(|told| is_told(&played.journal, told));
        // Where a failure is swallowed, that is found first.
        let expected = [body.starts_with("try"), !body.starts_with("try")];
        assert_eq!(told, expected, "{body}: {:#?}", looks(&played.journal));
    }
}

#[test]
fn a_test_of_node_that_nothing_satisfies_shows_nothing() {
    let test = "import test from 'node:test';\nimport assert from 'node:assert';\nimport { thrice } from './thrice.mjs';\n\ntest('thrice', () => {\n  assert.ok(thrice(2) || true);\n  assert.notStrictEqual(thrice(2), 5);\n});\n";
    let played = Scene::empty()
        .titled("Add thrice")
        .announcing(&["thrice.mjs", "thrice.test.mjs"])
        .verified_by("node --test thrice.test.mjs")
        .only(vec![
            todo::write(
                "thrice.mjs",
                "export const thrice = (n) => n > 0 ? 6 : 2;\n",
            ),
            todo::write("thrice.test.mjs", test),
        ])
        .run();
    let ends = played.journal.of("ticket_finished");
    assert!(
        ends.iter().all(|end| end["proof"] == "not_shown"),
        "{ends:?}"
    );
    assert!(
        is_told(&played.journal, TOLD_OF_NOTHING),
        "{:#?}",
        looks(&played.journal)
    );
}

#[test]
fn a_test_of_node_that_only_loads_the_code_shows_nothing() {
    let test = "import test from 'node:test';\nimport assert from 'node:assert';\nimport { twice } from './old.mjs';\nimport { thrice } from './thrice.mjs';\n\ntest('thrice', () => {\n  assert.ok(thrice);\n  assert.strictEqual(twice(2), 4);\n});\n";
    let played = Scene::empty()
        .file(
            "old.mjs",
            "export function twice(n) {\n  return n * 2;\n}\n",
        )
        .titled("Add thrice")
        .announcing(&["thrice.mjs", "thrice.test.mjs"])
        .verified_by("node --test thrice.test.mjs")
        .only(vec![
            todo::write("thrice.mjs", "export const thrice = (n) => n * 2;\n"),
            todo::write("thrice.test.mjs", test),
        ])
        .run();
    shows_nothing(&played);
}

#[test]
fn old_tests_of_changed_code_do_not_stand_in_for_its_own() {
    // The old test calls what is changed; the new one nothing but what was there.
    let test = "import unittest\n\nfrom old import half, thrice\n\n\nclass Add(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(half(4), 2)\n";
    let played = Scene::new()
        .file(
            "old.py",
            "def twice(n):\n    return n * 2\n\n\ndef half(n):\n    return n // 2\n",
        )
        .titled("Add thrice")
        .announcing(&["old.py", "test_add.py"])
        .only(vec![
            edit("old.py", "return n * 2", "return n + n"),
            edit(
                "old.py",
                "return n // 2",
                "return n // 2\n\n\ndef thrice(n):\n    return n * 2",
            ),
            todo::write("test_add.py", test),
        ])
        .run();
    shows_nothing(&played);
}

#[test]
fn a_call_shows_it_after_a_test_that_made_none() {
    let played = tested_by(CALLS_NOTHING)
        .recovering(vec![
            edit("thrice.py", "n * 2", "n * 3"),
            edit(
                "test_add.py",
                "(twice(2), 4)",
                "(twice(2), 4)\n\n    def test_thrice(self):\n        self.assertEqual(thrice.thrice(2), 6)",
            ),
        ])
        .accepted();
    assert!(is_told(&played.journal, TOLD));
    let passed = looks(&played.journal).into_iter();
    let passed: Vec<&Value> = passed.map(|look| &look["passed"]).collect();
    // The ticket's own and the suite; then one that fails is enough, in each way.
    assert_eq!(passed, [true, true, false, false]);
}

#[test]
fn honest_work_is_looked_at_once_in_each_way() {
    let played = Scene::new().accepted();
    let looks = looks(&played.journal);
    let [fails, returns] = looks[..] else {
        panic!("{looks:#?}")
    };
    assert_eq!(
        (&fails["passed"], &returns["passed"]),
        (&json!(false), &json!(false))
    );
    let output = fails["output"].as_str().unwrap();
    assert!(output.contains("taken out"), "{output}");
    let output = returns["output"].as_str().unwrap();
    assert!(
        output.starts_with("every function that was added or changed returns nothing"),
        "{output}"
    );
    assert!(played.journal.of("warned").is_empty());
}

#[test]
fn a_test_of_what_is_no_function_is_told_and_not_refused() {
    let test = "import unittest\n\nfrom thrice import MOST\n\n\nclass Add(unittest.TestCase):\n    def test_most(self):\n        self.assertEqual(MOST, 9)\n";
    let played = tested_by(test).accepted();
    let looks = looks(&played.journal);
    let said = looks.last().unwrap()["output"].as_str().unwrap();
    assert!(
        said.contains("the tests may be of `MOST` in `thrice.py`"),
        "{said}"
    );

    let only = "import unittest\n\nfrom most import MOST\n\n\nclass Add(unittest.TestCase):\n    def test_most(self):\n        self.assertGreater(MOST, 8)\n";
    let played = Scene::new()
        .titled("Add most")
        .announcing(&["most.py", "test_add.py"])
        .only(vec![
            todo::write("most.py", "MOST = 9\n"),
            todo::write("test_add.py", only),
        ])
        .accepted();
    let looks = self::looks(&played.journal);
    let said = looks.last().unwrap()["output"].as_str().unwrap();
    assert!(said.contains("no function was added"), "{said}");
}
