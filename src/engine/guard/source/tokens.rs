//! A piece of source text as words, texts and signs. Texts count as one sign each.

use std::ops::Range;

use super::code::{Code, Kind};

/// A piece of code.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine::guard) struct Token<'a> {
    /// A word, a sign, or `""` with everything in it.
    pub(in crate::engine::guard) text: &'a str,
    pub(in crate::engine::guard) line: usize,
}

const SIGNS: &[&str] = &[
    "===", "!==", "...", "==", "!=", ":=", "=>", "->", "&&", "||", "::", "<=", ">=",
];

pub(in crate::engine::guard) fn tokens<'a>(
    code: &Code<'a>,
    range: &Range<usize>,
) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut at = range.start;
    while at < range.end {
        let Some(c) = code.text[at..].chars().next() else {
            break;
        };
        let start = at;
        at += c.len_utf8();
        match code.kinds[start] {
            Kind::Code if c.is_whitespace() => line += usize::from(c == '\n'),
            Kind::Comment => line += usize::from(c == '\n'),
            Kind::Quote | Kind::Text => {
                let begun = line;
                line += usize::from(c == '\n');
                while at < range.end && matches!(code.kinds[at], Kind::Text | Kind::Quote) {
                    let was_open = code.kinds[at] == Kind::Text;
                    line += usize::from(code.text.as_bytes()[at] == b'\n');
                    at += 1;
                    // Two texts side by side are two.
                    if !was_open && code.kinds.get(at) != Some(&Kind::Text) {
                        break;
                    }
                }
                while !code.text.is_char_boundary(at) {
                    at += 1;
                }
                found.push(Token {
                    text: &code.text[start..at],
                    line: begun,
                });
            }
            Kind::Code if is_part(c) => {
                while at < range.end
                    && code.is_code(at)
                    && code.text[at..].chars().next().is_some_and(is_part)
                {
                    at += code.text[at..].chars().next().map_or(1, char::len_utf8);
                }
                found.push(Token {
                    text: &code.text[start..at],
                    line,
                });
            }
            Kind::Code => {
                let sign = SIGNS
                    .iter()
                    .find(|sign| code.text[start..].starts_with(**sign));
                at = start + sign.map_or(c.len_utf8(), |sign| sign.len());
                found.push(Token {
                    text: &code.text[start..at],
                    line,
                });
            }
        }
    }
    found
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Whether it is a word that could name something.
pub(in crate::engine::guard) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
}
