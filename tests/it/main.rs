//! The one integration binary: everything that needs a server, git, processes or a terminal.

mod support;

mod architecture;
mod calls;
mod config;
mod exit_codes;
mod git;
mod ollama;
mod pipeline;
mod requests;
mod resume;
mod sandbox;
mod store;
mod tools;
mod ui;
