//! The person's side of the program: what is shown (`screen`, `display`), how it is worded (`words/`), how it
//! gets onto a terminal (`surface`, `status`, `text`, `diff`, `patch`, `markdown`), how a session is
//! looked back on (`timeline`, `figures`), how questions are asked (`prompt/`), and the live screen
//! over sessions (`watch/`). Imports the engine only, and reads nothing from the environment.

mod attention;
mod blocks;
mod diff;
mod display;
mod figures;
mod markdown;
mod patch;
mod prompt;
mod screen;
mod standard;
mod status;
mod surface;
mod text;
mod timeline;
pub mod watch;
mod words;

pub use attention::Attention;
pub use display::{Mode, Output, Reader, Ticks};
pub use figures::{figures, figures_across};
pub use patch::{FileLine, PatchReader, patch};
pub use prompt::{Bell, Person, ReadBack, Teller, restore_terminal};
pub use screen::Screen;
pub use standard::{Choices, Input, dressed, results_width, standard};
pub use text::{Colour, Glyphs};
pub use timeline::timeline;
pub use words::event::Detail;
