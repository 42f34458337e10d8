//! Takes out of a recording what is nobody else's business. Everything stays as long as it was, so
//! that what depends on lengths (what fits in a window, where a text is cut) stays the same, too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::contents::{rewrite, take_contents_out};
use super::mask::masked;
use super::{Content, Recording, Redacted};
use crate::engine::event::SessionStarted;

/// Values of variables of fewer characters stand in too many innocent words.
const SHORTEST: usize = 4;

/// Names that many people and machines have, and words that many variables say: they tell of nobody,
/// and stand in many an innocent sentence.
const ANYBODYS: [&str; 36] = [
    "admin",
    "always",
    "app",
    "auto",
    "build",
    "builder",
    "debian",
    "debug",
    "dev",
    "error",
    "false",
    "home",
    "host",
    "info",
    "localhost",
    "main",
    "model",
    "never",
    "node",
    "none",
    "null",
    "project",
    "root",
    "runner",
    "server",
    "test",
    "tester",
    "trace",
    "true",
    "ubuntu",
    "user",
    "users",
    "warn",
    "work",
    "workspace",
    "xterm",
];

/// What is known of whoever made a session, besides what stands in it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Names of machines.
    pub machines: Vec<String>,
    /// Names and addresses of people.
    pub people: Vec<String>,
    /// Absolute paths of folders.
    pub folders: Vec<String>,
    /// Variables of the environment, and their values.
    pub variables: BTreeMap<String, String>,
}

/// What a session tells of a machine, a person and their variables: the longest first, so that none
/// is missed because a part of it is gone.
pub fn private_words(started: &SessionStarted, known: &Known) -> Vec<String> {
    let config = &started.config;
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().into_iter().flatten();
        let map = value.as_object().into_iter().flat_map(|map| map.values());
        list.chain(map)
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut words = texts(&config["commands"]["env"]);
    words.extend(texts(&config["server"]["headers"]));
    let values = words.iter().filter_map(|name| known.variables.get(name));
    let lines = values.flat_map(|value| value.lines()).map(str::trim);
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    words.append(&mut lines);
    words.retain(|word| word.len() >= SHORTEST);
    if let Some(host) = config["server"]["host"].as_str() {
        words.extend(names_in_host(host));
    }
    words.extend(known.machines.iter().cloned());
    words.extend(known.people.iter().cloned());
    words.retain(|word| !ANYBODYS.contains(&word.to_ascii_lowercase().as_str()));
    let folders = known.folders.iter().chain([&started.project]);
    words.extend(folders.map(|folder| folder.trim_end_matches('/').to_owned()));
    words.retain(|word| !word.is_empty());
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    words
}

/// The machine and the user that a server's address names, unless it is this machine.
fn names_in_host(host: &str) -> Vec<String> {
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = host.rsplit_once('@').unwrap_or(("", host));
    let user = user.split(':').next().unwrap_or_default();
    let machine = match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None if host.matches(':').count() > 1 => host,
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = machine.split('%').next().unwrap_or_default();
    let is_here = address.starts_with("127.") || matches!(address, "::1" | "0.0.0.0" | "::");
    let mut names = vec![user];
    if !is_here {
        names.extend([machine, address]);
    }
    names.retain(|name| !name.is_empty());
    names.into_iter().map(str::to_owned).collect()
}

/// Takes these words out everywhere, and the contents of files if that is wanted.
pub fn redact(recording: &mut Recording, words: &[String], what: Redacted) {
    recording.head.redacted = what;
    let clean = |text: &str| {
        words
            .iter()
            .fold(text.to_owned(), |text, word| without(&text, word))
    };
    recording.head.folder = clean(&recording.head.folder);
    for file in &mut recording.files {
        let path = clean(&file.path);
        if path != file.path {
            file.raw = None;
        }
        file.path = path;
        if let Content::Text(text) = &mut file.content {
            *text = match what {
                Redacted::Contents => masked(text),
                Redacted::Nothing | Redacted::Private => clean(text),
            };
        } else if let (Content::Hex(digits), Redacted::Contents) = (&mut file.content, what) {
            digits.clear();
        }
    }
    for record in &mut recording.records {
        if what == Redacted::Contents {
            take_contents_out(&mut record.event);
        }
        rewrite(&mut record.event, &|_, text, _| clean(text));
    }
}

/// The text with that word masked where it stands for itself.
fn without(text: &str, word: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = text;
    let mut cleaned = String::with_capacity(text.len());
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on_before = before.ends_with(is_part) && word.starts_with(is_part);
        let goes_on_after = after.starts_with(is_part) && word.ends_with(is_part);
        let is_word = !goes_on_before && !goes_on_after;
        cleaned.push_str(before);
        cleaned.push_str(&if is_word {
            masked(word)
        } else {
            word.to_owned()
        });
        rest = after;
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_a_servers_address_are_found_however_it_is_written() {
        for (host, expected) in [
            ("http://127.0.0.1:11434", &[][..]),
            ("[::1]:11434", &[]),
            ("http://pc:11434/api", &["pc", "pc"]),
            ("https://ada:***@gpu1:11434", &["ada", "gpu1", "gpu1"]),
            ("http://[fe80::1%eth0]:11434", &["fe80::1%eth0", "fe80::1"]),
            ("fe80::1", &["fe80::1", "fe80::1"]),
        ] {
            assert_eq!(names_in_host(host), expected, "{host}");
        }
    }

    #[test]
    fn words_go_where_they_stand_for_themselves_and_lengths_stay() {
        for (text, word, expected) in [
            ("cd /home/ada/x", "/home/ada", "cd /xxxx/xxx/x"),
            ("/home/adam", "/home/ada", "/home/adam"),
            ("gpu1.local: gpu1", "gpu1", "xxxx.local: xxxx"),
            ("mygpu1 gpu1_x", "gpu1", "mygpu1 gpu1_x"),
            ("nothing", "absent", "nothing"),
        ] {
            let cleaned = without(text, word);
            assert_eq!(cleaned, expected);
            assert_eq!(cleaned.len(), text.len());
        }
        assert_eq!(masked("größe = \"a1\"\n"), "xxxxxxx = \"xx\"\n");
    }
}
