//! Shared by all tests: the stand-in server, the terminal, the project builder, the todo model,
//! sessions of different kinds, and the faults that are thrown at whole runs.

pub(crate) mod fake_ollama;
pub(crate) mod journal;
pub(crate) mod mirror;
pub(crate) mod pretend;
pub(crate) mod project;
pub(crate) mod pty;
pub(crate) mod recovery;
pub(crate) mod scenes;
pub(crate) mod shape;
pub(crate) mod stuck;
pub(crate) mod todo;
pub(crate) mod vt;
