//! A model that reads its part from a script: the second implementation of the `Model` port, for
//! the demo and for tests. A script is data; it is chosen from by what a request asks for, never
//! by time. Knows nothing of the work it plays in.

mod model;
mod script;

pub use model::{Pace, Scripted};
pub use script::Script;
