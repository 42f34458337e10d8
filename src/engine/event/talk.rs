//! How a conversation with the model stands in the journal: its opening, each reply, and whom a
//! word of the person is for.

use serde::{Deserialize, Serialize};

use crate::engine::artifact::ArtifactName;
use crate::engine::message::Message;
use crate::engine::prefix::Prefix;
use crate::engine::protocol::Protocol;
use crate::engine::reply::Reply;

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

/// Whom a word of the person is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The open conversation and every later one.
    All,
    /// Every later attempt at this ticket, and the one under way.
    Ticket(String),
}
