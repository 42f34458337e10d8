//! The part of the configuration that decisions depend on: limits, approvals, what a request asks
//! for. It is frozen into the session's first line and read back from there, so that a resume
//! decides alike. `config/` fills it in; server addresses and secrets never come here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything decisions depend on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What is asked of the model.
    #[serde(default)]
    pub model: ModelSettings,
    /// How much is enough.
    #[serde(default)]
    pub limits: Limits,
    /// What a person wants to see first.
    #[serde(default)]
    pub approvals: Approvals,
    /// Commands and how they run.
    #[serde(default)]
    pub commands: CommandSettings,
    /// Where the work lands.
    #[serde(default, skip_serializing_if = "Landing::is_project")]
    pub landing: Landing,
    /// Where Ollama is served, if that was said for this session (`--host`); none goes by the
    /// configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Attempts at each ticket, of which the best stays; none keeps the first that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_of: Option<BestOf>,
    /// Whether the person's commit hooks run.
    #[serde(default, skip_serializing_if = "CommitHooks::is_skip")]
    pub commit_hooks: CommitHooks,
}

impl Settings {
    /// Attempts at a ticket that are compared from here on; 1 compares none.
    pub fn best_of(&self, attempt: Failed) -> u32 {
        match (self.best_of, attempt) {
            (Some(BestOf::Each(many)), _)
            | (
                Some(BestOf::AfterFailure {
                    after_failure: many,
                }),
                Failed::Before,
            ) => many.max(1),
            (Some(BestOf::AfterFailure { .. }), Failed::Never) | (None, _) => 1,
        }
    }
}

/// Whether an attempt at the ticket has failed, since it was begun or since a person said to try
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// None has.
    Never,
    /// One has.
    Before,
}

/// Several attempts from the same state, of which the best stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BestOf {
    /// So many at each ticket.
    Each(u32),
    /// So many at a ticket whose first attempt has failed.
    AfterFailure {
        /// How many.
        after_failure: u32,
    },
}

impl std::str::FromStr for BestOf {
    type Err = String;

    /// `N`, or `after-failure:N`.
    fn from_str(text: &str) -> Result<Self, String> {
        let after = text.strip_prefix("after-failure:");
        match (after, after.unwrap_or(text).parse()) {
            (None, Ok(many @ 1..=9)) => Ok(Self::Each(many)),
            (Some(_), Ok(after_failure @ 1..=9)) => Ok(Self::AfterFailure { after_failure }),
            _ => Err("it is a number from 1 to 9, or after-failure: and such a number".to_owned()),
        }
    }
}

/// Where the work lands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landing {
    /// In the project's folder, in no commit.
    #[default]
    Project,
    /// In a commit for each ticket, on the branch that is checked out.
    Commit,
    /// The same in a worktree of the session's own, on a branch of its own.
    Worktree,
}

impl Landing {
    /// True for the usual case, which is not written out.
    pub fn is_project(&self) -> bool {
        matches!(self, Self::Project)
    }
}

/// Whether the person's commit hooks run where commits are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitHooks {
    /// They do not.
    #[default]
    Skip,
    /// They do, behind the same wall as every other command.
    Run,
}

impl CommitHooks {
    /// True for the usual case, which is not written out.
    pub fn is_skip(&self) -> bool {
        matches!(self, Self::Skip)
    }
}

/// What is asked of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSettings {
    /// The model's name; none chooses the best one installed.
    pub name: Option<String>,
    /// Another model for a phase.
    pub per_phase: BTreeMap<String, String>,
    /// The context window in tokens; none chooses from what the model was trained for.
    pub num_ctx: Option<u64>,
    /// Most tokens of one reply; none takes a part of the window.
    pub num_predict: Option<u64>,
    /// Wins over the values of the model and its family.
    pub temperature: Option<f64>,
    /// Sent with every request.
    pub think: ThinkSetting,
    /// How long the model stays loaded between requests.
    pub keep_alive: String,
    /// Who judges a ticket whose checks have passed.
    pub critic: CriticSetting,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            name: None,
            per_phase: BTreeMap::new(),
            num_ctx: None,
            num_predict: None,
            temperature: None,
            think: ThinkSetting::Auto,
            keep_alive: "30m".to_owned(),
            critic: CriticSetting::Same,
        }
    }
}

