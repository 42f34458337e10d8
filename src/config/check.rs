//! Whether the values make sense: limits, addresses, names, files. Reads, never writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::host;
use super::secret::{Header, Secret};
use super::types::Config;

/// What is wrong with the value of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// `group.name`.
    pub(super) key: &'static str,
    /// What is wrong with it.
    pub(super) what: String,
    /// What to do.
    pub(super) hint: String,
}

fn problem(key: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem {
        key,
        what: what.into(),
        hint: hint.into(),
    }
}

/// The first thing that is wrong with the values themselves.
pub(super) fn values(config: &Config) -> Result<(), Problem> {
    let (limits, commands, server) = (&config.limits, &config.commands, &config.server);
    let smallest = |counts: &BTreeMap<String, u32>| counts.values().min().copied().map(u64::from);
    let counts = [
        ("model.num_ctx", config.model.num_ctx),
        ("model.num_predict", config.model.num_predict),
        ("limits.max_turns", Some(limits.max_turns.into())),
        (
            "limits.max_turns_per_phase",
            smallest(&limits.max_turns_per_phase),
        ),
        ("limits.tool_calls", Some(limits.tool_calls.into())),
        ("limits.attempts", Some(limits.attempts.into())),
        ("limits.repairs", Some(limits.repairs.into())),
        ("limits.session_tokens", limits.session_tokens),
        ("limits.session_minutes", limits.session_minutes),
        ("limits.phase_tokens", limits.phase_tokens),
        ("limits.phase_minutes", limits.phase_minutes),
        ("limits.refactor_minutes", Some(limits.refactor_minutes)),
        ("commands.timeout_seconds", Some(commands.timeout_seconds)),
        (
            "commands.max_timeout_seconds",
            Some(commands.max_timeout_seconds),
        ),
        ("commands.output_bytes", Some(commands.output_bytes as u64)),
        ("server.first_byte_seconds", Some(server.first_byte_seconds)),
        ("server.idle_seconds", Some(server.idle_seconds)),
        ("server.wait_minutes", Some(server.wait_minutes)),
        (
            "notify.timeout_seconds",
            Some(config.notify.timeout_seconds),
        ),
    ];
    for (key, count) in counts {
        if count == Some(0) {
            let hint = "give a number above 0, or leave the key out for the default";
            return Err(problem(
                key,
                "expected a whole number of at least 1, found 0",
                hint,
            ));
        }
    }
    if commands.max_timeout_seconds < commands.timeout_seconds {
        let what = format!(
            "{} is less than commands.timeout_seconds, which is {}",
            commands.max_timeout_seconds, commands.timeout_seconds
        );
        return Err(problem(
            "commands.max_timeout_seconds",
            what,
            "raise it, or lower the other",
        ));
    }
    if let Some(temperature) = config.model.temperature
        && !(0.0..=2.0).contains(&temperature)
    {
        let what = format!("expected a number from 0 to 2, found {temperature}");
        return Err(problem(
            "model.temperature",
            what,
            "leave it out for the model's own value",
        ));
    }
    if !is_duration(&config.model.keep_alive) {
        let what = format!("'{}' is not a duration", config.model.keep_alive);
        let hint = "write it as 30m, 1h30m or 90s, as seconds, or -1 for ever";
        return Err(problem("model.keep_alive", what, hint));
    }
    names(config)?;
    match host::problem(&server.host) {
        Some(what) => {
            let what = format!("the address '{}' {what}", host::shown(&server.host));
            let hint = "write it as OLLAMA_HOST is written: 127.0.0.1:11434, or https://name:port";
            Err(problem("server.host", what, hint))
        }
        None => Ok(()),
    }
}

