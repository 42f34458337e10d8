//! Tables: for each language, what happens to a file of tests and what the guard says about it.

use super::changed::{Changed, Content};
use super::finding::Rule;
use super::judge::{Judgement, judge};
use super::scene::Scene;
use super::words::announced::Announcement;

mod bound;
mod honest;
mod idle;
mod otherwise;
mod samples;

use samples::SAMPLES;

fn judged(path: &str, before: Option<&str>, now: Option<&str>, announced: &[&str]) -> Judgement {
    let content = |text: &str| Content::Text(text.to_owned());
    let changed = [Changed {
        path: path.to_owned(),
        before: before.map(content),
        now: now.map(content),
    }];
    let announced = announced.iter().map(|path| (*path).to_owned()).collect();
    judge(&Scene {
        changed: &changed,
        announced: &Announcement::of_files(announced),
        commands: &[],
        read: &|_| None,
    })
}

#[track_caller]
fn check(path: &str, before: &str, now: &str, announced: &[&str], expected: Option<Rule>) {
    let judgement = judged(path, Some(before), Some(now), announced);
    let rules: Vec<Rule> = judgement
        .refused
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(
        rules.first().copied(),
        expected,
        "{path}\n{now}\n{:?}",
        judgement.refused
    );
}

#[test]
fn a_test_that_is_gone_is_missed_in_every_language() {
    for sample in SAMPLES {
        let now = sample.text.replace(sample.second, "");
        assert_ne!(now, sample.text, "{}", sample.path);
        for announced in [&[][..], &[sample.path]] {
            check(
                sample.path,
                sample.text,
                &now,
                announced,
                Some(Rule::TestGone),
            );
        }
    }
}

#[test]
fn a_test_that_is_emptied_is_seen_in_every_language() {
    for sample in SAMPLES {
        let (had, has) = sample.assertion;
        let now = sample.text.replace(had, has);
        assert_ne!(now, sample.text, "{}", sample.path);
        for announced in [&[][..], &[sample.path]] {
            check(
                sample.path,
                sample.text,
                &now,
                announced,
                Some(Rule::TestEmptied),
            );
        }
    }
}

#[test]
fn a_test_that_is_switched_off_is_seen_in_every_language() {
    for sample in SAMPLES {
        let (had, has) = sample.off;
        let now = sample.text.replacen(had, has, 1);
        assert_ne!(now, sample.text, "{}", sample.path);
        let judgement = judged(sample.path, Some(sample.text), Some(&now), &[sample.path]);
        assert!(
            judgement
                .refused
                .iter()
                .any(|finding| finding.rule == Rule::TestOff),
            "{}: {judgement:?}",
            sample.path
        );
    }
}

#[test]
fn tests_may_be_added_in_every_language() {
    for sample in SAMPLES {
        let (more, before) = sample.more;
        let place = if before.is_empty() {
            sample.text.len()
        } else {
            sample.text.rfind(before).unwrap()
        };
        let now = format!("{}{more}{}", &sample.text[..place], &sample.text[place..]);
        check(sample.path, sample.text, &now, &[], None);
        // And a whole file that is new.
        let judgement = judged(sample.path, None, Some(sample.text), &[]);
        assert_eq!(judgement.refused, [], "{}", sample.path);
    }
}

