//! What the benchmarks share: a stand-in server that answers from prepared bytes, a home and a
//! project to work in, and the table that is printed. Each benchmark uses a part of it.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark prints and stops at the first surprise"
)]
#![allow(
    dead_code,
    reason = "compiled once for each benchmark, and none uses everything"
)]

pub(crate) mod home;
pub(crate) mod replies;
pub(crate) mod server;
pub(crate) mod table;
