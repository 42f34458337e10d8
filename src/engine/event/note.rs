//! What the program notes: for the model, or for its own knowledge. Says nothing of when.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something the program says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What sort of note.
    pub kind: NoteKind,
    /// The text; for notes to the model, exactly what is sent.
    pub text: String,
    /// Data that belongs to the note.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// The sorts of note. The first group is sent to the model as a user message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// To the model: no marker and no call; decide.
    Nudge,
    /// To the model: the reply could not be used, and why.
    Correction,
    /// To the model: a check failed, with its output.
    CheckFailed,
    /// To the model: a person sent the document back with this guidance.
    Guidance,
    /// To the model: a person's answer to a question that was asked by marker.
    Reply,
    /// Not sent: what the project looks like.
    Picture,
    /// Not sent: what is installed on the machine.
    Inventory,
    /// Not sent: the task was judged simple or not.
    Triage,
    /// Not sent: the context window that is really in force.
    Window,
    /// Not sent: the tokens that the server counted in a prompt that it refused.
    Counted,
    /// Not sent: what is around commands: a sandbox's tier, and why it is no better one.
    Wall,
    /// Not sent: where the project's content was saved (a git tree id).
    Snapshot,
    /// Not sent: a change was taken back.
    TakenBack,
    /// Not sent: a change was kept, or there was nothing to change.
    Kept,
    /// Not sent: the result was started, or there was nothing to start.
    Smoked,
    /// Not sent: the checks were run before the ticket was begun.
    Baseline,
    /// Not sent: a call went wrong or right, and how the next one is asked for: `{"from","to",
    /// "why"}`, with the model if it is spoken to in text from here on.
    Ladder,
    /// Not sent: an attempt passed its gate and is to be compared with others: its number, the
    /// project then, lines changed, what stands behind it, its files.
    ResultKept,
    /// Not sent: the result of an attempt that stays was written back: `{"attempt","whole"}`.
    ResultChosen,
    /// Not sent: nobody could be asked about the tickets that are blocked; the run goes past them,
    /// and the questions stay open.
    LeftBlocked,
    /// Not sent: facts for the summary.
    Fact,
    /// To the model, where its rule says: it goes in circles. The data say by which rule it was
    /// noticed, how often it happened, and whether that ends the attempt.
    Loop,
}

impl NoteKind {
    /// Whether the note becomes a user message of the conversation.
    pub fn is_for_model(self) -> bool {
        matches!(
            self,
            Self::Nudge | Self::Correction | Self::CheckFailed | Self::Guidance | Self::Reply
        )
    }
}