#[test]
fn new_tests_that_assert_nothing_are_refused_in_every_language() {
    for (path, text) in [
        ("tests/a.rs", "#[test]\nfn runs() {\n    add(1, 2);\n}\n"),
        (
            "tests/a.rs",
            "#[test]\nfn holds() {\n    assert!(true);\n}\n",
        ),
        (
            "tests/a.rs",
            "#[test]\nfn holds() {\n    let a = add(1, 2);\n    assert_eq!(a, a);\n    assert!(true || a == 3);\n}\n",
        ),
        (
            "a_test.go",
            "func TestAdd(t *testing.T) {\n\tAdd(1, 2)\n\tt.Log(\"fine\")\n}\n",
        ),
        (
            "ATest.java",
            "class ATest {\n  @Test void add() {\n    A.add(1, 2);\n  }\n}\n",
        ),
        (
            "ATests.cs",
            "class ATests {\n  [Fact] public void Add() {\n    A.Add(1, 2);\n  }\n}\n",
        ),
        ("a_spec.rb", "it 'adds' do\n  A.add(1, 2)\nend\n"),
        ("a_test.exs", "test \"adds\" do\n  A.add(1, 2)\nend\n"),
        (
            "ATest.php",
            "class ATest {\n  public function testAdd() {\n    add(1, 2);\n  }\n}\n",
        ),
        ("test_a.cpp", "TEST(A, Adds) {\n  add(1, 2);\n}\n"),
        ("test_a.c", "void test_add(void) {\n    add(1, 2);\n}\n"),
        ("a.bats", "@test \"adds\" {\n  echo fine\n}\n"),
        ("a.spec.ts", "it('adds', () => {\n  add(1, 2);\n});\n"),
    ] {
        let judgement = judged(path, None, Some(text), &[]);
        let rules: Vec<Rule> = judgement
            .refused
            .iter()
            .map(|finding| finding.rule)
            .collect();
        assert_eq!(rules, [Rule::NothingAsserted], "{path}: {text}");
    }
    // A language that is not known is not judged.
    assert_eq!(
        judged("tests/a.lua", None, Some("it('adds', function() end)"), &[]).refused,
        []
    );
}

#[test]
fn edits_that_are_not_announced_are_told_from_layout() {
    let python = SAMPLES[1].text;
    for (had, has, expected) in [
        ("one(), 1", "one(), 2", Some(Rule::TestChanged)),
        ("self.a = A()", "self.a = None", Some(Rule::TestChanged)),
        (
            "from unittest import IsolatedAsyncioTestCase",
            "from unittest import IsolatedAsyncioTestCase, mock",
            None,
        ),
        (
            "from unittest import IsolatedAsyncioTestCase",
            "from fake import IsolatedAsyncioTestCase",
            Some(Rule::TestChanged),
        ),
        (
            "one(), 1",
            "\n            one(),  # so\n            1,\n        ",
            None,
        ),
        ("class A(", "LIMIT = 3\n\n\nclass A(", None),
        (
            "class A(",
            "def IsolatedAsyncioTestCase():\n    pass\n\n\nclass A(",
            Some(Rule::TestChanged),
        ),
        (
            "class A(IsolatedAsyncioTestCase)",
            "class A(object)",
            Some(Rule::TestChanged),
        ),
    ] {
        check(
            "tests/test_b.py",
            python,
            &python.replacen(had, has, 1),
            &[],
            expected,
        );
    }
    // What is announced may be another, if it still asserts.
    check(
        "tests/test_b.py",
        python,
        &python.replace("one(), 1", "one(), 2"),
        &["tests/test_b.py"],
        None,
    );
    // A source may change beside its tests.
    let rust = SAMPLES[5].text;
    check(
        "src/lib.rs",
        rust,
        &rust.replace("    1\n", "    2 - 1\n"),
        &[],
        None,
    );
    check(
        "src/lib.rs",
        rust,
        &rust.replace("#[cfg(test)]", "#[cfg(all(test, unix))]"),
        &[],
        Some(Rule::TestChanged),
    );
    // A language that is not known is judged by its lines.
    check("tests/a.lua", "a\nb\n", "a\nb\nc\n", &[], None);
    check(
        "tests/a.lua",
        "a\nb\n",
        "a\nc\n",
        &[],
        Some(Rule::TestChanged),
    );
}

