//! A conversation with the model as the journal tells it: the messages exactly as they are sent,
//! and what stands at their end. It refuses to let a malformed call, an orphan result or two
//! assistant messages in a row into history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::messages::{NO_USABLE_REPLY, message_bytes};
use crate::engine::call::{CallId, ToolCall};
use crate::engine::calls::Meant;
use crate::engine::event::{ConversationStarted, Purpose, Receipt};
use crate::engine::ladder::Ladder;
use crate::engine::loops::{Finding, Memory};
use crate::engine::marker::Marker;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::{self, Protocol};
use crate::engine::tool::{Tool, ToolEffect, ToolResult, ToolStatus};

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
    /// Schemas of the tools on offer; how they are offered is the protocol's.
    pub tools: Vec<Value>,
    /// How calls are written here, and how the next one is asked for.
    pub ladder: Ladder,
    /// The call that the last unusable reply was meant to be, as far as that is known.
    pub meant: Option<Meant>,
    /// What was said while calls had no result yet; it rides in the last result.
    pub(super) held: Vec<String>,
    /// How many messages a request may have carried that nothing has answered.
    pub(super) sent: usize,
    /// What the person said in it.
    pub told: Vec<String>,
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
    /// The last edit of each file, with the file's hash after it.
    pub edits: BTreeMap<String, (Value, String)>,
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
    /// Compactions in a row that freed too little to be worth reading everything again.
    pub meagre: u32,
    /// Bytes and tokens of the beginning that the server has counted.
    pub counted: Option<(u64, u64)>,
    /// What had to be repaired in the last reply before it could be used.
    pub repairs_made: Vec<String>,
    /// What has come again and again.
    pub loops: Memory,
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
        let tool_bytes = match started.protocol {
            Protocol::Native => tools.iter().map(|tool| tool.to_string().len() as u64).sum(),
            // There the system text describes them.
            Protocol::Text => 0,
        };
        Self {
            generation: seq,
            purpose: started.purpose.clone(),
            model: started.model.clone(),
            bytes: tool_bytes + started.messages.iter().map(message_bytes).sum::<u64>(),
            opening: started.messages.len(),
            opening_bytes: started.messages.last().map_or(0, |last| last.content.len()),
            messages: started.messages.clone(),
            tools,
            ladder: Ladder::new(started.protocol),
            meant: None,
            held: Vec::new(),
            sent: 0,
            told: Vec::new(),
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
            edits: BTreeMap::new(),
            verdict: None,
            failed: None,
            decision: None,
            touched: Vec::new(),
            last_command: None,
            compactions: 0,
            meagre: 0,
            counted: None,
            loops: Memory::default(),
        }
    }

    /// The same work in a new opening, because the protocol changed: what limits count goes on, and
    /// so does what a compaction says.
    #[must_use]
    pub fn goes_on_in(self, mut next: Self) -> Self {
        next.turns = self.turns;
        next.tool_calls = self.tool_calls;
        next.silent = self.silent;
        next.repairs = self.repairs;
        next.again = self.again;
        next.failed = self.failed;
        next.touched = self.touched;
        next.last_command = self.last_command;
        next.loops = self.loops;
        next.told = self.told;
        next
    }

    /// Whether the other one is this work in the text protocol.
    pub fn is_replaced_by(&self, next: &Self) -> bool {
        let protocols = (self.ladder.protocol(), next.ladder.protocol());
        (&self.purpose, &next.purpose) == (&Purpose::Work, &Purpose::Work)
            && protocols == (Protocol::Native, Protocol::Text)
    }

    /// Whether the message there called tools, in whatever protocol.
    pub fn calls_at(&self, place: usize) -> bool {
        let is_result = |next: &Message| !protocol::steps(&next.content).is_empty();
        match self.ladder.protocol() {
            Protocol::Native => !self.messages[place].tool_calls.is_empty(),
            Protocol::Text => self.messages.get(place + 1).is_some_and(is_result),
        }
    }

    /// The schemas that a request carries.
    pub fn offered_natively(&self) -> &[Value] {
        match self.ladder.protocol() {
            Protocol::Native => &self.tools,
            Protocol::Text => &[],
        }
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

    /// A call has its result; `changed` if it wrote a file.
    pub fn tool_finished(&mut self, id: &CallId, result: &ToolResult, changed: bool) {
        let Some(place) = self
            .pending
            .iter()
            .position(|pending| &pending.call.id == id)
        else {
            return;
        };
        let Pending { call, progress } = self.pending.remove(place);
        if result.status == ToolStatus::Ok
            && Tool::named(&call.name) == Some(Tool::EditFile)
            && let PendingProgress::Started {
                after: Some(after), ..
            } = progress
        {
            let path = normal_path(call.text("path").unwrap_or_default());
            self.edits.insert(path, (call.arguments.clone(), after));
        }
        self.remember_path(&call, result.status);
        self.loops.finished(&call, result, changed);
        if let Some(command) = call.text("command") {
            self.last_command = Some((command.to_owned(), result.text.clone()));
        }
        self.tool_calls += 1;
        match self.ladder.protocol() {
            Protocol::Native => {
                let wire_id = self.wire_id(&call.id);
                self.push(Message::tool_result(call.name, wire_id, result.for_model()));
            }
            Protocol::Text => self.add(&protocol::result(&call, result)),
        }
        if self.pending.is_empty() {
            self.tail = Tail::ModelNext;
            for text in std::mem::take(&mut self.held) {
                self.add(&format!("\n{text}"));
            }
        }
    }

    /// Adds to the message that is being made of results, or begins it. It has not been sent: no
    /// request goes out while a call has no result.
    fn add(&mut self, text: &str) {
        match self.messages.last_mut() {
            Some(last) if last.role != Role::Assistant => {
                last.content.push('\n');
                last.content.push_str(text);
                self.bytes += 1 + text.len() as u64;
            }
            _ => self.push(Message::text(Role::User, text)),
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
        if !self.pending.is_empty() {
            self.held.push(text.to_owned());
            return;
        }
        if self
            .messages
            .last()
            .is_some_and(|message| message.role != Role::Assistant)
        {
            self.push(Message::text(Role::Assistant, NO_USABLE_REPLY));
        }
        let more = self.loops.take_words();
        let text = [Some(text), more.as_deref()];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        self.push(Message::text(Role::User, text));
        self.tail = Tail::ModelNext;
        self.decision = None;
    }

    /// The model goes in circles. What it is told stands in the result that showed it, which no
    /// request has carried yet.
    pub fn circling(&mut self, finding: Finding) {
        if let Some(words) = self.loops.noted(finding)
            && let Some(last) = self.messages.last_mut()
            && (last.role == Role::Tool || !protocol::steps(&last.content).is_empty())
        {
            let words = format!("\n\n{words}");
            self.bytes += words.len() as u64;
            last.content.push_str(&words);
        }
    }

    /// The model is told what was wrong with its last reply.
    pub fn correct(&mut self, text: &str) {
        self.rejected += 1;
        self.again += 1;
        self.ladder.down(text);
        self.say(text);
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
        self.sent = 0;
        self.compactions += 1;
        self.read_paths.clear();
        self.loops.compacted();
        self.counted = None;
    }

    /// The opening as it was, without the summary of an earlier compaction.
    pub fn opening_messages(&self) -> Vec<Message> {
        let mut messages = self.messages[..self.opening].to_vec();
        if let Some(last) = messages.last_mut() {
            last.content.truncate(self.opening_bytes);
        }
        messages
    }

    /// A compaction brought it from so many tokens to so many.
    pub fn freed(&mut self, before: u64, after: u64) {
        let freed = before.saturating_sub(after);
        self.meagre = if freed.saturating_mul(8) < before {
            self.meagre + 1
        } else {
            0
        };
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

    pub(super) fn push(&mut self, message: Message) {
        self.bytes += message_bytes(&message);
        self.messages.push(message);
    }
}

/// A path as it is compared: `./src/a.py` and `src/a.py` are one file.
pub fn normal_path(path: &str) -> String {
    path.trim().trim_start_matches("./").to_owned()
}
