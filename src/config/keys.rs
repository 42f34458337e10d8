//! Every key of the configuration, in groups, with the words for what it takes.

use super::nearest::nearest;

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The group it stands in.
    pub group: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it takes, to follow "expected".
    pub expects: &'static str,
}

const COUNT: &str = "a whole number of at least 1";
const SWITCH: &str = "on or off";
const APPROVAL: &str = "ask or yes";

/// Every key.
pub const KEYS: [Key; 40] = [
    key("model", "name", "the name of a model, such as qwen3:14b"),
    key("model", "per_phase", "a model's name for each phase named"),
    key("model", "num_ctx", COUNT),
    key("model", "num_predict", COUNT),
    key("model", "temperature", "a number from 0 to 2"),
    key("model", "think", "auto, off, on, low, medium, high or max"),
    key(
        "model",
        "keep_alive",
        "a duration such as 30m, or -1 for ever",
    ),
    key("model", "critic", "off, same or the name of a model"),
    key("server", "host", "an address such as 127.0.0.1:11434"),
    key("server", "ca_file", "the path of a PEM file"),
    key(
        "server",
        "headers",
        "the name of an environment variable for each header",
    ),
    key("server", "first_byte_seconds", COUNT),
    key("server", "idle_seconds", COUNT),
    key("server", "wait_minutes", COUNT),
    key("limits", "max_turns", COUNT),
    key(
        "limits",
        "max_turns_per_phase",
        "a whole number of at least 1 for each phase named",
    ),
    key("limits", "tool_calls", COUNT),
    key("limits", "attempts", COUNT),
    key("limits", "repairs", COUNT),
    key("limits", "session_tokens", COUNT),
    key("limits", "session_minutes", COUNT),
    key("limits", "phase_tokens", COUNT),
    key("limits", "phase_minutes", COUNT),
    key("limits", "refactor_minutes", COUNT),
    key("approvals", "documents", APPROVAL),
    key("approvals", "plan", APPROVAL),
    key("commands", "verify", "a list of commands"),
    key("commands", "timeout_seconds", COUNT),
    key("commands", "max_timeout_seconds", COUNT),
    key("commands", "output_bytes", COUNT),
    key("commands", "sandbox", SWITCH),
    key("commands", "network", SWITCH),
    key(
        "commands",
        "env",
        "a list of names of environment variables",
    ),
    key("session", "folder", "the path of a folder"),
    key("session", "pipeline", "the path of a YAML file"),
    key("session", "skills", "the path of a folder"),
    key("screen", "color", "auto, always or never"),
    key("screen", "bell", SWITCH),
    key(
        "notify",
        "commands",
        "a command for any of asked, blocked and finished",
    ),
    key("notify", "timeout_seconds", COUNT),
];

const fn key(group: &'static str, name: &'static str, expects: &'static str) -> Key {
    Key {
        group,
        name,
        expects,
    }
}

impl Key {
    /// The key of that name in that group.
    pub fn find(group: &str, name: &str) -> Option<&'static Self> {
        KEYS.iter()
            .find(|key| key.group == group && key.name == name)
    }

    /// `group.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }
}

/// Whether there is a group of that name.
pub(super) fn is_group(name: &str) -> bool {
    KEYS.iter().any(|key| key.group == name)
}

/// What was probably meant by a group that does not exist: a group, or a key without its group.
pub(super) fn meant_by_group(word: &str) -> Option<String> {
    if let Some(key) = KEYS.iter().find(|key| key.name == word) {
        return Some(key.path());
    }
    nearest(word, KEYS.iter().map(|key| key.group))
        .map(str::to_owned)
        .or_else(|| anywhere(word))
}

/// What was probably meant by a key that this group does not have.
pub(super) fn meant_by_key(group: &str, word: &str) -> Option<String> {
    let here = KEYS.iter().filter(|key| key.group == group);
    nearest(word, here.map(|key| key.name))
        .map(|name| format!("{group}.{name}"))
        .or_else(|| anywhere(word))
}

fn anywhere(word: &str) -> Option<String> {
    let name = nearest(word, KEYS.iter().map(|key| key.name))?;
    KEYS.iter().find(|key| key.name == name).map(Key::path)
}
