//! A function of a test file, as it was found.

use std::ops::Range;

/// A function of a test file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// With the names of what it stands in; the same name again gets a number.
    pub(super) name: String,
    pub(super) part: Part,
    /// Attributes and decorators, its own and those of what it stands in.
    pub(super) head: String,
    /// From its head's last line to its end.
    pub(super) body: Range<usize>,
    /// From its attributes to its end.
    pub(super) whole: Range<usize>,
}

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Test,
    /// Called by tests, or before and after them.
    Helper,
}
