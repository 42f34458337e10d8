//! The stories that these tests play: the stuck ticket of `support/stuck.rs`, and attempts of which
//! the third is the best.

pub(crate) use crate::support::scenes::several;
pub(crate) use crate::support::stuck::{NOTE, stuck};
