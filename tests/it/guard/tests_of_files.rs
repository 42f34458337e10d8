//! Tests that are edited, deleted, skipped, emptied, outnumbered, or assert nothing.

use crate::support::todo;

use super::{Scene, TEST_OLD, command, edit};

#[test]
fn editing_a_test_that_was_there_refused_for() {
    Scene::new()
        .then(vec![edit("test_old.py", "twice(2), 4", "twice(2), 2 + 2")])
        .refused_for("the test `Old.test_twice`, which was there before this ticket, was changed");
    // By a command as well.
    Scene::new()
        .then(vec![command(
            "sed -i 's/, 4)/, 5)/; ' test_old.py && sed -i 's/n \\* 2/n * 2 + n \\/\\/ 2/' old.py",
        )])
        .refused_for("the test `Old.test_twice`");
}

#[test]
fn deleting_a_test_is_refused_even_where_its_file_is_announced() {
    let gone = "\n    def test_none(self):\n        self.assertEqual(twice(0), 0)\n";
    for announced in [&[][..], &["test_old.py"]] {
        Scene::new()
            .announces(announced)
            .then(vec![edit("test_old.py", gone, "")])
            .refused_for("the test `Old.test_none` is gone");
    }
    Scene::new()
        .then(vec![command("rm test_old.py")])
        .refused_for("`test_old.py`: the tests `Old.test_twice`, `Old.test_none` are gone");
}

#[test]
fn words_that_name_no_test_let_none_go() {
    let gone = "\n    def test_none(self):\n        self.assertEqual(twice(0), 0)\n";
    for title in [
        "Add todos and a delete function",
        "Add todos, and remove the slow tests",
        "Add todos, and drop the tests of printing",
        "Add todos, and remove doubling of zero",
        "Add todos, and delete test_twice",
    ] {
        Scene::new()
            .titled(title)
            .announces(&["test_old.py"])
            .then(vec![edit("test_old.py", gone, "")])
            .refused_for("the test `Old.test_none` is gone");
    }
}

#[test]
fn a_test_that_moves_to_where_nothing_collects_it_is_gone() {
    // As many tests are executed as before: new ones make up for those that went.
    let more = todo::write(
        "test_more.py",
        "import unittest\n\nfrom todo import add\n\n\nclass More(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(len(add([], 1)), 1)\n\n    def test_b(self):\n        self.assertEqual(add([], 2)[0][\"text\"], 2)\n",
    );
    for (place, moves) in [
        (
            "archive/test_old.py",
            "mkdir archive && mv test_old.py archive/",
        ),
        ("old_checks.py", "mv test_old.py old_checks.py"),
        (
            "tests/helper.py",
            "mkdir tests && touch tests/__init__.py && mv test_old.py tests/helper.py",
        ),
    ] {
        Scene::new()
            .announces(&["test_old.py", place])
            .then(vec![more.clone(), command(moves)])
            .refused_for("`test_old.py`: the tests `Old.test_twice`, `Old.test_none` are gone");
    }
    // Into a class that is no case of the runner's.
    for (class, reason) in [("Kept", "are gone"), ("Old", "`Old` are not run any more")] {
        let made = format!("sed -i 's/class Old(unittest.TestCase)/class {class}/' test_old.py");
        Scene::new()
            .announces(&["test_old.py"])
            .then(vec![more.clone(), command(&made)])
            .refused_for(reason);
    }
}

#[test]
fn skipping_a_test_is_refused_even_where_its_file_is_announced() {
    for line in [
        "    @unittest.skip(\"later\")\n",
        "    @unittest.expectedFailure\n",
    ] {
        Scene::new()
            .announces(&["test_old.py"])
            .then(vec![edit(
                "test_old.py",
                "    def test_none",
                &format!("{line}    def test_none"),
            )])
            .refused_for("switches tests off");
    }
}

