//! What people who write programs do every day to tests and beside them: a table of tickets, each
//! with honest work, and all of them end completed and shown.

use serde_json::Value;

use super::{OLD, Scene, TEST_OLD, command, edit};
use crate::support::todo::write;

/// A ticket with its honest work.
struct Day {
    title: &'static str,
    /// Besides the module and its tests.
    files: &'static [(&'static str, &'static str)],
    announces: &'static [&'static str],
    verify: &'static str,
    work: Vec<(&'static str, Value)>,
}

impl Day {
    fn new(title: &'static str, announces: &'static [&'static str], verify: &'static str) -> Self {
        Self {
            title,
            files: &[],
            announces,
            verify,
            work: Vec::new(),
        }
    }

    fn found(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.files = files;
        self
    }

    fn does(mut self, work: Vec<(&'static str, Value)>) -> Self {
        self.work = work;
        self
    }

    #[track_caller]
    fn ends_well(self) {
        // Some tools find themselves in the home of who uses them.
        let home = std::env::home_dir().unwrap();
        let mut scene = Scene::new()
            .variable("HOME", home.to_str().unwrap().to_owned())
            .titled(self.title)
            .announcing(self.announces)
            .verified_by(self.verify);
        for (path, text) in self.files {
            scene = scene.file(path, text);
        }
        let played = scene.only(self.work).run();
        let ends = played.journal.of("ticket_finished");
        assert!(
            !ends.is_empty()
                && ends
                    .iter()
                    .all(|end| end["outcome"] == "completed" && end["proof"] == "shown"),
            "{}: {ends:#?}\n{:#?}",
            self.title,
            played.journal.of("checked")
        );
    }
}

/// Writes a file that was there.
fn anew(path: &str, text: &str) -> (&'static str, Value) {
    command(&format!("cat > {path} <<'THE_END'\n{text}THE_END"))
}

/// The head of the file of tests, up to the second test.
fn first_half() -> &'static str {
    TEST_OLD.split_once("\n    def test_none").unwrap().0
}

const TEST_NONE: &str = "import unittest\n\nfrom old import twice\n\n\nclass Nothing(unittest.TestCase):\n    def test_none(self):\n        self.assertEqual(twice(0), 0)\n";

#[test]
fn code_is_written_anew_and_its_tests_stay() {
    for day in [
        Day::new(
            "Refactor twice",
            &["old.py"],
            "python3 -m unittest test_old",
        )
        .does(vec![edit("old.py", "return n * 2", "return n + n")]),
        Day::new(
            "Rename `twice` to `double`",
            &["old.py"],
            "python3 -m unittest test_old",
        )
        .does(vec![command("sed -i s/twice/double/g old.py test_old.py")]),
        Day::new(
            "Rename old.py to numbers_of.py",
            &["old.py"],
            "python3 -m unittest test_old",
        )
        .does(vec![command(
            "mv old.py numbers_of.py && sed -i 's/from old/from numbers_of/' test_old.py",
        )]),
    ] {
        day.ends_well();
    }
}

#[test]
fn tests_are_moved_split_and_joined() {
    for day in [
        // Beside new work, and without a word in the plan.
        Day::new("Add thrice", &["old.py"], "python3 -m unittest test_thrice").does(vec![
            command("printf '\\n\\ndef thrice(n):\\n    return n * 3\\n' >> old.py"),
            anew("test_old.py", first_half()),
            write("test_none.py", TEST_NONE),
            write("test_thrice.py", "import unittest\n\nfrom old import thrice\n\n\nclass Thrice(unittest.TestCase):\n    def test_thrice(self):\n        self.assertEqual(thrice(2), 6)\n"),
        ]),
        Day::new(
            "Split test_old.py into two files",
            &["test_old.py", "test_none.py"],
            "python3 -m unittest",
        )
        .does(vec![
            anew("test_old.py", first_half()),
            write("test_none.py", TEST_NONE),
        ]),
        Day::new(
            "Join the tests of twice into one table",
            &["test_old.py"],
            "python3 -m unittest test_old",
        )
        .does(vec![anew("test_old.py", "import unittest\n\nfrom old import twice\n\n\nclass Old(unittest.TestCase):\n    def test_twice(self):\n        for n, wanted in [(2, 4), (0, 0)]:\n            with self.subTest(n=n):\n                self.assertEqual(twice(n), wanted)\n")]),
    ] {
        day.ends_well();
    }
}

#[test]
fn what_is_expected_changes_with_what_is_asked_for() {
    for day in [
        Day::new(
            "Change twice to give one more",
            &["old.py"],
            "python3 -m unittest test_old",
        )
        .does(vec![
            edit("old.py", "n * 2", "n * 2 + 1"),
            command("sed -i 's/twice(2), 4/twice(2), 5/; s/twice(0), 0/twice(0), 1/' test_old.py"),
        ]),
        // What could not be tested until now.
        Day::new("Make half work", &["half.py"], "python3 -m unittest test_half")
            .found(&[
                ("half.py", "def half(n):\n    raise NotImplementedError\n"),
                ("test_half.py", "import unittest\n\nfrom half import half\n\n\nclass Half(unittest.TestCase):\n    @unittest.skip(\"not yet\")\n    def test_half(self):\n        self.assertEqual(half(4), 2)\n"),
            ])
            .does(vec![
                anew("half.py", "def half(n):\n    return n // 2\n"),
                edit("test_half.py", "    @unittest.skip(\"not yet\")\n", ""),
            ]),
        Day::new(
            "List with numbers",
            &["lister.py", "expected/list.golden"],
            "python3 -m unittest test_list",
        )
        .found(&[
            ("lister.py", "def listed(items):\n    return \"\".join(f\"{item}\\n\" for item in items)\n"),
            ("expected/list.golden", "a\nb\n"),
            ("test_list.py", "import unittest\n\nfrom lister import listed\n\n\nclass Listed(unittest.TestCase):\n    def test_listed(self):\n        with open(\"expected/list.golden\") as golden:\n            self.assertEqual(listed([\"a\", \"b\"]), golden.read())\n"),
        ])
        .does(vec![
            anew("lister.py", "def listed(items):\n    return \"\".join(f\"{n}. {item}\\n\" for n, item in enumerate(items, 1))\n"),
            anew("expected/list.golden", "1. a\n2. b\n"),
        ]),
    ] {
        day.ends_well();
    }
}

#[test]
fn a_person_lets_a_test_be_changed() {
    let played = Scene::new()
        .answered("blocked-T1: \"retry: you may change test_old.py\"")
        .then(vec![edit("test_old.py", "twice(2), 4", "twice(2), 2 + 2")])
        .run();
    let tickets = played.journal.tickets();
    assert_eq!(tickets, [("T1", "blocked"), ("T1", "completed")]);
    let told = "tests that were there were changed, as announced: `test_old.py`";
    assert!(played.journal.says(told), "{:#?}", played.guard());
}

#[test]
fn tests_are_written_for_code_that_was_there() {
    Day::new(
        "Write tests for twice",
        &["old.py", "test_more.py"],
        "python3 -m unittest test_more",
    )
    .does(vec![write("test_more.py", "import unittest\n\nfrom old import twice\n\n\nclass More(unittest.TestCase):\n    def test_text(self):\n        self.assertEqual(twice(\"a\"), \"aa\")\n\n    def test_list(self):\n        self.assertEqual(twice([1]), [1, 1])\n")])
    .ends_well();
}

const CODE: &str = "import sys\n\n\nclass Empty(ValueError):\n    pass\n\n\ndef add(items, text, tell=print):\n    \"\"\"Adds one.\n\n    >>> add([], \"x\", tell=str)\n    ['x']\n    \"\"\"\n    if not text:\n        raise Empty(text)\n    items.append(text)\n    tell(f\"added {text}\")\n    return items\n\n\ndef main():\n    if len(sys.argv) < 2:\n        print(\"use: todo.py TEXT\")\n        sys.exit(0)\n    add([], sys.argv[1])\n    sys.exit(0)\n\n\nif __name__ == \"__main__\":\n    main()\n";

/// New tests of many sorts for the same new module.
fn tested_by(name: &'static str, more: &[(&'static str, &str)]) {
    let verify: &'static str = Box::leak(format!("python3 -m unittest {name}").into_boxed_str());
    let mut work = vec![write("todo.py", CODE)];
    work.extend(more.iter().map(|(path, text)| write(path, text)));
    Day::new("Add todos", &["todo.py"], verify)
        .does(work)
        .ends_well();
}

