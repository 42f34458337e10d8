//! What in a file of settings is secret: values by their names and by their looks, in the many ways
//! in which such files write them. Reads texts only; which files these are is in `secrets`.

use serde_json::Value;

use super::secret_words::{SHORTEST, is_pin, is_secret, judge, password_in};

/// Everything secret in a text: JSON, or lines `NAME=value`, `name: value`, items and bare keys,
/// with values that go on over several lines.
pub(super) fn values(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        values_of_json("secret", &json, &mut found);
        written_otherwise(text, &mut found);
        return found;
    }
    let mut reader = Reader {
        name: "secret".to_owned(),
        open: None,
        found,
    };
    for line in text.lines() {
        reader.line(line);
    }
    reader.found
}

/// Reads a file of settings line by line.
struct Reader {
    /// The name that was given last.
    name: String,
    /// A value that goes on.
    open: Option<Open>,
    found: Vec<(String, String)>,
}

/// A value over several lines.
enum Open {
    /// Between these quotation marks: what there is of it.
    Quoted(&'static str, String),
    /// In the lines that are indented more than this.
    Indented(usize),
}

impl Reader {
    fn line(&mut self, whole: &str) {
        let indent = whole.len() - whole.trim_start().len();
        match self.open.take() {
            Some(Open::Quoted(mark, before)) => return self.quoted(mark, before, whole),
            Some(Open::Indented(least)) if whole.trim().is_empty() || indent > least => {
                self.part(whole.trim());
                self.open = Some(Open::Indented(least));
                return;
            }
            Some(Open::Indented(_)) | None => {}
        }
        let line = whole.trim().trim_end_matches(',');
        let is_comment = line.starts_with(['#', ';']);
        if is_comment && !is_assignment(line) {
            return;
        }
        let line = line.trim_start_matches(['#', ';', ' ']);
        if let Some(password) = of_password_file(line) {
            self.found
                .push(("password".to_owned(), password.to_owned()));
        }
        self.words(line);
        let item = line.strip_prefix("- ").map(str::trim_start);
        let line = item.unwrap_or(line);
        if let Some((name, value)) = named(line) {
            self.name = name;
            if matches!(value, "" | "|" | "|-" | "|+" | ">" | ">-" | ">+") {
                // Only what a sign announces goes on; other names may just have no value.
                self.open = (!value.is_empty()).then_some(Open::Indented(indent));
                return;
            }
            if let Some(mark) = opens(value) {
                return self.quoted(mark, String::new(), &value[mark.len()..]);
            }
        }
        match (pair(line), item) {
            (Some((name, value)), _) => {
                judge(&name, &value, Some(line), &mut self.found);
                if let Some(plain) = unescaped(line).filter(|plain| *plain != value) {
                    judge(&name, &plain, None, &mut self.found);
                }
                self.name = name;
            }
            (None, Some(item)) if !is_comment => {
                let value = item.trim_matches(['"', '\'']);
                judge(&self.name, value, None, &mut self.found);
                bare(&self.name, line, &mut self.found);
            }
            (None, _) if is_comment => {}
            (None, _) => bare(&self.name, line, &mut self.found),
        }
    }

    /// A piece of a value between quotation marks: to its end, or all of it.
    fn quoted(&mut self, mark: &'static str, mut before: String, piece: &str) {
        let (inside, closed) = match piece.split_once(mark) {
            Some((inside, _)) => (inside, true),
            None => (piece, false),
        };
        self.part(inside);
        before.push_str(inside);
        if closed {
            judge(&self.name, before.trim_matches('\n'), None, &mut self.found);
        } else {
            before.push('\n');
            self.open = Some(Open::Quoted(mark, before));
        }
    }

    /// A line of a value over several: tools show lines with their numbers between them.
    fn part(&mut self, line: &str) {
        let line = line.trim();
        if line.len() >= 8 || is_secret(&self.name, line) {
            judge(&self.name, line, None, &mut self.found);
        }
    }

