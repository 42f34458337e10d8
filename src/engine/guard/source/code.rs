//! A source text whose every byte is known to be code, comment or text, as far as that can be told
//! without a parser. What cannot be read is still read somehow: nothing here fails or panics.

use std::ops::Range;

use crate::engine::guard::language::{Apostrophe, Language, Writing};

/// What a byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) enum Kind {
    Code,
    Comment,
    /// What opens and closes a text.
    Quote,
    Text,
}

/// A source text.
#[derive(Debug)]
pub(in crate::engine::guard) struct Code<'a> {
    pub(in crate::engine::guard) text: &'a str,
    pub(in crate::engine::guard) language: Language,
    pub(in crate::engine::guard) kinds: Vec<Kind>,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'a> Code<'a> {
    pub(in crate::engine::guard) fn read(text: &'a str, language: Language) -> Self {
        let mut reader = Reader {
            text: text.as_bytes(),
            kinds: vec![Kind::Code; text.len()],
            at: 0,
            is_go: language == Language::Go,
        };
        reader.read(language);
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0)
            .chain(ends)
            .filter(|start| *start < text.len());
        Self {
            text,
            language,
            kinds: reader.kinds,
            starts: starts.collect(),
        }
    }

    /// Whether the byte is code.
    pub(in crate::engine::guard) fn is_code(&self, at: usize) -> bool {
        self.kinds.get(at) == Some(&Kind::Code)
    }

    /// The lines: where each begins and ends.
    pub(in crate::engine::guard) fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.text.split_inclusive('\n').map(move |line| {
            let range = start..start + line.len();
            start = range.end;
            range
        })
    }

    /// How far a line is indented; none if it has no code, or goes on with a text.
    pub(in crate::engine::guard) fn indentation(&self, line: &Range<usize>) -> Option<usize> {
        let text = &self.text[line.clone()];
        let indent = text.len() - text.trim_start().len();
        let first = line.start + indent;
        let begins = matches!(self.kinds.get(first), Some(Kind::Code | Kind::Quote));
        let goes_on = line.start > 0
            && self
                .kinds
                .get(line.start)
                .is_some_and(|kind| *kind == Kind::Text);
        (!text.trim().is_empty() && begins && !goes_on).then_some(indent)
    }

    /// The code alone: comments and the insides of texts are blanks.
    pub(in crate::engine::guard) fn bare(&self, range: Range<usize>) -> String {
        self.with_blanks(range, |kind| matches!(kind, Kind::Code | Kind::Quote))
    }

    /// Code and texts: comments are blanks.
    pub(in crate::engine::guard) fn without_comments(&self, range: Range<usize>) -> String {
        self.with_blanks(range, |kind| kind != Kind::Comment)
    }

    /// Every byte keeps its place.
    fn with_blanks(&self, range: Range<usize>, stays: impl Fn(Kind) -> bool) -> String {
        let mut out = String::with_capacity(range.len());
        for (at, c) in self.text[range.clone()].char_indices() {
            if stays(self.kinds[range.start + at]) || c == '\n' {
                out.push(c);
            } else {
                out.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
        }
        out
    }

    /// The same however it is laid out: without comments and blanks that say nothing, with one
    /// sort of quotes, without a comma before a closing bracket.
    pub(in crate::engine::guard) fn normal(&self, range: Range<usize>) -> String {
        let mut out = String::new();
        let mut gap = false;
        for (at, c) in self.text[range.clone()].char_indices() {
            match self.kinds[range.start + at] {
                Kind::Comment => gap = true,
                Kind::Code if c.is_whitespace() => gap = true,
                // Most formatters of JavaScript write them, some take them out.
                Kind::Code if c == ';' && self.language == Language::JavaScript => gap = true,
                Kind::Text => out.push(c),
                kind => {
                    let joins = |c: char| c.is_alphanumeric() || c == '_';
                    if gap && joins(c) && out.ends_with(joins) {
                        out.push(' ');
                    }
                    gap = false;
                    if matches!(c, ')' | ']' | '}') && out.ends_with(',') {
                        out.pop();
                    }
                    let is_plain_quote = kind == Kind::Quote && c == '\'';
                    out.push(if is_plain_quote { '"' } else { c });
                    if c == '>' && self.language == Language::JavaScript {
                        without_brackets(&mut out);
                    }
                }
            }
        }
        out
    }

    /// Where the bracket that opens here is closed; the end of the text if it is not.
    pub(in crate::engine::guard) fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, byte) in self.text.bytes().enumerate().skip(open) {
            if !self.is_code(at) {
                continue;
            }
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
        }
        self.text.len()
    }

    /// The number of the line, from 1.
    pub(in crate::engine::guard) fn line_number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The lines that begin inside of a range, without the one in which it begins.
    pub(in crate::engine::guard) fn lines_in(
        &self,
        range: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> {
        let first = self.starts.partition_point(|start| *start <= range.start);
        let end = range.end;
        let starts = self.starts[first..].iter().copied();
        let ends = self.starts[first..].iter().skip(1).copied();
        starts
            .zip(ends.chain(std::iter::once(self.text.len())))
            .take_while(move |(start, _)| *start < end)
            .map(|(start, end)| start..end)
    }
}

