//! The configuration as text: the default file, what is in force, and what a session freezes.
//! Values of secrets are in none of them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use super::file;
use super::host;
use super::keys::KEYS;
use super::load::Loaded;
use super::types::Config;
use crate::error::{Error, Result};

/// The commented file that holds every key with its default.
pub const DEFAULT_FILE: &str = include_str!("../../config.example.yaml");

/// Writes the commented default file. Refuses to replace one.
pub fn init(path: &Path) -> Result<()> {
    let write = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(DEFAULT_FILE.as_bytes())
    };
    write().map_err(|error: std::io::Error| {
        let path = path.display();
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::usage(format!("{path} is there already and was left as it is"))
                    .hint("edit it, or move it away first")
            }
            _ => Error::usage(format!("cannot write {path}: {error}"))
                .hint("choose another folder with LOOP_HOME"),
        }
    })
}

/// What is in force, as YAML that can be read back, with where each value comes from. What an
/// administrator demands stands above it.
pub fn show(loaded: &Loaded) -> Result<String> {
    let bug =
        |error: serde_yaml::Error| Error::new(crate::error::ErrorKind::Bug, error.to_string());
    let text = serde_yaml::to_string(&without_secrets(&loaded.config)).map_err(bug)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for key in KEYS {
        if let Some(source) = loaded.sources.get(&key.path()) {
            let line = file::line_of(&text, key.group, Some(key.name));
            lines[line - 1] = format!("{}  # {source}", lines[line - 1]);
        }
    }
    if let Some(file) = &loaded.floor.file {
        let demands = loaded.floor.demands();
        let demands = demands.iter().map(|demand| format!("#   {demand}"));
        let head = format!("# The administrator's policy, {}:", file.display());
        lines.splice(0..0, std::iter::once(head).chain(demands));
    }
    Ok(lines.join("\n") + "\n")
}

/// What a session keeps of its configuration.
pub fn frozen(config: &Config) -> Value {
    let mut config = without_secrets(config);
    // The address of a notification is often a key to it. A resume takes them from the file again.
    for command in config.notify.commands.values_mut() {
        command.replace_range(.., "(kept in the file)");
    }
    serde_json::to_value(config)
        .unwrap_or_else(|error| unreachable!("every key is a string: {error}"))
}

fn without_secrets(config: &Config) -> Config {
    let mut config = config.clone();
    config.server.host = host::shown(&config.server.host);
    for variable in config.server.headers.values_mut() {
        *variable = format!("${}", variable.trim_start_matches('$'));
    }
    config
}
