//! The live screen over sessions: what it knows (`state`, `watched`, `head`), what it is told (`news`), what keys do
//! (`update`, `answering`), what is drawn where (`draw` and one file a part), and the terminal it
//! stands on (`glass`). It changes nothing by itself: what a person wants done leaves as an `Act`.

mod act;
mod answering;
mod board;
mod bottom;
mod canvas;
mod draw;
mod gauges;
mod glass;
mod head;
mod header;
mod help;
mod layout;
mod list;
mod moment;
mod news;
mod state;
mod stream;
mod ticket;
mod update;
mod watched;

pub use act::Act;
pub use draw::draw;
pub use glass::{Glass, text};
pub use head::{Head, Life};
pub use state::{Root, Watch, WithDocument};
pub use watched::Watched;
