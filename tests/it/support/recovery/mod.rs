//! Whole runs with faults thrown at them: a model that answers from what the conversation says,
//! twenty faults that spoil its replies or the way to it, a server that throws them, and the
//! comparison with a run without faults. The tests run a sample, `cargo bench --bench recovery`
//! the whole matrix.

mod arena;
mod faults;
mod model;
mod speaker;
mod stand_in;

pub(crate) use arena::{Cell, Ran, judge, run};
pub(crate) use faults::Fault;
pub(crate) use speaker::Speaker;
pub(crate) use stand_in::Plan;
