//! Whether a test asserts anything: that something of the project is looked at, and that the test
//! fails if it is not as it should be. Where there is doubt, it does.

use std::collections::HashMap;

use super::assertion::{
    Asserts, Names, TELLING, is_tuple, looks_at, only_obvious_conditions, receiver,
};
use super::bound::{bound, bound_outside, may_be_bound, parameters};
use super::never::{never_counts, swallowed};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::case::{Case, Part};
use crate::engine::guard::source::code::Code;
use crate::engine::guard::source::functions::Functions;
use crate::engine::guard::source::tokens::{Token, is_name, tokens};

/// Calls and words that make a test fail by themselves.
const FAILING: &[&str] = &[
    "fail",
    "Fail",
    "FailNow",
    "Fatal",
    "Fatalf",
    "Error",
    "Errorf",
    "panic",
    "raise",
    "throw",
    "flunk",
    "abort",
    "unreachable",
    "exit",
    "unwrap",
    "expect_err",
    "unwrap_err",
    "die",
];

/// What that test asserts. Helpers of its file are looked into, each once.
pub(in crate::engine::guard) fn asserts(
    code: &Code<'_>,
    case: &Case,
    functions: &Functions,
) -> Asserts {
    let file = File { code, functions };
    asserts_within(&file, case, &mut HashMap::new())
}

struct File<'a> {
    code: &'a Code<'a>,
    functions: &'a Functions,
}

/// The most functions that are looked into for one test.
const MOST: usize = 64;

/// By where they begin: what helpers assert, as far as that is known already.
type Known = HashMap<usize, Asserts>;

fn asserts_within(file: &File<'_>, case: &Case, known: &mut Known) -> Asserts {
    let code = file.code;
    // Until it is known, and if it calls itself.
    known.insert(case.whole.start, Asserts::Nothing);
    if matches!(code.language, Language::Shell) {
        return commands(code, case);
    }
    if never_counts(code, case) {
        return Asserts::Nothing;
    }
    if states_failure(case, code) {
        return Asserts::Something;
    }
    let body = alive(code, case);
    let tokens = tokens(code, &body);
    if swallows(&tokens, code.language) {
        return Asserts::TheObvious;
    }
    let forgotten = swallowed(code, case);
    let is_forgotten = |at: usize| {
        let line = tokens[at].line;
        forgotten.iter().any(|lines| lines.contains(&line))
    };
    let own = parameters(&tokens, code.language);
    let mut names = Names::of(&tokens, bound(&tokens, code.language));
    if case.part == Part::Helper && code.language != Language::JavaScript {
        names.bound.extend(&own);
    }
    let best = best_of(file, &tokens, &names, &is_forgotten, known);
    // What the file binds outside of its tests is looked for only where it may matter.
    let is_open = |token: &Token<'_>| {
        may_be_bound(token.text, code.language)
            && !own.contains(&token.text)
            && !names.is_bound(token.text)
    };
    if best == Asserts::Something || !tokens.iter().any(is_open) {
        return best;
    }
    let outside = bound_outside(code).into_iter();
    let outside: Vec<&str> = outside.filter(|word| !own.contains(word)).collect();
    if outside.is_empty() {
        return best;
    }
    names.bound.extend(outside);
    best.max(best_of(file, &tokens, &names, &is_forgotten, known))
}

/// The most that one place of a body asserts. What is on a forgotten line counts for nothing.
fn best_of(
    file: &File<'_>,
    tokens: &[Token<'_>],
    names: &Names<'_>,
    is_forgotten: &dyn Fn(usize) -> bool,
    known: &mut Known,
) -> Asserts {
    let code = file.code;
    let mut best = Asserts::Nothing;
    // The test's own name says nothing.
    for at in 2..tokens.len() {
        if best == Asserts::Something {
            break;
        }
        // What is passed on with a question mark makes the test fail.
        if tokens[at].text == "?" && code.language == Language::Rust {
            best = Asserts::Something;
        }
        if !is_name(tokens[at].text) {
            continue;
        }
        let found = match site(tokens, at, code.language, names) {
            Site::None => continue,
            _ if is_forgotten(at) => Asserts::TheObvious,
            Site::Fails if only_obvious_conditions(tokens, names) => Asserts::TheObvious,
            Site::Fails => Asserts::Something,
            Site::Asserts(end)
                if code.language == Language::Python && is_tuple(&tokens[at..end]) =>
            {
                Asserts::TheObvious
            }
            Site::Asserts(end) => {
                let here = looks_at(&tokens[at..end], names);
                let here = here.max(receiver(tokens, at, names));
                called(file, tokens[at].text, known).map_or(here, |helper| helper.min(here))
            }
            Site::Calls => called(file, tokens[at].text, known).unwrap_or(Asserts::Nothing),
        };
        best = best.max(found);
    }
    best
}

/// What a function of the file, or of one that it loads, asserts, if there is one of that name.
fn called(file: &File<'_>, name: &str, known: &mut Known) -> Option<Asserts> {
    let Some(helper) = file.functions.called(name) else {
        let is_elsewhere = file.functions.elsewhere.contains(name);
        return is_elsewhere.then_some(Asserts::Something);
    };
    if let Some(asserts) = known.get(&helper.whole.start) {
        return Some(*asserts);
    }
    if known.len() > MOST {
        return None;
    }
    let asserts = asserts_within(file, helper, known);
    known.insert(helper.whole.start, asserts);
    Some(asserts)
}

enum Site {
    None,
    /// An assertion, which ends before that token.
    Asserts(usize),
    /// Makes the test fail where it is reached.
    Fails,
    /// A call of something else.
    Calls,
}

fn site(tokens: &[Token<'_>], at: usize, language: Language, names: &Names<'_>) -> Site {
    let word = tokens[at].text;
    let next = tokens.get(at + 1).map_or("", |token| token.text);
    let before = at.checked_sub(1).map_or("", |at| tokens[at].text);
    let lower = word.to_lowercase();
    let is_call = matches!(next, "(" | "!" | "{" | "[") || (next == "." && at > 0);
    let tells = TELLING.iter().any(|telling| lower.contains(telling));
    // `unwrap()` fails where the project does.
    if language == Language::Rust && before == "." && matches!(word, "unwrap" | "expect") {
        return Site::Fails;
    }
    // Ruby and Elixir need no brackets.
    let is_word_alone = matches!(word, "assert" | "refute" | "must")
        || lower.starts_with("assert")
        || (matches!(language, Language::Ruby | Language::Elixir)
            && !matches!(next, "=" | "." | ""));
    if tells && (is_call || is_word_alone) && !matches!(before, "def" | "fn" | "function" | "func")
    {
        return Site::Asserts(statement_end(tokens, at));
    }
    if FAILING.contains(&word) && (is_call || matches!(word, "raise" | "throw" | "flunk")) {
        return Site::Fails;
    }
    // `t.is(…)` of ava, `t.equal(…)` of tap, `assert.equal` is above.
    if before == "."
        && at >= 2
        && matches!(tokens[at - 2].text, "t" | "tap" | "cy" | "chai")
        && !names.is_bound(tokens[at - 2].text)
        && is_call
    {
        return Site::Asserts(statement_end(tokens, at));
    }
    if is_call && next == "(" {
        Site::Calls
    } else {
        Site::None
    }
}

/// The token after an assertion: where its line ends outside of brackets.
fn statement_end(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_i32;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth <= 0 => return place,
            _ => {}
        }
        if depth < 0 {
            return place;
        }
        let ends_line = tokens
            .get(place + 1)
            .is_none_or(|next| next.line > token.line && next.text != "." && token.text != ".");
        if depth == 0 && ends_line {
            return place + 1;
        }
    }
    tokens.len()
}

