//! Lines that decide the outcome of tests, and usual ones beside them.

use super::*;
use crate::engine::guard::files::role;

fn is_rigged(path: &str, text: &str) -> bool {
    !rigged(path, role(path), (None, text), false).is_empty()
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
        ("todo.py", "import sys\nif True:\n    sys.exit(0)\n"),
        ("todo.py", "# fork(\ndef add():\n    os._exit(0)\n"),
        (
            "todo.py",
            "import sys, os\nsys.stderr = open(os.devnull, 'w')\n",
        ),
        (
            "test_a.py",
            "def test_a():\n    os.dup2(a, 2)\n    assert a() == 1\n",
        ),
        ("todo.js", "process.exit(0);\n"),
        (
            "todo.py",
            "from unittest import TestCase as T\nT.assertEqual = lambda *a: None\n",
        ),
        (
            "conftest.py",
            "import unittest as u\nsetattr(u.TestCase, 'assertTrue', print)\n",
        ),
        (
            "conftest.py",
            "def quiet(monkeypatch):\n    monkeypatch.setattr('pytest.raises', print)\n",
        ),
        (
            "todo.js",
            "const a = require('node:assert');\na.strictEqual = () => {};\n",
        ),
        (
            "todo.py",
            "import unittest as u\nfor n in dir(u):\n    setattr(u, n, None)\n",
        ),
        ("test_a.py", "print('%d %s in %ss' % (3, 'passed', 0.1))\n"),
        (
            "todo.js",
            "const [name] = process.argv;\nprocess.exit(0);\nmodule.exports = { name };\n",
        ),
        ("todo.py", "class Quiet(unittest.TestResult):\n    pass\n"),
        ("test_a.py", "setattr(Old, 'assertEqual', print)\n"),
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
        (
            "todo.py",
            "import os\nif os.fork() == 0:\n    os._exit(0)\n",
        ),
        ("todo.py", "def main():\n    sys.exit(0)\n"),
        ("todo.py", "import sys\nsys.exit(main())\n"),
        (
            "test_a.py",
            "def test_a():\n    sys.stderr = StringIO()\n    assert a() == 1\n",
        ),
        ("a.js", "function main() {\n  process.exit(0);\n}\n"),
        ("a.js", "const same = a.strictEqual === b;\n"),
        ("app.py", "setattr(self, 'name', 1)\n"),
    ] {
        left_alone(path, text);
    }
    let old = "import os\nos._exit(0)\n";
    let now = format!("{old}x = 1\n");
    let found = rigged("test_a.py", Role::Test, (Some(old), &now), false);
    assert_eq!(found, []);
}

#[track_caller]
fn left_alone(path: &str, text: &str) {
    let found = rigged(path, role(path), (None, text), false);
    assert_eq!(found, [], "{path}: {text}");
}

#[test]
fn programs_that_end_and_own_things_are_left_alone() {
    for (path, text) in [
        // Programs end.
        (
            "cli.py",
            "import sys\nif len(sys.argv) < 2:\n    print('use: cli.py NAME')\n    sys.exit(0)\n",
        ),
        (
            "cli.js",
            "const [name] = process.argv.slice(2);\nconsole.log(name);\nprocess.exit(0);\n",
        ),
        (
            "cli.js",
            "function main() {\n  process.exitCode = 0;\n}\nmain();\nmodule.exports = { main };\n",
        ),
        ("app.py", "import os\n\ndef main():\n    os._exit(0)\n"),
        ("app.py", "def stop():\n    os._exit(1)\n"),
        (
            "app.py",
            "import subprocess, os\n\ndef run():\n    subprocess.run([], preexec_fn=lambda: os._exit(0))\n",
        ),
        // Programs that run tests, and own things that are called alike.
        (
            "runner.py",
            "import unittest\n\ndef run(suite):\n    result = unittest.TestResult()\n    suite.run(result)\n    return unittest.TextTestRunner().run(suite)\n",
        ),
        ("app.py", "import sys\nsys.stderr = sys.__stderr__\n"),
        (
            "app.py",
            "class A:\n    def b(self):\n        self.assertions = 1\n",
        ),
        (
            "test_a.py",
            "for n in (1, 2):\n    setattr(NumberTestCase, f'test_{n}', make(n))\n",
        ),
        (
            "query.js",
            "Query.prototype.notEqual = function (a) { return this; };\n",
        ),
        (
            "a.js",
            "const assert = require('node:assert');\nconst all = Object.assign({}, one, two);\n",
        ),
        (
            "app.py",
            "from unittest import mock\n\nclass A:\n    def b(self, **given):\n        self.__dict__.update(given)\n",
        ),
        (
            "server.py",
            "import atexit\n\natexit.register(close)\nclient = app.test_client()\n",
        ),
    ] {
        left_alone(path, text);
    }
}
