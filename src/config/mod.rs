//! The configuration: what can be set, where each value comes from, and what is wrong with it.
//! Defaults, then the file, then the environment, then the flags. Writes nothing unless asked.

mod check;
mod environment;
mod file;
mod floor;
mod host;
mod inputs;
mod keys;
mod layers;
mod load;
mod nearest;
mod secret;
mod show;
mod source;
mod types;

pub use environment::Environment;
pub use floor::{POLICY_FILE, read_floor};
pub use inputs::{Inputs, Overrides};
pub use keys::{KEYS, Key};
pub use load::{Loaded, Paths, load};
pub use nearest::nearest;
pub use secret::{Header, Secret};
pub use show::{DEFAULT_FILE, frozen, init, show};
pub use source::Source;
pub use types::{Color, Config, Notify, Screen, Server, Session};
