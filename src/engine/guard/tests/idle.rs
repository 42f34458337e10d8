//! New tests that are switched off: alone, beside one that runs, and where it depends on something.

use super::judged;
use crate::engine::guard::Rule;

/// A new file alone, and whether it is refused for a test that is switched off.
#[track_caller]
fn check(path: &str, text: &str, refused: bool) {
    let judgement = judged(path, None, Some(text), &[]);
    let mut refusals = judgement.refused.iter();
    let is_off = refusals.any(|finding| finding.rule == Rule::TestOff);
    assert_eq!(is_off, refused, "{text}: {:?}", judgement.refused);
    assert_eq!(
        judgement.refused.is_empty(),
        !refused,
        "{text}: {:?}",
        judgement.refused
    );
}

#[test]
fn a_new_test_of_python_that_never_runs_is_refused() {
    let test = "def test_half():\n    assert half(4) == 2\n";
    for (head, refused) in [
        ("@pytest.mark.skip\n", true),
        ("@pytest.mark.skip(reason='sys is slow')\n", true),
        ("@pytest.mark.xfail\n", true),
        ("@pytest.mark.xfail(strict=False)\n", true),
        ("@pytest.mark.skipif(True, reason='no')\n", true),
        ("pytestmark = pytest.mark.skip\n\n", true),
        (
            "@pytest.mark.skipif(sys.platform == 'win32', reason='no')\n",
            false,
        ),
        (
            "@pytest.mark.skipif(sys.version_info < (3, 9), reason='old')\n",
            false,
        ),
        (
            "@pytest.mark.skipif(np is None, reason='no numpy')\n",
            false,
        ),
        (
            "@pytest.mark.xfail(sys.platform == 'win32', reason='no')\n",
            false,
        ),
        ("np = pytest.importorskip('numpy')\n\n", false),
    ] {
        check(
            "test_a.py",
            &format!("import pytest\n\n{head}{test}"),
            refused,
        );
    }
    let beside =
        format!("@pytest.mark.skip\n{test}\n\ndef test_zero():\n    assert half(0) == 0\n");
    check("test_a.py", &beside, false);
    let told = judged("test_a.py", None, Some(&beside), &[]).told;
    assert!(
        told.iter()
            .any(|told| told.contains("switched off: `test_half`")),
        "{told:?}"
    );
    for (body, refused) in [
        (
            "self.skipTest('not yet')\n        self.assertEqual(half(4), 2)",
            true,
        ),
        (
            "if half(4) != 2:\n            self.skipTest('known')\n        self.assertEqual(half(4), 2)",
            true,
        ),
        (
            "if os.name == 'nt':\n            self.skipTest('posix')\n        self.assertEqual(half(4), 2)",
            false,
        ),
        (
            "try:\n            import numpy\n        except ImportError:\n            self.skipTest('no')\n        self.assertEqual(half(4), 2)",
            false,
        ),
        ("self.assertEqual(half(4), 2)", false),
    ] {
        let source = |head: &str| {
            format!(
                "import unittest\n\n\n{head}class A(unittest.TestCase):\n    def test_half(self):\n        {body}\n"
            )
        };
        check("test_a.py", &source(""), refused);
        check("test_a.py", &source("@unittest.skip('later')\n"), true);
        let of_where = "@unittest.skipUnless(shutil.which('git'), 'no git')\n";
        check("test_a.py", &source(of_where), refused);
    }
}

#[test]
fn a_new_test_beside_old_ones_that_never_runs_is_refused() {
    let before = "def test_one():\n    assert one() == 1\n";
    let now = format!("{before}\n\n@pytest.mark.skip\ndef test_half():\n    assert half(4) == 2\n");
    let refused = judged("test_a.py", Some(before), Some(&now), &[]).refused;
    assert_eq!(refused.len(), 1, "{refused:?}");
    let what = &refused[0].what;
    assert!(what.contains("`test_a.py`, line 5: `mark.skip`"), "{what}");
}

#[test]
fn a_new_test_of_a_script_that_never_runs_is_refused() {
    let body = "() => {\n  assert.equal(half(4), 2);\n});\n";
    for (head, refused) in [
        ("test.skip('half', ", true),
        ("it.todo('half', ", true),
        ("test('half', { skip: true }, ", true),
        ("test('half', { todo: true }, ", true),
        ("xit('half', ", true),
        (
            "test('half', { skip: process.platform === 'win32' }, ",
            false,
        ),
        ("test('half', ", false),
    ] {
        check(
            "a.test.js",
            &format!("const {{ half }} = require('./a');\n{head}{body}"),
            refused,
        );
    }
    check(
        "a.test.js",
        "const { half } = require('./a');\ntest.todo('half');\n",
        true,
    );
    check(
        "a.test.js",
        &format!("describe.skip('all', () => {{\ntest('half', {body}}});\n"),
        true,
    );
    check(
        "a.test.js",
        &format!("describe.skip('all', () => {{\ntest('half', {body}}});\ntest('other', {body}"),
        false,
    );
    check(
        "a.test.js",
        "test('half', (t) => {\n  if (process.platform === 'win32') return t.skip('no');\n  assert.equal(half(4), 2);\n});\n",
        false,
    );
}

#[test]
fn a_new_test_of_rust_that_never_runs_is_refused() {
    let test = "fn halves() {\n    assert_eq!(half(4), 2);\n}\n";
    for (head, refused) in [
        ("#[test]\n#[ignore]\n", true),
        ("#[test]\n#[ignore = \"later\"]\n", true),
        ("#[test]\n#[cfg_attr(windows, ignore)]\n", false),
        ("#[test]\n", false),
    ] {
        check("tests/a.rs", &format!("{head}{test}"), refused);
    }
    let inside = format!(
        "pub fn half(a: i32) -> i32 {{\n    a / 2\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::*;\n\n    #[test]\n    #[ignore]\n    {test}}}\n"
    );
    check("src/a.rs", &inside, true);
}
