//! What can be wrong with a call before its name and arguments are looked at.

use super::values::Flaw;

/// Why something that was meant as a call cannot be read as one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// Its JSON is damaged.
    Damaged { name: Option<String>, flaw: Flaw },
    /// A block for a call with nothing in it.
    EmptyBlock,
    /// A block for a call with something else in it.
    NotACall,
    /// A tag of it is not closed, or is closed by another one.
    Unclosed {
        name: String,
        parameter: Option<String>,
    },
    /// The same argument twice with different values.
    Twice { name: String, parameter: String },
    /// Its arguments are not named.
    Positional { name: String },
    /// Its arguments are no object.
    NoObject { name: String },
    /// It is written in Python that is more than a list of calls.
    Python,
    /// A value may have ended early, because its closing tag occurs again.
    Ambiguous,
    /// It stands in reasoning that did not end.
    InReasoning,
    /// A native call without a name.
    Nameless,
    /// It stands in a quotation, or perhaps in one.
    Quoted { name: String },
    /// It stands after a result or a turn of somebody else that the model invented.
    Imitated { name: String },
}

impl Problem {
    /// The tool that the call names, if it can be read.
    pub(super) fn tool(&self) -> Option<&str> {
        match self {
            Self::Damaged { name, .. } => name.as_deref(),
            Self::Unclosed { name, .. }
            | Self::Twice { name, .. }
            | Self::Positional { name }
            | Self::NoObject { name }
            | Self::Quoted { name }
            | Self::Imitated { name } => Some(name),
            Self::EmptyBlock
            | Self::NotACall
            | Self::Python
            | Self::Ambiguous
            | Self::InReasoning
            | Self::Nameless => None,
        }
    }
}
