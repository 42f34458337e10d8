//! How far the critic has come with an attempt at a ticket. Only data; `criticising` adds to it.

use crate::engine::event::Receipt;

/// How far the critic has come with an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criticism {
    /// Its looks, in order.
    pub looks: Vec<Look>,
    /// Whether its words went back to the model.
    pub is_told: bool,
    /// Why the repair that they led to was taken back.
    pub taken_back: Option<String>,
    /// Whether not all of it could be: somebody else changed its files meanwhile.
    pub is_partly_back: bool,
}

/// One look of the critic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the checks had shown of the same work.
    pub gate: Receipt,
    /// What the critic said.
    pub judged: Receipt,
}
