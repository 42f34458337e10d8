//! What a person at the live screen wants done. The screen itself does none of it: whoever drives
//! it carries an act out through what the verbs of the command line use as well.

use crate::engine::ask::AskId;
use crate::engine::course::Said;
use crate::engine::event::Audience;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Leave the screen; the sessions go on.
    Leave,
    /// Draw everything anew.
    Redraw,
    /// Answer a question.
    Answer {
        /// The session's id.
        session: String,
        /// Which question.
        ask: AskId,
        /// The number of the `asked` line that is answered.
        asked: u64,
        /// The answer, or where the interview goes instead.
        said: Said,
    },
    /// Tell the model something.
    Tell {
        /// The session's id.
        session: String,
        /// Whom it is for, if not only for the conversation at hand.
        to: Option<Audience>,
        /// What.
        text: String,
    },
    /// Stop a session as Ctrl-C would.
    Stop {
        /// The session's id.
        session: String,
    },
    /// Show what a ticket, or the whole session, changed.
    Diff {
        /// The session's id.
        session: String,
        /// The ticket; all of it if none.
        ticket: Option<String>,
    },
}
