//! Loop Orchestration: a sentence in, working code out, on your own hardware.

pub mod cli;
pub mod config;
pub mod engine;
pub mod error;
pub mod git;
pub mod ollama;
pub mod run;
pub mod sandbox;
pub mod store;
pub mod tools;
pub mod ui;
