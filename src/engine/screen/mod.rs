//! What a shell command would do, as far as its text tells: refuse, ask, or let run. Explains and
//! asks; the wall around commands is elsewhere, and holds for what is let run here too.

mod screening;

pub use screening::{Class, Screening, screen, screen_in};
