//! How deeply a command is nested, told by its letters alone. The parser's time doubles with some
//! openings that are not closed, and its stack grows with all of them: what is deeper than people
//! write is not parsed at all, so that no parser is left behind that cannot be stopped.

/// Parentheses inside parentheses, and `case … in` inside `case … in`: time doubles with each.
const DOUBLING: usize = 8;
/// Parentheses may stand in texts too, where they cost less.
const PARENTHESES: usize = 12;
/// Braces of one word inside each other: time doubles with each.
const BRACES_OF_A_WORD: usize = 6;
/// `${` and `$[` inside each other: every one takes a piece of the stack.
const EXPANSIONS: usize = 30;
/// Braces.
const BLOCKS: usize = 100;
/// `if` and loops, which in a script of another language nothing closes.
const KEYWORDS: usize = 250;
/// Brackets that are not closed.
const BRACKETS: usize = 200;

/// Whether a command is nested too deeply to be parsed.
pub(super) fn is_too_deep(command: &str) -> bool {
    let plain = |open: char, close: char| {
        deepest(command.chars().map(|letter| {
            if letter == open {
                Step::In
            } else if letter == close {
                Step::Out
            } else {
                Step::Along
            }
        }))
    };
    let expansions = |open: &str, close: char| {
        deepest(command.char_indices().map(|(at, letter)| {
            if command[at..].starts_with(open) {
                Step::In
            } else if letter == close {
                Step::Out
            } else {
                Step::Along
            }
        }))
    };
    let words: Vec<&str> = command
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .collect();
    let blocks = deepest(words.iter().map(|word| match *word {
        "if" | "while" | "until" | "for" | "select" => Step::In,
        "fi" | "done" => Step::Out,
        _ => Step::Along,
    }));
    let cases = deepest(words.iter().enumerate().map(|(at, word)| match *word {
        "case" if words.get(at + 2) == Some(&"in") => Step::In,
        "esac" => Step::Out,
        _ => Step::Along,
    }));
    plain('(', ')') > PARENTHESES
        || cases > DOUBLING
        || blocks > KEYWORDS
        || plain('{', '}') > BLOCKS
        || plain('[', ']') > BRACKETS
        || expansions("${", '}') > EXPANSIONS
        || expansions("$[", ']') > EXPANSIONS
}

/// Whether the braces of one word are nested too deeply to be spread out.
pub(super) fn has_deep_braces(word: &str) -> bool {
    let depth = deepest(word.chars().map(|letter| match letter {
        '{' => Step::In,
        '}' => Step::Out,
        _ => Step::Along,
    }));
    depth > BRACES_OF_A_WORD
}

/// What a letter or a word does to the depth.
#[derive(Clone, Copy)]
enum Step {
    In,
    Out,
    Along,
}

fn deepest(steps: impl Iterator<Item = Step>) -> usize {
    let mut open: usize = 0;
    let mut deepest = 0;
    for step in steps {
        match step {
            Step::In => open += 1,
            Step::Out => open = open.saturating_sub(1),
            Step::Along => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::{has_deep_braces, is_too_deep};

    #[test]
    fn what_people_write_is_not_too_deep() {
        let script = "if a; then for i in 1 2; do case $i in 1) b;; esac; done; fi\n".repeat(200);
        let code = format!(
            "cat > a.js <<'E'\n{}\nE",
            "switch (a) { case 'x': if (b) { c(`${d}`) } }\n".repeat(200)
        );
        let json = format!("echo '{}{}'", "{\"a\": [".repeat(40), "]}".repeat(40));
        for command in [script, code, json] {
            assert!(!is_too_deep(&command), "{command}");
        }
        assert!(!has_deep_braces("a{b,c{d,e}}"));
    }

    #[test]
    fn what_costs_the_parser_too_much_is() {
        for (open, times) in [
            ("(", 13),
            ("$((", 7),
            ("case x in a) ", 9),
            ("if ", 251),
            ("{ ", 101),
            ("${", 31),
            ("$[", 31),
            ("a[", 201),
        ] {
            assert!(is_too_deep(&open.repeat(times)), "{open}");
        }
        assert!(has_deep_braces("{a,{b,{c,{d,{e,{f,{g"));
    }
}
