//! Carries out what the engine decides: decide → perform → append → fold → show. Everything that
//! touches the world on behalf of a session goes through here, and nothing here decides.

mod answers;
mod before;
pub mod begin;
pub mod catalog;
mod caution;
mod circling;
pub mod demo;
pub mod doctor;
mod driver;
mod forced;
mod gate;
mod guard;
pub mod health;
pub mod history;
mod incoming;
mod interrupt;
pub mod inventory;
pub mod landing;
mod look;
mod manners;
mod model;
mod people;
mod perform;
mod permission;
pub mod probe;
mod ranking;
pub mod reopen;
pub mod scripted;
mod stretch;
mod tool;

pub use answers::Answers;
pub use caution::identity;
pub use driver::{Attendance, Ending, Parts, Run, Unattended};
pub use interrupt::Interrupt;

// What the command line composes a run of; it imports nothing below this layer by itself.
pub use crate::git::{ChangeKind, LeftAlone, Merged, Standing, Touched};
pub use crate::ollama::{PullProgress, Server, ServerSettings, port as model_port};
pub use crate::sandbox::{
    Environment as CommandEnvironment, Launcher, Policy, Tier, Wall, screen_command,
};
pub use crate::store;
pub use crate::tools::Surroundings;
