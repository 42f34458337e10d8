//! The configuration as data. What decisions depend on is the engine's (`engine/settings`); here
//! is what only the world around it needs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::engine::occasion::Occasion;
use crate::engine::settings::{
    Approvals, CommandSettings, Limits, ModelSettings, Settings, Switch,
};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is asked of the model.
    pub model: ModelSettings,
    /// Where the model is served.
    pub server: Server,
    /// How much is enough.
    pub limits: Limits,
    /// What a person wants to see first.
    pub approvals: Approvals,
    /// Commands and how they run.
    pub commands: CommandSettings,
    /// What a session is made of.
    pub session: Session,
    /// How the program shows itself.
    pub screen: Screen,
    /// How you are called when you look elsewhere.
    pub notify: Notify,
}

impl Config {
    /// The part that decisions depend on.
    pub fn settings(&self) -> Settings {
        Settings {
            model: self.model.clone(),
            limits: self.limits.clone(),
            approvals: self.approvals.clone(),
            commands: self.commands.clone(),
            ..Settings::default()
        }
    }
}

/// Where the model is served, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// As `OLLAMA_HOST` is written.
    pub host: String,
    /// A PEM file with a certificate authority for `https`.
    pub ca_file: Option<PathBuf>,
    /// Headers of every request: the name of each, and the environment variable with its value.
    pub headers: BTreeMap<String, String>,
    /// Seconds until the first byte of a reply; loading the model comes on top.
    pub first_byte_seconds: u64,
    /// Seconds without a byte in the middle of a reply.
    pub idle_seconds: u64,
    /// Minutes to wait for a server that went away.
    pub wait_minutes: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            host: "127.0.0.1:11434".to_owned(),
            ca_file: None,
            headers: BTreeMap::new(),
            first_byte_seconds: 1800,
            idle_seconds: 600,
            wait_minutes: 10,
        }
    }
}

/// What a session is made of, and where it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// The folder of all sessions.
    pub folder: Option<PathBuf>,
    /// A pipeline instead of the built-in one.
    pub pipeline: Option<PathBuf>,
    /// A folder of skills that win over the built-in ones.
    pub skills: Option<PathBuf>,
}

/// How the program shows itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Screen {
    /// Whether there are colours.
    pub color: Color,
    /// Whether the terminal's bell rings when a person is needed.
    pub bell: Switch,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            color: Color::Auto,
            bell: Switch::On,
        }
    }
}

/// How a person is called who looks elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// A command of the person's own for each occasion. A shell runs it, without a wall.
    pub commands: BTreeMap<Occasion, String>,
    /// Seconds that such a command may take.
    pub timeout_seconds: u64,
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            commands: BTreeMap::new(),
            timeout_seconds: 10,
        }
    }
}

/// Whether there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}
