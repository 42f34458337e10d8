//! What reasoning is to the rest: whether a text had any and how it ended, and what would have been
//! a call outside of it. Finds no reasoning; `scan_reasoning` does.

use super::shape;

/// Reasoning within the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reasoning {
    /// None.
    #[default]
    Absent,
    /// Some, and it ended.
    Ended,
    /// It never ended.
    Unclosed,
    /// A call was inside of it, and it ended.
    HeldCall,
}

/// Whether reasoning holds what would be a call outside of it.
pub(super) fn holds_call(reasoning: &str) -> bool {
    [
        "<tool_call>",
        "<function=",
        "[TOOL_CALLS]",
        "to=functions.",
        "<|tool",
    ]
    .iter()
    .any(|token| reasoning.contains(token))
        || (reasoning.contains("\"name\"")
            && shape::ARGUMENT_KEYS
                .iter()
                .any(|key| reasoning.contains(key)))
}