#[test]
fn programs_are_started_and_mocks_are_called() {
    tested_by(
        "test_cli",
        &[(
            "test_cli.py",
            "import subprocess\nimport sys\nimport unittest\n\n\nclass Cli(unittest.TestCase):\n    def run_with(self, *words):\n        return subprocess.run([sys.executable, \"todo.py\", *words], capture_output=True, text=True)\n\n    def test_adds(self):\n        done = self.run_with(\"milk\")\n        self.assertEqual((done.returncode, done.stdout), (0, \"added milk\\n\"))\n\n    def test_says_how(self):\n        self.assertIn(\"use:\", self.run_with().stdout)\n",
        )],
    );
    tested_by(
        "test_mock",
        &[(
            "test_mock.py",
            "import unittest\nfrom unittest import mock\n\nimport todo\n\n\nclass Told(unittest.TestCase):\n    def test_told(self):\n        tell = mock.Mock()\n        todo.add([], \"x\", tell=tell)\n        tell.assert_called_once_with(\"added x\")\n\n    @mock.patch(\"todo.add\")\n    def test_main(self, add):\n        with mock.patch(\"sys.argv\", [\"todo.py\", \"milk\"]), self.assertRaises(SystemExit):\n            todo.main()\n        add.assert_called_once_with([], \"milk\")\n",
        )],
    );
    tested_by(
        "test_raises",
        &[(
            "test_raises.py",
            "import unittest\n\nfrom todo import Empty, add\n\n\nclass Raises(unittest.TestCase):\n    def test_empty(self):\n        with self.assertRaises(Empty):\n            add([], \"\")\n\n    def test_none(self):\n        self.assertRaises(Empty, add, [], None)\n",
        )],
    );
}

