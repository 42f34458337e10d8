//! The wall around commands: what they see, what they may touch, how long they live. The only
//! place that starts processes a model chose; the only place with `unsafe`.

mod environment;
mod limits;
mod output;
mod plain;
mod screening;

pub use environment::Environment;
pub use plain::Plain;
pub use screening::screen_command;
