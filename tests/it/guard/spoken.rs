//! Tests in files whose change was announced: they may be written in another way, and what they
//! expect changes only where words speak of what they are about.

use super::{Scene, command, edit};
use crate::support::todo;

/// The reason that the model is told.
const OTHERWISE: &str = "expects something else than before, and neither the ticket nor its plan speaks of what it tests";

/// The work breaks what was there, in files that were announced.
fn broken(title: &'static str) -> Scene {
    Scene::new()
        .titled(title)
        .announces(&["old.py", "test_old.py"])
        .then(vec![edit("old.py", "n * 2", "n * 3")])
}

#[test]
fn a_file_that_was_announced_does_not_let_a_test_expect_something_else() {
    for (old, new) in [
        ("twice(2), 4", "twice(2), 6"),
        (
            "self.assertEqual(twice(2), 4)",
            "self.assertIn(twice(2), (4, 6))",
        ),
        (
            "self.assertEqual(twice(2), 4)",
            "for n in ():\n            self.assertEqual(twice(2), 4)\n        self.assertEqual(twice(0), 0)",
        ),
    ] {
        let played = broken("Add todos")
            .then(vec![edit("test_old.py", old, new)])
            .refused_for(OTHERWISE);
        assert!(played.journal.says("The program ran it as it was"), "{new}");
    }
    // A folder says where new tests go.
    let test = super::TEST_OLD;
    Scene::empty()
        .file("old.py", super::OLD)
        .file("tests/__init__.py", "")
        .file("tests/test_old.py", test)
        .announces(&["old.py", "tests/"])
        .then(vec![
            edit("old.py", "n * 2", "n * 3"),
            edit("tests/test_old.py", "twice(2), 4", "twice(2), 6"),
        ])
        .refused_for(OTHERWISE);
}

#[test]
fn what_a_test_uses_does_not_let_it_expect_something_else() {
    let test = "import unittest\n\nfrom old import twice\n\n\ndef wanted():\n    return 4\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), wanted())\n";
    broken("Add todos")
        .file("test_old.py", test)
        .then(vec![edit("test_old.py", "return 4", "return 6")])
        .refused_for("`wanted`, which its tests use, is another");
}

#[test]
fn a_red_test_is_not_fitted_to_the_code() {
    Scene::new()
        .file("old.py", "def twice(n):\n    return n * 3\n")
        .announces(&["test_old.py"])
        .then(vec![edit("test_old.py", "twice(2), 4", "twice(2), 6")])
        .refused_for(OTHERWISE);
}

#[test]
fn words_let_a_test_expect_something_else() {
    for title in [
        "Add todos. twice gives three times as much",
        "Add todos and let `old.twice` multiply by three",
        "Add todos and adapt test_twice",
    ] {
        broken(title)
            .then(vec![edit("test_old.py", "twice(2), 4", "twice(2), 6")])
            .accepted();
    }
}

#[test]
fn a_test_that_passes_as_it_was_may_be_written_in_another_way() {
    let played = Scene::new()
        .announces(&["test_old.py"])
        .then(vec![edit(
            "test_old.py",
            "        self.assertEqual(twice(2), 4)",
            "        for n, wanted in [(2, 4), (3, 6)]:\n            self.assertEqual(twice(n), wanted)",
        )])
        .accepted();
    assert!(played.journal.says("changed, as announced: `test_old.py`"));
    // With a helper that stands in a new file.
    Scene::new()
        .announces(&["test_old.py", "numbers_of.py"])
        .then(vec![
            todo::write("numbers_of.py", "PAIR = (2, 4)\n"),
            edit(
                "test_old.py",
                "from old",
                "from numbers_of import PAIR\nfrom old",
            ),
            edit("test_old.py", "twice(2), 4", "twice(PAIR[0]), PAIR[1]"),
        ])
        .accepted();
}

#[test]
fn tests_in_a_source_of_rust_are_run_as_they_were() {
    let home = std::env::home_dir().unwrap();
    let scene = |code: &str| {
        Scene::empty()
            .variable("HOME", home.to_str().unwrap().to_owned())
            .titled("Add thrice")
            .announcing(&["src/lib.rs"])
            .verified_by("cargo test --offline")
            .file("Cargo.toml", "[package]\nname = \"numbers\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n")
            .file("src/lib.rs", "pub fn twice(n: i32) -> i32 {\n    n * 2\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn of_two() {\n        assert_eq!(twice(2), 4);\n    }\n}\n")
            .only(vec![command(&format!(
                "cat > src/lib.rs <<'THE_END'\npub fn twice(n: i32) -> i32 {{\n    {code}\n}}\n\npub fn thrice(n: i32) -> i32 {{\n    n * 3\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::*;\n\n    #[test]\n    fn of_two() {{\n        assert_eq!((thrice(2), twice(2)), (6, WANTED));\n    }}\n\n    #[test]\n    fn of_three() {{\n        assert_eq!(thrice(3), 9);\n    }}\n}}\nTHE_END\nsed -i s/WANTED/$(case '{code}' in *2) echo 4;; *) echo 10;; esac)/ src/lib.rs"
            ))])
    };
    scene("n * 5").refused_for(OTHERWISE);
    scene("n * 2").accepted();
}
