//! Functions of languages whose blocks stand in braces: Rust, Go, Java and its kin, C#, C and C++,
//! PHP, shells.

use std::ops::Range;

use super::case::{Case, Part};
use super::code::Code;
use crate::engine::guard::language::Language;

pub(in crate::engine::guard) fn cases(code: &Code<'_>) -> Vec<Case> {
    let bare = code.bare(0..code.text.len());
    let mut found: Vec<Case> = Vec::new();
    let mut from = 0;
    while let Some(Head {
        start,
        seen,
        part,
        name,
    }) = next(code, &bare, from)
    {
        let Some(open) = open_of(code, &bare, seen) else {
            from = seen;
            continue;
        };
        let end = (code.closing(open) + 1).min(bare.len());
        let attributes = attributes_start(code, &bare, start);
        found.push(Case {
            name,
            part,
            head: code.normal(attributes..start),
            body: start..end,
            whole: attributes..end,
        });
        from = end;
    }
    found
}

/// How a function begins.
struct Head {
    start: usize,
    /// The end of the word by which it was known.
    seen: usize,
    part: Part,
    name: String,
}

/// The next function at or after a place.
fn next(code: &Code<'_>, bare: &str, from: usize) -> Option<Head> {
    words(bare, from).find_map(|(at, word)| {
        let seen = at + word.len();
        let (start, part, name) = head(code, bare, at, word)?;
        Some(Head {
            start,
            seen,
            part,
            name,
        })
    })
}

/// Where a function begins that is known by this word, what it is for, its name.
fn head(code: &Code<'_>, bare: &str, at: usize, word: &str) -> Option<(usize, Part, String)> {
    let after = bare[at + word.len()..].trim_start();
    let attributes = || bare[attributes_start(code, bare, at)..at].to_owned();
    let named = |name: &str| -> String { name.to_owned() };
    match code.language {
        Language::Rust if word == "fn" => {
            let name = first_word(after)?;
            let is_test = attributes().split("#[").skip(1).any(marks_a_test);
            Some((at, part_if(is_test), named(name)))
        }
        Language::Go if word == "func" && starts_line(bare, at) => {
            let name = first_word(after.trim_start_matches('(')).unwrap_or_default();
            let is_test = ["Test", "Fuzz", "Example"]
                .iter()
                .any(|start| after.starts_with(start));
            Some((at, part_if(is_test), named(name)))
        }
        Language::Java | Language::CSharp => {
            let is_attribute = match code.language {
                Language::Java => bare[..at].ends_with('@'),
                _ => bare[..at].trim_end().ends_with(['[', ',']),
            };
            let marks = word.ends_with("Test")
                || matches!(
                    word,
                    "Fact" | "Theory" | "TestMethod" | "TestCase" | "TestFactory" | "Property"
                );
            if is_attribute && marks {
                let open = bare[at..].find('{')? + at;
                let head = bare[at..open].to_owned();
                return Some((at, Part::Test, signature(code, at..at + head.len())));
            }
            let is_old = (bare[..at].ends_with("void ") || bare[..at].ends_with("func "))
                && word.starts_with("test")
                && after.starts_with('(');
            is_old.then(|| (line_start(bare, at), Part::Test, named(word)))
        }
        Language::C => {
            const MACROS: &[&str] = &[
                "TEST",
                "TEST_F",
                "TEST_P",
                "TYPED_TEST",
                "TYPED_TEST_P",
                "TEST_CASE",
                "SCENARIO",
                "TEST_METHOD",
                "BOOST_AUTO_TEST_CASE",
                "BOOST_FIXTURE_TEST_CASE",
                "TEMPLATE_TEST_CASE",
                "START_TEST",
                "Test",
            ];
            let arguments = after.starts_with('(');
            if arguments && MACROS.contains(&word) {
                let open = at + bare[at..].find('(')?;
                let close = code.closing(open);
                let name = code.normal(open..(close + 1).min(code.text.len()));
                return Some((at, Part::Test, name));
            }
            let is_function = arguments
                && word.starts_with("test")
                && bare[line_start(bare, at)..at]
                    .trim_start()
                    .starts_with(['v', 's', 'i', 'b', 'M']);
            is_function.then(|| (line_start(bare, at), Part::Test, named(word)))
        }
        Language::Php if word == "function" => {
            let name = first_word(after)?;
            let is_test = name.starts_with("test") || attributes().contains("Test]");
            is_test.then(|| (at, Part::Test, named(name)))
        }
        Language::Shell if word == "test" && bare[..at].ends_with('@') => {
            let end = bare[at..].find('{')? + at;
            Some((at, Part::Test, code.normal(at + 4..end)))
        }
        Language::Shell if starts_line(bare, at) && after.starts_with("()") => {
            Some((at, part_if(word.starts_with("test")), named(word)))
        }
        _ => None,
    }
}

