//! Reads one value, forgiving exactly what the list of repairs forgives: trailing commas, single
//! quotes, raw line breaks and tabs in strings, comments, missing final brackets. It never
//! guesses where a string ends. Python literals and Gemma's notation are dialects of the same.

use serde_json::{Map, Number, Value};

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 64;

/// Which notation is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON with the listed repairs.
    Json,
    /// Python literals, as in `read_file(path='a')`.
    Python,
    /// Bare keys, and strings between `<|"|>` or `<escape>`.
    Gemma,
}

/// What was forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Repair {
    TrailingComma,
    SingleQuotes,
    RawLineBreaks,
    Comments,
    MissingBrackets,
    LastNumber,
}

impl Repair {
    /// The words of the journal.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::TrailingComma => "removed a trailing comma",
            Self::SingleQuotes => "read single quotes as JSON strings",
            Self::RawLineBreaks => "kept raw line breaks or tabs inside a string",
            Self::Comments => "removed comments",
            Self::MissingBrackets => "closed missing final brackets",
            Self::LastNumber => "took the number at the very end for whole",
        }
    }
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// What is wrong.
    pub(super) kind: FlawKind,
    /// The key whose value was being read.
    pub(super) key: Option<String>,
    /// Where, in bytes.
    pub(super) at: usize,
}

impl Flaw {
    /// A text that ends too early.
    pub(super) fn incomplete(at: usize) -> Self {
        Self {
            kind: FlawKind::Incomplete,
            key: None,
            at,
        }
    }

    /// Something that cannot stand there.
    pub(super) fn unexpected(at: usize) -> Self {
        Self {
            kind: FlawKind::Unexpected,
            key: None,
            at,
        }
    }
}

/// The ways in which a value can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// The text ends inside a string.
    UnclosedString,
    /// The text ends where something must follow.
    Incomplete,
    /// A string is followed by something that cannot follow it: its quote came early.
    EarlyQuote(char),
    /// A backslash before a letter that has no meaning there.
    Escape,
    /// The same key twice with different values.
    DuplicateKey,
    /// Nested too deeply.
    TooDeep,
    /// Anything else.
    Unexpected,
}

/// Reads values out of a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    pos: usize,
    dialect: Dialect,
    depth: usize,
    key: Option<String>,
    last_quote: Option<char>,
    /// What was forgiven so far.
    pub(super) repairs: Vec<Repair>,
}

impl<'a> Reader<'a> {
    /// A reader at that byte.
    pub(super) fn new(text: &'a str, pos: usize, dialect: Dialect) -> Self {
        Self {
            text,
            pos,
            dialect,
            depth: 0,
            key: None,
            last_quote: None,
            repairs: Vec::new(),
        }
    }

