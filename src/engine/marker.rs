//! Completion markers.

/// A marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// a
    PhaseComplete,
    /// b
    TaskComplete,
    /// c
    NeedsUserInput,
}
/// Found.
#[derive(Debug)]
pub struct Found<'a> {
    /// m
    pub marker: Marker,
    /// t
    pub text_before: &'a str,
}
/// Finds.
pub fn find(content: &str) -> Option<Found<'_>> {
    let t = content.trim_end();
    for (w, m) in [
        ("[PHASE_COMPLETE]", Marker::PhaseComplete),
        ("[TASK_COMPLETE]", Marker::TaskComplete),
        ("[NEEDS_USER_INPUT]", Marker::NeedsUserInput),
    ] {
        if let Some(b) = t.strip_suffix(w) {
            return Some(Found {
                marker: m,
                text_before: b,
            });
        }
    }
    None
}
