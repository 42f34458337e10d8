//! One assertion of a test: whether it looks at anything of the project, or at nothing but what
//! stands in the test itself.

use std::collections::HashSet;

use super::bound::may_be_bound;
use crate::engine::guard::language::Language;
use crate::engine::guard::source::tokens::{Token, is_name};

/// What the names in a test stand for.
#[derive(Default)]
pub(in crate::engine::guard) struct Names<'a> {
    /// Something that is written in the test.
    constants: Vec<&'a str>,
    /// Something else that the test makes or loads, whatever its name.
    pub(in crate::engine::guard) bound: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(in crate::engine::guard) fn of(tokens: &[Token<'a>], bound: Vec<&'a str>) -> Self {
        let constants = constants(tokens, &bound);
        Self { constants, bound }
    }

    /// Whether the test itself made it, out of more than what is written there.
    pub(in crate::engine::guard) fn is_bound(&self, word: &str) -> bool {
        self.bound.contains(&word) && !self.constants.contains(&word)
    }

    /// Whether it is no thing of the project.
    fn is_empty(&self, word: &str) -> bool {
        !self.is_bound(word) && (EMPTY_WORDS.contains(&word) || self.constants.contains(&word))
    }
}

/// What a test asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine::guard) enum Asserts {
    Nothing,
    /// Only what is true whatever the project does.
    TheObvious,
    Something,
}

/// Words that are part of how something is asserted, or name no thing of the project.
const EMPTY_WORDS: &[&str] = &[
    "self",
    "this",
    "t",
    "tc",
    "True",
    "False",
    "None",
    "true",
    "false",
    "null",
    "nil",
    "undefined",
    "NaN",
    "not",
    "is",
    "in",
    "and",
    "or",
    "as",
    "let",
    "const",
    "var",
    "mut",
    "val",
    "await",
    "return",
    "with",
    "pytest",
    "unittest",
    "assert",
    "expect",
    "eq",
    "eql",
    "equal",
    "equal_to",
    "equalTo",
    "be",
    "be_nil",
    "be_truthy",
    "be_falsey",
    "isTrue",
    "i32",
    "u32",
    "i64",
    "u64",
    "usize",
    "Ok",
    "Some",
    "Err",
    "async",
    "chai",
    "jest",
    "vi",
    "sinon",
    "cls",
    "super",
    "parent",
    "static",
];

/// Words that make any function an assertion when they are in its name.
pub(in crate::engine::guard) const TELLING: &[&str] = &[
    "assert", "expect", "should", "verify", "check", "ensure", "validate", "compare", "must",
    "raises", "refute", "require", "match", "approx", "snapshot", "wont", "throws",
];