    /// Where it stands.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn flaw<T>(&self, kind: FlawKind) -> Result<T, Flaw> {
        Err(Flaw {
            kind,
            key: self.key.clone(),
            at: self.pos,
        })
    }

    fn repair(&mut self, repair: Repair) {
        if !self.repairs.contains(&repair) {
            self.repairs.push(repair);
        }
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.pos += rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") || trimmed.starts_with('#') {
                trimmed.find('\n')
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map(|end| end + 2)
            } else {
                return;
            };
            // One that never ends may hold the rest of the call: nobody knows what was meant.
            let Some(comment) = comment else { return };
            self.pos += comment;
            self.repair(Repair::Comments);
        }
    }

    /// Whether the text of this value is over: nothing, or the tag or fence that encloses it.
    fn over(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with('<') || rest.starts_with("```")
    }

    /// Reads one value.
    pub(super) fn value(&mut self) -> Result<Value, Flaw> {
        self.skip();
        self.last_quote = None;
        if self.depth > MAX_DEPTH {
            return self.flaw(FlawKind::TooDeep);
        }
        if let Some(delimiter) = self.gemma_delimiter() {
            return self.delimited(delimiter).map(Value::String);
        }
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"' | '\'') => self.string().map(Value::String),
            Some('-' | '0'..='9') => self.number(),
            Some('r' | 'R') if self.raw_python_string() => {
                self.pos += 1;
                self.quoted(Escapes::Kept).map(Value::String)
            }
            Some(_) if !self.over() => self.word(),
            _ => self.flaw(FlawKind::Incomplete),
        }
    }

    fn raw_python_string(&self) -> bool {
        self.dialect == Dialect::Python && self.rest()[1..].starts_with(['"', '\''])
    }

    fn gemma_delimiter(&self) -> Option<&'static str> {
        (self.dialect == Dialect::Gemma)
            .then(|| {
                ["<|\"|>", "<escape>"]
                    .into_iter()
                    .find(|mark| self.rest().starts_with(mark))
            })
            .flatten()
    }

    fn delimited(&mut self, delimiter: &str) -> Result<String, Flaw> {
        let body = &self.rest()[delimiter.len()..];
        let Some(end) = body.find(delimiter) else {
            return self.flaw(FlawKind::UnclosedString);
        };
        self.pos += end + 2 * delimiter.len();
        Ok(body[..end].to_owned())
    }

    fn object(&mut self) -> Result<Value, Flaw> {
        let mut map = Map::new();
        self.depth += 1;
        self.pos += 1;
        loop {
            self.skip();
            if self.peek() == Some('}') {
                self.pos += 1;
                break;
            }
            let key = self.object_key()?;
            self.skip();
            if self.peek() != Some(':') {
                return self.after_string();
            }
            self.pos += 1;
            self.key = Some(key.clone());
            let value = self.value()?;
            if map.get(&key).is_some_and(|old| *old != value) {
                self.key = Some(key);
                return self.flaw(FlawKind::DuplicateKey);
            }
            map.insert(key.clone(), value);
            self.key = Some(key);
            if self.separator('}')? {
                break;
            }
        }
        self.depth -= 1;
        Ok(Value::Object(map))
    }

    fn object_key(&mut self) -> Result<String, Flaw> {
        if let Some(delimiter) = self.gemma_delimiter() {
            return self.delimited(delimiter);
        }
        match self.peek() {
            Some('"' | '\'') => self.string(),
            Some(first) if self.dialect == Dialect::Gemma && is_word(first) => {
                let rest = self.rest();
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.pos += end;
                Ok(rest[..end].to_owned())
            }
            _ if self.over() => self.flaw(FlawKind::Incomplete),
            _ => self.flaw(FlawKind::Unexpected),
        }
    }

    fn array(&mut self) -> Result<Value, Flaw> {
        let mut items = Vec::new();
        self.depth += 1;
        self.pos += 1;
        loop {
            self.skip();
            if self.peek() == Some(']') {
                self.pos += 1;
                break;
            }
            items.push(self.value()?);
            if self.separator(']')? {
                break;
            }
        }
        self.depth -= 1;
        Ok(Value::Array(items))
    }

    /// After a member: a comma, or the end of the container, which is `true`.
    fn separator(&mut self, close: char) -> Result<bool, Flaw> {
        self.skip();
        match self.peek() {
            Some(',') => {
                self.pos += 1;
                self.skip();
                if self.peek() == Some(close) {
                    self.pos += 1;
                    self.repair(Repair::TrailingComma);
                    return Ok(true);
                }
                Ok(false)
            }
            Some(found) if found == close => {
                self.pos += 1;
                self.last_quote = None;
                Ok(true)
            }
            _ if self.over() => {
                self.repair(Repair::MissingBrackets);
                self.last_quote = None;
                Ok(true)
            }
            _ => self.after_string(),
        }
    }

    /// Something stands where nothing of the kind may stand; after a string, its quote is why.
    fn after_string<T>(&mut self) -> Result<T, Flaw> {
        match self.last_quote {
            _ if self.over() => self.flaw(FlawKind::Incomplete),
            Some(quote) => self.flaw(FlawKind::EarlyQuote(quote)),
            None => self.flaw(FlawKind::Unexpected),
        }
    }

    fn string(&mut self) -> Result<String, Flaw> {
        self.quoted(Escapes::Read)
    }

    fn quoted(&mut self, escapes: Escapes) -> Result<String, Flaw> {
        let quote = self.peek().unwrap_or('"');
        let triple: String = [quote; 3].iter().collect();
        let mark = if self.dialect == Dialect::Python && self.rest().starts_with(&triple) {
            triple.as_str()
        } else {
            &triple[..1]
        };
        if quote == '\'' && self.dialect == Dialect::Json {
            self.repair(Repair::SingleQuotes);
        }
        self.pos += mark.len();
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let stop = rest
                .find(|c: char| c == quote || c == '\\' || c < ' ')
                .unwrap_or(rest.len());
            out.push_str(&rest[..stop]);
            self.pos += stop;
            let rest = &rest[stop..];
            if rest.starts_with(mark) {
                self.pos += mark.len();
                self.last_quote = Some(quote);
                return Ok(out);
            }
            match rest.chars().next() {
                None => return self.flaw(FlawKind::UnclosedString),
                Some('\\') => self.escape(quote, escapes, &mut out)?,
                Some(raw @ ('\n' | '\r' | '\t')) => {
                    if mark.len() == 1 {
                        self.repair(Repair::RawLineBreaks);
                    }
                    out.push(raw);
                    self.pos += 1;
                }
                Some(inner) if inner == quote => {
                    out.push(inner);
                    self.pos += 1;
                }
                Some(_) => return self.flaw(FlawKind::Unexpected),
            }
        }
    }

    fn escape(&mut self, quote: char, escapes: Escapes, out: &mut String) -> Result<(), Flaw> {
        let Some(letter) = self.rest()[1..].chars().next() else {
            return self.flaw(FlawKind::UnclosedString);
        };
        let python = self.dialect == Dialect::Python;
        if escapes == Escapes::Kept {
            out.push('\\');
            out.push(letter);
            self.pos += 1 + letter.len_utf8();
            return Ok(());
        }
        let plain = match letter {
            '"' | '\\' | '/' => Some(letter),
            '\'' if python || quote == '\'' => Some(letter),
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            _ => None,
        };
        match (plain, letter) {
            (Some(plain), _) => {
                out.push(plain);
                self.pos += 2;
            }
            (None, 'u') => out.push(self.unicode()?),
            (None, other) if python => {
                // Python keeps a backslash that means nothing.
                out.push('\\');
                out.push(other);
                self.pos += 1 + other.len_utf8();
            }
            _ => return self.flaw(FlawKind::Escape),
        }
        Ok(())
    }

    /// `\uXXXX`, or a pair of them.
    fn unicode(&mut self) -> Result<char, Flaw> {
        let unit = |text: &str| {
            text.strip_prefix("\\u")
                .and_then(|hex| hex.get(..4))
                .and_then(|hex| u16::from_str_radix(hex, 16).ok())
        };
        let Some(first) = unit(self.rest()) else {
            return self.flaw(FlawKind::Escape);
        };
        let second = self.rest().get(6..).and_then(unit);
        if let Some(Ok(letter)) = char::decode_utf16([first]).next() {
            self.pos += 6;
            return Ok(letter);
        }
        match char::decode_utf16([first].into_iter().chain(second)).next() {
            Some(Ok(letter)) => {
                self.pos += 12;
                Ok(letter)
            }
            _ => self.flaw(FlawKind::Escape),
        }
    }

    fn number(&mut self) -> Result<Value, Flaw> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        match serde_json::from_str::<Number>(&rest[..end]) {
            Ok(number) => {
                self.pos += end;
                // More digits may have been meant.
                if self.depth > 0 && self.rest().is_empty() {
                    self.repair(Repair::LastNumber);
                }
                Ok(Value::Number(number))
            }
            Err(_) => self.flaw(FlawKind::Unexpected),
        }
    }

    fn word(&mut self) -> Result<Value, Flaw> {
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let value = match &rest[..end] {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "True" => self.python_word(Value::Bool(true)),
            "False" => self.python_word(Value::Bool(false)),
            "None" => self.python_word(Value::Null),
            _ => return self.flaw(FlawKind::Unexpected),
        };
        self.pos += end;
        Ok(value)
    }

    fn python_word(&mut self, value: Value) -> Value {
        if self.dialect == Dialect::Json {
            self.repair(Repair::SingleQuotes);
        }
        value
    }
}

/// What a backslash means in a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// It starts an escape.
    Read,
    /// It is a backslash.
    Kept,
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
