//! How far the repair of a review's findings has come: one finding after the other, each with a
//! snapshot of its own. Only data; `repairing` adds to it.

use std::collections::BTreeSet;

/// The repair of a review's findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// The findings that are over, kept or taken back, by their place in the review.
    pub ended: BTreeSet<usize>,
    /// The step under way.
    pub step: Option<RepairStep>,
    /// Nothing more is repaired.
    pub is_over: bool,
}

/// One step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairStep {
    /// The finding, by its place in the review; none where an older version repaired all of them
    /// in one step.
    pub finding: Option<usize>,
    /// The project's content before it (a git tree id).
    pub tree: String,
    /// Why its change must be taken back.
    pub failed: Option<String>,
}