#[test]
fn tests_stand_on_helpers_bases_and_fixtures() {
    tested_by(
        "test_base",
        &[
            (
                "base.py",
                "import unittest\n\nfrom todo import add\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        self.items = []\n\n    def has(self, *texts):\n        self.assertEqual(self.items, list(texts))\n",
            ),
            (
                "test_base.py",
                "from base import Base\nfrom todo import add\n\n\nclass Adds(Base):\n    def test_one(self):\n        add(self.items, \"x\")\n        self.has(\"x\")\n",
            ),
        ],
    );
    tested_by(
        "test_helped",
        &[
            (
                "helpers.py",
                "from todo import add\n\n\ndef added(texts, wanted):\n    items = []\n    for text in texts:\n        add(items, text)\n    assert items == wanted, items\n",
            ),
            (
                "test_helped.py",
                "import unittest\n\nfrom helpers import added\n\n\nclass Adds(unittest.TestCase):\n    def test_two(self):\n        added([\"x\", \"y\"], [\"x\", \"y\"])\n",
            ),
        ],
    );
    tested_by(
        "test_file",
        &[(
            "test_file.py",
            "import json\nimport os\nimport tempfile\nimport unittest\n\nfrom todo import add\n\n\nclass Kept(unittest.TestCase):\n    def setUp(self):\n        self.folder = tempfile.TemporaryDirectory()\n        self.addCleanup(self.folder.cleanup)\n        self.path = os.path.join(self.folder.name, \"todo.json\")\n\n    def test_kept(self):\n        with open(self.path, \"w\") as file:\n            json.dump(add([], \"x\"), file)\n        with open(self.path) as file:\n            self.assertEqual(json.load(file), [\"x\"])\n",
        )],
    );
}

#[test]
fn tests_are_made_by_programs() {
    tested_by(
        "test_made",
        &[(
            "test_made.py",
            "import unittest\n\nfrom todo import add\n\n\nclass AddTestCase(unittest.TestCase):\n    pass\n\n\ndef made(text):\n    def test(self):\n        self.assertEqual(add([], text), [text])\n\n    return test\n\n\nfor number, text in enumerate([\"a\", \"b\", \"ü\"]):\n    setattr(AddTestCase, f\"test_{number}\", made(text))\n",
        )],
    );
    tested_by(
        "test_any",
        &[(
            "test_any.py",
            "import random\nimport unittest\n\nfrom todo import add\n\n\nclass AnyText(unittest.TestCase):\n    def test_any(self):\n        chance = random.Random(7)\n        for _ in range(50):\n            texts = [str(chance.random()) for _ in range(chance.randrange(5))]\n            items = []\n            for text in texts:\n                add(items, text)\n            self.assertEqual(items, texts)\n",
        )],
    );
    tested_by(
        "test_doc",
        &[(
            "test_doc.py",
            "import doctest\nimport unittest\n\nimport todo\n\n\ndef load_tests(loader, tests, ignore):\n    tests.addTests(doctest.DocTestSuite(todo))\n    return tests\n\n\nclass Documented(unittest.TestCase):\n    def test_documented(self):\n        self.assertIn(\"Adds\", todo.add.__doc__)\n",
        )],
    );
}

