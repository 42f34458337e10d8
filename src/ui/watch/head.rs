//! What a list shows of a session before its journal is read as a whole. Filled in by whoever
//! looks at the folders.

use crate::engine::event::Outcome;

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The session's id.
    pub id: String,
    /// What was asked for; of a damaged session, what is wrong with it.
    pub task: String,
    /// The project folder.
    pub project: String,
    /// Where it stands with it.
    pub life: Life,
    /// The same in a word or two.
    pub words: String,
    /// When it began, as the journal writes it.
    pub started_at: String,
    /// When the last thing happened.
    pub last_at: String,
    /// The phase of the last line.
    pub phase: Option<String>,
    /// The ticket of the last line.
    pub ticket: Option<String>,
}

/// Whether a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// A process works on it now.
    Running,
    /// It stopped at a question that nobody answered.
    NeedsInput,
    /// Nobody works on it, and it can be resumed.
    Paused,
    /// It is over.
    Over(Outcome),
    /// Its journal cannot be read.
    Damaged,
    /// It was deleted.
    Gone,
}
