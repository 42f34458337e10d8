//! How much of a wall there is around commands.

use serde::{Deserialize, Serialize};

/// How much of a wall there is, from none to all.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Limits and process control only.
    #[default]
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

    /// The tier of that name; a word that is none promises nothing.
    pub fn named(name: &str) -> Self {
        [Self::Full, Self::Partial]
            .into_iter()
            .find(|tier| tier.name() == name)
            .unwrap_or_default()
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
