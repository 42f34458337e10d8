//! A file that work changed, before and now.

/// A file that the work changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Below the project.
    pub path: String,
    /// What it was; none if it was not there.
    pub before: Option<Content>,
    /// What it is; none if it is not there any more.
    pub now: Option<Content>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A file with this text.
    Text(String),
    /// A file that is no text, or too large to be read.
    Opaque,
    /// A symbolic link.
    Link(String),
}

impl Content {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Opaque | Self::Link(_) => None,
        }
    }
}
