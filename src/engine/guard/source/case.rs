//! A function of a test file, as it was found.

use std::ops::Range;

/// A function of a test file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::guard) struct Case {
    /// With the names of what it stands in; the same name again gets a number.
    pub(in crate::engine::guard) name: String,
    pub(in crate::engine::guard) part: Part,
    /// Attributes and decorators, its own and those of what it stands in.
    pub(in crate::engine::guard) head: String,
    /// From its head's last line to its end.
    pub(in crate::engine::guard) body: Range<usize>,
    /// From its attributes to its end.
    pub(in crate::engine::guard) whole: Range<usize>,
}

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine::guard) enum Part {
    Test,
    /// Called by tests, or before and after them.
    Helper,
}
