//! Words that a test itself binds to something. What would name no thing of the project otherwise
//! (`t`, `val`, `parent`) names one where it was assigned, loaded or given by a pattern. The
//! parameters of a test do not count: they are what its tool hands to it.

use crate::engine::guard::language::Language;
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::tokens::{Token, is_name, tokens};

/// Names that people give to what they test, and that test tools or languages use as well.
const ANYWHERE: &[&str] = &[
    "t", "tc", "val", "vi", "parent", "cls", "eq", "eql", "equal", "be", "nil",
];

/// The same where they are no words of the language.
const IN_PYTHON: &[&str] = &[
    "this",
    "null",
    "undefined",
    "let",
    "const",
    "var",
    "mut",
    "static",
];

/// Modules of test tools; what comes out of them is no thing of the project.
const TOOLS: &[&str] = &[
    "tap", "ava", "vitest", "jest", "mocha", "chai", "sinon", "uvu", "tape", "pytest", "unittest",
    "test", "assert",
];

/// Whether a word may be bound at all.
pub(super) fn may_be_bound(word: &str, language: Language) -> bool {
    match language {
        Language::Python => ANYWHERE.contains(&word) || IN_PYTHON.contains(&word),
        Language::JavaScript | Language::Rust => ANYWHERE.contains(&word),
        _ => false,
    }
}

/// The words that a function's body binds.
pub(super) fn bound<'a>(body: &[Token<'a>], language: Language) -> Vec<&'a str> {
    let mut found = Vec::new();
    if !matches!(
        language,
        Language::Python | Language::JavaScript | Language::Rust
    ) {
        return found;
    }
    let mut depth = 0_i32;
    let mut start = 0;
    while start < body.len() {
        let line = body[start].line;
        let length = body[start..]
            .iter()
            .take_while(|token| token.line == line)
            .count();
        let tokens = &body[start..start + length];
        // A keyword of a call on a line of its own is no assignment.
        let is_inside = language == Language::Python && depth > 0;
        if !is_inside && !loads_tool(tokens) {
            let pieces = tokens.split(|token| token.text == ";");
            for piece in pieces.filter(|piece| !piece.is_empty()) {
                assigned(piece, language, &mut found);
            }
        }
        for token in tokens {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
        }
        start += length;
    }
    found
}

/// Whether a line gets something out of a test tool.
fn loads_tool(line: &[Token<'_>]) -> bool {
    let loads = |token: &Token<'_>| matches!(token.text, "import" | "require" | "from" | "use");
    line.iter().any(loads) && line.iter().any(|token| is_tool(token.text))
}

/// Whether what is loaded from there is a test tool's: `node:test`, `unittest.mock`, and no file of
/// the project such as `./test`.
pub(in crate::engine::guard) fn is_tool(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'', '`']);
    let mut words = source.split(|c: char| !c.is_alphanumeric());
    !source.starts_with(['.', '/']) && words.any(|word| TOOLS.contains(&word))
}

/// What one statement binds.
fn assigned<'a>(line: &[Token<'a>], language: Language, found: &mut Vec<&'a str>) {
    let mut add = |tokens: &[Token<'a>]| {
        let mut words = tokens.iter().map(|token| token.text);
        found.extend(words.by_ref().filter(|word| may_be_bound(word, language)));
    };
    let place = |word: &str| line.iter().position(|token| token.text == word);
    // Everything in front of the sign is names: `x`, `let (a, mut t)`, `(a, t)`, `t: Todo`.
    let sign = line
        .iter()
        .position(|token| matches!(token.text, "=" | ":="));
    // What a loop or a test's own function begins with stands in front of the last bracket.
    if let Some(sign) = sign {
        let begins = line[..sign]
            .iter()
            .rposition(|token| matches!(token.text, "let" | "const" | "var"))
            .filter(|_| language != Language::Python)
            .map_or(0, |at| at + 1);
        let pattern = &line[begins..sign];
        let is_pattern = pattern.iter().all(|token| {
            is_name(token.text)
                || matches!(
                    token.text,
                    "," | "(" | ")" | "[" | "]" | "{" | "}" | ":" | "*" | "&" | "|" | "..."
                )
        });
        let is_function = matches!(
            line[0].text,
            "def" | "async" | "fn" | "function" | "assert" | "lambda"
        );
        if is_pattern && !is_function {
            add(pattern);
        }
    }
    for (at, token) in line.iter().enumerate() {
        let rest = &line[at + 1..];
        match token.text {
            "for" => {
                let end = rest
                    .iter()
                    .position(|token| matches!(token.text, "in" | "of"));
                add(&rest[..end.unwrap_or(0)]);
            }
            // `with open() as t`, `import todo as t`, `except Error as t`.
            "as" if language == Language::Python => {
                let is_many = rest.first().is_some_and(|token| token.text == "(");
                let end = rest.iter().position(|token| {
                    if is_many {
                        token.text == ")"
                    } else {
                        matches!(token.text, "," | ":" | ")")
                    }
                });
                add(&rest[..end.unwrap_or(rest.len())]);
            }
            // `Some(val) => …`
            "=>" if language == Language::Rust => add(&line[..at]),
            _ => {}
        }
    }
    // `import t, val`, `from todo import t`, `import { t } from './todo'`, `use super::{t, val};`
    let loads = matches!(line[0].text, "import" | "from" | "use");
    if loads && let Some(from) = place("import").or(place("use")) {
        let end = place("from").filter(|end| *end > from);
        add(&line[from + 1..end.unwrap_or(line.len())]);
    }
}

/// What a file binds outside of its functions, on lines of their own.
pub(super) fn bound_outside<'a>(code: &Code<'a>) -> Vec<&'a str> {
    let is_outside = |line: &std::ops::Range<usize>| code.indentation(line) == Some(0);
    let lines = code.lines().filter(is_outside);
    lines
        .flat_map(|line| {
            let tokens = tokens(code, &line);
            if tokens.is_empty() {
                Vec::new()
            } else {
                bound(&tokens, code.language)
            }
        })
        .collect()
}

/// The words that are parameters of a function, of which these are the tokens.
pub(super) fn parameters<'a>(function: &[Token<'a>], language: Language) -> Vec<&'a str> {
    let end = function.iter().position(|token| match language {
        Language::JavaScript => matches!(token.text, "=>" | "{"),
        _ => token.text == ")",
    });
    let words = function[..end.unwrap_or(0)].iter().map(|token| token.text);
    words
        .filter(|word| *word != "cls" && may_be_bound(word, language))
        .collect()
}
