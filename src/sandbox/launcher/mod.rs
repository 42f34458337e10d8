//! The other side of the wall: what the program does when it was started as its own launcher. It
//! reads an order, makes the world in which one command runs, and outlives that command.

mod enter;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod filter;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "no_filter.rs"]
mod filter;
mod keeper;
mod mounts;
mod namespaces;
mod processes;
mod rights;
mod system;
mod world;

pub use enter::enter;
