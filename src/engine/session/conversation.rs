//! A conversation with the model as the journal tells it: the messages exactly as they are sent,
//! and what stands at their end. It refuses to let a malformed call, an orphan result or two
//! assistant messages in a row into history.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::engine::call::{CallId, ToolCall};
use crate::engine::calls::{self, Source};
use crate::engine::event::{ConversationStarted, Purpose, Receipt, Replied};
use crate::engine::marker::{self, Marker};
use crate::engine::message::{Message, Role};
use crate::engine::reply::{Done, Reply};
use crate::engine::tool::{Tool, ToolEffect, ToolResult, ToolStatus};

/// What an empty assistant turn is replaced by: chat templates insist that roles alternate.
const NO_USABLE_REPLY: &str = "(no usable reply)";

/// One conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Changes with every compaction: as long as it stays the same, `messages` only grows.
    pub generation: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// The model asked.
    pub model: String,
    /// Everything said, as it is sent.
    pub messages: Vec<Message>,
    /// Bytes of all contents, kept up to date so that a turn costs no new count.
    pub bytes: u64,
    /// How many of the first messages are the opening, which compaction keeps.
    pub opening: usize,
    /// Bytes of the opening's last message that are its own; what follows is the summary of an
    /// earlier compaction, which the next one replaces.
    opening_bytes: usize,
    /// Schemas of the tools on offer.
    pub tools: Vec<Value>,
    /// Turns so far.
    pub turns: u32,
    /// Calls executed so far.
    pub tool_calls: u32,
    /// Calls of the last reply that have no result yet.
    pub pending: Vec<Pending>,
    /// What stands at the end.
    pub tail: Tail,
    /// Unusable replies in a row.
    pub rejected: u32,
    /// Replies without marker and call in a row.
    pub silent: u32,
    /// How often the gate has failed.
    pub repairs: u32,
    /// Replies that had to be asked for again in all: becomes the seed, so that the same request
    /// is never sent twice.
    pub again: u64,
    /// Files that were read or written here.
    pub read_paths: BTreeSet<String>,
    /// What the last gate said, if it ran after the last claim.
    pub verdict: Option<Receipt>,
    /// The last gate that failed, as long as the conversation lasts.
    pub failed: Option<Receipt>,
    /// What the model decided when it was forced to.
    pub decision: Option<String>,
    /// Files that were read or written here, compactions or not; the latest last.
    pub touched: Vec<String>,
    /// The last command and what it said.
    pub last_command: Option<(String, String)>,
    /// Compactions in a row that were followed by no turn.
    pub compactions: u32,
    /// Compactions in a row that freed too little.
    pub poor_compactions: u32,
    /// Bytes and tokens of the beginning that the server has counted.
    pub counted: Option<(u64, u64)>,
    /// What had to be repaired in the last reply before it could be used.
    pub repairs_made: Vec<String>,
    /// Bytes of the tool schemas.
    tool_bytes: u64,
}

/// A call waiting for its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The call.
    pub call: ToolCall,
    /// Whether it was started, and by what hashes that can be seen.
    pub progress: PendingProgress,
}

/// How far a pending call has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingProgress {
    /// Not started.
    Waiting,
    /// Started by this process or one before it.
    Started {
        /// Hash of the file before, if the call writes one.
        before: Option<String>,
        /// Hash of the file after, if the call writes one.
        after: Option<String>,
    },
}

/// What stands at the end of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Tail {
    /// It is the model's turn.
    ModelNext,
    /// There are calls without a result.
    Calls,
    /// The model says that it is done.
    Claim {
        /// How it said so.
        marker: Marker,
        /// Its text before the marker.
        text: String,
    },
    /// Text, but neither a call nor a marker; for a document this is the document.
    Text(String),
    /// The reply could not be used, and why.
    Rejected(String),
    /// The document was taken.
    Settled,
}

impl Conversation {
    /// Opens a conversation. `seq` is that of its first journal line.
    pub fn open(seq: u64, started: &ConversationStarted) -> Self {
        let tools: Vec<Value> = started
            .tools
            .iter()
            .filter_map(|name| Tool::named(name))
            .map(Tool::schema)
            .collect();
        let tool_bytes = tools.iter().map(|tool| tool.to_string().len() as u64).sum();
        Self {
            generation: seq,
            purpose: started.purpose.clone(),
            model: started.model.clone(),
            bytes: tool_bytes + started.messages.iter().map(message_bytes).sum::<u64>(),
            opening: started.messages.len(),
            opening_bytes: started.messages.last().map_or(0, |last| last.content.len()),
            messages: started.messages.clone(),
            tools,
            tool_bytes,
            repairs_made: Vec::new(),
            turns: 0,
            tool_calls: 0,
            pending: Vec::new(),
            tail: Tail::ModelNext,
            rejected: 0,
            silent: 0,
            repairs: 0,
            again: 0,
            read_paths: BTreeSet::new(),
            verdict: None,
            failed: None,
            decision: None,
            touched: Vec::new(),
            last_command: None,
            compactions: 0,
            poor_compactions: 0,
            counted: None,
        }
    }