/// What an assertion is called on: `add(1).should`, `mock.assert_called`.
pub(in crate::engine::guard) fn receiver(
    tokens: &[Token<'_>],
    at: usize,
    names: &Names<'_>,
) -> Asserts {
    let mut at = at;
    while at >= 2 && tokens[at - 1].text == "." {
        at -= 2;
        let mut depth = 0_i32;
        while at > 0 {
            depth += match tokens[at].text {
                ")" | "]" => 1,
                "(" | "[" => -1,
                _ => 0,
            };
            // A name in front of a bracket is what was called.
            let goes_on = depth > 0 || matches!(tokens[at].text, "(" | "[");
            if !goes_on {
                break;
            }
            at -= 1;
        }
    }
    let root = tokens[at].text;
    let is_own = names.is_empty(root);
    let tells = TELLING
        .iter()
        .any(|telling| root.to_lowercase().contains(telling));
    if is_name(root) && !is_own && !tells {
        Asserts::Something
    } else {
        Asserts::Nothing
    }
}

/// Whether an assertion looks at anything but what stands in the test itself.
pub(in crate::engine::guard) fn looks_at(site: &[Token<'_>], known: &Names<'_>) -> Asserts {
    let names: Vec<&str> = site
        .iter()
        .enumerate()
        .filter(|(at, token)| {
            let is_member = *at > 0 && site[at - 1].text == ".";
            let of_self = is_member && *at > 1 && matches!(site[at - 2].text, "self" | "this");
            is_name(token.text)
                // What asserts is no thing that is looked at.
                && *at > 0
                && (!is_member || of_self)
                && (!known.is_empty(token.text)
                    || (of_self && may_be_bound(token.text, Language::JavaScript)))
        })
        .map(|(_, token)| token.text)
        .collect();
    if names.is_empty() || always_holds(site) || same_sides(site) {
        Asserts::TheObvious
    } else {
        Asserts::Something
    }
}

/// `x or True`, `True or x`, `len(x) >= 0`.
fn always_holds(site: &[Token<'_>]) -> bool {
    let text = |at: usize| site.get(at).map_or("", |token| token.text);
    let is_true = |at: usize| matches!(text(at), "True" | "true" | "1");
    let ends = |at: usize| matches!(text(at), "" | ")" | "," | ";" | "or" | "||");
    let begins = |at: usize| matches!(text(at), "assert" | "(" | "or" | "||");
    let is_size = site
        .iter()
        .any(|token| matches!(token.text, "len" | "length" | "size"));
    (1..site.len()).any(|at| match text(at) {
        "or" | "||" => {
            (is_true(at + 1) && ends(at + 2)) || (at > 1 && is_true(at - 1) && begins(at - 2))
        }
        ">=" => is_size && text(at + 1) == "0" && ends(at + 2),
        _ => false,
    })
}

/// Whether it is Python's `assert (x, "why")`: what is in brackets with a comma is true.
pub(in crate::engine::guard) fn is_tuple(site: &[Token<'_>]) -> bool {
    site.len() > 2
        && site[0].text == "assert"
        && site[1].text == "("
        && closing(site, 1) == Some(site.len() - 1)
        && commas(&site[1..]) > 0
}

/// `assertEqual(x, x)`, `assert x == x`.
fn same_sides(site: &[Token<'_>]) -> bool {
    let text = |tokens: &[Token<'_>]| {
        tokens
            .iter()
            .map(|token| token.text)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let open = site.iter().position(|token| token.text == "(");
    let inner = match open {
        Some(open)
            if site[0].text != "assert" || open == 1 || matches!(site[1].text, "." | "!") =>
        {
            &site[open + 1..closing(site, open).unwrap_or(site.len())]
        }
        _ => &site[1.min(site.len())..],
    };
    let mut depth = 0_i32;
    for (at, token) in inner.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," | "==" | "===" | "is" if depth == 0 => {
                let (left, right) = (&inner[..at], &inner[at + 1..]);
                let has_call = left.iter().any(|token| token.text == "(");
                return text(left) == text(right) && !has_call;
            }
            _ => {}
        }
    }
    false
}

fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn commas(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_i32;
    let mut count = 0;
    for token in tokens {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => count += 1,
            _ => {}
        }
    }
    count
}

/// A test of more pieces is no place to look for names that stand for something.
const LONG: usize = 4_000;

/// Names that stand for something written in the test and are used for nothing but assertions.
fn constants<'a>(tokens: &[Token<'a>], bound: &[&str]) -> Vec<&'a str> {
    if tokens.len() > LONG {
        return Vec::new();
    }
    let tells = |token: &&Token<'_>| {
        let lower = token.text.to_lowercase();
        TELLING.iter().any(|telling| lower.contains(telling))
    };
    let telling: HashSet<usize> = tokens
        .iter()
        .filter(tells)
        .map(|token| token.line)
        .collect();
    let mut found: Vec<&str> = Vec::new();
    for at in 1..tokens.len() {
        if !matches!(tokens[at].text, "=" | ":=") || !is_name(tokens[at - 1].text) {
            continue;
        }
        let name = tokens[at - 1].text;
        let line = tokens[at].line;
        let value = || {
            tokens[at + 1..]
                .iter()
                .take_while(|token| token.line == line)
        };
        let is_plain = value().all(|token| {
            let is_empty = EMPTY_WORDS.contains(&token.text) && !bound.contains(&token.text);
            !is_name(token.text) || is_empty || found.contains(&token.text)
        }) && value().next().is_some();
        if !is_plain {
            continue;
        }
        let is_used_elsewhere = tokens.iter().enumerate().any(|(place, token)| {
            token.text == name && place != at - 1 && !telling.contains(&token.line)
        });
        if !is_used_elsewhere {
            found.push(name);
        }
    }
    found
}

/// Whether every condition is one whose outcome stands in the test itself.
pub(in crate::engine::guard) fn only_obvious_conditions(
    tokens: &[Token<'_>],
    names: &Names<'_>,
) -> bool {
    let conditions: Vec<&[Token<'_>]> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| matches!(token.text, "if" | "unless"))
        .map(|(at, token)| {
            let length = tokens[at + 1..]
                .iter()
                .take_while(|other| other.line == token.line && other.text != "{")
                .count();
            &tokens[at..at + 1 + length]
        })
        .collect();
    !conditions.is_empty()
        && conditions
            .iter()
            .all(|condition| looks_at(condition, names) == Asserts::TheObvious)
}
