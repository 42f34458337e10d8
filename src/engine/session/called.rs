//! Whether the person has been called to a question by a command of their own. Questions that
//! follow each other are one call, and a resume does not call a second time.

use crate::engine::event::Event;

/// Whether the person was called, and need not be called again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Called {
    /// Not since something happened that takes time.
    #[default]
    No,
    /// They were.
    Yes,
}

impl Called {
    /// The same after this event: while a model speaks or a command runs, people go away.
    pub(super) fn after(self, event: &Event) -> Self {
        match event {
            Event::Replied(_) | Event::Checked(_) | Event::ToolFinished { .. } => Self::No,
            _ => self,
        }
    }
}
