//! Programs that exchange what asserts, or what runs tests, for something of their own. And sources
//! that speak of a test tool at all: nothing that is tested needs to, so that is told, and refused
//! where the source sets members of others besides.

use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;

/// Anywhere in a program: what asserts is exchanged.
const EXCHANGES: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "unittest.TestCase.",
            "unittest.main=",
            "TestCase.assert",
            "TestCase.fail=",
            "TestCase.run=",
            "pytest.raises=",
            "sys.modules[\"unittest",
            "sys.modules[\"pytest",
            "sys.modules['unittest",
            "sys.modules['pytest",
            "setattr(unittest",
            "setattr(TestCase",
            "builtins.AssertionError=",
            "AssertionError=",
            "unittest.TestResult.",
            "unittest.TestResult=",
            "(unittest.TestResult)",
            "unittest.TextTestRunner=",
            "failureException=",
            "patch(\"unittest.TestCase",
            "patch('unittest.TestCase",
            "patch.object(unittest",
            "patch.object(TestCase",
            "setattr(pytest",
            "setattr(\"unittest",
            "setattr('unittest",
            "setattr(\"pytest",
            "setattr('pytest",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "global.expect=",
            "globalThis.expect=",
            "global.test=",
            "globalThis.test=",
            "global.it=",
            "assert.equal=",
            "assert.strictEqual=",
            "assert.ok=",
            "assert.deepEqual=",
            "Object.assign(assert",
            "Object.defineProperty(assert",
            "mock.method(assert",
            "Module._load=",
            "Module.prototype.require=",
            "process.reallyExit",
        ],
    ),
    (
        Language::Rust,
        &[
            "macro_rules!assert{",
            "macro_rules!assert_eq{",
            "macro_rules!assert_ne{",
            "macro_rules!panic{",
        ],
    ),
    (
        Language::C,
        &[
            "#defineassert(",
            "#defineEXPECT_",
            "#defineASSERT_",
            "#defineNDEBUG",
            "#defineREQUIRE",
            "#defineCHECK(",
        ],
    ),
    (
        Language::Ruby,
        &[
            "at_exit{exit!",
            "Minitest::Assertions",
            "RSpec::Expectations.fail_with",
        ],
    ),
];

/// Names under which methods that assert are called.
const METHODS: &[&str] = &[
    ".strictEqual=",
    ".deepStrictEqual=",
    ".notStrictEqual=",
    ".notDeepStrictEqual=",
    ".notEqual=",
];

/// How a program gets hold of a test tool.
const TOOLS: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "unittest",
            "TestCase",
            "pytest",
            "_pytest",
            "AssertionError=",
            "sys.modules[",
            "sys._getframe",
            "gc.get_",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "node:assert",
            "node:test",
            "'assert'",
            "\"assert\"",
            "require.cache",
        ],
    ),
];

/// How a program sets members of what is not its own.
const SETS: &[&str] = &[
    "setattr(",
    "__setattr__",
    "__dict__",
    "vars(",
    "sys.modules[",
    "__code__",
    "Object.assign(",
    "Object.defineProperty(",
    "Reflect.set(",
    "require.cache",
];

/// The same with what is its own.
const OWN: &[&str] = &[
    "setattr(self,",
    "setattr(cls,",
    "self.__dict__",
    "cls.__dict__",
    "vars(self)",
    "vars(args)",
    "vars(options)",
    "vars(namespace)",
    "vars(parser.parse_args(",
    "Object.assign({",
    "Object.assign(this",
    "Object.assign(module.exports",
    "Object.assign(exports",
    "Object.defineProperty(this",
    "Object.defineProperty(exports",
    "Object.defineProperty(module.exports",
];

