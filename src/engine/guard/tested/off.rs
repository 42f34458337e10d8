//! What switches tests off, or all others: told from the words that runners know.

use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;

/// Something that switches tests off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Off {
    pub(super) word: &'static str,
    pub(super) line: usize,
}

const PYTHON: &[&str] = &[
    "unittest.skip",
    "@skip",
    "mark.skip",
    "mark.xfail",
    "expectedFailure",
    "skipTest(",
    "pytest.skip(",
    "pytest.xfail(",
    "SkipTest",
    "importorskip(",
    "__test__=False",
    "collect_ignore",
    "def load_tests(",
    "pytest.exit(",
];
const JAVASCRIPT: &[&str] = &[
    "test.skip",
    "it.skip",
    "describe.skip",
    "suite.skip",
    "test.todo",
    "it.todo",
    "test.only",
    "it.only",
    "describe.only",
    "suite.only",
    "context.only",
    "context.skip",
    "test.failing",
    "test.fails",
    "it.fails",
    "it.failing",
    "skip:true",
    "todo:true",
    "only:true",
    "this.skip(",
    "t.skip(",
    "t.todo(",
    "ctx.skip(",
    "test.skipIf(true",
    "ignore:true",
];
const JAVASCRIPT_CALLS: &[&str] = &[
    "xit",
    "xtest",
    "xdescribe",
    "xcontext",
    "fit",
    "fdescribe",
    "fcontext",
    "xspecify",
];
const RUST: &[&str] = &["#[ignore", "#[cfg(any())", "#[cfg(not(test))"];
const GO: &[&str] = &["t.Skip", "b.Skip", "f.Skip", ".SkipNow("];
const JAVA: &[&str] = &[
    "@Disabled",
    "@Ignore",
    "assumeTrue(",
    "assumeFalse(",
    "Assumptions.",
    "Assume.",
    "XCTSkip",
    "@Ignored",
    "enabled=false",
];
const C_SHARP: &[&str] = &[
    "Skip=",
    "[Ignore",
    "[Explicit",
    "Assert.Ignore(",
    "Assert.Inconclusive(",
    "Skip.If(",
];
const C: &[&str] = &[
    "GTEST_SKIP",
    "DISABLED_",
    "TEST_IGNORE",
    "#if 0",
    "#if0",
    "WILL_FAIL",
    "cr_skip",
    "BOOST_TEST_DISABLED",
];
const RUBY: &[&str] = &["focus:true", ":focus", "skip:true", ",:skip", "pending("];
const RUBY_CALLS: &[&str] = &[
    "skip",
    "pending",
    "xit",
    "xdescribe",
    "xcontext",
    "fit",
    "fdescribe",
    "fcontext",
    "omit",
];
const ELIXIR: &[&str] = &[
    "@tag:skip",
    "@moduletag:skip",
    "@describetag:skip",
    "@tag skip:",
    "@tagskip:",
];
const PHP: &[&str] = &[
    "markTestSkipped(",
    "markTestIncomplete(",
    "->skip(",
    "->todo(",
    "->only(",
];
const SHELL_CALLS: &[&str] = &["skip"];

/// What of a file switches tests off, in its order.
pub(super) fn switched_off(code: &Code<'_>) -> Vec<Off> {
    let (marks, calls): (&[&'static str], &[&'static str]) = match code.language {
        Language::Python => (PYTHON, &[]),
        Language::JavaScript => (JAVASCRIPT, JAVASCRIPT_CALLS),
        Language::Rust => (RUST, &[]),
        Language::Go => (GO, &[]),
        Language::Java => (JAVA, &[]),
        Language::CSharp => (C_SHARP, &[]),
        Language::C => (C, &[]),
        Language::Ruby => (RUBY, RUBY_CALLS),
        Language::Elixir => (ELIXIR, &[]),
        Language::Php => (PHP, &[]),
        Language::Shell => (&[], SHELL_CALLS),
    };
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let bare = code.bare(line.clone());
        let tight: String = bare.split_whitespace().collect();
        let first = bare.trim_start();
        for mark in marks {
            // It may add tests as well as leave them out.
            if mark.contains("load_tests") && code.text.contains("addTest") {
                continue;
            }
            let wanted: String = mark.split_whitespace().collect();
            for _ in tight.match_indices(&wanted) {
                found.push(Off {
                    word: mark,
                    line: number + 1,
                });
            }
        }
        for call in calls {
            let rest = first.strip_prefix(call);
            if rest.is_some_and(|rest| rest.trim().is_empty() || rest.starts_with(['(', ' ', '.']))
            {
                found.push(Off {
                    word: call,
                    line: number + 1,
                });
            }
        }
        // What Go is built with stands in comments.
        let text = code.text[line].trim();
        if code.language == Language::Go
            && (text.starts_with("//go:build") || text.starts_with("// +build"))
        {
            found.push(Off {
                word: "//go:build",
                line: number + 1,
            });
        }
    }
    found
}

/// Whether attributes are what they were, but for some that switched tests off.
pub(super) fn runs_again(before: &str, now: &str) -> bool {
    const WORDS: &[&str] = &[
        "skip",
        "xfail",
        "expectedFailure",
        "ignore",
        "Ignore",
        "Disabled",
        "todo",
    ];
    if before == now {
        return true;
    }
    let sign = if before.contains('@') { "@" } else { "#[" };
    let kept = |head: &str| -> Vec<String> {
        let attributes = head.split(sign).filter(|one| !one.is_empty());
        let stays = |one: &&str| !WORDS.iter().any(|word| one.contains(word));
        attributes.filter(stays).map(str::to_owned).collect()
    };
    let is_call = |head: &str| {
        let head = head.split('.').next().unwrap_or_default();
        head.trim_start_matches('x').to_owned()
    };
    kept(before) == kept(now) || (!before.contains(['@', '#']) && is_call(before) == is_call(now))
}

/// A test's text without what switches it off.
pub(super) fn without_off(code: &Code<'_>, whole: &std::ops::Range<usize>, off: &[Off]) -> String {
    let mut text = String::new();
    for (number, line) in code.lines().enumerate() {
        if line.end <= whole.start || line.start >= whole.end {
            continue;
        }
        let range = line.start.max(whole.start)..line.end.min(whole.end);
        let is_off = off.iter().any(|off| off.line == number + 1);
        let mut normal = code.normal(range);
        if is_off && code.language == Language::JavaScript {
            for word in [".skip(", ".todo(", ".failing(", ".fails("] {
                normal = normal.replace(word, "(");
            }
            normal = normal
                .strip_prefix('x')
                .map_or(normal.clone(), str::to_owned);
        } else if is_off {
            continue;
        }
        text.push_str(&normal);
    }
    text
}

/// Whether it leaves only some tests to run.
pub(super) fn is_focus(word: &str) -> bool {
    word.contains("only")
        || word.contains("focus")
        || matches!(word, "fit" | "fdescribe" | "fcontext")
}