    /// `export A=b C='d'; E=f`: every word that is an assignment.
    fn words(&mut self, line: &str) {
        let spread = line.replace(';', " ; ");
        let Ok(words) = shell_words::split(&spread) else {
            return;
        };
        let pairs: Vec<(&str, &str)> = words
            .iter()
            .filter_map(|word| word.split_once('='))
            .filter(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
            .collect();
        if pairs.len() > 1 {
            for (name, value) in pairs {
                let whole = format!("{name}={value}");
                judge(name, value, Some(&whole), &mut self.found);
            }
        }
    }
}

/// The quotation mark that a value opens and does not close.
fn opens(value: &str) -> Option<&'static str> {
    let mark = ["\"\"\"", "'''", "\"", "'", "`"]
        .into_iter()
        .find(|mark| value.starts_with(mark))?;
    let inside = value[mark.len()..].replace("\\\\", "").replace("\\\"", "");
    (!inside.contains(mark)).then_some(mark)
}

/// A name and everything behind its sign.
fn named(line: &str) -> Option<(String, &str)> {
    let line = ["export ", "declare -x ", "set ", "setenv ", "$env:"]
        .iter()
        .find_map(|word| line.strip_prefix(word))
        .unwrap_or(line);
    let at = line.find(['=', ':'])?;
    let name = line[..at].trim().trim_matches(['"', '\'']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.len() <= 100 && name.chars().all(is_name))
        .then(|| (name.to_owned(), line[at + 1..].trim()))
}

/// The value of a line between double quotation marks, with its escapes read.
fn unescaped(line: &str) -> Option<String> {
    let (_, value) = named(line)?;
    let inside = value.strip_prefix('"')?;
    if !inside.contains('\\') {
        return None;
    }
    let mut plain = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(plain),
            '\\' => match letters.next()? {
                'n' => plain.push('\n'),
                't' => plain.push('\t'),
                other => plain.push(other),
            },
            other => plain.push(other),
        }
    }
    None
}

/// `host:port:database:person:password`.
fn of_password_file(line: &str) -> Option<&str> {
    let plain = !line.contains([' ', '=', '"', '/']);
    let (before, password) = line.rsplit_once(':')?;
    (plain && before.matches(':').count() == 3 && password.len() >= SHORTEST).then_some(password)
}

/// Texts that JSON writes with escapes that it need not use, as they stand in the file.
fn written_otherwise(text: &str, found: &mut Vec<(String, String)>) {
    let mut rest = text;
    while let Some(at) = rest.find('"') {
        let inside = &rest[at + 1..];
        let mut escaped = false;
        let end = inside.find(|letter| {
            let is_end = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            is_end
        });
        let Some(end) = end else { return };
        let raw = &inside[..end];
        if raw.contains('\\')
            && let Ok(plain) = serde_json::from_str::<String>(&format!("\"{raw}\""))
            && let Some((name, _)) = found.iter().find(|(_, value)| *value == plain)
        {
            found.push((name.clone(), raw.to_owned()));
        }
        rest = &inside[end + 1..];
    }
}

/// `# NAME=value`, and not a sentence.
fn is_assignment(comment: &str) -> bool {
    let text = comment.trim_start_matches(['#', ';', ' ']);
    text.contains('=') && !text.contains(' ')
}

