//! Shared by all tests: the stand-in server, the terminal, the project builder, the todo model.

pub(crate) mod fake_ollama;
pub(crate) mod journal;
pub(crate) mod mirror;
pub(crate) mod project;
pub(crate) mod pty;
pub(crate) mod todo;
pub(crate) mod vt;
