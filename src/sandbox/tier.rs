//! What was found out about the wall, by trying.

pub use crate::engine::tier::Tier;

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
