//! The one integration binary: everything that needs a server, git, processes or a terminal.

mod support;

mod architecture;
mod calls;
mod config;
mod git;
mod ollama;
mod sandbox;
mod store;
mod tools;
mod ui;
mod wrappers;
