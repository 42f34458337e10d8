//! A file of tests in each language, and what can be done to it.

/// A file of tests in a language: two tests, of which the second is `second`.
pub(super) struct Sample {
    pub(super) path: &'static str,
    pub(super) text: &'static str,
    /// The second test, all of it.
    pub(super) second: &'static str,
    /// What of it asserts, and something of the same form that asserts nothing.
    pub(super) assertion: (&'static str, &'static str),
    /// What stands in the file, and what to put in its place to switch a test off.
    pub(super) off: (&'static str, &'static str),
    /// One more test, and what it is put in front of; empty: the end.
    pub(super) more: (&'static str, &'static str),
}

pub(super) const SAMPLES: &[Sample] = &[
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
        text: "from unittest import IsolatedAsyncioTestCase\n\nclass A(IsolatedAsyncioTestCase):\n    def setUp(self):\n        self.a = A()\n\n    def test_one(self):\n        self.assertEqual(one(), 1)\n\n    async def test_two(self):\n        with self.assertRaises(ValueError):\n            two()\n",
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
