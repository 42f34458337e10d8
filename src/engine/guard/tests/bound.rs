//! What a test itself binds, under a name that test tools use as well.

use super::judged;

#[track_caller]
fn check(path: &str, text: &str, asserts: bool) {
    let judgement = judged(path, None, Some(text), &[]);
    let is_fine = judgement.refused.is_empty();
    assert_eq!(is_fine, asserts, "{text}: {:?}", judgement.refused);
}

#[test]
fn what_python_binds_in_a_test_is_looked_at() {
    for (body, asserts) in [
        ("t = Todo()\n    assert t.items == []", true),
        ("val = half(4)\n    assert val == 2", true),
        ("parent: Node = Node()\n    assert parent.name", true),
        ("val, rest = both()\n    assert val == 2", true),
        ("(val, t) = both()\n    assert val == 2", true),
        (
            "with Timer() as t:\n        pass\n    assert t.took == 2",
            true,
        ),
        ("with both() as (t, u):\n        assert t", true),
        ("for t in todos():\n        assert t.done", true),
        ("from todo import t\n    assert t.done", true),
        ("import todo as t\n    assert t.done", true),
        ("null = Null()\n    assert null.name == ''", true),
        ("if half(4) != 2:\n        raise ValueError", true),
        // What is written in the test, what nobody bound, and parameters.
        ("val = 2\n    assert val == 2", false),
        ("t = Todo()\n    t.add('x')", false),
        ("t = Todo()\n    assert t == t", false),
        ("assert t", false),
        ("assert val == 2", false),
        ("run(\n        t=half(4),\n    )\n    assert t", false),
    ] {
        let text = format!("import a\n\ndef test_it():\n    {body}\n");
        check("test_a.py", &text, asserts);
    }
    check("test_a.py", "def test_it(t):\n    assert t\n", false);
    check(
        "test_a.py",
        "from todo import t\n\ndef test_it():\n    assert t.done\n",
        true,
    );
    check(
        "test_a.py",
        "from todo import t\n\ndef test_it(t):\n    assert t.done\n",
        false,
    );
    check(
        "test_a.py",
        "def same(val):\n    assert val == 2\n\ndef test_it():\n    same(half(4))\n",
        true,
    );
    check(
        "test_a.py",
        "import unittest\n\nclass A(unittest.TestCase):\n    def setUp(self):\n        self.t = Todo()\n\n    def test_it(self):\n        self.assertEqual(self.t, 2)\n",
        true,
    );
}

#[test]
fn what_a_script_binds_in_a_test_is_looked_at() {
    for (body, asserts) in [
        (
            "const t = new Todo();\n  assert.strictEqual(t.size, 1);",
            true,
        ),
        ("const t = new Todo(); assert.equal(t, 1);", true),
        ("let { val } = half(4);\n  expect(val).toBe(2);", true),
        ("const [a, val] = both();\n  expect(val).toBe(2);", true),
        ("for (const t of todos()) {\n    assert.ok(t);\n  }", true),
        ("const val = 2;\n  expect(val).toBe(2);", false),
        ("const t = new Todo();\n  t.add('x');", false),
        ("const t = require('tap');\n  t.ok(true);", false),
        ("assert.ok(t);", false),
    ] {
        let text =
            format!("const assert = require('assert');\ntest('it', () => {{\n  {body}\n}});\n");
        check("a.test.js", &text, asserts);
    }
    let own = "test('it', (t) => {\n  t.ok(true);\n});\n";
    check("a.test.js", own, false);
    check(
        "a.test.js",
        &format!("import {{ t }} from './a';\n{own}"),
        false,
    );
    let loaded = "test('it', () => {\n  expect(t('a')).toBe('b');\n});\n";
    check(
        "a.test.js",
        &format!("import {{ t }} from './a';\n{loaded}"),
        true,
    );
    let tool = "test('it', () => {\n  expect(vi).toBeTruthy();\n});\n";
    check(
        "a.test.js",
        &format!("import {{ vi }} from 'vitest';\n{tool}"),
        false,
    );
}

#[test]
fn what_rust_binds_in_a_test_is_looked_at() {
    for (body, asserts) in [
        (
            "let mut t = Todo::default();\n    t.add(\"x\");\n    assert_eq!(t.len(), 1);",
            true,
        ),
        ("let val: u32 = half(4);\n    assert_eq!(val, 2);", true),
        ("let (t, _) = both();\n    assert!(t);", true),
        (
            "let Some(val) = half(4) else { panic!() };\n    assert_eq!(val, 2);",
            true,
        ),
        ("for t in todos() {\n        assert!(t);\n    }", true),
        ("let val = 2;\n    assert_eq!(val, 2);", false),
        ("let mut t = Todo::default();\n    t.add(\"x\");", false),
        ("assert_eq!(2 as usize, 2);", false),
    ] {
        let text = format!("#[test]\nfn it() {{\n    {body}\n}}\n");
        check("tests/a.rs", &text, asserts);
    }
}
