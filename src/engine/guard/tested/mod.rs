//! A file of tests that work changed: what went, what came, and what may be otherwise.

mod grown;
mod idle;
pub(super) mod look;
pub(super) mod merged;
pub(super) mod moved;
mod off;
pub(super) mod test_file;
pub(super) mod unspoken;
pub(super) mod went;
