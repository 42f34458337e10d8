//! Which files of a project hold secrets, told by their names, and what in them is one. Files are
//! read for that alone: what is found is given to whoever keeps it from being sent or written.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde_json::Value;

use crate::sandbox::{Kind, each_folder};

/// The most files that are read, the most bytes of one, and the most values that are taken.
const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 512 * 1024;
const MOST_VALUES: usize = 5_000;

/// A shorter value stands in too many innocent words.
const SHORTEST: usize = 4;

/// What the secret files of a project hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The files, relative to the project.
    pub files: Vec<PathBuf>,
    /// Names and values. A value may be a whole `NAME=value`, where the value alone is too common
    /// a word.
    pub values: Vec<(String, String)>,
}

/// Looks through a project for files with secrets.
pub fn secrets(project: &Path) -> Secrets {
    let mut found = Secrets::default();
    each_folder(project, &mut |folder, entries| {
        for entry in entries {
            let is_readable = matches!(entry.kind, Kind::File | Kind::Link);
            if is_readable && holds_secrets(&entry.name.to_string_lossy()) {
                found.files.push(folder.join(&entry.name));
            }
        }
    });
    found.files.truncate(MOST_FILES);
    for path in &found.files {
        if let Some(text) = text(&project.join(path)) {
            found.values.extend(values(&text));
        }
    }
    found.values.truncate(MOST_VALUES);
    found
}

/// Names and values of the secrets in a text, if a file of that name is there to hold some.
pub fn secrets_in(name: &str, text: &str) -> Vec<(String, String)> {
    if holds_secrets(name) {
        values(text)
    } else {
        Vec::new()
    }
}

/// Whether a file of that name is there to hold secrets. Examples of such files are not.
fn holds_secrets(name: &str) -> bool {
    const EXAMPLES: [&str; 6] = [
        "example", "sample", "template", "dist", "defaults", "schema",
    ];
    const NAMES: [&str; 22] = [
        ".env",
        ".envrc",
        ".npmrc",
        ".pypirc",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".pgpass",
        ".my.cnf",
        ".htpasswd",
        ".dockercfg",
        ".s3cfg",
        ".boto",
        "credentials",
        "master.key",
        "local.settings.json",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "terraform.tfvars",
        ".vault-token",
    ];
    const STEMS: [&str; 5] = [
        "secret",
        "secrets",
        "credential",
        "credentials",
        "service-account",
    ];
    const DATA: [&str; 8] = [
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "env",
        "properties",
        "txt",
    ];
    let name = name.to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    if name
        .split(['.', '-', '_'])
        .any(|part| EXAMPLES.contains(&part))
    {
        return false;
    }
    NAMES.contains(&name.as_str())
        || [".env.", ".env-", ".env_"]
            .iter()
            .any(|start| name.starts_with(start))
        || matches!(name.as_str(), ".flaskenv" | ".dev.vars" | "database.yml")
        || matches!(ending, "env" | "pem" | "key" | "tfvars")
        || (DATA.contains(&ending) && (STEMS.contains(&stem) || stem.starts_with("client_secret")))
}

