//! The events of a session: what a journal line says. Everything a session is can be folded
//! from them. This file owns their shape on disk (fixed since schema 1) and refuses to know
//! how they are stored (`store/journal.rs`) or what they add up to (`engine/session.rs`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::artifact::ArtifactName;
use super::ask::{Answer, Ask, AskId};
use super::call::{CallId, ToolCall};
use super::manner::Manners;
use super::message::Message;
use super::prefix::Prefix;
use super::protocol::Protocol;
use super::reply::Reply;
use super::settings::Settings;
use super::tool::ToolResult;

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
#[serde(tag = "event", rename_all = "snake_case")]
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
    },
    /// An attempt at a ticket, or at a repair, ended without passing its gate.
    AttemptFailed {
        /// The attempt that failed.
        attempt: u32,
        /// Why, in words for a person and for the next attempt.
        reason: String,
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
}

/// The opening of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationStarted {
    /// What the conversation is for.
    pub purpose: Purpose,
    /// The model asked.
    pub model: String,
    /// System text and first user message.
    pub messages: Vec<Message>,
    /// Names of the tools on offer, in the order in which they are sent. Empty for a document.
    pub tools: Vec<String>,
    /// How they are called.
    #[serde(default, skip_serializing_if = "Protocol::is_native")]
    pub protocol: Protocol,
}

/// What a conversation is for: which step of the phase it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Propose the interview's questions, and say whether the task is simple.
    Questions,
    /// Say whether the answers suffice.
    Coverage,
    /// Fill in what the person left open.
    Fill,
    /// Fill in an artifact.
    Document(ArtifactName),
    /// Work with tools.
    Work,
}

/// A reply, and what the call was for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replied {
    /// The reply.
    pub reply: Reply,
    /// Which kind of request it answers.
    #[serde(default, skip_serializing_if = "RequestKind::is_turn")]
    pub to: RequestKind,
    /// Wall time in milliseconds from sending the request to the last byte.
    pub ms: u64,
    /// Tokens that the prompt was estimated to have; the reply's usage has what was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated: Option<u64>,
    /// What the request shared with the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Prefix>,
}

/// Which request a reply answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// The conversation's next turn.
    #[default]
    Turn,
    /// A single request beside the conversation: "go on, or done?".
    Decision,
    /// A single request beside the conversation: the call that went wrong, through a schema.
    Forced,
}

impl RequestKind {
    /// True for the usual case, which is not written out.
    pub fn is_turn(&self) -> bool {
        matches!(self, Self::Turn)
    }
}

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

/// What a check that the program ran has shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// What the check was for.
    pub gate: Gate,
    /// The command as it was run; for a check without a command, what was looked at.
    pub command: String,
    /// Folder below the project, `.` for the project itself.
    pub cwd: String,
    /// Exit code; none if a signal ended it or it did not start.
    pub exit: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether its time ran out.
    #[serde(default)]
    pub timed_out: bool,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// How many tests its output says were executed; none if the output does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<u64>,
    /// The tests that failed, by name, as far as the output names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failing: Vec<String>,
    /// Head and tail of its output.
    pub output: String,
    /// SHA-256 of the whole output.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output_sha256: String,
    /// The project's content before (a git tree id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_before: Option<String>,
    /// The project's content after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_after: Option<String>,
    /// How the command was confined.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sandbox: String,
    /// Whether the check passed.
    pub passed: bool,
}

/// What a check is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// One command of the open ticket, or of the repair.
    Verify,
    /// The same before the ticket is begun: to tell what the work shows, and what it breaks.
    Before,
    /// Did the project's content change?
    Changed,
    /// Do the paths that a text names exist?
    Paths,
    /// Are the plan's packages there?
    Packages,
    /// Does the result start?
    Run,
    /// The gate as a whole: the last line of a series of checks.
    Verdict,
}

/// Whether a finished ticket is shown to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A command executed tests and exited 0.
    Shown,
    /// Nothing that was run shows it.
    #[default]
    NotShown,
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
