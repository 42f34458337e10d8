//! What can be decided: the effects, and the short forms for those that only record something.
//! Decides nothing and does nothing.

use serde_json::Value;

use crate::engine::artifact::{ArtifactName, SchemaKind};
use crate::engine::ask::Ask;
use crate::engine::call::ToolCall;
use crate::engine::context::Opening;
use crate::engine::event::{Author, Event, Interruption, Note, NoteKind, Outcome, Proof};
use crate::engine::ports::Access;

/// The next thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append these events; nothing else happens.
    Record(Vec<Event>),
    /// Look at the project and note what it looks like.
    LookAtProject,
    /// Look at what is installed and note it.
    TakeInventory,
    /// Open a conversation for the step.
    OpenConversation(Opening),
    /// Send the conversation's next request.
    CallModel {
        /// The schema of a document.
        format: Option<SchemaKind>,
    },
    /// Make the model decide, in a single request beside the conversation.
    AskForDecision,
    /// Force the call that went wrong through a schema, in a single request beside the conversation.
    ForceCall,
    /// Run a tool.
    RunTool {
        /// The call.
        call: ToolCall,
        /// What commands may do to the project.
        access: Access,
    },
    /// A call was started by a process that is gone: find out, or say that it may have run.
    Reconcile {
        /// The call.
        call: ToolCall,
        /// Hash of its file before.
        before: Option<String>,
        /// Hash of its file after.
        after: Option<String>,
    },
    /// Ask a person.
    AskPerson(Ask),
    /// Write an artifact, then append these events.
    WriteArtifact {
        /// Which.
        name: ArtifactName,
        /// Its content.
        content: Value,
        /// Who wrote it.
        by: Author,
        /// What follows from it.
        then: Vec<Event>,
    },
    /// Run the ticket's checks on the project as it is before the work.
    RunBefore {
        /// Which ticket.
        id: String,
    },
    /// Begin an attempt at a ticket.
    StartTicket {
        /// Which.
        id: String,
        /// Counted from 1.
        attempt: u32,
    },
    /// End a ticket.
    FinishTicket {
        /// Which.
        id: String,
        /// How.
        outcome: Outcome,
        /// Why.
        reason: String,
        /// What stands behind it.
        proof: Proof,
    },
    /// An attempt passed: keep its result, to be compared with others.
    KeepResult {
        /// Which ticket.
        id: String,
        /// What the gate said.
        reason: String,
        /// What stands behind it.
        proof: Proof,
    },
    /// Write the result of this attempt back: it is the best.
    WriteResult {
        /// Which ticket.
        id: String,
        /// Which attempt.
        attempt: u32,
    },
    /// Run the checks that a claim must pass.
    RunGate(GateKind),
    /// See whether the plan's packages are there.
    CheckPackages,
    /// Fetch packages with this command, with a network.
    FetchPackages(String),
    /// Start the result as the plan says.
    StartResult,
    /// Save the project's content.
    Save,
    /// Write the saved content back.
    TakeBack {
        /// The saved content.
        tree: String,
        /// Why.
        reason: String,
    },
    /// Shorten the conversation.
    Compact,
    /// Write the summary and end the session.
    Finish {
        /// How.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
    /// The last phase that was asked for is over; the session stays unfinished.
    Reached(String),
    /// Stop; the session stays unfinished.
    Stop(Interruption, String),
    /// There is nothing left to do.
    Nothing,
}

/// Which checks a claim must pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateKind {
    /// The ticket's commands, and something changed.
    Ticket(String),
    /// Every path that this text names exists.
    Paths(String),
    /// The commands of every completed ticket.
    Suite,
}

/// Ends the current phase.
pub(super) fn finish_phase(outcome: Outcome, reason: &str) -> Effect {
    Effect::Record(vec![Event::PhaseFinished {
        outcome,
        reason: reason.to_owned(),
    }])
}

/// A note of the program.
pub(super) fn note(kind: NoteKind, text: impl Into<String>) -> Event {
    Event::Note(Note {
        kind,
        text: text.into(),
        data: Value::Null,
    })
}

/// A note of the program with what belongs to it.
pub(super) fn note_with(kind: NoteKind, text: impl Into<String>, data: Value) -> Event {
    Event::Note(Note {
        kind,
        text: text.into(),
        data,
    })
}
