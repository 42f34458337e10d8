//! Changes of tests that take nothing away from them, and beside each one what looks alike and does.

use super::super::changed::{Changed, Content};
use super::super::judge::{Judgement, judge};
use super::super::scene::Scene;
use super::super::words::announced::Announcement;
use crate::engine::artifact::Ticket;

const OLD: &str = "def twice(n):\n    return n * 2\n";
const TEST: &str = "import unittest

from old import twice


class Old(unittest.TestCase):
    def test_twice(self):
        self.assertEqual(twice(2), 4)

    def test_none(self):
        self.assertEqual(twice(0), 0)
";

/// A file before and now; empty where it is not there.
type Edit<'a> = (&'a str, &'a str, &'a str);

/// What a ticket says, which files it names, what a person answered.
#[derive(Default)]
struct Words<'a> {
    title: &'a str,
    files: &'a [&'a str],
    answers: &'a [&'a str],
}

fn judged(words: &Words<'_>, edits: &[Edit<'_>]) -> Judgement {
    let content = |text: &str| (!text.is_empty()).then(|| Content::Text(text.to_owned()));
    let changed: Vec<Changed> = edits
        .iter()
        .map(|(path, before, now)| Changed {
            path: (*path).to_owned(),
            before: content(before),
            now: content(now),
        })
        .collect();
    let strings = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let ticket = Ticket {
        title: words.title.to_owned(),
        files: strings(words.files),
        ..Ticket::default()
    };
    let announced = Announcement::of(Some(&ticket), None).and_answered(&strings(words.answers));
    judge(&Scene {
        changed: &changed,
        announced: &announced,
        commands: &["python3 -m unittest".to_owned()],
        read: &|path| {
            let file = edits.iter().find(|(other, _, _)| *other == path)?;
            (!file.2.is_empty()).then(|| file.2.to_owned())
        },
    })
}

#[track_caller]
fn fine(words: &Words<'_>, edits: &[Edit<'_>]) -> Judgement {
    let judgement = judged(words, edits);
    assert_eq!(judgement.refused, [], "{edits:#?}");
    judgement
}

#[track_caller]
fn refused(words: &Words<'_>, edits: &[Edit<'_>]) {
    assert_ne!(judged(words, edits).refused, [], "{edits:#?}");
}

const NOBODY: Words<'static> = Words {
    title: "Add a list",
    files: &["a.py"],
    answers: &[],
};

#[test]
fn a_test_that_only_has_another_name_or_place_is_there() {
    let renamed = TEST.replace("test_twice", "test_doubles");
    let judgement = fine(&NOBODY, &[("test_old.py", TEST, &renamed)]);
    assert_eq!(judgement.told, ["tests that moved: `Old.test_twice`"]);
    // Into another file, and a file in two.
    let (head, rest) = TEST.split_once("    def test_none").unwrap();
    let other = format!(
        "{}\n\nclass None_(unittest.TestCase):\n    def test_none{rest}",
        &TEST[..TEST.find("\n\nclass").unwrap()]
    );
    fine(
        &NOBODY,
        &[("test_old.py", TEST, head), ("test_none.py", "", &other)],
    );
    fine(
        &NOBODY,
        &[
            ("test_old.py", TEST, ""),
            ("test_a.py", "", head),
            ("test_b.py", "", &other),
        ],
    );
    // With what belongs to it alone.
    let with_more = format!(
        "{TEST}\n\nN = 3\n\n\nclass Own(unittest.TestCase):\n    def setUp(self):\n        self.n = N\n\n    def test_own(self):\n        self.assertEqual(twice(self.n), 6)\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n"
    );
    let own = with_more.replace(&TEST[TEST.find("class Old").unwrap()..], "");
    fine(
        &NOBODY,
        &[("test_old.py", &with_more, TEST), ("test_own.py", "", &own)],
    );
    let other_n = own.replace("N = 3", "N = 4");
    refused(
        &NOBODY,
        &[
            ("test_old.py", &with_more, TEST),
            ("test_own.py", "", &other_n),
        ],
    );
    let no_set_up = with_more.replace("    def setUp(self):\n        self.n = N\n", "    n = 3\n");
    refused(&NOBODY, &[("test_old.py", &with_more, &no_set_up)]);
    // What it calls is something else there.
    let fake = other.replace("from old import twice", "from fake import twice");
    refused(
        &NOBODY,
        &[
            ("test_old.py", TEST, head),
            ("test_none.py", "", &fake),
            ("fake.py", "", OLD),
        ],
    );
    let own = other.replace("from old import twice", "def twice(n):\n    return 0\n");
    refused(
        &NOBODY,
        &[("test_old.py", TEST, head), ("test_none.py", "", &own)],
    );
    let shadow = [
        ("test_old.py", TEST, head),
        ("more/test_none.py", "", &*other),
        ("more/__init__.py", "", "#"),
        ("more/old.py", "", OLD),
    ];
    refused(&NOBODY, &shadow);
    // Renamed and weakened.
    let weak = renamed.replace("twice(2), 4", "twice(2), 5");
    refused(&NOBODY, &[("test_old.py", TEST, &weak)]);
}

