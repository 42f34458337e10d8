//! Whether a value is a secret: by the name that it has, and by its looks. Settings that everybody
//! may know are none.

/// A shorter value stands in too many innocent words.
pub(super) const SHORTEST: usize = 4;

/// Takes what is secret of a value: the value, a password in it, or else the whole line it is in.
pub(super) fn judge(
    name: &str,
    value: &str,
    line: Option<&str>,
    found: &mut Vec<(String, String)>,
) {
    let mut take = |text: &str| found.push((name.to_owned(), text.to_owned()));
    if is_public(value) {
        // Too common a word by itself, and yet somebody's: with its name it is not common.
        if let Some(line) = line.filter(|_| is_pin(name) && !is_switch(value)) {
            take(line);
        }
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

/// The password of `scheme://person:password@host`.
pub(super) fn password_in(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (person, _) = rest.rsplit_once('@')?;
    let (_, password) = person.split_once(':')?;
    (password.len() >= SHORTEST && !is_placeholder(password)).then_some(password)
}

/// Names of what is short and secret all the same.
pub(super) fn is_pin(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(['_', '-', '.'])
        .any(|part| matches!(part, "pin" | "otp" | "cvv" | "passcode"))
        || ["password", "passwd", "secret"]
            .iter()
            .any(|word| name.ends_with(word))
}

fn is_switch(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "null" | "none" | "yes" | "no" | "on" | "off"
    )
}

/// What everybody may know: switches, numbers, very short words.
fn is_public(value: &str) -> bool {
    value.len() < SHORTEST
        || is_switch(value)
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
pub(super) fn is_secret(name: &str, value: &str) -> bool {
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
