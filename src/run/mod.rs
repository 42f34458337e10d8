//! Carries out what the engine decides: decide → perform → append → fold → show. Everything that
//! touches the world on behalf of a session goes through here, and nothing here decides.

mod already;
mod answers;
mod aside;
mod backward;
mod before;
pub mod begin;
mod cast;
pub mod catalog;
mod caution;
mod circling;
mod commit_hooks;
mod critic;
pub mod demo;
pub mod doctor;
mod driver;
mod follow;
mod forced;
pub mod fork;
mod gate;
pub mod given;
mod guard;
pub mod health;
pub mod history;
mod hollow;
mod hooks;
mod inbox;
mod incoming;
mod interrupt;
pub mod inventory;
mod known;
pub mod landing;
mod letters;
pub mod listening;
mod look;
mod manners;
mod model;
mod must_fail;
mod notify;
mod old_tests;
mod people;
mod perform;
mod permission;
pub mod post;
pub mod probe;
mod proof;
mod ranking;
pub mod recording;
pub mod reopen;
mod repair;
pub mod replay;
mod results;
mod retired;
pub mod scripted;
mod stretch;
mod tape;
mod tool;
mod unspoken;
pub mod waking;
pub mod watch;
mod whose;
mod without;

pub use answers::Answers;
pub use aside::Ignored;
pub use caution::identity;
pub use driver::{Attendance, Ending, Parts, Run, Unattended};
pub use hooks::Hooks;
pub use interrupt::Interrupt;
pub use people::with_document;

// What the command line composes a run of; it imports nothing below this layer by itself.
pub use crate::git::{ChangeKind, LeftAlone, Merged, Standing, Touched};
pub use crate::ollama::{PullProgress, Server, ServerSettings, port as model_port};
pub use crate::sandbox::{
    Environment as CommandEnvironment, Launcher, Policy, Tier, Wall, screen_command,
};
pub use crate::store;
pub use crate::tools::Surroundings;