#[test]
fn what_looks_alike_asserts_or_does_not() {
    for (body, asserts) in [
        ("assert a.one()", true),
        ("assert a.one() == 1, 'so'", true),
        (
            "items = []\n    a.add(items)\n    assert items == [1]",
            true,
        ),
        ("with pytest.raises(ValueError):\n        a.one()", true),
        ("check(a.one())", true),
        ("a.one().should.equal(1)", true),
        ("mock.assert_called_once_with(1)", true),
        ("if a.one() != 1:\n        raise AssertionError", true),
        ("np.testing.assert_allclose(a.one(), 1)", true),
        ("for n in range(3):\n        assert a.times(n) == n", true),
        (
            "try:\n        a.one()\n    except ValueError:\n        return\n    assert a.two()",
            true,
        ),
        ("a.one()", false),
        ("pass", false),
        ("assert True", false),
        ("assert 1 == 1", false),
        ("assert not False", false),
        ("assert a.one() or True", false),
        ("x = 2\n    assert x == 2", false),
        ("assert (a.one() == 2, 'no')", false),
        ("return\n    assert a.one() == 2", false),
        ("if False:\n        assert a.one() == 2", false),
        (
            "try:\n        assert a.one() == 2\n    except Exception:\n        pass",
            false,
        ),
        ("print('assert', a.one())", false),
        ("assert True or a.one()", false),
        ("assert a.one() == 1 or a.two() == 2", true),
        ("assert a.one() or 1 == a.two()", true),
        ("x = a.one()\n    assert x is x", false),
        ("x = a.one()\n    check.assertEqual(x, x)", false),
        ("assert len(a.all()) >= 0", false),
        ("assert len(a.all()) >= 2", true),
        ("return a.one()\n    assert a.one() == 2", false),
        ("return check(\n        a.one()\n    )", true),
        (
            "with contextlib.suppress(AssertionError):\n        assert a.one() == 2",
            false,
        ),
        (
            "with contextlib.suppress(Exception):\n        a.clean()\n    assert a.one() == 2",
            true,
        ),
        ("try:\n        assert a.one() == 2\n    except: pass", false),
        (
            "try:\n        a.clean()\n    except Exception:\n        pass\n    assert a.one() == 2",
            true,
        ),
        (
            "try:\n        a.one()\n    except (ValueError, AssertionError) as why:\n        pass\n    else:\n        raise ValueError",
            true,
        ),
        ("assert validate_email('x')", true),
        ("assert check_balance() is None", true),
    ] {
        let text = format!("import a\n\ndef test_it():\n    {body}\n");
        let judgement = judged("test_a.py", None, Some(&text), &[]);
        assert_eq!(
            judgement.refused.is_empty(),
            asserts,
            "{body}: {:?}",
            judgement.refused
        );
    }
}

#[test]
fn methods_that_only_make_a_test_assert_nothing() {
    for (test, asserts) in [
        (
            "    def test_it(self):\n        self.assertEqual(a.one(), 1)\n",
            true,
        ),
        (
            "    async def test_it(self):\n        self.assertEqual(a.one(), 1)\n",
            false,
        ),
        (
            "    def test_it(self):\n        yield\n        self.assertEqual(a.one(), 1)\n",
            false,
        ),
        (
            "    @run\n    async def test_it(self):\n        self.assertEqual(a.one(), 1)\n",
            true,
        ),
        (
            "    @unittest.expectedFailure\n    def test_it(self):\n        self.assertEqual(a.one(), 1)\n",
            false,
        ),
    ] {
        let text = format!("import unittest\nimport a\n\nclass It(unittest.TestCase):\n{test}");
        for (text, asserts) in [
            (
                text.replace("unittest.TestCase", "unittest.IsolatedAsyncioTestCase"),
                asserts || test.contains("async"),
            ),
            (text, asserts),
        ] {
            if text.contains("Isolated") && test.contains("yield") {
                continue;
            }
            let judgement = judged("test_a.py", None, Some(&text), &[]);
            assert_eq!(
                judgement.refused.is_empty(),
                asserts,
                "{text}: {:?}",
                judgement.refused
            );
        }
    }
}

