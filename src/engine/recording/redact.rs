//! Takes out of a recording what is nobody else's business. Everything stays as long as it was, so
//! that what depends on lengths (what fits in a window, where a text is cut) stays the same, too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::contents::{rewrite, take_contents_out};
use super::mask::masked;
use super::{Content, Recording, Redacted};
use crate::engine::event::{Event, Record};
use crate::engine::message::Role;

/// Values of variables of fewer characters stand in too many innocent words.
const SHORTEST: usize = 4;

/// Names that many people and machines have, and words that many variables say: they tell of nobody,
/// and stand in many an innocent sentence.
const ANYBODYS: [&str; 39] = [
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
    "git",
    "home",
    "host",
    "info",
    "localhost",
    "loop",
    "main",
    "model",
    "never",
    "node",
    "none",
    "null",
    "project",
    "python",
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
pub fn private_words(records: &[Record], known: &Known) -> Vec<String> {
    let Some(Event::SessionStarted(started)) = records.first().map(|record| &record.event) else {
        return Vec::new();
    };
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
    let later = records.iter().filter_map(|record| match &record.event {
        Event::Resumed { settings, .. } => settings.as_ref()?.host.as_deref(),
        _ => None,
    });
    let hosts = config["server"]["host"].as_str().into_iter().chain(later);
    let names = hosts.flat_map(names_in_host);
    let names = names.chain(known.machines.iter().chain(&known.people).cloned());
    let own_words = own_words(records);
    words.extend(names.flat_map(|name| in_place(name, &own_words)));
    words.retain(|word| !ANYBODYS.contains(&word.to_ascii_lowercase().as_str()));
    let folders = known.folders.iter().chain([&started.project]);
    words.extend(folders.flat_map(|folder| spellings(folder.trim_end_matches('/'))));
    words.retain(|word| !word.is_empty());
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    words
}

/// The words of the texts that the program itself says to a model: they are said again when the
/// session is repeated.
fn own_words(records: &[Record]) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    let mut add = |text: &str| {
        // What stands in a path or an address may be a name all the same.
        let plain = text.split_whitespace();
        let plain = plain.filter(|word| !word.contains(['/', '@']));
        let words = plain.flat_map(|word| word.split(|letter: char| !is_part(letter)));
        own.extend(words.map(str::to_ascii_lowercase));
    };
    for record in records {
        match &record.event {
            Event::SessionStarted(started) => {
                add(&started.pipeline);
                let skills = started.skills.values().filter_map(Value::as_str);
                skills.for_each(&mut add);
            }
            Event::ConversationStarted(started) => {
                let system = started.messages.iter();
                let system = system.filter(|message| message.role == Role::System);
                system.for_each(|message| add(&message.content));
            }
            _ => {}
        }
    }
    own
}

/// A name that is such a word as well (`test`, `may`) stays a word, and is taken out where it can be
/// nothing but a name: in a path and in an address.
fn in_place(name: String, own: &BTreeSet<String>) -> Vec<String> {
    let lower = name.to_ascii_lowercase();
    if own.contains(&lower) && !ANYBODYS.contains(&lower.as_str()) {
        vec![format!("/{name}/"), format!("~{name}"), format!("{name}@")]
    } else {
        vec![name]
    }
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

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The text with that word masked where it stands for itself, in upper or lower case.
fn without(text: &str, word: &str) -> String {
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut from = 0;
    let mut cleaned = String::with_capacity(text.len());
    while let Some(found) = lower[from..].find(&word) {
        let (at, end) = (from + found, from + found + word.len());
        let (before, after) = (&lower[..at], &lower[end..]);
        let goes_on_before =
            before.ends_with(is_part) && word.starts_with(is_part) && !ends_in_escape(before);
        let goes_on_after = after.starts_with(is_part) && word.ends_with(is_part);
        cleaned.push_str(&text[from..at]);
        cleaned.push_str(&if goes_on_before || goes_on_after {
            text[at..end].to_owned()
        } else {
            masked(&text[at..end])
        });
        from = end;
    }
    cleaned.push_str(&text[from..]);
    cleaned
}

/// Whether what stands last is no letter of a word but the end of `%2f`, `\n`, `\u0022` or a colour.
fn ends_in_escape(before: &str) -> bool {
    let last = |count: usize| {
        before
            .len()
            .checked_sub(count)
            .and_then(|at| before.get(at..))
    };
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_percent = last(3).is_some_and(|text| text.starts_with('%') && is_hex(&text[1..]));
    let is_code = last(6).is_some_and(|text| text.starts_with("\\u") && is_hex(&text[2..]));
    let is_letter =
        last(2).is_some_and(|text| matches!(text, "\\n" | "\\t" | "\\r" | "\\b" | "\\f"));
    let is_colour = before.strip_suffix('m').is_some_and(|text| {
        let text = text.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        text.ends_with('[')
    });
    is_percent || is_code || is_letter || is_colour
}

/// A folder as it is written: plainly, in an address, and in JSON that escapes its slashes.
fn spellings(folder: &str) -> impl Iterator<Item = String> {
    let encoded = |kept: &str| {
        let mut text = String::new();
        for byte in folder.bytes() {
            let letter = char::from(byte);
            if byte.is_ascii_alphanumeric() || "-._~".contains(letter) || kept.contains(letter) {
                text.push(letter);
            } else {
                let _ = write!(text, "%{byte:02X}"); // silent-ok: a String
            }
        }
        text
    };
    [
        folder.to_owned(),
        encoded("/"),
        encoded(""),
        folder.replace('/', "\\/"),
    ]
    .into_iter()
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
            // However a program writes it.
            (r#"{"a":"x\nada"}"#, "ada", r#"{"a":"x\nxxx"}"#),
            (r"\u0022ada\u0022", "ada", r"\u0022xxx\u0022"),
            ("user%3Dada%26", "ada", "user%3Dxxx%26"),
            (
                "\u{1b}[1;31mada\u{1b}[0m",
                "ada",
                "\u{1b}[1;31mxxx\u{1b}[0m",
            ),
            ("GPU1 Gpu1.LAN", "gpu1", "xxxx xxxx.LAN"),
            ("ada@ada.example", "ada", "xxx@xxx.example"),
            ("Kanada adat", "ada", "Kanada adat"),
        ] {
            let cleaned = without(text, word);
            assert_eq!(cleaned, expected);
            assert_eq!(cleaned.len(), text.len());
        }
        let all: Vec<String> = spellings("/home/ada b").collect();
        assert_eq!(
            all,
            [
                "/home/ada b",
                "/home/ada%20b",
                "%2Fhome%2Fada%20b",
                r"\/home\/ada b"
            ]
        );
        assert_eq!(masked("größe = \"a1\"\n"), "xxxxxxx = \"xx\"\n");
    }
}