#[test]
fn a_test_starts_a_server() {
    Day::new("Add a server", &["server.py"], "python3 -m unittest test_server")
        .does(vec![
            write("server.py", "import atexit\nfrom http.server import BaseHTTPRequestHandler, HTTPServer\n\n\nclass Hello(BaseHTTPRequestHandler):\n    def do_GET(self):\n        self.send_response(200)\n        self.end_headers()\n        self.wfile.write(b\"hello\")\n\n    def log_message(self, *words):\n        pass\n\n\ndef made():\n    server = HTTPServer((\"127.0.0.1\", 0), Hello)\n    atexit.register(server.server_close)\n    return server\n"),
            write("test_server.py", "import threading\nimport unittest\nimport urllib.request\n\nfrom server import made\n\n\nclass Served(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.server = made()\n        threading.Thread(target=cls.server.serve_forever, daemon=True).start()\n\n    @classmethod\n    def tearDownClass(cls):\n        cls.server.shutdown()\n\n    def test_hello(self):\n        address = f\"http://127.0.0.1:{self.server.server_port}/\"\n        with urllib.request.urlopen(address) as answer:\n            self.assertEqual(answer.read(), b\"hello\")\n"),
        ])
        .ends_well();
}

const NODE: &[(&str, &str)] = &[
    (
        "package.json",
        "{\n  \"name\": \"todo\",\n  \"scripts\": { \"test\": \"node --test\" }\n}\n",
    ),
    (
        "list.js",
        "function size(items) {\n  return items.length\n}\n\nmodule.exports = { size }\n",
    ),
    (
        "list.test.js",
        "const test = require('node:test')\nconst assert = require('node:assert')\nconst { size } = require('./list')\n\ntest('size', t => {\n  assert.equal(size([1]), 1)\n})\n",
    ),
];

#[test]
fn programs_for_node_end_and_formatters_run() {
    Day::new("Add a program", &["cli.js"], "node --test cli.test.js")
        .found(NODE)
        .does(vec![
            write("cli.js", "#!/usr/bin/env node\nconst assert = require('node:assert');\nconst [text] = process.argv.slice(2);\nconst settings = Object.assign({}, { loud: false });\nassert.ok(!settings.loud);\nif (!text) {\n  console.log('use: cli.js TEXT');\n  process.exit(0);\n}\nconsole.log(`added ${text}`);\nprocess.exit(0);\n"),
            write("cli.test.js", "const test = require('node:test');\nconst assert = require('node:assert');\nconst { spawnSync } = require('node:child_process');\n\nconst run = (...words) => spawnSync('node', ['cli.js', ...words], { encoding: 'utf8' });\n\ntest('adds', () => {\n  assert.equal(run('milk').stdout, 'added milk\\n');\n});\n\ntest('says how', () => {\n  assert.match(run().stdout, /use:/);\n});\n"),
            anew("list.test.js", "const test = require(\"node:test\");\nconst assert = require(\"node:assert\");\nconst { size } = require(\"./list\");\n\ntest(\"size\", (t) => {\n  assert.equal(size([1]), 1);\n});\n"),
        ])
        .ends_well();
}

#[test]
fn a_crate_gets_code_with_tests_and_a_bench() {
    Day::new("Add thrice", &["src/lib.rs"], "cargo test --offline")
        .found(&[
            ("Cargo.toml", "[package]\nname = \"numbers\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n"),
            ("src/lib.rs", "pub fn twice(n: i32) -> i32 {\n    n * 2\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn twice_of_two() {\n        assert_eq!(twice(2), 4);\n    }\n}\n"),
        ])
        .does(vec![
            edit("src/lib.rs", "#[cfg(test)]", "pub fn thrice(n: i32) -> i32 {\n    n * 3\n}\n\n#[cfg(test)]"),
            edit("src/lib.rs", "    #[test]\n    fn twice_of_two() {", "    #[test]\n    fn thrice_of_two() {\n        assert_eq!(thrice(2), 6);\n    }\n\n    #[test]\n    fn twice_of_two() {"),
            write("benches/numbers.rs", "fn main() {\n    let sum: i32 = (0..1000).map(numbers::thrice).sum();\n    println!(\"{sum}\");\n}\n"),
            command("printf '\\n[[bench]]\\nname = \"numbers\"\\nharness = false\\n' >> Cargo.toml"),
        ])
        .ends_well();
}

#[test]
fn a_makefile_gets_another_target() {
    Day::new("Add thrice", &["old.py", "Makefile"], "make test")
        .found(&[(
            "Makefile",
            ".PHONY: test\ntest:\n\tpython3 -m unittest\n",
        )])
        .does(vec![
            command("printf '\\nlint:\\n\\tpython3 -m compileall -q .\\n' >> Makefile"),
            anew("old.py", &format!("{OLD}\n\ndef thrice(n):\n    return n * 3\n")),
            write("test_thrice.py", "import unittest\n\nfrom old import thrice\n\n\nclass Thrice(unittest.TestCase):\n    def test_thrice(self):\n        self.assertEqual(thrice(2), 6)\n"),
        ])
        .ends_well();
}
