//! What checks add up to. `verdict` judges a claim of being done, `compare` tells what was broken
//! from what was broken before. Pure; the checks themselves are run by `run/gate.rs`.

mod compare;
mod verdict;

pub use compare::{Origin, Standing, covers, passing, standing};
pub use verdict::{
    Asked, Changed, Check, Commands, paths_verdict, told, told_that_nothing_shows_it,
    unchanged_verdict, verdict,
};