#[test]
fn emptying_a_test_is_refused_even_where_its_file_is_announced() {
    for body in [
        "pass",
        "self.assertTrue(True)",
        "return\n        self.assertEqual(twice(0), 0)",
    ] {
        Scene::new()
            .announces(&["test_old.py"])
            .then(vec![edit(
                "test_old.py",
                "self.assertEqual(twice(0), 0)",
                body,
            )])
            .refused_for("`test_old.py`: `Old.test_none` asserts");
    }
}

#[test]
fn a_test_that_takes_the_name_of_another_refused_for() {
    Scene::new()
        .then(vec![edit(
            "test_old.py",
            "\n\nif __name__",
            "\n    def test_none(self):\n        self.assertEqual(twice(1), 2)\n\n\nif __name__",
        )])
        .refused_for("defines the test `Old.test_none (2)` once more");
}

#[test]
fn a_helper_that_is_made_to_agree_refused_for() {
    let with_helper = TEST_OLD
        .replace(
            "class Old",
            "def expect(given, wanted):\n    assert given == wanted\n\n\nclass Old",
        )
        .replace("self.assertEqual(twice(2), 4)", "expect(twice(2), 4)");
    Scene::new()
        .file("test_old.py", &with_helper)
        .then(vec![edit(
            "test_old.py",
            "    assert given == wanted",
            "    pass",
        )])
        .refused_for("`test_old.py`: `expect` asserts nothing any more");
}

#[test]
fn tests_that_assert_nothing_show_nothing() {
    for body in [
        "add([], 'x')",
        "self.assertTrue(True)",
        "x = 1\n        self.assertEqual(x, 1)",
        "try:\n            self.assertEqual(add([], 'x'), 7)\n        except AssertionError:\n            pass",
    ] {
        let test =
            todo::TEST_ADD.replace("self.assertEqual(add([], \"x\")[0][\"text\"], \"x\")", body);
        Scene::empty()
            .only(vec![
                todo::write("todo.py", todo::CODE),
                todo::write("test_add.py", &test),
            ])
            .refused_for("`Add.test_add` asserts");
    }
}

#[test]
fn fewer_tests_than_before_are_refused() {
    // Not one test is touched: they are only not found any more.
    let with_suite = "import unittest\n\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    pass\n\n\nfor n in open(\"numbers.txt\"):\n    def test(self, n=int(n)):\n        self.assertEqual(twice(n), n + n)\n    setattr(Old, f\"test_{int(n)}\", test)\n";
    Scene::new()
        .file("test_old.py", with_suite)
        .file("numbers.txt", "1\n2\n3\n")
        .then(vec![command("echo 1 > numbers.txt && rm test_add.py && mv todo.py other.py && printf 'import unittest\\nfrom other import add\\n\\nclass A(unittest.TestCase):\\n    def test_a(self):\\n        self.assertEqual(len(add([], 1)), 1)\\n' > test_add.py")])
        .refused_for("executed 3 tests before this work and executes 2 now");
}

#[test]
fn what_an_earlier_ticket_of_the_session_tests_stays() {
    use serde_json::json;

    use crate::support::project::Project;
    use crate::support::todo::Says;
    let server = todo::server(|asked| {
        let turn = asked.turn();
        (asked.ticket() == Some("T2") && turn < 2).then(|| match turn {
            0 => Says::Calls(vec![
                todo::write("test_done.py", todo::TEST_DONE),
                command("sed -i 's/items.append.*/items.append({\"text\": \"y\", \"done\": False})/' todo.py && sed -i 's/, \"x\")$/, \"y\")/' test_add.py"),
            ]),
            _ => Says::call("read_file", json!({"path": "test_add.py"})),
        })
    });
    let project = Project::with(&server).config("limits:\n  attempts: 1\n  repairs: 1\n");
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed"), ("T2", "blocked")]);
    assert!(
        journal.says("the test `Add.test_add`, which was there before this ticket, was changed")
    );
    assert!(
        project.read("test_add.py").contains("\"x\")"),
        "it was taken back"
    );
}
