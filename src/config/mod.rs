//! The configuration: what can be set, where each value comes from, and what is wrong with it.
//! Defaults, then the file, then the environment, then the flags. Writes nothing unless asked.

mod check;
mod environment;
mod file;
mod host;
mod keys;
mod load;
mod nearest;
mod show;
mod types;

pub use environment::Environment;
pub use keys::{KEYS, Key};
pub use load::{Header, Inputs, Loaded, Overrides, Paths, Secret, Source, load};
pub use nearest::nearest;
pub use show::{DEFAULT_FILE, frozen, init, show};
pub use types::{Color, Config, Screen, Server, Session};