fn values_of_json(name: &str, json: &Value, found: &mut Vec<(String, String)>) {
    match json {
        Value::String(value) => judge(name, value, None, found),
        Value::Array(items) => {
            for item in items {
                values_of_json(name, item, found);
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                values_of_json(name, item, found);
            }
        }
        Value::Number(number) => {
            let value = number.to_string();
            if is_pin(name) {
                for line in [
                    format!("\"{name}\":{value}"),
                    format!("\"{name}\": {value}"),
                ] {
                    judge(name, &value, Some(&line), found);
                }
            } else if value.len() >= 8 && is_secret(name, &value) {
                judge(name, &value, None, found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A line of a key, of a password file, or of a value that goes on.
fn bare(name: &str, line: &str, found: &mut Vec<(String, String)>) {
    for word in line.split_whitespace().filter(|word| word.len() >= 16) {
        let part = password_in(word).unwrap_or(word);
        found.push((name.to_owned(), part.to_owned()));
    }
    let mut words = line.split_whitespace();
    if words.any(|word| word == "password")
        && let Some(password) = words.next()
    {
        found.push(("password".to_owned(), password.to_owned()));
    }
}

/// A name and its value without quotation marks.
fn pair(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    if line
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric))
    {
        return None;
    }
    let at = line.find(['=', ':'])?;
    let (mut name, mut value) = (&line[..at], &line[at + 1..]);
    if name.starts_with("//") || name.is_empty() {
        // `//registry.example/:_authToken=…`
        (name, value) = line.rsplit_once('=')?;
    }
    let name = name.trim().trim_matches(['"', '\'']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-./:@ ".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(is_name) || value.starts_with("//")
    {
        return None;
    }
    let value = value.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| between(value, quote));
    let value = match quoted {
        Some(inside) => inside,
        None => value
            .split(" #")
            .next()
            .unwrap_or(value)
            .trim()
            .trim_matches(['"', '\'']),
    };
    let name: String = name
        .rsplit(['/', ':'])
        .next()
        .unwrap_or(name)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    (!value.is_empty()).then(|| (name, value.to_owned()))
}

/// What stands between quotation marks, the escaped ones among it.
fn between(value: &str, quote: char) -> Option<&str> {
    let inside = value.strip_prefix(quote)?;
    let mut escaped = false;
    let end = inside.find(|letter| {
        let is_end = letter == quote && !escaped;
        escaped = quote == '"' && letter == '\\' && !escaped;
        is_end
    });
    Some(&inside[..end?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_secret_and_settings_are_not() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = values(text).into_iter().map(|(_, value)| value).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("API_KEY=abc-123-def\n", &["abc-123-def"]);
        check("export TOKEN='ab cd # ef' # why\n", &["ab cd # ef"]);
        check("PASSWORD=hunter # mine\n", &["hunter"]);
        check("# OLD_KEY=abc-123\n# a note: like this\n", &["abc-123"]);
        check("{\"token\":\"abc-123\",\"debug\":true}", &["abc-123"]);
        check("THING=DO_NOT_LEAK\n", &["DO_NOT_LEAK"]);
        check("DEBUG=true\nPORT=3000\nRATIO=0.25\n", &[]);
        check("MAX_TOKENS=4096\nAUTH=github\n", &["AUTH=github"]);
        check(
            "APP_NAME=todo-app\nMODE=development\n",
            &["APP_NAME=todo-app", "MODE=development"],
        );
        check(
            "URL=http://localhost:3000/api\n",
            &["URL=http://localhost:3000/api"],
        );
        check(
            "DB=postgres://me:pa55word@db/x\n",
            &["pa55word", "postgres://me:pa55word@db/x"],
        );
        check(
            "HOOK=https://h.example/s/T0/abcdefgh12345678\n",
            &["https://h.example/s/T0/abcdefgh12345678"],
        );
        check("  \"apiKey\": \"abc-123\",\n", &["abc-123"]);
        check(
            "//registry.example/:_authToken=npm_abc123\n",
            &["npm_abc123"],
        );
        check("machine a login me password s3cret\n", &["s3cret"]);
        check("https://me:pa55word@example.com\n", &["pa55word"]);
        check(
            "0123456789abcdef0123456789abcdef\n",
            &["0123456789abcdef0123456789abcdef"],
        );
    }

    #[test]
    fn values_are_found_in_every_way_of_writing_them() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = values(text).into_iter().map(|(_, value)| value).collect();
            for value in expected {
                assert!(
                    found.iter().any(|found| found == value),
                    "{value} of {text:?}: {found:?}"
                );
            }
        };
        check("KEY=\"ab\\\"cd-123\"\n", &["ab\\\"cd-123", "ab\"cd-123"]);
        check(
            "KEY=\"first-line-1\nsecond-line-2\"\nNEXT=abc-123\n",
            &[
                "first-line-1",
                "second-line-2",
                "first-line-1\nsecond-line-2",
                "abc-123",
            ],
        );
        check(
            "tokens:\n  - abc-123-def\n  - 'ghi-456-jkl'\n",
            &["abc-123-def", "ghi-456-jkl"],
        );
        check(
            "key: |\n  abc-123-def\n  ghi-456-jkl\nb: c\n",
            &["abc-123-def", "ghi-456-jkl"],
        );
        check(
            "key = \"\"\"\nabc-123-def\nghi-456\n\"\"\"\n",
            &["abc-123-def", "ghi-456"],
        );
        check(
            "{\"key\":\"ab\\/cd-123\",\"pin\":4321}",
            &["ab/cd-123", "ab\\/cd-123", "\"pin\": 4321"],
        );
        check("{\"api_key\":123456789012}", &["123456789012"]);
        check(
            "export A_KEY=abc-123 B_KEY='def 456'\n",
            &["abc-123", "def 456"],
        );
        check(
            "A_KEY=abc-123; export A_KEY; B_KEY=def-456\n",
            &["abc-123", "def-456"],
        );
        check("db.example:5432:shop:me:s3cret\n", &["s3cret"]);
        check("PIN=4321\nPASSWORD=abc\n", &["PIN=4321", "PASSWORD=abc"]);
        check("- name: x\n  password: hunter22\n", &["hunter22"]);
    }
}
