//! Which of the two ways of calling tools a conversation has.

use serde::{Deserialize, Serialize};

/// How a model calls tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// The server offers the tools and finds the calls.
    #[default]
    Native,
    /// Tools stand in the system text, and calls are blocks of text.
    Text,
}

impl Protocol {
    /// True for the usual case, which is not written out.
    pub fn is_native(&self) -> bool {
        matches!(self, Self::Native)
    }
}
