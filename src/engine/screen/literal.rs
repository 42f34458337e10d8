//! Text that is known without running anything: escapes, and what `echo` and `printf` write.

use std::iter::Peekable;
use std::str::Chars;

use super::argument::{Argument, UNKNOWN};

/// The text that `$'…'`, `echo -e` and `printf` make of backslashes.
pub(super) fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('a' | 'b' | 'e' | 'E' | 'f' | 'v') => {}
            Some('x') => result.push(number(&mut rest, 16, 2, 0)),
            Some('u') => result.push(number(&mut rest, 16, 4, 0)),
            Some('U') => result.push(number(&mut rest, 16, 8, 0)),
            Some(digit @ '0'..='7') => {
                let first = digit.to_digit(8).unwrap_or(0);
                let most = if first == 0 { 3 } else { 2 };
                result.push(number(&mut rest, 8, most, first));
            }
            Some(other) => result.push(other),
            None => result.push('\\'),
        }
    }
    result
}

fn number(rest: &mut Peekable<Chars<'_>>, radix: u32, most: usize, first: u32) -> char {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(radix)) else {
            break;
        };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        rest.next();
    }
    char::from_u32(value).unwrap_or(UNKNOWN)
}

/// What a command writes, if that is known: only `echo` and `printf` say so in their text.
pub(super) fn output(arguments: &[Argument]) -> Option<String> {
    let (name, rest) = arguments.split_first()?;
    let rest: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    match name.text.as_str() {
        "echo" => {
            let options = rest
                .iter()
                .take_while(|word| word.starts_with('-') && word.len() > 1)
                .count();
            let escapes = rest[..options].iter().any(|word| word.contains('e'));
            let text = rest[options..].join(" ");
            Some(if escapes { unescape(&text) } else { text } + "\n")
        }
        "printf" => {
            let (format, values) = rest.split_first()?;
            let mut values = values.iter();
            let mut text = String::new();
            let format = unescape(format);
            let mut pieces = format.split('%');
            text.push_str(pieces.next().unwrap_or_default());
            for piece in pieces {
                let kind = piece.find(|c: char| c.is_ascii_alphabetic() || c == '%');
                text.push_str(values.next().copied().unwrap_or_default());
                text.push_str(kind.map_or("", |end| &piece[end + 1..]));
            }
            for value in values {
                text.push('\n');
                text.push_str(value);
            }
            Some(text.replace('\0', "\n"))
        }
        _ => None,
    }
}
