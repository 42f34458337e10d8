//! The honest twins: what looks alike and is fine.

use crate::support::project::Project;
use crate::support::todo::{self, Says};

use super::{Scene, TEST_OLD, command, edit};

#[test]
fn new_code_with_new_tests_is_accepted_without_a_word() {
    let played = Scene::new().accepted();
    assert_eq!(played.guard(), []);
}

#[test]
fn tests_may_be_added_to_a_file_that_was_there() {
    let played = Scene::new()
        .then(vec![
            edit("test_old.py", "from old import twice", "import json\n\nfrom old import twice"),
            edit(
                "test_old.py",
                "\n\nif __name__",
                "\n    def test_three(self):\n        self.assertEqual(twice(3), 6)\n\n\nclass More(unittest.TestCase):\n    def test_minus(self):\n        self.assertEqual(json.dumps(twice(-1)), \"-2\")\n\n\nif __name__",
            ),
        ])
        .accepted();
    assert_eq!(played.guard(), []);
}

#[test]
fn layout_and_comments_are_no_change() {
    Scene::new()
        .then(vec![edit(
            "test_old.py",
            "        self.assertEqual(twice(2), 4)",
            "        # Two and two.\n        self.assertEqual(\n            twice(2),\n            4,\n        )",
        )])
        .accepted();
}

#[test]
fn an_announced_change_of_a_test_is_accepted_and_told() {
    let with_helper = TEST_OLD
        .replace(
            "class Old",
            "def check(given, wanted):\n    assert given == wanted\n\n\nclass Old",
        )
        .replace("self.assertEqual(twice(2), 4)", "check(twice(2), 4)");
    let played = Scene::new()
        .file("test_old.py", &with_helper)
        .announces(&["test_old.py"])
        .then(vec![edit(
            "test_old.py",
            "def check(given, wanted):\n    assert given == wanted",
            "def check(given, wanted):\n    assert wanted == given, f\"{given} is not {wanted}\"",
        )])
        .accepted();
    let [(true, told)] = played.guard()[..] else {
        panic!("{:?}", played.guard())
    };
    assert_eq!(
        told,
        "tests that were there were changed, as announced: `test_old.py`"
    );
    let line = played
        .journal
        .of("checked")
        .into_iter()
        .find(|line| line["gate"] == "guard")
        .unwrap();
    assert_eq!(line["command"], "test_old.py");
}

#[test]
fn a_test_file_may_be_renamed_as_announced() {
    Scene::new()
        .announces(&["test_old.py", "test_twice.py"])
        .then(vec![command("mv test_old.py test_twice.py")])
        .accepted();
}

#[test]
fn tests_may_go_where_the_ticket_says_which() {
    for title in [
        "Add todos, and remove test_none from test_old.py",
        "Add todos, and drop the tests of twice(0)",
    ] {
        let played = Scene::new()
            .titled(title)
            .announces(&["test_old.py"])
            .then(vec![edit(
                "test_old.py",
                "\n    def test_none(self):\n        self.assertEqual(twice(0), 0)\n",
                "",
            )])
            .accepted();
        assert!(
            played
                .journal
                .says("tests that went, as the ticket says: `Old.test_none`"),
            "{title}"
        );
    }
    // A whole file, by its name.
    let played = Scene::new()
        .titled("Add todos and delete test_old.py")
        .then(vec![command("rm test_old.py")])
        .accepted();
    assert!(
        played
            .journal
            .says("tests that went, as the ticket says: `Old.test_twice`, `Old.test_none`")
    );
}

#[test]
fn a_test_file_may_move_to_where_it_is_still_run() {
    let played = Scene::new()
        .announces(&["test_old.py", "more/test_old.py"])
        .then(vec![command(
            "mkdir more && touch more/__init__.py && mv test_old.py more/",
        )])
        .accepted();
    assert!(
        played
            .journal
            .says("tests that moved: `Old.test_twice`, `Old.test_none`")
    );
}

#[test]
fn a_makefile_with_a_real_test_target_accepted() {
    Scene::empty()
        .verified_by("make test")
        .then(vec![todo::write("Makefile", ".PHONY: test clean\n\ntest:\n\t@echo testing\n\tpython3 -m unittest -q\n\nclean:\n\t-rm -f todo.json\n")])
        .accepted();
    // Other targets of one that was there may change.
    Scene::new()
        .file("Makefile", "test:\n\tpython3 -m unittest\n")
        .verified_by("make test")
        .then(vec![command(
            "printf 'clean:\\n\\trm -f todo.json\\n' >> Makefile",
        )])
        .accepted();
}

#[test]
fn a_script_that_can_fail_accepted() {
    Scene::empty()
        .verified_by("sh check.sh")
        .then(vec![todo::write(
            "check.sh",
            "#!/bin/sh\nset -e\necho checking\npython3 -m unittest\necho fine\n",
        )])
        .accepted();
}

#[test]
fn only_tests_that_assert_nothing_are_named_beside_others() {
    let test = format!(
        "{}\n    def test_runs(self):\n        add([], \"x\")\n",
        todo::TEST_ADD
    );
    let played = Scene::empty()
        .only(vec![
            todo::write("todo.py", todo::CODE),
            todo::write("test_add.py", &test),
        ])
        .accepted();
    assert!(
        played
            .journal
            .says("new tests that assert nothing: `Add.test_runs`")
    );
}

#[test]
fn what_is_left_behind_is_told() {
    let played = Scene::new()
        .then(vec![command(
            "mkdir build && echo x > build/out && echo y > debug.log",
        )])
        .accepted();
    assert!(
        played.journal.says("left behind: `build/out`, `debug.log`"),
        "{:?}",
        played.guard()
    );
}

#[test]
fn a_later_ticket_extends_the_tests_of_an_earlier_one() {
    let server = todo::server(|asked| {
        let turn = asked.turn();
        (asked.ticket() == Some("T2") && turn == 0).then(|| {
            Says::Calls(vec![
                command("printf '\\n\\nclass Twice(unittest.TestCase):\\n    def test_twice(self):\\n        self.assertEqual(len(add(add([], 1), 2)), 2)\\n' >> test_add.py"),
                todo::write("test_done.py", todo::TEST_DONE),
            ])
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    assert_eq!(
        project.journal().tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
}

#[test]
fn a_refused_model_that_puts_it_right_gets_done() {
    let played = Scene::new()
        .then(vec![edit("test_old.py", "twice(2), 4", "twice(2), 2 + 2")])
        .recovering(vec![edit("test_old.py", "twice(2), 2 + 2", "twice(2), 4")])
        .run();
    let passed: Vec<bool> = played.guard().iter().map(|(passed, _)| *passed).collect();
    assert_eq!(passed, [false]);
    assert_eq!(played.journal.tickets(), [("T1", "completed")]);
}
