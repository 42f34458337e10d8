//! The other side of the wall: what the program does when it was started as its own launcher. It
//! reads an order, makes the world in which one command runs, and outlives that command.

mod enter;
mod filter;
mod keeper;
mod mounts;
mod namespaces;
mod processes;
mod rights;
mod system;
mod world;

pub use enter::enter;