/// What stands in an attribute of Rust: `test]`, `tokio::test(…)]`, `cfg(any(test, …))]`.
fn marks_a_test(attribute: &str) -> bool {
    const MARKS: &[&str] = &[
        "test",
        "rstest",
        "test_case",
        "quickcheck",
        "wasm_bindgen_test",
        "proptest",
        "case",
    ];
    let path = attribute.split(['(', ']', '=']).next().unwrap_or_default();
    MARKS.contains(&path.rsplit(':').next().unwrap_or_default().trim())
}

const fn part_if(is_test: bool) -> Part {
    if is_test { Part::Test } else { Part::Helper }
}

/// The name of a method with a mark in front: what stands before its bracket.
fn signature(code: &Code<'_>, head: Range<usize>) -> String {
    let bare = code.bare(head.clone());
    // The last bracket that opens at the outside is the one of its parameters.
    let mut depth = 0_usize;
    let mut open = None;
    for (at, c) in bare.char_indices() {
        match c {
            '(' => {
                if depth == 0 {
                    open = Some(at);
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let before = &code.text[head][..open.unwrap_or(bare.len())];
    let line = before.trim_end().rsplit('\n').next().unwrap_or_default();
    match line.trim().rsplit_once('`') {
        Some((quoted, "")) => quoted.rsplit('`').next().unwrap_or_default().to_owned(),
        _ => line
            .split_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The brace that opens a function's body: the first one outside of brackets, before a semicolon.
fn open_of(code: &Code<'_>, bare: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in bare.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' if depth == 0 && code.is_code(at) => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Attributes, annotations and modifiers in front of a function.
fn attributes_start(code: &Code<'_>, bare: &str, at: usize) -> usize {
    let mut start = line_start(bare, at);
    if code.language == Language::Rust || code.language == Language::Php {
        // What stands before it on its own line may be an attribute as well.
        start += bare[start..at].rfind(['}', ';']).map_or(0, |end| end + 1);
    }
    while start > 0 {
        let before = line_start(bare, start - 1);
        let line = bare[before..start].trim();
        let goes_on = line.starts_with("#[")
            || line.starts_with('@')
            || line.starts_with('[')
            || (line.is_empty() && !code.text[before..start].trim().is_empty())
            || (line.ends_with(']') && !line.contains(['{', ';']));
        if !goes_on {
            break;
        }
        start = before;
    }
    start
}

/// The modules of Rust that are compiled for tests only, with their attribute.
pub(in crate::engine::guard) fn test_modules(code: &Code<'_>) -> Vec<Range<usize>> {
    if code.language != Language::Rust {
        return Vec::new();
    }
    let bare = code.bare(0..code.text.len());
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = bare[from..].find("#[cfg(").map(|at| at + from) {
        let end = code.closing(at + 1);
        from = (end + 1).min(bare.len());
        let has_test = bare[at..from]
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "test");
        let rest = bare[from..].trim_start();
        let is_module = rest.starts_with("mod ") || rest.starts_with("pub mod ");
        if let Some(open) = open_of(code, &bare, from).filter(|_| has_test && is_module) {
            let close = (code.closing(open) + 1).min(bare.len());
            found.push(at..close);
            from = close;
        }
    }
    found
}

/// The words of code, each with its place.
fn words(bare: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let start = at + bare.get(at..)?.find(is_word)?;
        let length = bare[start..]
            .find(|c| !is_word(c))
            .unwrap_or(bare.len() - start);
        at = start + length;
        Some((start, &bare[start..at]))
    })
}

fn first_word(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}