/// `#[should_panic]`, `@Test(expected = …)`, an example with its output.
fn states_failure(case: &Case, code: &Code<'_>) -> bool {
    const STATED: &[&str] = &[
        "should_panic",
        "expected=",
        "ExpectedException",
        "quickcheck",
        "@given",
    ];
    let head = case.head.replace(' ', "");
    let text = &code.text[case.whole.clone()];
    STATED.iter().any(|stated| head.contains(stated))
        || text.contains("@Test(expected")
        || (code.language == Language::Go
            && (text.contains("// Output:") || text.contains("f.Fuzz(")))
}

/// The body up to a `return` that comes in any case; what is behind it never runs.
fn alive(code: &Code<'_>, case: &Case) -> std::ops::Range<usize> {
    let body = case.body.clone();
    let mut first = None;
    let lines = code.lines_in(&body);
    for line in lines {
        let Some(indent) = code.indentation(&line) else {
            continue;
        };
        let text = code.bare(line.clone());
        let word = text.trim().trim_end_matches(';');
        let inner = *first.get_or_insert(indent);
        if indent <= inner
            && (word == "return"
                || word == "return None"
                || word == "return nil"
                || word == "return Ok(())")
        {
            return body.start..line.start;
        }
        // What it gives may be an assertion itself; what is behind it never runs.
        if indent <= inner && word.starts_with("return ") {
            return body.start..statement_end_at(code, line.start, body.end);
        }
        // `if False:` and the like hide what is below them.
        let hides = matches!(
            word,
            "if False:" | "if 0:" | "while False:" | "if (false) {" | "if false {"
        );
        if indent <= inner && hides {
            return body.start..line.start;
        }
    }
    body
}

/// Where the statement that begins there ends: with a line outside of brackets that nothing goes on.
fn statement_end_at(code: &Code<'_>, start: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for at in start..end {
        match code.text.as_bytes()[at] {
            b'\n' if depth == 0 => {
                let rest = &code.text[at..end];
                if !rest
                    .trim_start()
                    .starts_with(['.', '?', '&', '|', '+', '='])
                {
                    return at;
                }
            }
            b'(' | b'[' | b'{' if code.is_code(at) => depth += 1,
            b')' | b']' | b'}' if code.is_code(at) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    end
}

/// Whether what fails is caught and forgotten.
fn swallows(tokens: &[Token<'_>], language: Language) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let rest: Vec<&str> = tokens[at + 1..]
            .iter()
            .take(8)
            .map(|token| token.text)
            .collect();
        match (language, token.text) {
            (Language::JavaScript | Language::Java | Language::CSharp | Language::Php, "catch") => {
                let open = rest.iter().position(|text| *text == "{");
                open.is_some_and(|open| rest.get(open + 1) == Some(&"}"))
            }
            (Language::Ruby, "rescue") => matches!(rest.first(), Some(&"nil" | &"end")),
            _ => false,
        }
    })
}

/// Every command of a bats test is an assertion; only those that cannot fail are none.
fn commands(code: &Code<'_>, case: &Case) -> Asserts {
    let text = code.without_comments(case.body.clone());
    let inside = text.split_once('{').map_or("", |(_, inside)| inside);
    let does = inside
        .lines()
        .flat_map(|line| line.split(';'))
        .any(|command| {
            let first = command.split_whitespace().next().unwrap_or_default();
            !matches!(
                first,
                "" | "}"
                    | "true"
                    | ":"
                    | "echo"
                    | "printf"
                    | "skip"
                    | "return"
                    | "exit"
                    | "run"
                    | "cd"
                    | "local"
                    | "export"
            )
        });
    if does {
        Asserts::Something
    } else {
        Asserts::Nothing
    }
}
