//! What the configuration is made from: which file, which environment, which flags.

use std::path::PathBuf;

use super::environment::Environment;
use super::floor::POLICY_FILE;
use super::types::Color;
use crate::engine::settings::{Approval, Switch};

/// What the configuration is made from.
#[derive(Debug)]
pub struct Inputs {
    /// The administrator's policy, whether it is there or not. The program itself always gives
    /// [`POLICY_FILE`]: nothing that a person can set leads elsewhere.
    pub policy: PathBuf,
    /// A file that was named on the command line; it has to be there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Environment,
    /// The flags.
    pub overrides: Overrides,
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            policy: PathBuf::from(POLICY_FILE),
            file: None,
            environment: Environment::default(),
            overrides: Overrides::default(),
        }
    }
}

/// What the flags say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--model`
    pub model: Option<String>,
    /// `--host`
    pub host: Option<String>,
    /// `--num-ctx`
    pub num_ctx: Option<u64>,
    /// `--max-turns`
    pub max_turns: Option<u32>,
    /// `--verify`, in the order given.
    pub verify: Vec<String>,
    /// `--yes`
    pub approvals: Option<Approval>,
    /// `--sandbox`
    pub sandbox: Option<Switch>,
    /// `--allow-network`
    pub network: Option<Switch>,
    /// `--color`
    pub color: Option<Color>,
}