/// The text of a small plain file. A link is followed: a command could read what it leads to.
fn text(path: &Path) -> Option<String> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    // silent-ok: what cannot be read by us is out of a command's reach, too.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .ok()?;
    if !file.metadata().ok()?.is_file() {
        // silent-ok: as above
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?; // silent-ok: as above
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Everything secret in a text: JSON, or lines `NAME=value`, `name: value` or bare keys.
fn values(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        values_of_json("secret", &json, &mut found);
        return found;
    }
    let mut last_name = "secret".to_owned();
    for line in text.lines() {
        let line = line.trim().trim_end_matches(',');
        let is_comment = line.starts_with(['#', ';']);
        match pair(line.trim_start_matches(['#', ';', ' '])) {
            // What was commented out may still be in force elsewhere.
            Some((name, value)) if !is_comment || is_assignment(line) => {
                judge(&name, &value, Some(line), &mut found);
                last_name = name;
            }
            _ if is_comment => {}
            Some(_) | None => bare(&last_name, line, &mut found),
        }
    }
    found
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
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes what is secret of a value: the value, a password in it, or else the whole line it is in.
fn judge(name: &str, value: &str, line: Option<&str>, found: &mut Vec<(String, String)>) {
    let mut take = |text: &str| found.push((name.to_owned(), text.to_owned()));
    if is_public(value) {
        return;
    }
    if let Some(password) = password_in(value) {
        take(password);
    }
    if is_secret(name, value) {
        take(value);
    } else if let Some(line) = line {
        take(line);
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
        .find_map(|quote| value.strip_prefix(quote)?.split_once(quote));
    let value = match quoted {
        Some((inside, _)) => inside,
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

/// The password of `scheme://person:password@host`.
fn password_in(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (person, _) = rest.rsplit_once('@')?;
    let (_, password) = person.split_once(':')?;
    (password.len() >= SHORTEST && !is_placeholder(password)).then_some(password)
}

/// What everybody may know: switches, numbers, very short words.
fn is_public(value: &str) -> bool {
    value.len() < SHORTEST
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "none"
        )
        || (value.len() < 8
            && value
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

fn is_placeholder(value: &str) -> bool {
    const USUAL: [&str; 12] = [
        "postgres",
        "password",
        "secret",
        "changeme",
        "change-me",
        "root",
        "admin",
        "test",
        "example",
        "user",
        "guest",
        "dummy",
    ];
    USUAL.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether the value alone gives something away, wherever it is seen.
fn is_secret(name: &str, value: &str) -> bool {
    // Names whose values are passwords, keys, or not secret.
    const PASSWORDS: [&str; 5] = ["secret", "password", "passwd", "passphrase", "pwd"];
    const KEYS: [&str; 11] = [
        "token",
        "key",
        "auth",
        "credential",
        "private",
        "dsn",
        "webhook",
        "salt",
        "cookie",
        "session",
        "signature",
    ];
    const OPEN: [&str; 18] = [
        "name",
        "host",
        "port",
        "path",
        "dir",
        "version",
        "region",
        "mode",
        "level",
        "locale",
        "lang",
        "tz",
        "email",
        "domain",
        "image",
        "tag",
        "registry",
        "environment",
    ];
    let name = name.to_ascii_lowercase();
    let is_word = value.len() < 16 && value.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_placeholder(value) {
        return false;
    }
    if PASSWORDS.iter().any(|part| name.contains(part)) {
        return true;
    }
    if KEYS.iter().any(|part| name.contains(part)) {
        return value.len() >= 6 && !is_word;
    }
    let is_open = name.split(['_', '-', '.']).any(|part| OPEN.contains(&part));
    let is_path =
        value.starts_with(['/', '~']) || value.starts_with("./") || value.starts_with("../");
    if let Some((_, rest)) = value.split_once("://") {
        return rest.contains('@') || rest.split(['/', '?', '&', '=']).any(is_random);
    }
    value.len() >= 6 && !is_word && !is_open && !is_path
}

/// Long, and with letters and digits in it: no word that somebody chose.
fn is_random(part: &str) -> bool {
    part.len() >= 16
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !part.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        for name in [
            ".env",
            ".ENV",
            ".env.local",
            "prod.env",
            "id_rsa",
            "server.pem",
            "secrets.yaml",
            "client_secret_1.json",
            ".npmrc",
        ] {
            assert!(holds_secrets(name), "{name}");
        }
        for name in [
            ".env.example",
            "example.env",
            ".env.sample",
            "environment.py",
            "secrets.py",
            "keys.md",
            "secrets-template.yml",
            "package.json",
        ] {
            assert!(!holds_secrets(name), "{name}");
        }
    }

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
    fn a_project_is_looked_through_without_harm() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("p");
        std::fs::create_dir_all(project.join("a/b")).unwrap();
        std::fs::write(project.join("a/b/.env"), "KEY=abc-123").unwrap();
        std::fs::write(root.path().join("shared"), "KEY=def-456").unwrap();
        std::os::unix::fs::symlink("../shared", project.join(".env")).unwrap();
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            project.join("x.env"),
            rustix::fs::Mode::RWXU,
        )
        .unwrap();
        let found = secrets(&project);
        let expected = [("KEY", "def-456"), ("KEY", "abc-123")];
        assert_eq!(
            found.values,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