/// `(a)=>` at the end becomes `a=>`.
fn without_brackets(text: &mut String) {
    let Some(before) = text.strip_suffix(")=>") else {
        return;
    };
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|start| before[*start..].starts_with('(') && start + 1 < before.len());
    if let Some(start) = start {
        let name = before[start + 1..].to_owned();
        text.truncate(start);
        if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            text.push(' ');
        }
        text.push_str(&name);
        text.push_str("=>");
    }
}

struct Reader<'a> {
    text: &'a [u8],
    kinds: Vec<Kind>,
    at: usize,
    /// Between backticks nothing is escaped.
    is_go: bool,
}

impl Reader<'_> {
    fn read(&mut self, language: Language) {
        let writing = language.writing();
        while self.at < self.text.len() {
            let comment = writing.line_comments.iter().find(|mark| self.begins(mark));
            if let Some(mark) = comment
                && self.opens_comment(mark, language)
            {
                self.until_line_end();
            } else if let Some(marks) = writing.block_comment.filter(|(open, _)| self.begins(open))
            {
                self.block_comment(marks, language == Language::Rust);
            } else if language == Language::Rust && self.raw_text() {
            } else if language == Language::JavaScript && self.is_pattern() {
                self.text_until(b"/", true);
            } else {
                self.one(&writing);
            }
        }
    }

    /// A text, or one byte of code.
    fn one(&mut self, writing: &Writing) {
        let long = writing.long_quotes.iter().find(|quote| self.begins(quote));
        match (long, self.text[self.at]) {
            (Some(quote), _) => self.text_until(quote.as_bytes(), false),
            (None, b'"') => self.text_until(b"\"", writing.ends_with_line),
            (None, b'\'') if writing.apostrophe == Apostrophe::Text => {
                self.text_until(b"'", writing.ends_with_line);
            }
            (None, b'\'') if self.is_character() => self.text_until(b"'", true),
            _ => self.at += 1,
        }
    }

    fn begins(&self, mark: &str) -> bool {
        self.text[self.at..].starts_with(mark.as_bytes())
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.text[at])
    }

    /// `#` opens a comment of a shell only where a word could begin; `#[` is PHP's attribute.
    fn opens_comment(&self, mark: &str, language: Language) -> bool {
        match (mark, language) {
            ("#", Language::Shell) => self
                .before()
                .is_none_or(|byte| byte.is_ascii_whitespace() || b";&|(".contains(&byte)),
            ("#", Language::Php) => !self.begins("#["),
            _ => true,
        }
    }

    fn mark(&mut self, length: usize, kind: Kind) {
        let end = (self.at + length).min(self.text.len());
        self.kinds[self.at..end].fill(kind);
        self.at = end;
    }

    fn until_line_end(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.mark(length.unwrap_or(rest.len()), Kind::Comment);
    }

    fn block_comment(&mut self, (open, close): (&str, &str), nested: bool) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            if self.begins(open) && (nested || depth == 0) {
                depth += 1;
                self.mark(open.len(), Kind::Comment);
            } else if self.begins(close) {
                depth -= 1;
                self.mark(close.len(), Kind::Comment);
                if depth == 0 {
                    return;
                }
            } else {
                self.mark(1, Kind::Comment);
            }
        }
    }

    /// A backslash escapes what follows it.
    fn text_until(&mut self, end: &[u8], ends_with_line: bool) {
        self.mark(end.len(), Kind::Quote);
        while self.at < self.text.len() {
            match self.text[self.at] {
                b'\\' if !(end == b"`" && self.is_go) => self.mark(2, Kind::Text),
                b'\n' if ends_with_line => return,
                _ if self.text[self.at..].starts_with(end) => {
                    return self.mark(end.len(), Kind::Quote);
                }
                _ => self.mark(1, Kind::Text),
            }
        }
    }

    /// Rust's `r"…"` and `r#"…"#`.
    fn raw_text(&mut self) -> bool {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let rest = &self.text[self.at..];
        let from = match rest {
            [b'r', ..] => 1,
            [b'b', b'r', ..] => 2,
            _ => return false,
        };
        if self.before().is_some_and(word) {
            return false;
        }
        let hashes = rest[from..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        if rest.get(from + hashes) != Some(&b'"') {
            return false;
        }
        self.at += from;
        self.mark(hashes + 1, Kind::Quote);
        let mut end = vec![b'"'];
        end.extend(std::iter::repeat_n(b'#', hashes));
        while self.at < self.text.len() {
            if self.text[self.at..].starts_with(&end) {
                self.mark(end.len(), Kind::Quote);
                return true;
            }
            self.mark(1, Kind::Text);
        }
        true
    }

    /// Whether an apostrophe opens a character and not a lifetime.
    fn is_character(&self) -> bool {
        let rest = &self.text[self.at + 1..];
        match rest {
            [b'\\', ..] => true,
            [first, ..] => {
                // A character has up to four bytes.
                let length = match first {
                    0..0x80 => 1,
                    0..0xe0 => 2,
                    0..0xf0 => 3,
                    _ => 4,
                };
                rest.get(length) == Some(&b'\'')
            }
            [] => false,
        }
    }

    /// Whether a slash of JavaScript opens a pattern rather than divides.
    fn is_pattern(&self) -> bool {
        if !self.begins("/") || self.begins("//") || self.begins("/*") {
            return false;
        }
        let before = self.text[..self.at]
            .iter()
            .rev()
            .find(|byte| !matches!(byte, b' ' | b'\t'));
        let opens = before.is_none_or(|byte| b"(,=:[!&|?{};\n+".contains(byte));
        let line = self.text[self.at + 1..].split(|byte| *byte == b'\n').next();
        opens && line.is_some_and(|line| line.contains(&b'/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, text: &str, bare: &str) {
        let code = Code::read(text, language);
        assert_eq!(code.bare(0..text.len()), bare, "{language:?}");
    }

    #[test]
    fn comments_and_texts_are_told_from_code() {
        check(Language::Python, "a = 'x#y' # b", "a = '   '    ");
        check(
            Language::Python,
            "\"\"\"d\n\"q\"\n\"\"\"\nb",
            "\"\"\" \n   \n\"\"\"\nb",
        );
        check(
            Language::Rust,
            "a /* b /* c */ */ 'x' &'a \"\\\"\"",
            "a                 ' ' &'a \"  \"",
        );
        check(Language::Rust, "r#\"a\"b\"# c", "r#\"   \"# c");
        check(
            Language::JavaScript,
            "a = /[\"']/.test(b) // c",
            "a = /    /.test(b)     ",
        );
        check(Language::JavaScript, "a / b / c `x\n{`", "a / b / c ` \n `");
        check(Language::Shell, "a $# b#c # d", "a $# b#c    ");
        check(Language::Go, "`\\` + 'x' // '", "` ` + ' '     ");
    }

    #[test]
    fn layout_makes_no_difference() {
        let normal = |text: &str| Code::read(text, Language::Python).normal(0..text.len());
        assert_eq!(
            normal("assert  add( [] , 'x') == 1  # so"),
            normal("assert add(\n    [],\n    \"x\",\n) == 1")
        );
        assert_ne!(normal("assert a == 'x y'"), normal("assert a == 'xy'"));
        assert_eq!(normal("not  a"), "not a");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(?s)[a-z'\"`#/*r\\\\{}()\n ü]{0,60}", which in 0..5_usize) {
            let language = [Language::Python, Language::Rust, Language::JavaScript, Language::Go, Language::Shell][which];
            let code = Code::read(&text, language);
            let _ = (code.bare(0..text.len()), code.normal(0..text.len()), code.closing(0));
            for line in code.lines() {
                let _ = code.indentation(&line);
            }
        }
    }
}
