//! Tries the wall out with attacks that do no harm, in folders made for it: what is promised for
//! the wall in force, and what was stopped. What `doctor` shows.

mod attacks;
mod ground;
#[cfg(target_os = "linux")]
mod program;
mod remains;
#[cfg(target_os = "linux")]
mod terminal;

pub use attacks::{Trial, model_in_reach, try_out};
pub use ground::Canary;
#[cfg(target_os = "linux")]
pub(super) use program::{PROGRAM_ARGUMENT, stand_in};
#[cfg(target_os = "linux")]
pub(super) use terminal::{TYPE_ARGUMENT, type_into};
