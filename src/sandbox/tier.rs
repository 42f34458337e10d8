//! How much of a wall there is.

use serde::{Deserialize, Serialize};

/// How much of a wall there is, from none to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Limits and process control only.
    None,
    /// The kernel checks paths and system calls; what exists outside stays visible.
    Partial,
    /// A world of its own: files, processes, network.
    Full,
}

impl Tier {
    /// The word shown everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Partial => "partial",
            Self::Full => "full",
        }
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What was found out about the wall, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The tier in force.
    pub tier: Tier,
    /// Why the better ones are not.
    pub refused: Vec<(Tier, String)>,
}

impl Probed {
    /// Why the better ones are not, in words.
    pub fn shortcomings(&self) -> Vec<String> {
        let words = |(tier, why): &(Tier, String)| format!("{tier}: {why}");
        self.refused.iter().map(words).collect()
    }
}
