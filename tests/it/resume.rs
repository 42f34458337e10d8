//! A session can be killed at any instant and resumed with nothing lost and nothing done twice.

mod in_process;
mod kills;
mod properties;
mod stage;
mod unwatched;
