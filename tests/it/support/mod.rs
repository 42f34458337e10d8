//! Shared by all tests: the stand-in server, the project builder, the terminal.

pub(crate) mod fake_ollama;
pub(crate) mod pty;
pub(crate) mod vt;