    /// Takes a reply to the conversation's next turn. `next_call` numbers calls in the session.
    pub fn replied(&mut self, replied: &Replied, next_call: &mut u64) {
        self.turns += 1;
        self.compactions = 0;
        self.verdict = None;
        self.decision = None;
        let reply = &replied.reply;
        if reply.usage.prompt_tokens > 0 {
            self.counted = Some((self.bytes, reply.usage.prompt_tokens));
        }
        if self.tools.is_empty() {
            self.take_document(reply);
        } else {
            self.take_turn(reply, next_call);
        }
    }

    fn take_document(&mut self, reply: &Reply) {
        self.push(assistant(reply, &reply.content));
        self.tail = match reply.done {
            Done::Stop if reply.content.trim().is_empty() => {
                Tail::Rejected("the reply was empty".to_owned())
            }
            Done::Stop => Tail::Text(reply.content.clone()),
            Done::Length | Done::Missing => Tail::Rejected(
                "the reply was cut off before it was complete; answer again, shorter".to_owned(),
            ),
        };
    }

    fn take_turn(&mut self, reply: &Reply, next_call: &mut u64) {
        let reading = calls::read(reply, &self.tools);
        self.repairs_made.clone_from(&reading.repairs);
        if let Some(why) = reading.reject {
            self.push(assistant(reply, &as_text(reply)));
            self.tail = Tail::Rejected(match reply.tool_calls.len() {
                0 | 1 => why,
                count => {
                    format!("{why} None of the {count} calls was run; send all of them again.")
                }
            });
            return;
        }
        self.rejected = 0;
        if reading.calls.is_empty() {
            self.push(assistant(reply, &reply.content));
            self.tail = match marker::find(&reply.content) {
                Some(found) => Tail::Claim {
                    marker: found.marker,
                    text: found.text_before.trim().to_owned(),
                },
                None => Tail::Text(reading.text.unwrap_or_default()),
            };
            return;
        }
        let mut message = Message::text(Role::Assistant, "");
        message.thinking.clone_from(&reply.thinking);
        message.content = match reading.source {
            Source::Native => reply.content.clone(),
            _ => reading.text.unwrap_or_default(),
        };
        let verbatim =
            reading.source == Source::Native && reply.tool_calls.len() == reading.calls.len();
        for (index, parsed) in reading.calls.into_iter().enumerate() {
            *next_call += 1;
            let id = CallId(format!("c{next_call}"));
            let wire_id = parsed
                .native_id
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| id.0.clone());
            let written = verbatim.then(|| reply.tool_calls[index].clone());
            message.tool_calls.push(wire_call(
                written,
                index,
                &wire_id,
                &parsed.name,
                &parsed.arguments,
            ));
            self.pending.push(Pending {
                call: ToolCall {
                    id,
                    name: parsed.name,
                    arguments: parsed.arguments,
                },
                progress: PendingProgress::Waiting,
            });
        }
        self.push(message);
        self.silent = 0;
        self.tail = Tail::Calls;
    }

    /// A call was started.
    pub fn tool_started(&mut self, id: &CallId, before: Option<&String>, after: Option<&String>) {
        if let Some(pending) = self
            .pending
            .iter_mut()
            .find(|pending| &pending.call.id == id)
        {
            pending.progress = PendingProgress::Started {
                before: before.cloned(),
                after: after.cloned(),
            };
        }
    }

    /// A call has its result.
    pub fn tool_finished(&mut self, id: &CallId, result: &ToolResult) {
        let Some(place) = self
            .pending
            .iter()
            .position(|pending| &pending.call.id == id)
        else {
            return;
        };
        let call = self.pending.remove(place).call;
        let wire_id = self.wire_id(&call.id);
        self.remember_path(&call, result.status);
        if let Some(command) = call.text("command") {
            self.last_command = Some((command.to_owned(), result.text.clone()));
        }
        self.tool_calls += 1;
        self.push(Message::tool_result(call.name, wire_id, result.for_model()));
        if self.pending.is_empty() {
            self.tail = Tail::ModelNext;
        }
    }

    /// The id under which the last assistant message knows a call: calls and results are paired
    /// in order, so the place among the results already given is the place among the calls.
    fn wire_id(&self, id: &CallId) -> String {
        let results = self
            .messages
            .iter()
            .rev()
            .take_while(|message| message.role == Role::Tool)
            .count();
        self.messages
            .iter()
            .rev()
            .nth(results)
            .and_then(|message| message.tool_calls.get(results))
            .and_then(|call| call.get("id"))
            .and_then(Value::as_str)
            .map_or_else(|| id.0.clone(), str::to_owned)
    }

    fn remember_path(&mut self, call: &ToolCall, status: ToolStatus) {
        let touches = Tool::named(&call.name).is_some_and(|tool| {
            tool == Tool::ReadFile || tool.effect() == ToolEffect::WritesOneFile
        });
        if touches
            && status == ToolStatus::Ok
            && let Some(path) = call.text("path")
        {
            let path = normal_path(path);
            self.touched.retain(|known| *known != path);
            self.touched.push(path.clone());
            self.read_paths.insert(path);
        }
    }

    /// The program or a person says something to the model.
    pub fn say(&mut self, text: &str) {
        if self
            .messages
            .last()
            .is_some_and(|message| message.role != Role::Assistant)
        {
            self.push(Message::text(Role::Assistant, NO_USABLE_REPLY));
        }
        self.push(Message::text(Role::User, text));
        self.tail = Tail::ModelNext;
        self.decision = None;
    }

    /// The middle is replaced by one message.
    pub fn compact(&mut self, seq: u64, summary: &Message, keep_from: usize) {
        let keep_from = keep_from.clamp(self.opening, self.messages.len());
        let kept = self.messages.split_off(keep_from);
        self.messages.truncate(self.opening);
        if let Some(last) = self.messages.last_mut()
            && last.role == summary.role
        {
            last.content.truncate(self.opening_bytes);
            last.content.push_str("\n\n");
            last.content.push_str(&summary.content);
        } else {
            self.messages.push(summary.clone());
        }
        self.messages.extend(kept);
        self.bytes = self.tool_bytes + self.messages.iter().map(message_bytes).sum::<u64>();
        self.generation = seq;
        self.compactions += 1;
        self.read_paths.clear();
        self.counted = None;
    }

    /// A compaction brought it from so many tokens to so many.
    pub fn freed(&mut self, before: u64, after: u64) {
        if after * 5 > before * 4 {
            self.poor_compactions += 1;
        } else {
            self.poor_compactions = 0;
        }
    }

    /// Bytes that no compaction can leave out: tools and the opening's own text.
    pub fn fixed_bytes(&self) -> u64 {
        let opening: u64 = self
            .messages
            .iter()
            .take(self.opening)
            .map(message_bytes)
            .sum();
        self.tool_bytes + opening - self.earlier_summary().len() as u64
    }

    /// What an earlier compaction left of messages before it; empty if there was none.
    pub fn earlier_summary(&self) -> &str {
        let last = self.opening.checked_sub(1);
        last.and_then(|last| self.messages.get(last))
            .and_then(|last| last.content.get(self.opening_bytes..))
            .unwrap_or_default()
    }

    fn push(&mut self, message: Message) {
        self.bytes += message_bytes(&message);
        self.messages.push(message);
    }
}

