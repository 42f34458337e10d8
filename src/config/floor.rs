//! The administrator's policy file: from text to demands, with the line for whatever is wrong.
//! Stricter than a person's own file: what is there but cannot be read or understood is an error,
//! never nothing. No variable and no option leads to another file.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::file::{describe, line_of, scalar, tree};
use super::nearest::nearest;
use crate::engine::address::AllowedHost;
use crate::engine::floor::{Floor, Reachable};
use crate::engine::screen::Forbidden;
use crate::engine::settings::Switch;
use crate::engine::tier::Tier;
use crate::error::{Error, Result};

/// Where an administrator's policy stands.
pub const POLICY_FILE: &str = "/etc/loop-orchestration/policy.yaml";

/// Its keys, with the words for what each takes.
const KEYS: [(&str, &str); 5] = [
    (
        "hosts",
        "a list of servers, such as https://gpu.example:8443",
    ),
    ("loopback", "on or off"),
    ("sandbox", "full, partial or none"),
    ("network", "off or ask"),
    (
        "commands",
        "a reason for each command, such as git push: people do that",
    ),
];

const HINT: &str = "only the administrator of this machine can correct it";

/// What the file at that path demands; nothing if there is no file.
pub fn read_floor(path: &Path) -> Result<Floor> {
    let cannot = |why: String| {
        let what = format!(
            "cannot read the administrator's policy {}: {why}",
            path.display()
        );
        Error::usage(what).hint(HINT)
    };
    // A link that leads nowhere is there, and says nothing.
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Floor::default()),
        Err(error) => return Err(cannot(error.to_string())),
        Ok(_) => {}
    }
    match path.metadata() {
        // Looked at first: to open a pipe is to wait for whoever writes it.
        Ok(metadata) if !metadata.is_file() => return Err(cannot("it is not a file".to_owned())),
        Ok(_) => {}
        Err(error) => return Err(cannot(error.to_string())),
    }
    let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Floor> {
    let at = |line: usize, what: &str| {
        Error::usage(format!("{}:{line}: {what}", path.display())).hint(HINT)
    };
    let entries = match tree(text, path)? {
        Value::Null => Mapping::new(),
        Value::Mapping(entries) => entries,
        other => return Err(at(1, &format!("expected keys, found {}", describe(&other)))),
    };
    let mut floor = Floor {
        file: Some(path.to_owned()),
        ..Floor::default()
    };
    for (key, value) in entries {
        let key = scalar(&key);
        let line = line_of(text, &key, None);
        let Some((_, expected)) = KEYS.iter().find(|(known, _)| *known == key) else {
            let names = KEYS.map(|(known, _)| known);
            let hint = match nearest(&key, names) {
                Some(meant) => format!("did you mean {meant}? {HINT}"),
                None => format!("the keys are {}; {HINT}", names.join(", ")),
            };
            return Err(at(line, &format!("unknown key '{key}'")).hint(hint));
        };
        set(&mut floor, &key, &value, text).map_err(|wrong| match wrong {
            Wrong::Type => at(
                line,
                &format!("{key}: expected {expected}, found {}", describe(&value)),
            ),
            Wrong::Entry(line, what) => at(line.unwrap_or(1), &format!("{key}: {what}")),
        })?;
    }
    Ok(floor)
}

/// What is wrong with a value.
enum Wrong {
    /// It is something else.
    Type,
    /// One of its entries, at that line.
    Entry(Option<usize>, String),
}

fn set(floor: &mut Floor, key: &str, value: &Value, text: &str) -> Result<(), Wrong> {
    let word = value.as_str();
    match key {
        "hosts" => {
            let entries = value.as_sequence().ok_or(Wrong::Type)?;
            let hosts = entries.iter().map(|entry| {
                let written = scalar(entry);
                AllowedHost::parse(&written).map_err(|what| {
                    let line = text.lines().position(|line| line.contains(&written));
                    Wrong::Entry(line.map(|line| line + 1), format!("'{written}' {what}"))
                })
            });
            floor.hosts = Some(hosts.collect::<Result<_, _>>()?);
        }
        "loopback" => {
            floor.loopback = match word {
                Some("on") => Switch::On,
                Some("off") => Switch::Off,
                _ => return Err(Wrong::Type),
            };
        }
        "sandbox" => {
            floor.sandbox = match word {
                Some("full") => Tier::Full,
                Some("partial") => Tier::Partial,
                Some("none") => Tier::None,
                _ => return Err(Wrong::Type),
            };
        }
        "network" => {
            floor.network = match word {
                Some("off") => Reachable::Off,
                // As without a policy: whoever may say so says so.
                Some("ask" | "on") => Reachable::Ask,
                _ => return Err(Wrong::Type),
            };
        }
        _ => {
            for (command, why) in value.as_mapping().ok_or(Wrong::Type)? {
                floor.commands.push(rule(command, why).map_err(|what| {
                    let line = line_of(text, "commands", Some(&scalar(command)));
                    Wrong::Entry(Some(line), what)
                })?);
            }
        }
    }
    Ok(())
}

/// A word of the shell's own, which is never a command's name.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "else"
            | "elif"
            | "fi"
            | "for"
            | "while"
            | "until"
            | "do"
            | "done"
            | "case"
            | "esac"
            | "in"
            | "function"
            | "select"
    )
}

/// A command that is not run, and why: both have to be said.
fn rule(command: &Value, why: &Value) -> Result<Forbidden, String> {
    let command = scalar(command);
    let shown = command.trim();
    let program = shown.split_whitespace().next().unwrap_or_default();
    // None of these is ever a word of a command that the shell has read: the rule would be silent.
    let is_no_word = shown.contains([
        '|', ';', '&', '/', '\'', '"', '$', '`', '\\', '<', '>', '(', ')', '{', '}', '#', '~', '!',
    ]);
    let is_no_program = program.contains('=') || program.starts_with('-') || is_keyword(program);
    if program.is_empty() || is_no_word || is_no_program {
        return Err(format!(
            "'{command}' is not a program's name with words after it, such as git push, so no \
             command would ever match it"
        ));
    }
    match why {
        Value::String(why) if !why.trim().is_empty() => Ok(Forbidden {
            command: shown.to_owned(),
            why: why.trim().to_owned(),
        }),
        other => Err(format!(
            "{shown}: expected the reason why it is not run, found {}",
            describe(other)
        )),
    }
}
