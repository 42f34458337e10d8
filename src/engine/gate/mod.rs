//! What checks add up to. `verdict` judges a claim of being done, `compare` tells what was broken
//! from what was broken before. Pure; the checks themselves are run by `run/gate.rs`.

mod compare;
mod found_none;
mod hollow;
mod missing;
mod old_tests;
mod said;
mod verdict;
mod without;

pub use compare::{Check, Origin, Standing, covers, passing, standing};
pub use hollow::{RETURNS_NOTHING, is_of_nothing, needs_no_code};
pub use old_tests::{as_it_was, has_passed, is_the_same, lost, need_what_was_added, too_few};
pub use verdict::{
    Asked, Changed, Commands, is_better, passing_as_before, paths_verdict, showing, told,
    told_that_nothing_shows_it, unchanged_verdict, verdict,
};
pub use without::{Look, OF_TESTS, is_refactoring, look, may_pass_without};
