//! Whether a test asserts anything at all.

pub(super) mod asserting;
pub(super) mod assertion;
pub(super) mod bound;
pub(super) mod elsewhere;
mod never;
