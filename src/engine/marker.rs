//! Completion markers.
