//! A piece of shell as the commands it is made of and how each is joined to the next. Enough to see
//! whether a failure reaches the end; no shell's whole grammar.

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) struct Piece {
    /// Without keywords in front and redirections.
    pub(in crate::engine::guard) words: Vec<String>,
    /// Whether a keyword stands in front that asks for its outcome: `if`, `while`, `!`.
    pub(in crate::engine::guard) is_condition: bool,
    /// Blocks and functions around it.
    pub(in crate::engine::guard) depth: usize,
    pub(in crate::engine::guard) then: Join,
}

/// What follows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) enum Join {
    And,
    Or,
    Pipe,
    Background,
    Next,
}

/// The commands of a text.
pub(in crate::engine::guard) fn pieces(text: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    let mut end_of_document: Option<String> = None;
    for line in text.replace("\\\n", " ").lines() {
        if let Some(end) = &end_of_document {
            if line.trim() == end {
                end_of_document = None;
            }
            continue;
        }
        end_of_document = reader.line(line);
    }
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<Piece>,
    words: Vec<String>,
    word: String,
    /// Inside quotes that go on in the next line.
    quote: Option<char>,
    was_quoted: bool,
    depth: usize,
}

impl Reader {
    /// One line; gives the word that ends a document which begins here.
    fn line(&mut self, line: &str) -> Option<String> {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if let Some(open) = self.quote {
                match c {
                    _ if c == open => self.quote = None,
                    '\\' if open == '"' => self.word.extend(chars.next()),
                    _ => self.word.push(c),
                }
                continue;
            }
            match c {
                '\'' | '"' => {
                    self.quote = Some(c);
                    self.was_quoted = true;
                }
                '\\' => self.word.extend(chars.next()),
                '#' if self.word.is_empty() && !self.was_quoted => break,
                '&' if chars.peek() == Some(&'&') => {
                    chars.next();
                    self.end(Join::And);
                }
                // `2>&1` and `&>` are redirections.
                '&' if self.word.ends_with('>') || chars.peek() == Some(&'>') => self.word.push(c),
                '|' if chars.peek() == Some(&'|') => {
                    chars.next();
                    self.end(Join::Or);
                }
                '&' => self.end(Join::Background),
                '|' => self.end(Join::Pipe),
                ';' => self.end(Join::Next),
                '(' if self.word.ends_with('$') => self.word.push(c),
                '(' if !self.word.is_empty() && chars.peek() == Some(&')') => {
                    chars.next();
                    self.word.push_str("()");
                }
                '(' if self.word.is_empty() => {
                    self.end(Join::Next);
                    self.depth += 1;
                }
                ')' if !self.word.contains("$(") => {
                    self.end(Join::Next);
                    self.depth = self.depth.saturating_sub(1);
                }
                _ if c.is_whitespace() => self.end_word(),
                _ => self.word.push(c),
            }
        }
        if self.quote.is_some() {
            self.word.push('\n');
            return None;
        }
        let document = self.document();
        self.end(Join::Next);
        document
    }

    fn document(&self) -> Option<String> {
        let words = self.words.iter().chain(std::iter::once(&self.word));
        let mut words = words.skip_while(|word| !word.starts_with("<<") || word.starts_with("<<<"));
        let mark = words.next()?;
        let end = mark.trim_start_matches('<').trim_start_matches('-');
        let end = if end.is_empty() {
            words.next()?.as_str()
        } else {
            end
        };
        Some(end.to_owned())
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() || self.was_quoted {
            self.words.push(std::mem::take(&mut self.word));
        }
        self.was_quoted = false;
    }

    fn end(&mut self, then: Join) {
        self.end_word();
        let mut words = std::mem::take(&mut self.words);
        let mut is_condition = false;
        while let Some(first) = words.first() {
            match first.as_str() {
                "if" | "elif" | "while" | "until" | "!" => {
                    is_condition = true;
                    self.depth +=
                        usize::from(matches!(words[0].as_str(), "if" | "while" | "until"));
                }
                "then" | "else" | "do" => {}
                "{" | "case" | "for" | "select" | "function" => self.depth += 1,
                "fi" | "done" | "}" | "esac" => self.depth = self.depth.saturating_sub(1),
                _ => break,
            }
            let keyword = words.remove(0);
            if matches!(keyword.as_str(), "for" | "case" | "select") {
                words.clear();
            }
        }
        if words.is_empty() {
            // `pytest && { …` and `} || true` join what is before.
            if let (Some(last), true) = (self.found.last_mut(), then != Join::Next) {
                last.then = then;
            }
            return;
        }
        if words.len() > 1 && words[1] == "{" || words.last().is_some_and(|word| word == "{") {
            words.retain(|word| word != "{");
            self.depth += 1;
        }
        let mut plain = Vec::new();
        let mut skips = false;
        for word in words {
            let redirects = word
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .starts_with(['>', '<'])
                || word.starts_with("&>");
            if redirects {
                skips = word.ends_with(['>', '<']);
            } else if skips {
                skips = false;
            } else {
                plain.push(word);
            }
        }
        if !plain.is_empty() {
            self.found.push(Piece {
                words: plain,
                is_condition,
                depth: self.depth,
                then,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = pieces(text)
            .iter()
            .map(|piece| {
                format!(
                    "{}{} {:?}",
                    "  ".repeat(piece.depth),
                    piece.words.join(" "),
                    piece.then
                )
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn commands_and_how_they_are_joined() {
        check("a && b || true", &["a And", "b Or", "true Next"]);
        check(
            "a 2>&1 | tee 'x y' > log; b &",
            &["a Pipe", "tee x y Next", "b Background"],
        );
        check(
            "if a -q; then\n  exit 0 # b\nfi\nc",
            &["  a -q Next", "  exit 0 Next", "c Next"],
        );
        check(
            "f() {\n  a\n}\ncat <<END\nexit 0\nEND\nb \\\n  c",
            &["  f() Next", "  a Next", "cat Next", "b c Next"],
        );
        check(
            "(cd x && a) || { echo no; exit 1; }",
            &["  cd x And", "  a Or", "  echo no Next", "  exit 1 Next"],
        );
        check("a \"$(b)\" 'it''s'", &["a $(b) its Next"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(?s)[a-z$(){}&|;'\"#<> \n\\\\ü]{0,50}") {
            let _ = pieces(&text);
        }
    }
}
