//! Going in circles, noticed and stopped by rules that are data (`rules.yaml`): calls and texts
//! that come again (`memory`), a reply that repeats itself or thinks without end (`watch`). It
//! refuses to judge what was never the same: a changed file, result or word is progress.

mod alike;
mod circle;
mod finding;
mod memory;
mod repetition;
mod rule;
mod rules;
mod watch;

pub(in crate::engine) use alike::telling_line;
pub use finding::{Finding, Follows};
pub use memory::Memory;
pub use rule::Rule;
pub use rules::{Entry, RepeatLimits, Repeats, Rules, Say, ThinkingLimits, rules};
pub use watch::{Cut, Watch, largest_reply};