/// The `critic` setting as it stands in a file: `off`, `same`, or the name of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum CriticSetting {
    /// Nobody.
    Off,
    /// The model that did the work, in a fresh conversation.
    #[default]
    Same,
    /// Another model.
    Model(String),
}

impl CriticSetting {
    /// The other model, if one is named.
    pub fn named(&self) -> Option<&str> {
        match self {
            Self::Model(name) => Some(name),
            Self::Off | Self::Same => None,
        }
    }
}

impl From<String> for CriticSetting {
    fn from(word: String) -> Self {
        match word.as_str() {
            "off" => Self::Off,
            "same" => Self::Same,
            _ => Self::Model(word),
        }
    }
}

impl From<CriticSetting> for String {
    fn from(setting: CriticSetting) -> Self {
        match setting {
            CriticSetting::Off => "off".to_owned(),
            CriticSetting::Same => "same".to_owned(),
            CriticSetting::Model(name) => name,
        }
    }
}

/// The `think` setting as it stands in a file: `auto`, `off`, `on`, `low`, `medium`, `high`, `max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThinkSetting {
    /// What suits the model's family; never on the wire.
    Auto,
    /// `false` on the wire.
    #[default]
    Off,
    /// `true` on the wire.
    On,
    /// For models with levels.
    Low,
    /// For models with levels.
    Medium,
    /// For models with levels.
    High,
    /// For models with levels.
    Max,
}

impl ThinkSetting {
    /// As it is written in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Off => "off",
            Self::On => "on",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Max => "max",
        }
    }

    /// The same, or the other where it is left to the family.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match self {
            Self::Auto => other,
            said => said,
        }
    }
}

/// How much is enough. A turn is one model call with tools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Turns of one attempt at one phase or ticket.
    pub max_turns: u32,
    /// The same for single phases.
    pub max_turns_per_phase: BTreeMap<String, u32>,
    /// Tool calls of one attempt at one phase or ticket.
    pub tool_calls: u32,
    /// Fresh attempts at one ticket.
    pub attempts: u32,
    /// Times a failed check goes back to the model within one attempt.
    pub repairs: u32,
    /// Tokens read and written by the whole session; none for no limit.
    pub session_tokens: Option<u64>,
    /// Minutes of work of the whole session; none for no limit.
    pub session_minutes: Option<u64>,
    /// Tokens read and written by one phase; none for no limit.
    pub phase_tokens: Option<u64>,
    /// Minutes of work of one phase; none for no limit.
    pub phase_minutes: Option<u64>,
    /// Minutes that polishing (the phase marked so in the pipeline) may take.
    pub refactor_minutes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_turns: 50,
            max_turns_per_phase: BTreeMap::new(),
            tool_calls: 300,
            attempts: 3,
            repairs: 3,
            session_tokens: None,
            session_minutes: None,
            phase_tokens: None,
            phase_minutes: None,
            refactor_minutes: 30,
        }
    }
}

/// What a person wants to see before it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Approvals {
    /// The PRD.
    pub documents: Approval,
    /// The plan, with the verify commands it lists.
    pub plan: Approval,
}

/// Whether a person is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    /// Ask.
    #[default]
    Ask,
    /// Take it as approved.
    Yes,
}

/// Commands and how they run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommandSettings {
    /// Commands that show that the work is right; they stand in front of what a plan proposes.
    pub verify: Vec<String>,
    /// Seconds a command may take unless the model asks for more.
    pub timeout_seconds: u64,
    /// The most it may ask for.
    pub max_timeout_seconds: u64,
    /// Bytes of a command's output that are kept.
    pub output_bytes: usize,
    /// Whether commands run behind the operating system's walls.
    pub sandbox: Switch,
    /// Whether commands may reach the network.
    pub network: Switch,
    /// Names of further environment variables that commands get to see.
    pub env: Vec<String>,
}

impl Default for CommandSettings {
    fn default() -> Self {
        Self {
            verify: Vec::new(),
            timeout_seconds: 60,
            max_timeout_seconds: 600,
            output_bytes: 100_000,
            sandbox: Switch::On,
            network: Switch::Off,
            env: Vec::new(),
        }
    }
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}