#[test]
fn what_looks_alike_in_a_script_asserts_or_does_not() {
    for (body, asserts) in [
        ("expect(add(1, 2)).toBe(3);", true),
        ("expect(() => add()).toThrow();", true),
        ("await expect(load()).resolves.toEqual([]);", true),
        ("assert.throws(() => add());", true),
        ("t.is(add(1, 2), 3);", true),
        ("if (add(1, 2) !== 3) throw new Error('no');", true),
        ("const sum = add(1, 2); expect(sum).toBe(3);", true),
        ("add(1, 2);", false),
        ("expect(true).toBe(true);", false),
        ("expect(1 + 1).toBe(2);", false),
        ("assert.ok(true);", false),
        ("assert.equal(1, 1);", false),
        ("const sum = add(1, 2); assert.equal(sum, sum);", false),
        ("assert.ok(true || add(1, 2));", false),
        (
            "return add(1, 2).then((sum) => {\n    expect(sum).toBe(3);\n  });",
            true,
        ),
        (
            "return load()\n    .then((all) => expect(all).toEqual([]));",
            true,
        ),
        ("try { expect(add(1, 2)).toBe(4); } catch (e) {}", false),
    ] {
        let text = format!(
            "const {{ add }} = require('./a');\ntest('it', async (t) => {{\n  {body}\n}});\n"
        );
        let judgement = judged("a.test.js", None, Some(&text), &[]);
        assert_eq!(
            judgement.refused.is_empty(),
            asserts,
            "{body}: {:?}",
            judgement.refused
        );
    }
}

#[test]
fn a_file_that_becomes_a_link_has_lost_its_tests() {
    let changed = [Changed {
        path: "test_a.py".to_owned(),
        before: Some(Content::Text(SAMPLES[0].text.to_owned())),
        now: Some(Content::Link("/dev/null".to_owned())),
    }];
    let judgement = judge(&Scene {
        changed: &changed,
        announced: &Announcement::of_files(vec!["test_a.py".to_owned()]),
        commands: &[],
        read: &|_| None,
    });
    assert_eq!(judgement.refused.len(), 1);
    assert_eq!(judgement.refused[0].rule, Rule::TestGone);
}

const PATHS: &[&str] = &[
    "test_a.py",
    "a.test.js",
    "tests/a.rs",
    "src/a.rs",
    "a_test.go",
    "ATest.java",
    "ATests.cs",
    "test_a.c",
    "a_spec.rb",
    "a_test.exs",
    "ATest.php",
    "a.bats",
    "run.sh",
    "Makefile",
    "package.json",
    "conftest.py",
    "pyproject.toml",
    "pom.xml",
    "a.lua",
];

proptest::proptest! {
    #[test]
    fn no_text_panics(
        before in "(?s)(def test_|class A:|it\\('|#\\[test\\] fn |func Test|@Test |test \"|[a-z'\"`#/*\\\\(){}\\[\\]:;=|& .,@$<>\n\t-]|ü|\u{94d}){0,40}",
        now in "(?s)(def test_|assert |skip|test:|echo |@test \"|end|do|TEST\\(|[a-z'\"`#/*\\\\(){}\\[\\]:;=|& .,@$<>\n\t-]|ü|日){0,40}",
        which in 0..PATHS.len(),
    ) {
        let path = PATHS[which];
        let content = |text: &str| Some(Content::Text(text.to_owned()));
        for (old, new) in [(None, content(&now)), (content(&before), content(&now)), (content(&before), None)] {
            let changed = [Changed { path: path.to_owned(), before: old, now: new }];
            judge(&Scene {
                changed: &changed,
                announced: &Announcement::of_files(vec!["other".to_owned()]),
                commands: &["make test".to_owned(), "npm test".to_owned(), "sh run.sh".to_owned(), before.clone()],
                read: &|asked| (asked == path).then(|| now.clone()),
            });
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_the_same(
        text in "(?s)(def test_|    |class A:|it\\('|#\\[test\\]\nfn |func Test|@Test |[a-z'\"`#/(){}\\[\\]:;=. \n]|ü){0,60}",
        which in 0..PATHS.len(),
    ) {
        let judgement = judged(PATHS[which], Some(&text), Some(&text), &[]);
        proptest::prop_assert_eq!(judgement.refused, []);
    }
}