#[test]
fn a_source_that_was_renamed_is_brought_in_by_its_new_name() {
    let now = TEST.replace("from old", "from double");
    fine(
        &NOBODY,
        &[
            ("old.py", OLD, ""),
            ("double.py", "", OLD),
            ("test_old.py", TEST, &now),
        ],
    );
    // The function alone.
    fine(
        &NOBODY,
        &[
            ("old.py", OLD, "x = 1\n"),
            ("double.py", "", OLD),
            ("test_old.py", TEST, &now),
        ],
    );
    refused(
        &NOBODY,
        &[("double.py", "", OLD), ("test_old.py", TEST, &now)],
    );
    // The function has another name, as the ticket says.
    let now = TEST
        .replace("twice(", "double(")
        .replace("import twice", "import double");
    let source = OLD.replace("twice", "double");
    let edits = [("old.py", OLD, &*source), ("test_old.py", TEST, &now)];
    let says = Words {
        title: "Rename `twice` to `double`",
        ..NOBODY
    };
    fine(&says, &edits);
    refused(&NOBODY, &edits);
    let weak = now.replace(", 4)", ", 5)");
    refused(
        &says,
        &[("old.py", OLD, &source), ("test_old.py", TEST, &weak)],
    );
}

#[test]
fn a_ticket_that_asks_for_other_behaviour_lets_its_tests_expect_it() {
    let now = TEST.replace("twice(2), 4", "twice(2), 6");
    let edits = [("test_old.py", TEST, &*now)];
    let says = |title| Words { title, ..NOBODY };
    let judgement = fine(&says("Change `twice` to give three times as much"), &edits);
    assert_eq!(judgement.edited, ["test_old.py"]);
    fine(&says("twice(2) is 6 instead of 4"), &edits);
    refused(&says("Add thrice beside twice"), &edits);
    refused(&says("Change add to give three times as much"), &edits);
    let emptied = TEST.replace("self.assertEqual(twice(2), 4)", "twice(2)");
    refused(&says("Change twice"), &[("test_old.py", TEST, &emptied)]);
}

#[test]
fn what_a_person_answers_lets_a_test_be_changed() {
    let now = TEST.replace("twice(2), 4", "twice(2), 2 + 2");
    let edits = [("test_old.py", TEST, &*now)];
    let answers = |answers| Words { answers, ..NOBODY };
    fine(&answers(&["you may change test_old.py"]), &edits);
    fine(
        &answers(&["use argparse", "the tests may be adapted"]),
        &edits,
    );
    refused(&answers(&["do not change test_old.py"]), &edits);
    refused(
        &answers(&["test_old.py fails, correct old.py"][..1]),
        &edits,
    );
    let gone = TEST.split_once("\n    def test_none").unwrap().0;
    fine(
        &answers(&["remove test_none from test_old.py"]),
        &[("test_old.py", TEST, gone)],
    );
    refused(
        &answers(&["you may change test_old.py"]),
        &[("test_old.py", TEST, gone)],
    );
}

#[test]
fn a_skip_that_goes_is_fine() {
    for skip in [
        "    @unittest.skip(\"later\")\n    def test_none(self):\n",
        "    def test_none(self):\n        self.skipTest(\"later\")\n",
    ] {
        let before = TEST.replace("    def test_none(self):\n", skip);
        let judgement = fine(&NOBODY, &[("test_old.py", &before, TEST)]);
        assert_eq!(
            judgement.told,
            ["`test_old.py`: `Old.test_none` runs again"]
        );
        refused(
            &NOBODY,
            &[("test_old.py", &before, &TEST.replace("(0), 0", "(0), 1"))],
        );
    }
    let before = TEST.replace("class Old", "@unittest.skip(\"later\")\nclass Old");
    fine(&NOBODY, &[("test_old.py", &before, TEST)]);
    let node = "test('a', () => {\n  assert.equal(a(), 1);\n});\n";
    fine(
        &NOBODY,
        &[("a.test.js", &node.replace("test(", "test.skip("), node)],
    );
    let rust = "#[test]\nfn a() {\n    assert_eq!(one(), 1);\n}\n";
    fine(
        &NOBODY,
        &[("tests/a.rs", &rust.replace("fn a", "#[ignore]\nfn a"), rust)],
    );
}