/// An accepted call as it goes back: what the server sent if the server will take it again
/// (arguments must be an object there), else the call as it was understood.
fn wire_call(
    written: Option<Value>,
    index: usize,
    id: &str,
    name: &str,
    arguments: &Value,
) -> Value {
    if let Some(mut call) = written
        && call
            .pointer("/function/arguments")
            .is_some_and(Value::is_object)
        && let Some(fields) = call.as_object_mut()
    {
        fields.insert("id".to_owned(), Value::from(id));
        return call;
    }
    serde_json::json!({
        "id": id,
        "function": {"index": index, "name": name, "arguments": arguments}
    })
}

/// A path as it is compared: `./src/a.py` and `src/a.py` are one file.
pub fn normal_path(path: &str) -> String {
    path.trim().trim_start_matches("./").to_owned()
}

fn assistant(reply: &Reply, content: &str) -> Message {
    let content = if content.trim().is_empty() {
        NO_USABLE_REPLY
    } else {
        content
    };
    let mut message = Message::text(Role::Assistant, content);
    message.thinking.clone_from(&reply.thinking);
    message
}

/// A rejected reply stays in history as text, its calls written out, never as calls.
fn as_text(reply: &Reply) -> String {
    let mut text = reply.content.trim().to_owned();
    for call in &reply.tool_calls {
        if !text.is_empty() {
            text.push('\n');
        }
        let mut function = call.get("function").unwrap_or(call).clone();
        if let Some(fields) = function.as_object_mut() {
            fields.remove("index");
        }
        let mut line = function.to_string();
        if line.len() > 600 {
            let end = (0..=600)
                .rev()
                .find(|end| line.is_char_boundary(*end))
                .unwrap_or(0);
            line.truncate(end);
            line.push_str(" …");
        }
        text.push_str(&line);
    }
    text
}

/// Bytes of a message as they count for the window.
pub fn message_bytes(message: &Message) -> u64 {
    let calls: usize = message
        .tool_calls
        .iter()
        .map(|call| call.to_string().len())
        .sum();
    (message.content.len() + message.thinking.len() + calls + 16) as u64
}
