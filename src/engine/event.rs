//! The events of a session: what a journal line says. Everything a session is can be folded
//! from them. This file owns their shape on disk (fixed since schema 1) and refuses to know
//! how they are stored (`store/journal.rs`) or what they add up to (`engine/session.rs`).

mod attempt;
mod form;
mod note;
mod receipt;
mod talk;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::artifact::ArtifactName;
use super::ask::{Answer, Ask, AskId};
use super::call::{CallId, ToolCall};
use super::manner::Manners;
use super::message::Message;
use super::protocol::Protocol;
use super::settings::Settings;
use super::tool::ToolResult;

pub use attempt::{AttemptNote, Ended, Ran};
pub use note::{Note, NoteKind};
pub use receipt::{DiffStat, Gate, Proof, Receipt};
pub use talk::{Audience, ConversationStarted, Purpose, Replied, RequestKind};

/// The journal format this program writes. A reader refuses a higher one.
pub const SCHEMA: u32 = 1;

/// One line of a journal. `sum` is added by the store when the line is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Counts from 1 without gaps over the whole life of the session.
    pub seq: u64,
    /// UTC, RFC 3339 with milliseconds.
    pub at: String,
    /// The phase in which it happened; none before the first and after the last.
    pub phase: Option<String>,
    /// The ticket that was being worked on, if any.
    pub ticket: Option<String>,
    /// What happened.
    pub event: Event,
}

