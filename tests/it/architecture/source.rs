//! A source file as the rules see it: its code without comments, texts and tests, on the same
//! lines; and the texts. A scanner of tokens, not a parser: rules speak of names, not of types.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// A file.
pub(super) struct Source {
    /// From the root of the repository, with `/`.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// Its tokens outside tests; a token is a word, `::`, or one other character.
    pub(super) tokens: Vec<Token>,
    /// The texts in quotes outside tests.
    pub(super) literals: Vec<Token>,
    /// The modules it declares for tests only.
    test_modules: Vec<String>,
}

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Counted from 1.
    pub(super) line: usize,
    /// The text itself.
    pub(super) text: String,
}

impl Source {
    /// Reads a text as the file of that path.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mut code: Vec<char> = text.chars().collect();
        let texts = take_texts(&mut code);
        let (only_tested, test_modules) = test_code(&code);
        for range in &only_tested {
            blank(&mut code, range.clone());
        }
        let line = |offset: usize| 1 + code[..offset].iter().filter(|c| **c == '\n').count();
        let literals = texts
            .into_iter()
            .filter(|(offset, _)| !only_tested.iter().any(|range| range.contains(offset)))
            .map(|(offset, text)| Token {
                line: line(offset),
                text,
            })
            .collect();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens: tokens(&code),
            literals,
            test_modules,
        }
    }

    /// Whether the file stands in that folder, or is that file.
    pub(super) fn is_in(&self, place: &str) -> bool {
        self.path
            .strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || place.ends_with('/'))
    }

    /// A sentence about a line of this file.
    pub(super) fn says(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// All Rust files of the repository, read once. What is declared for tests only has no tokens.
pub(super) fn tree() -> &'static [Source] {
    static TREE: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in ["src", "tests", "benches"] {
            collect(root, folder, &mut files);
        }
        without_test_modules(files)
    });
    &TREE
}

fn collect(root: &Path, folder: &str, files: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return; // There may be no benches.
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            collect(root, &path, files);
        } else if Path::new(&name).extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            files.push(Source::new(&path, &text));
        }
    }
}

/// Takes the code out of the files that are declared as `#[cfg(test)] mod …;`.
pub(super) fn without_test_modules(mut files: Vec<Source>) -> Vec<Source> {
    let tests: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let own = file
                .path
                .trim_end_matches(".rs")
                .trim_end_matches("/mod")
                .to_owned();
            file.test_modules
                .iter()
                .map(move |name| format!("{own}/{name}"))
        })
        .collect();
    for file in &mut files {
        let own = format!("{}/", file.path.trim_end_matches(".rs"));
        if tests
            .iter()
            .any(|test| own.starts_with(&format!("{test}/")))
        {
            file.tokens.clear();
            file.literals.clear();
        }
    }
    files
}

fn blank(code: &mut [char], range: std::ops::Range<usize>) {
    for c in &mut code[range] {
        if *c != '\n' {
            *c = ' ';
        }
    }
}

/// Blanks comments, texts and single characters; returns the texts with their offsets.
fn take_texts(code: &mut [char]) -> Vec<(usize, String)> {
    let mut texts = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let next = code.get(at + 1).copied().unwrap_or(' ');
        let end = match code[at] {
            '/' if next == '/' => line_end(code, at),
            '/' if next == '*' => comment_end(code, at),
            '"' => string_end(code, at),
            '\'' if next == '\\' => find(code, at + 3, '\'') + 1,
            '\'' if code.get(at + 2) == Some(&'\'') => at + 3,
            c if is_word(c) => {
                let word_end = (at..code.len())
                    .find(|i| !is_word(code[*i]))
                    .unwrap_or(code.len());
                let word: String = code[at..word_end].iter().collect();
                let hashes = code[word_end..].iter().take_while(|c| **c == '#').count();
                let quote = word_end + hashes;
                let prefixed = ["r", "b", "br", "c", "cr"].contains(&word.as_str());
                if !prefixed
                    || code.get(quote) != Some(&'"')
                    || (hashes > 0 && !word.ends_with('r'))
                {
                    at = word_end;
                    continue;
                }
                if word.ends_with('r') {
                    raw_end(code, quote, hashes)
                } else {
                    string_end(code, quote)
                }
            }
            _ => {
                at += 1;
                continue;
            }
        }
        .min(code.len());
        let token: String = code[at..end].iter().collect();
        if !token.starts_with('/')
            && let (Some(first), Some(last)) = (token.find('"'), token.rfind('"'))
            && !token.starts_with('\'')
        {
            texts.push((
                at,
                token.get(first + 1..last).unwrap_or_default().to_owned(),
            ));
        }
        blank(code, at..end);
        at = end;
    }
    texts
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn find(code: &[char], from: usize, wanted: char) -> usize {
    (from..code.len())
        .find(|i| code[*i] == wanted)
        .unwrap_or(code.len())
}