#[test]
fn tests_may_become_one_with_a_table_as_announced() {
    let table = |values: &str| {
        format!(
            "import unittest\n\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        for n, wanted in {values}:\n            with self.subTest(n=n):\n                self.assertEqual(twice(n), wanted)\n"
        )
    };
    let now = table("[(2, 4), (0, 0)]");
    let named = Words {
        files: &["test_old.py"],
        ..NOBODY
    };
    let judgement = fine(&named, &[("test_old.py", TEST, &now)]);
    assert_eq!(judgement.may_be_fewer, 1);
    refused(&named, &[("test_old.py", TEST, &table("[(2, 4)]"))]);
    refused(&NOBODY, &[("test_old.py", TEST, &now)]);
}

#[test]
fn helpers_may_move_and_stand_elsewhere() {
    let helper = "def same(given, wanted):\n    assert given == wanted\n";
    let uses = |load: &str| {
        format!(
            "import unittest\n\nfrom old import twice\n{load}\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        same(twice(2), 4)\n"
        )
    };
    let before = uses(&format!("\n\n{helper}"));
    let now = uses("from helpers import same\n");
    fine(
        &NOBODY,
        &[("test_old.py", &before, &now), ("helpers.py", "", helper)],
    );
    let weak = helper.replace("assert given == wanted", "pass");
    refused(
        &NOBODY,
        &[("test_old.py", &before, &now), ("helpers.py", "", &weak)],
    );
    // New tests whose assertions stand elsewhere.
    fine(
        &NOBODY,
        &[("test_new.py", "", &now), ("helpers.py", "", helper)],
    );
    refused(
        &NOBODY,
        &[("test_new.py", "", &now), ("helpers.py", "", &weak)],
    );
    let base = "import unittest\n\n\nclass Base(unittest.TestCase):\n    def same(self, given, wanted):\n        self.assertEqual(given, wanted)\n";
    let derived = "from base import Base\nfrom old import twice\n\n\nclass Old(Base):\n    def test_twice(self):\n        self.same(twice(2), 4)\n";
    fine(
        &NOBODY,
        &[("test_new.py", "", derived), ("base.py", "", base)],
    );
    // What a source asserts of itself is no assertion of a test.
    let source = "def same(given, wanted):\n    assert given\n    return wanted\n";
    refused(
        &NOBODY,
        &[
            ("test_new.py", "", &now.replace("helpers", "values")),
            ("values.py", "", source),
        ],
    );
}

#[test]
fn what_a_formatter_does_is_no_change() {
    let before = "import os\nimport unittest\nfrom old import twice, thrice\n\nTABLE = [(1, 2), (2, 4)]\n\nclass Old(unittest.TestCase):\n  def test_twice(self):\n    self.assertEqual(twice('a'), 'aa')\n";
    let now = "import unittest\n\nfrom old import (\n    thrice,\n    twice,\n)\n\nTABLE = [\n    (1, 2),\n    (2, 4),\n]\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(\n            twice(\"a\"),\n            \"aa\",\n        )\n";
    fine(&NOBODY, &[("test_old.py", before, now)]);
    refused(
        &NOBODY,
        &[("test_old.py", before, &now.replace("(2, 4)", "(2, 5)"))],
    );
    let node = "const {add} = require('./a')\nconst table = [1, 2]\ntest('a', t => {\n  assert.equal(add(1), 2)\n})\n";
    let pretty = "const {\n  add,\n} = require(\"./a\");\nconst table = [\n  1,\n  2,\n];\ntest(\"a\", (t) => {\n  assert.equal(add(1), 2);\n});\n";
    fine(&NOBODY, &[("a.test.js", node, pretty)]);
}

#[test]
fn a_test_may_stand_in_a_class_of_its_file_or_in_none() {
    let plain = "from old import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n";
    let inside = "from old import twice\n\n\nclass TestTwice:\n    def test_twice(self):\n        assert twice(2) == 4\n";
    for (before, now) in [(plain, inside), (inside, plain)] {
        for announced in [&[][..], &["test_old.py"]] {
            let judgement = super::judged("test_old.py", Some(before), Some(now), announced);
            assert_eq!(judgement.refused, [], "{now}");
            assert_eq!(judgement.new_tests, 0, "{now}");
            let told = judgement.told.join("\n");
            assert!(told.contains("tests that moved: `"), "{told}");
            assert!(!told.contains("in the table of another"), "{told}");
        }
    }
    for other in [
        inside.replace("== 4", "== 6"),
        inside.replace(
            "    def test_twice",
            "    def setup_method(self):\n        old.two = 1\n\n    def test_twice",
        ),
    ] {
        let judgement = super::judged("test_old.py", Some(plain), Some(&other), &[]);
        assert_ne!(judgement.refused, [], "{other}");
    }
}
