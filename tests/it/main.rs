//! The one integration binary: everything that needs a server, git, processes or a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod architecture;
mod calls;
mod config;
mod debug;
mod demo;
mod doctor;
mod exit_codes;
mod floor;
mod git;
mod guard;
mod hostile;
mod ladder;
mod landing;
mod loops;
mod models;
mod neutral;
mod offline;
mod ollama;
mod pipeline;
mod readme;
mod recovery;
mod requests;
mod resume;
mod sandbox;
mod sandbox_attacks;
mod sandbox_fetch;
mod sandbox_ground;
mod sandbox_life;
mod sandbox_policy;
mod sandbox_tools;
mod store;
mod terminal;
mod text_protocol;
mod tools;
mod ui;
mod undo;
mod window;
mod wrappers;
