//! The files that a text names, for checking that they exist. Careful rather than complete: a
//! word that only looks like a path (`and/or`, `/api/users`, `os.path`) must not count.

/// Endings by which a word outside backticks is taken for a file.
const ENDINGS: [&str; 34] = [
    "c", "cc", "cfg", "cpp", "cs", "css", "go", "h", "hpp", "html", "ini", "java", "js", "json",
    "jsx", "kt", "lock", "lua", "md", "php", "py", "rb", "rs", "scss", "sh", "sql", "swift",
    "toml", "ts", "tsx", "txt", "xml", "yaml", "yml",
];

/// Paths that the text names, each once, in order.
pub fn paths(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (place, part) in text.split('`').enumerate() {
        let quoted = place % 2 == 1;
        for word in part.split(|c: char| c.is_whitespace() || "\"'()[]{}<>,;|*".contains(c)) {
            if let Some(path) = path(word, quoted)
                && !found.contains(&path)
            {
                found.push(path);
            }
        }
    }
    found
}

fn path(word: &str, quoted: bool) -> Option<String> {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let word = without_line(word).trim_start_matches("./");
    let plain = !word.is_empty()
        && !word.starts_with(['/', '~', '-', '$', '@', '#', '.'])
        && !word.contains("..")
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || "_-./+".contains(c));
    if !plain {
        return None;
    }
    let name = word.trim_end_matches('/').rsplit('/').next()?;
    let ends_like_a_file = name
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending));
    // Node.js and Vue.js are products.
    let is_product = !quoted
        && !word.contains('/')
        && name
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ending == "js")
        && name.starts_with(char::is_uppercase);
    let is_folder = quoted && word.ends_with('/') && word.len() > 1;
    ((ends_like_a_file && !is_product) || is_folder).then(|| word.trim_end_matches('/').to_owned())
}

/// `src/a.py:12` and `src/a.py:12-20` name `src/a.py`.
fn without_line(word: &str) -> &str {
    match word.split_once(':') {
        Some((path, lines)) if lines.starts_with(|c: char| c.is_ascii_digit()) => path,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(paths(text), expected, "{text}");
    }

    #[test]
    fn files_are_found_and_look_alikes_are_not() {
        check(
            "The parser is in `src/parse.rs:12` and tests/test_parse.py.",
            &["src/parse.rs", "tests/test_parse.py"],
        );
        check("Input/output and/or GET `/api/users` with os.path", &[]);
        check("`src/` holds it; see `docs/`.", &["src", "docs"]);
        check("Run `python3 -m unittest` in https://example.org/a.py", &[]);
        check("`../outside.py` and /etc/passwd.txt and .env", &[]);
        check("Node.js 20, version 1.2, e.g. this", &[]);
        check("", &[]);
    }
}