fn line_end(code: &[char], at: usize) -> usize {
    find(code, at, '\n')
}

fn comment_end(code: &[char], at: usize) -> usize {
    let (mut at, mut depth) = (at + 2, 1);
    while at < code.len() && depth > 0 {
        match code[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

fn string_end(code: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < code.len() && code[at] != '"' {
        at += if code[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_end(code: &[char], quote: usize, hashes: usize) -> usize {
    (quote + 1..code.len())
        .find(|i| {
            code[*i] == '"' && code[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes
        })
        .map_or(code.len(), |i| i + 1 + hashes)
}

/// The ranges of items behind `#[cfg(test)]`, and the names of modules among them that are files.
fn test_code(code: &[char]) -> (Vec<std::ops::Range<usize>>, Vec<String>) {
    let (mut ranges, mut modules) = (Vec::new(), Vec::new());
    let mark: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut at = 0;
    while at < code.len() {
        if !code[at..].starts_with(&mark) {
            at += 1;
            continue;
        }
        let mut item = at;
        while code.get(item) == Some(&'#') {
            item = closed(code, find(code, item, '['), '[', ']');
            item += code[item..]
                .iter()
                .take_while(|c| c.is_whitespace())
                .count();
        }
        let stop = (item..code.len())
            .find(|i| ['{', ';'].contains(&code[*i]))
            .unwrap_or(code.len());
        let end = match code.get(stop) {
            Some('{') => closed(code, stop, '{', '}'),
            _ => (stop + 1).min(code.len()),
        };
        let words: String = code[item..stop].iter().collect();
        if let (Some(name), Some(';')) = (
            words.trim().rsplit_once("mod ").map(|(_, name)| name),
            code.get(stop),
        ) {
            modules.push(name.to_owned());
        }
        ranges.push(at..end);
        at = end;
    }
    (ranges, modules)
}

/// Behind the bracket that closes the one at `from`.
fn closed(code: &[char], from: usize, open: char, close: char) -> usize {
    let mut depth = 0;
    for (at, c) in code.iter().enumerate().skip(from) {
        if *c == open {
            depth += 1;
        } else if *c == close {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    code.len()
}

fn tokens(code: &[char]) -> Vec<Token> {
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while at < code.len() {
        let length = match code[at..] {
            [':', ':', ..] => 2,
            [c, ..] if is_word(c) => code[at..].iter().take_while(|c| is_word(**c)).count(),
            _ => 1,
        };
        if code[at] == '\n' {
            line += 1;
        } else if !code[at].is_whitespace() {
            found.push(Token {
                line,
                text: code[at..at + length].iter().collect(),
            });
        }
        at += length;
    }
    found
}

#[test]
fn comments_texts_and_tests_are_no_code() {
    let source = Source::new(
        "src/a.rs",
        "//! one \"two\"\nfn f<'a>() { g('\"', '\\'', \"t\\\"u\", r#\"v\"w\"#, b\"x\"); } /* a /* b */ c */ d\n\
         #[cfg(test)]\n#[expect(x)]\nmod tests { use y; \"z\" }\n#[cfg(test)]\nmod more;\nr#fn!();",
    );
    let code: Vec<&str> = source
        .tokens
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    assert_eq!(
        code.join(" "),
        "fn f < ' a > ( ) { g ( , , , , ) ; } d r # fn ! ( ) ;"
    );
    let literals: Vec<(usize, &str)> = source
        .literals
        .iter()
        .map(|token| (token.line, token.text.as_str()))
        .collect();
    assert_eq!(literals, [(2, "t\\\"u"), (2, "v\"w"), (2, "x")]);
    assert_eq!(source.tokens.last().unwrap().line, 8);
    assert_eq!(source.test_modules, ["more"]);
}

#[test]
fn a_module_for_tests_only_is_no_code() {
    let files = without_test_modules(vec![
        Source::new("src/a/mod.rs", "#[cfg(test)]\nmod tests;\nmod b;"),
        Source::new("src/a/tests.rs", "fn f() {}"),
        Source::new("src/a/b.rs", "fn f() {}"),
    ]);
    let sizes: Vec<usize> = files.iter().map(|file| file.tokens.len()).collect();
    assert_eq!(sizes, [3, 0, 6]);
}
