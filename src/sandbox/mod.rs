//! The wall around commands: what they see, what they may touch, how long they live. The only
//! place that starts processes a model chose; the only place with `unsafe`.

#[cfg(target_os = "linux")]
mod caches;
mod canaries;
mod capture;
#[cfg(any(not(target_os = "linux"), test))]
pub mod elsewhere;
mod environment;
mod folders;
mod git_config;
mod git_guard;
mod git_state;
mod git_watch;
mod landlock;
#[cfg(target_os = "linux")]
mod launched;
#[cfg(target_os = "linux")]
pub mod launcher;
mod limits;
#[cfg(target_os = "linux")]
mod mirrors;
mod output;
#[cfg(target_os = "linux")]
mod parts;
mod plain;
mod policy;
#[cfg(target_os = "linux")]
mod protocol;
mod screening;
mod tier;
#[cfg(target_os = "linux")]
mod wall;

pub use canaries::{Canary, Trial, model_in_reach, try_out};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Launcher, Wall};
pub use environment::Environment;
pub use folders::{Entry, Kind, Seen, each_folder};
pub use git_guard::git_programs;
pub use git_watch::recover;
pub use landlock::landlock_version;
#[cfg(target_os = "linux")]
pub use launched::Launcher;
#[cfg(target_os = "linux")]
pub use parts::enter;
pub use plain::Plain;
pub use policy::{Limits, Policy, STAND_IN, fetched_crates};
pub use screening::screen_command;
pub use tier::{Probed, Tier};
#[cfg(target_os = "linux")]
pub use wall::Wall;
