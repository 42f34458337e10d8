//! The names of the rules. What a rule counts and says is in `rules.yaml`.

use serde::{Deserialize, Serialize};

/// A rule against going in circles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A call and its result come again.
    SameCall,
    /// A command fails again in the same way.
    SameFailure,
    /// Several calls come again in the same order.
    Alternation,
    /// Edits of one file miss.
    FailingEdits,
    /// A text without a call comes again.
    SameText,
    /// A reply repeats itself while it comes.
    Repetition,
    /// A reply thinks without end.
    Thinking,
}

impl Rule {
    /// Every rule, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::SameCall,
        Self::SameFailure,
        Self::Alternation,
        Self::FailingEdits,
        Self::SameText,
        Self::Repetition,
        Self::Thinking,
    ];

    /// The name in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameCall => "same_call",
            Self::SameFailure => "same_failure",
            Self::Alternation => "alternation",
            Self::FailingEdits => "failing_edits",
            Self::SameText => "same_text",
            Self::Repetition => "repetition",
            Self::Thinking => "thinking",
        }
    }
}
