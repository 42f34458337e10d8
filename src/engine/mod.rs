//! The rules of the program, without any input or output: no files, no network, no processes,
//! no clock, no randomness, no environment. Everything here is data and functions of data.

pub mod artifact;
pub mod ask;
pub mod call;
pub mod calls;
pub mod context;
pub mod decide;
pub mod estimate;
pub mod event;
pub mod gate;
pub mod marker;
pub mod mentions;
pub mod message;
pub mod outline;
pub mod phase;
pub mod picture;
pub mod ports;
pub mod prefix;
pub mod reply;
pub mod screen;
pub mod session;
pub mod settings;
pub mod skill;
pub mod summary;
pub mod test_count;
pub mod ticket;
pub mod tool;