/// Everything that can happen to a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Event {
    /// Line one: what was asked for, and everything that was frozen at that moment.
    SessionStarted(Box<SessionStarted>),
    /// A phase begins; a second time for the same phase means it was re-entered by hand.
    PhaseEntered {
        /// The phase's name in the pipeline.
        name: String,
        /// What follows from entering it again, if it was entered before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A conversation with the model begins with these messages and tools.
    ConversationStarted(ConversationStarted),
    /// Work on a ticket begins, in a fresh conversation.
    TicketStarted {
        /// Counts from 1 for each ticket.
        attempt: u32,
        /// The project's content at that moment (a git tree id), to tell whether anything changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tree: Option<String>,
        /// The seed of its requests; none leaves it to the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
        /// What is added to the temperature of its requests.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warmer: Option<f64>,
    },
    /// An attempt at a ticket, or at a repair, ended without passing its gate.
    AttemptFailed {
        /// The attempt that failed.
        attempt: u32,
        /// Why, in words for a person and for the next attempt.
        reason: String,
        /// What it leaves to the next attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<AttemptNote>,
    },
    /// A whole reply of the model, as it was understood.
    Replied(Replied),
    /// A reply could be used only after one of the permitted repairs.
    Repaired {
        /// What was changed, one entry a repair.
        what: Vec<String>,
    },
    /// A tool is about to run. Written before its effect.
    ToolStarted {
        /// The call as it will be executed.
        call: ToolCall,
        /// For a tool that writes one file: its hash before, or none if it does not exist.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
        /// For a tool that writes one file: the hash it will have after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// A tool has run, or was refused.
    ToolFinished {
        /// Which call.
        id: CallId,
        /// What the model is told.
        result: ToolResult,
        /// Wall time in milliseconds.
        ms: u64,
        /// Paths below the project that it changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
        /// The project's content then (a git tree id), if a command has changed something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tree: Option<String>,
        /// How a tool that writes one file left it; its content then is told by `tool_started`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    },
    /// A person is asked.
    Asked {
        /// The question.
        ask: Ask,
    },
    /// The answer to an ask.
    Answered {
        /// Which ask.
        id: AskId,
        /// What was answered.
        answer: Answer,
    },
    /// An artifact reached this content.
    ArtifactWritten {
        /// Which one.
        name: ArtifactName,
        /// The content: the JSON of a document, or a JSON string for a text.
        content: Value,
        /// SHA-256 of the file on disk, in hexadecimal.
        sha256: String,
        /// Who wrote it.
        by: Author,
    },
    /// The program ran a check.
    Checked(Receipt),
    /// The conversation was shortened to stay inside the context window.
    Compacted {
        /// What stands in for the messages that were left out.
        summary: Message,
        /// Index of the first message that stays after the opening ones.
        keep_from: usize,
        /// Estimated tokens before and after.
        before: u64,
        /// Estimated tokens after.
        after: u64,
    },
    /// A person told the model something without being asked.
    Told {
        /// What.
        text: String,
        /// Whom it is for, if it is for more or for others than the conversation at hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Audience>,
        /// The letter that brought it, so that none is told twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        letter: Option<String>,
    },
    /// The program adds something to the conversation, or to its own knowledge.
    Note(Note),
    /// Something a person should know; it changes no state.
    Warned {
        /// What happened, where, what to do.
        text: String,
    },
    /// A ticket is over.
    TicketFinished {
        /// How it ended.
        outcome: Outcome,
        /// Why, or what shows it.
        reason: String,
        /// Whether a check that executed tests stands behind it.
        #[serde(default)]
        proof: Proof,
        /// Paths below the project that it changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
        /// How much that is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diff: Option<DiffStat>,
        /// The project's content then (a git tree id).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tree: Option<String>,
        /// The commit that holds it, if commits were wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
    },
    /// A phase is over.
    PhaseFinished {
        /// How it ended.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
    /// The run stopped before the end; the session can be resumed.
    Interrupted {
        /// What stopped it.
        why: Interruption,
        /// In words.
        reason: String,
    },
    /// A later process goes on with the session.
    Resumed {
        /// The program's version.
        version: String,
        /// Start again at this phase, if a person asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Stop after this phase, if a person asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
        /// Settings that a person changed for what follows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settings: Option<Box<Settings>>,
        /// How models that are new to the session are talked to.
        #[serde(default, skip_serializing_if = "Manners::is_empty")]
        manners: Manners,
    },
    /// The session is over.
    SessionFinished {
        /// How it ended.
        outcome: Outcome,
        /// In words.
        reason: String,
    },
}

/// What is frozen when a session starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionStarted {
    /// Always [`SCHEMA`] when written by this program.
    pub schema: u32,
    /// The program's version.
    pub version: String,
    /// The session's id.
    pub id: String,
    /// What the person asked for.
    pub task: String,
    /// Absolute path of the project folder.
    pub project: String,
    /// The resolved configuration; secrets only by the name of their environment variable.
    pub config: Value,
    /// The model and its digest, if the server told one.
    pub model: String,
    /// The digest of the model's weights, empty if unknown.
    #[serde(default)]
    pub model_digest: String,
    /// How the model calls tools.
    #[serde(default, skip_serializing_if = "Protocol::is_native")]
    pub protocol: Protocol,
    /// The context window in tokens that every request of the session asks for.
    pub num_ctx: u64,
    /// How each model is talked to, and why the window is as large as it is.
    #[serde(default, skip_serializing_if = "Manners::is_empty")]
    pub manners: Manners,
    /// The pipeline's text, so that a later change of the file cannot change the session.
    pub pipeline: String,
    /// SHA-256 of that text.
    pub pipeline_hash: String,
    /// The skills in force: name to text, so that a resume sends the same bytes.
    pub skills: serde_json::Map<String, Value>,
    /// Their hashes: name to SHA-256.
    pub skill_hashes: serde_json::Map<String, Value>,
    /// First and last phase to run, if a person narrowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last phase to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The session whose first lines these are, if it goes on from another one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFrom>,
}

/// What a session was made of, if it was not begun from nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkedFrom {
    /// The session.
    pub session: String,
    /// Its last line that is the new one's as well.
    pub seq: u64,
    /// The folders that these lines were written in, and so may name: its project, and those of
    /// whatever it was made of itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
}

/// Who wrote an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The model, validated by the program.
    Model,
    /// A person, in an editor or on the approval screen.
    User,
    /// The program.
    Program,
}

/// What a file is besides its content, as far as git can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileMode {
    /// A file.
    Plain,
    /// A file that can be executed.
    Executable,
}

/// How a ticket, a phase or a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done, with its checks passed.
    Completed,
    /// Tried, and given up.
    Blocked,
    /// A person said no.
    Refused,
    /// Not needed, or left out by a person.
    Skipped,
}

/// Why a run stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// Ctrl-C or a termination signal.
    Signal,
    /// A limit of turns, tokens or time.
    Limit,
    /// A question nobody could be asked.
    NeedsInput,
    /// The model's server went away.
    ServerGone,
}
