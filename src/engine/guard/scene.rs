//! Everything that a judgement is made from.

use super::changed::Changed;
use super::words::announced::Announcement;

/// What there is to judge.
pub struct Scene<'a> {
    /// The files that the work changed.
    pub changed: &'a [Changed],
    /// What it had announced.
    pub announced: &'a Announcement,
    /// The commands that say whether it is done, and those of all other tickets.
    pub commands: &'a [String],
    /// Reads a file of the project as it is now.
    pub read: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene")
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}
