//! The one integration binary: everything that needs a server, git, processes or a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod architecture;
mod attempts;
mod calls;
mod config;
mod critic;
mod debug;
mod demo;
mod doctor;
mod evening;
mod exit_codes;
mod figures;
mod floor;
mod fork;
mod git;
mod guard;
mod hostile;
mod ladder;
mod landing;
mod loops;
mod mailbox;
mod models;
mod neutral;
mod notify;
mod offline;
mod old_tests;
mod ollama;
mod pipeline;
mod readme;
mod recovery;
mod refactor;
mod replay;
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
mod suites;
mod terminal;
mod text_protocol;
mod tools;
mod trace;
mod ui;
mod undo;
mod watch;
mod window;
mod without;
mod wrappers;
