//! Tables: for each language, what happens to a file of tests and what the guard says about it.

use super::announced::Announcement;
use super::changed::{Changed, Content};
use super::finding::Rule;
use super::judge::{Judgement, judge};
use super::scene::Scene;

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

/// A file of tests in a language: two tests, of which the second is `second`.
struct Sample {
    path: &'static str,
    text: &'static str,
    /// The second test, all of it.
    second: &'static str,
    /// What of it asserts, and something of the same form that asserts nothing.
    assertion: (&'static str, &'static str),
    /// What stands in the file, and what to put in its place to switch a test off.
    off: (&'static str, &'static str),
    /// One more test, and what it is put in front of; empty: the end.
    more: (&'static str, &'static str),
}

const SAMPLES: &[Sample] = &[
    Sample {
        path: "test_a.py",
        text: "import a\n\ndef test_one():\n    assert a.one() == 1\n\ndef test_two():\n    assert a.two() == 2\n",
        second: "def test_two():\n    assert a.two() == 2\n",
        assertion: ("assert a.two() == 2", "assert True"),
        off: ("def test_two", "@pytest.mark.skip\ndef test_two"),
        more: ("\ndef test_three():\n    assert a.three() == 3\n", ""),
    },
    Sample {
        path: "tests/test_b.py",
        text: "from unittest import TestCase\n\nclass A(TestCase):\n    def setUp(self):\n        self.a = A()\n\n    def test_one(self):\n        self.assertEqual(one(), 1)\n\n    async def test_two(self):\n        with self.assertRaises(ValueError):\n            two()\n",
        second: "    async def test_two(self):\n        with self.assertRaises(ValueError):\n            two()\n",
        assertion: (
            "with self.assertRaises(ValueError):\n            two()",
            "two()",
        ),
        off: ("two()", "self.skipTest('x')"),
        more: (
            "\n    def test_three(self):\n        self.assertIn(3, three())\n",
            "",
        ),
    },
    Sample {
        path: "a.test.js",
        text: "const { one, two } = require('./a');\n\ndescribe('a', () => {\n  it('is one', () => {\n    expect(one()).toBe(1);\n  });\n  it('is two', async () => {\n    expect(await two()).toBe(2);\n  });\n});\n",
        second: "  it('is two', async () => {\n    expect(await two()).toBe(2);\n  });\n",
        assertion: ("expect(await two()).toBe(2)", "expect(true).toBe(true)"),
        off: ("it('is two'", "it.skip('is two'"),
        more: (
            "  it('is three', () => {\n    expect(three()).toBe(3);\n  });\n",
            "});\n",
        ),
    },
    Sample {
        path: "test/b.test.mjs",
        text: "import test from 'node:test';\nimport assert from 'node:assert';\nimport { one, two } from '../b.mjs';\n\ntest('one', () => {\n  assert.equal(one(), 1);\n});\n\ntest('two', { timeout: 5 }, () => {\n  assert.deepStrictEqual(two(), [2]);\n});\n",
        second: "test('two', { timeout: 5 }, () => {\n  assert.deepStrictEqual(two(), [2]);\n});\n",
        assertion: ("assert.deepStrictEqual(two(), [2]);", "two();"),
        off: ("{ timeout: 5 }", "{ skip: true }"),
        more: (
            "\ntest('three', () => {\n  assert.ok(three() > 2);\n});\n",
            "",
        ),
    },
    Sample {
        path: "tests/a.rs",
        text: "use a::one;\n\n#[test]\nfn is_one() {\n    assert_eq!(one(), 1);\n}\n\n#[test]\nfn is_two() -> Result<(), Error> {\n    assert!(two()? == 2, \"{}\", 'x');\n    Ok(())\n}\n",
        second: "#[test]\nfn is_two() -> Result<(), Error> {\n    assert!(two()? == 2, \"{}\", 'x');\n    Ok(())\n}\n",
        assertion: ("assert!(two()? == 2, \"{}\", 'x');", "assert!(true);"),
        off: ("#[test]\nfn is_two", "#[test]\n#[ignore]\nfn is_two"),
        more: (
            "\n#[test]\nfn is_three() {\n    assert_eq!(three().unwrap(), 3);\n}\n",
            "",
        ),
    },
    Sample {
        path: "src/lib.rs",
        text: "pub fn one() -> u8 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn is_one() {\n        assert_eq!(one(), 1);\n    }\n\n    #[tokio::test]\n    async fn is_two() {\n        assert_eq!(two().await, 2);\n    }\n}\n",
        second: "    #[tokio::test]\n    async fn is_two() {\n        assert_eq!(two().await, 2);\n    }\n",
        assertion: ("assert_eq!(two().await, 2);", "assert_eq!(1 + 1, 2);"),
        off: (
            "    #[tokio::test]\n",
            "    #[tokio::test]\n    #[ignore = \"slow\"]\n",
        ),
        more: (
            "\n    #[test]\n    fn is_three() {\n        assert_eq!(three(), 3);\n    }\n",
            "}\n",
        ),
    },
    Sample {
        path: "a_test.go",
        text: "package a\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Errorf(\"no\")\n\t}\n}\n\nfunc TestTwo(t *testing.T) {\n\tgot := Two()\n\tif got != 2 {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n}\n",
        second: "func TestTwo(t *testing.T) {\n\tgot := Two()\n\tif got != 2 {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n}\n",
        assertion: (
            "if got != 2 {\n\t\tt.Fatalf(\"got %d\", got)\n\t}",
            "_ = got",
        ),
        off: ("got := Two()", "t.Skip()\n\tgot := Two()"),
        more: (
            "\nfunc TestThree(t *testing.T) {\n\tassert.Equal(t, 3, Three())\n}\n",
            "",
        ),
    },
    Sample {
        path: "src/test/java/ATest.java",
        text: "import org.junit.jupiter.api.Test;\n\nclass ATest {\n    @Test\n    void one() {\n        assertEquals(1, A.one());\n    }\n\n    @Test\n    void two() {\n        assertThat(A.two()).isEqualTo(2);\n    }\n}\n",
        second: "    @Test\n    void two() {\n        assertThat(A.two()).isEqualTo(2);\n    }\n",
        assertion: ("assertThat(A.two()).isEqualTo(2);", "assertTrue(true);"),
        off: (
            "    @Test\n    void two",
            "    @Disabled\n    @Test\n    void two",
        ),
        more: (
            "\n    @Test\n    void three() {\n        assertEquals(3, A.three());\n    }\n",
            "}\n",
        ),
    },
    Sample {
        path: "src/test/kotlin/ATest.kt",
        text: "class ATest {\n    @Test\n    fun `is one`() {\n        assertEquals(1, one())\n    }\n\n    @Test\n    fun `is two`() = runTest {\n        assertEquals(2, two())\n    }\n}\n",
        second: "    @Test\n    fun `is two`() = runTest {\n        assertEquals(2, two())\n    }\n",
        assertion: ("assertEquals(2, two())", "two()"),
        off: (
            "    @Test\n    fun `is two`",
            "    @Test\n    @Ignore\n    fun `is two`",
        ),
        more: (
            "\n    @Test\n    fun `is three`() {\n        assertEquals(3, three())\n    }\n",
            "}\n",
        ),
    },
    Sample {
        path: "A.Tests/ATests.cs",
        text: "public class ATests\n{\n    [Fact]\n    public void One()\n    {\n        Assert.Equal(1, A.One());\n    }\n\n    [Theory]\n    [InlineData(2)]\n    public void Two(int n)\n    {\n        Assert.Equal(n, A.Two());\n    }\n}\n",
        second: "    [Theory]\n    [InlineData(2)]\n    public void Two(int n)\n    {\n        Assert.Equal(n, A.Two());\n    }\n",
        assertion: ("Assert.Equal(n, A.Two());", "Assert.True(true);"),
        off: ("[Fact]", "[Fact(Skip = \"later\")]"),
        more: (
            "\n    [Fact]\n    public void Three()\n    {\n        Assert.Equal(3, A.Three());\n    }\n",
            "}\n",
        ),
    },
    Sample {
        path: "spec/a_spec.rb",
        text: "require 'a'\n\nRSpec.describe A do\n  it 'is one' do\n    expect(A.one).to eq(1)\n  end\n\n  it 'is two' do\n    expect(A.two).to eq(2)\n  end\nend\n",
        second: "  it 'is two' do\n    expect(A.two).to eq(2)\n  end\n",
        assertion: ("expect(A.two).to eq(2)", "A.two"),
        off: ("it 'is two' do", "xit 'is two' do"),
        more: (
            "\n  it 'is three' do\n    expect(A.three).to eq(3)\n  end\n",
            "end\n",
        ),
    },
    Sample {
        path: "test/a_test.rb",
        text: "class ATest < Minitest::Test\n  def test_one\n    assert_equal 1, A.one\n  end\n\n  def test_two\n    refute_nil A.two\n  end\nend\n",
        second: "  def test_two\n    refute_nil A.two\n  end\n",
        assertion: ("refute_nil A.two", "assert true"),
        off: ("    refute_nil", "    skip\n    refute_nil"),
        more: (
            "\n  def test_three\n    assert_equal 3, A.three\n  end\n",
            "end\n",
        ),
    },
    Sample {
        path: "test/a_test.exs",
        text: "defmodule ATest do\n  use ExUnit.Case\n\n  test \"one\" do\n    assert A.one() == 1\n  end\n\n  test \"two\" do\n    assert A.two() == 2\n  end\nend\n",
        second: "  test \"two\" do\n    assert A.two() == 2\n  end\n",
        assertion: ("assert A.two() == 2", "assert true"),
        off: ("  test \"two\"", "  @tag :skip\n  test \"two\""),
        more: (
            "\n  test \"three\" do\n    assert A.three() == 3\n  end\n",
            "end\n",
        ),
    },
    Sample {
        path: "tests/ATest.php",
        text: "<?php\nclass ATest extends TestCase\n{\n    public function testOne(): void\n    {\n        $this->assertSame(1, one());\n    }\n\n    #[Test]\n    public function two(): void\n    {\n        $this->assertSame(2, two());\n    }\n}\n",
        second: "    #[Test]\n    public function two(): void\n    {\n        $this->assertSame(2, two());\n    }\n",
        assertion: ("$this->assertSame(2, two());", "$this->assertTrue(true);"),
        off: (
            "        $this->assertSame(2",
            "        $this->markTestSkipped();\n        $this->assertSame(2",
        ),
        more: (
            "\n    public function testThree(): void\n    {\n        $this->assertSame(3, three());\n    }\n",
            "}\n",
        ),
    },
    Sample {
        path: "test_a.cpp",
        text: "#include <gtest/gtest.h>\n\nTEST(A, IsOne) {\n  EXPECT_EQ(one(), 1);\n}\n\nTEST(A, IsTwo) {\n  ASSERT_EQ(two(), 2);\n}\n",
        second: "TEST(A, IsTwo) {\n  ASSERT_EQ(two(), 2);\n}\n",
        assertion: ("ASSERT_EQ(two(), 2);", "EXPECT_TRUE(true);"),
        off: ("  ASSERT_EQ", "  GTEST_SKIP();\n  ASSERT_EQ"),
        more: ("\nTEST(A, IsThree) {\n  EXPECT_EQ(three(), 3);\n}\n", ""),
    },
    Sample {
        path: "test_b.c",
        text: "#include <assert.h>\n\nstatic void test_one(void) {\n    assert(one() == 1);\n}\n\nstatic void test_two(void) {\n    assert(two() == 2);\n}\n",
        second: "static void test_two(void) {\n    assert(two() == 2);\n}\n",
        assertion: ("assert(two() == 2);", "assert(1);"),
        off: ("static void test_two", "#if 0\nstatic void test_two"),
        more: (
            "\nstatic void test_three(void) {\n    assert(three() == 3);\n}\n",
            "",
        ),
    },
    Sample {
        path: "a.bats",
        text: "@test \"one\" {\n  run ./a one\n  [ \"$output\" = 1 ]\n}\n\n@test \"two\" {\n  run ./a two\n  [ \"$status\" -eq 2 ]\n}\n",
        second: "@test \"two\" {\n  run ./a two\n  [ \"$status\" -eq 2 ]\n}\n",
        assertion: ("[ \"$status\" -eq 2 ]", "true"),
        off: ("  run ./a two", "  skip\n  run ./a two"),
        more: ("\n@test \"three\" {\n  ./a three | grep 3\n}\n", ""),
    },
];

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
            "from unittest import TestCase",
            "from unittest import TestCase, mock",
            None,
        ),
        (
            "from unittest import TestCase",
            "from fake import TestCase",
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
            "def TestCase():\n    pass\n\n\nclass A(",
            Some(Rule::TestChanged),
        ),
        (
            "class A(TestCase)",
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
