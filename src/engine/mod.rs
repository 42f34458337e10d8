//! The rules of the program, without any input or output: no files, no network, no processes,
//! no clock, no randomness, no environment. Everything here is data and functions of data.

pub mod artifact;
pub mod ask;
pub mod call;
pub mod calls;
pub mod event;
pub mod marker;
pub mod message;
pub mod picture;
pub mod ports;
pub mod reply;
pub mod settings;
pub mod skill;
pub mod test_count;
pub mod ticket;
pub mod tool;
