//! What the model is shown: the opening of each conversation, how much of the window is used, and
//! what is left out when it is full.

pub mod budget;
mod compaction;
mod opening;
mod request;
mod sections;

pub use compaction::{compaction, files_to_outline};
pub use opening::{opening, opening_in_text};
pub use request::{Extras, Opening};
pub use sections::picture;