/// Names that must not be empty, and names that have a form.
fn names(config: &Config) -> Result<(), Problem> {
    let empty = |text: &str| text.trim().is_empty();
    if config.model.name.as_deref().is_some_and(empty) {
        let hint = "name a model, such as qwen3:14b, or leave the key out";
        return Err(problem("model.name", "is empty", hint));
    }
    if config.model.per_phase.values().any(|name| empty(name)) {
        let hint = "name a model, or leave the phase out";
        return Err(problem("model.per_phase", "has an empty name", hint));
    }
    if config.model.critic.named().is_some_and(empty) {
        let hint = "write off, same, or the name of a model";
        return Err(problem("model.critic", "is empty", hint));
    }
    if config.commands.verify.iter().any(|line| empty(line)) {
        let hint = "write a command, such as: python3 -m unittest";
        return Err(problem("commands.verify", "has an empty command", hint));
    }
    if config.notify.commands.values().any(|line| empty(line)) {
        let hint = "write a command, or leave the line out";
        return Err(problem("notify.commands", "has an empty command", hint));
    }
    match config.commands.env.iter().find(|name| !is_variable(name)) {
        Some(name) => Err(problem(
            "commands.env",
            format!("'{name}' is not the name of an environment variable"),
            "give the name only, without a value: the value is taken from the environment",
        )),
        None => Ok(()),
    }
}

/// The headers with their values, and what is wrong with one.
pub(super) fn headers(config: &Config, environment: &Environment) -> Result<Vec<Header>, Problem> {
    const KEY: &str = "server.headers";
    let resolve = |(name, variable): (&String, &String)| {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            let what = format!("'{name}' is not the name of a header");
            return Err(problem(KEY, what, "write it as NAME: VARIABLE"));
        }
        let variable = variable.trim_start_matches('$');
        if !is_variable(variable) {
            let what = format!("{name}: takes the name of an environment variable");
            let hint = "put the value into an environment variable, and its name here";
            return Err(problem(KEY, what, hint));
        }
        let Some(value) = environment.text(variable) else {
            let what = format!("{name}: the environment variable {variable} is not set");
            return Err(problem(
                KEY,
                what,
                format!("export {variable}=…, or remove the header"),
            ));
        };
        if value.chars().any(char::is_control) {
            let what = format!("{name}: the value of {variable} has line breaks in it");
            return Err(problem(
                KEY,
                what,
                format!("set {variable} to a single line"),
            ));
        }
        Ok(Header {
            name: name.clone(),
            variable: variable.to_owned(),
            value: Secret::new(value),
        })
    };
    config.server.headers.iter().map(resolve).collect()
}

/// Files that have to be there, and folders that have to be writable.
pub(super) fn files(config: &Config, sessions: &Path) -> Result<(), Problem> {
    let read = |key, path: &Option<PathBuf>| match path {
        Some(path) => readable(path).map_err(|why| {
            let what = format!("cannot read {}: {why}", path.display());
            problem(key, what, "correct the path, or leave the key out")
        }),
        None => Ok(()),
    };
    read("server.ca_file", &config.server.ca_file)?;
    read("session.pipeline", &config.session.pipeline)?;
    if let Some(folder) = &config.session.skills
        && !folder.is_dir()
    {
        let what = format!("{} is not a folder", folder.display());
        return Err(problem(
            "session.skills",
            what,
            "correct the path, or leave the key out",
        ));
    }
    writable(sessions).map_err(|what| {
        let hint = "choose another folder with LOOP_HOME or session.folder, or give yourself the right to write there";
        problem("session.folder", what, hint)
    })
}

fn readable(path: &Path) -> Result<(), String> {
    // Looked at first: to open a pipe is to wait for whoever writes it.
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err("it is not a file".to_owned()),
        Ok(_) => std::fs::File::open(path)
            .map(drop)
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether a folder can be written, or be made by making the ones above it. Makes nothing.
fn writable(folder: &Path) -> Result<(), String> {
    use rustix::fs::{Access, access};
    let existing = folder
        .ancestors()
        .find(|ancestor| ancestor.symlink_metadata().is_ok())
        .unwrap_or(Path::new("/"));
    let cannot = |why: String| format!("sessions cannot be kept in {}: {why}", folder.display());
    if !existing.is_dir() {
        return Err(cannot(format!("{} is not a folder", existing.display())));
    }
    access(existing, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|error| cannot(format!("{} cannot be written: {error}", existing.display())))
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A duration as the server reads it: seconds, or numbers with units.
fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    if text.parse::<u64>().is_ok() {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let unit = ["ms", "h", "m", "s"]
            .into_iter()
            .find(|unit| rest[digits..].starts_with(unit));
        match unit {
            Some(unit) if rest[..digits].parse::<f64>().is_ok() => {
                rest = &rest[digits + unit.len()..];
            }
            _ => return false,
        }
    }
    !text.is_empty()
}