/// Whether a line exchanges what asserts.
pub(super) fn exchanges(language: Language, tight: &str, bare: &str) -> bool {
    let by_sign = of(EXCHANGES, language)
        .iter()
        .any(|sign| match sign.strip_suffix('.') {
            Some(class) => assigns_member(bare, class),
            None => {
                (tight.contains(sign)
                    && bare.contains(sign.split(['"', '\'']).next().unwrap_or_default()))
                    && !compares(bare, sign)
            }
        });
    let by_method = match language {
        Language::Python => assigns_assertion(tight, bare),
        Language::JavaScript => METHODS.iter().any(|sign| {
            let own = ["prototype", "this", "exports"];
            let is_own = bare
                .split_once(sign)
                .is_some_and(|(before, _)| own.iter().any(|own| before.ends_with(own)));
            bare.contains(sign)
                && !is_own
                && !compares(bare, sign)
                && !bare.contains(&format!("{sign}>"))
        }),
        _ => false,
    };
    by_sign || by_method
}

/// `anything.assertEqual = …` and `setattr(anything, "assertEqual", …)`.
fn assigns_assertion(tight: &str, bare: &str) -> bool {
    let is_method = |rest: &str| rest.starts_with(|c: char| c.is_uppercase() || c == '_');
    let sets = bare.contains("setattr(")
        && tight.match_indices("setattr(").any(|(at, sign)| {
            let rest = &tight[at + sign.len()..];
            let (object, name) = rest.split_once(',').unwrap_or((rest, ""));
            let of_the_tool = ["unittest", "pytest", "\"", "'"]
                .iter()
                .any(|sign| object.starts_with(sign) && object != "\"" && object != "'");
            let name = name.trim_start_matches(['"', '\'']);
            (of_the_tool && (object.contains("unittest") || object.contains("pytest")))
                || object == "TestCase"
                || object.ends_with(".TestCase")
                || name.strip_prefix("assert").is_some_and(is_method)
        });
    let assigns = bare.match_indices(".assert").any(|(at, sign)| {
        let rest = &bare[at + sign.len()..];
        let end = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        is_method(rest) && end.starts_with('=') && !end.starts_with("==")
    });
    sets || assigns
}

/// What of a source, which is no test, speaks of a test tool: the line, and what stands there.
pub(super) fn speaks_of_tools(code: &Code<'_>) -> Vec<(usize, String)> {
    lines_with(code, of(TOOLS, code.language))
}

/// The lines of a source that set members of others.
pub(super) fn sets_members(code: &Code<'_>) -> Vec<(usize, String)> {
    let mut found = lines_with(code, SETS);
    found.retain(|(_, line)| {
        let mut tight: String = line.split_whitespace().collect();
        for own in OWN {
            tight = tight.replace(own, "");
        }
        SETS.iter().any(|sign| tight.contains(sign))
    });
    found
}

fn lines_with(code: &Code<'_>, signs: &[&str]) -> Vec<(usize, String)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let has = |text: &str, sign: &str| {
        text.match_indices(sign).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + sign.len()..].chars().next();
            let begins = !sign.starts_with(is_word) || !before.is_some_and(is_word);
            begins && (!sign.ends_with(is_word) || !after.is_some_and(is_word))
        })
    };
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let bare = code.bare(line.clone());
        let said = code.without_comments(line.clone());
        let is_there = signs.iter().any(|sign| {
            let is_quoted = sign.contains(':') || sign.starts_with(['"', '\'']);
            let loads =
                bare.contains("require(") || bare.contains("import") || bare.contains("from");
            if is_quoted {
                loads && has(&said, sign)
            } else {
                has(&bare, sign)
            }
        });
        if is_there {
            found.push((number + 1, code.text[line].trim().to_owned()));
        }
    }
    found
}

/// The signs of a language.
pub(super) fn of(
    table: &'static [(Language, &'static [&'static str])],
    language: Language,
) -> &'static [&'static str] {
    table
        .iter()
        .find(|(of, _)| *of == language)
        .map_or(&[], |(_, signs)| signs)
}

/// `x.y == …` is no assignment.
pub(super) fn compares(bare: &str, sign: &str) -> bool {
    sign.ends_with('=')
        && bare
            .split_once(sign)
            .is_some_and(|(_, rest)| rest.starts_with('='))
}

/// `unittest.TestCase.assertEqual = …`.
fn assigns_member(bare: &str, class: &str) -> bool {
    let Some((_, rest)) = bare.split_once(&format!("{class}.")) else {
        return false;
    };
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest[end..].starts_with('=') && !rest[end..].starts_with("==")
}
