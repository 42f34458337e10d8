//! Carries out what the engine decides: decide → perform → append → fold → show. Everything that
//! touches the world on behalf of a session goes through here, and nothing here decides.

mod answers;
mod driver;
mod gate;
mod interrupt;
mod look;
mod model;
mod people;
mod perform;
mod tool;

pub use answers::Answers;
pub use driver::{Ending, Parts, Run, Unattended};
pub use interrupt::Interrupt;
