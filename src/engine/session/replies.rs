//! What a reply does to a conversation: calls that wait, a claim, a text, or a rejection. Refuses to
//! let a malformed call or an invented result into history.

use serde_json::Value;

use super::conversation::{Conversation, Pending, PendingProgress, Tail};
use super::messages::{as_text, assistant, text_call, wire_call};
use crate::engine::call::{CallId, ToolCall};
use crate::engine::calls::{self, ParsedCall, Reading, Source};
use crate::engine::event::Replied;
use crate::engine::marker;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::Protocol;
use crate::engine::reply::{Done, Reply};

impl Conversation {
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
        let reading = calls::read_as(reply, &self.tools, self.ladder.protocol());
        self.repairs_made.clone_from(&reading.repairs);
        if let Some(why) = reading.reject {
            self.meant = reading.meant;
            self.push(assistant(reply, &as_text(reply)));
            self.tail = Tail::Rejected(match reply.tool_calls.len() {
                0 | 1 => why,
                count => {
                    format!("{why} None of the {count} calls was run; send all of them again.")
                }
            });
            return;
        }
        self.succeeded();
        if reading.calls.is_empty() {
            self.loops.said(&reply.content);
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
        self.accept(reply, reading, next_call);
    }

    /// Takes a reply that was forced into the form of a call. It enters history as if it had come
    /// by itself; any other leaves no trace but a rung.
    pub fn forced(&mut self, replied: &Replied, next_call: &mut u64) {
        self.turns += 1;
        let reply = Reply {
            thinking: String::new(),
            tool_calls: Vec::new(),
            ..replied.reply.clone()
        };
        let mut reading = calls::read_as(&reply, &self.tools, self.ladder.protocol());
        self.repairs_made.clone_from(&reading.repairs);
        if reading.calls.len() != 1 {
            let why = reading
                .reject
                .unwrap_or_else(|| "the reply was no call".to_owned());
            self.rejected += 1;
            self.again += 1;
            self.ladder.down(&why);
            return;
        }
        self.succeeded();
        reading.text = None;
        // The text is the call's JSON; what it stands for is written in the protocol's own form.
        reading.source = Source::Native;
        self.accept(&Reply::default(), reading, next_call);
    }

    fn succeeded(&mut self) {
        self.rejected = 0;
        self.ladder.up();
        self.meant = None;
    }

    fn accept(&mut self, reply: &Reply, reading: Reading, next_call: &mut u64) {
        let mut message = Message::text(Role::Assistant, "");
        message.thinking.clone_from(&reply.thinking);
        message.content = match (self.ladder.protocol(), reading.source) {
            // What follows the last call is left out: it may pretend to be its result.
            (Protocol::Text, Source::Text | Source::Nothing) => {
                reply.content[..reading.end].trim().to_owned()
            }
            // Word for word where nothing was left out; a call written twice or an invented result
            // must not be read by the model as what happened.
            (Protocol::Native, Source::Native)
                if reading.text.as_deref().unwrap_or_default() == reply.content.trim() =>
            {
                reply.content.clone()
            }
            _ => reading.text.unwrap_or_default(),
        };
        let verbatim =
            reading.source == Source::Native && reply.tool_calls.len() == reading.calls.len();
        for (index, parsed) in reading.calls.into_iter().enumerate() {
            *next_call += 1;
            let id = CallId(format!("c{next_call}"));
            let written = verbatim.then(|| reply.tool_calls[index].clone());
            match self.ladder.protocol() {
                Protocol::Native => {
                    message
                        .tool_calls
                        .push(native_call(&parsed, index, &id, written));
                }
                Protocol::Text if reading.source == Source::Native => {
                    let call = text_call(&parsed.name, &parsed.arguments);
                    if !message.content.is_empty() {
                        message.content.push('\n');
                    }
                    message.content.push_str(&call);
                }
                Protocol::Text => {}
            }
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
        self.loops.acted();
        self.tail = Tail::Calls;
    }
}

fn native_call(parsed: &ParsedCall, index: usize, id: &CallId, written: Option<Value>) -> Value {
    let given = parsed.native_id.as_deref().filter(|id| !id.is_empty());
    wire_call(
        written,
        index,
        given.unwrap_or(&id.0),
        &parsed.name,
        &parsed.arguments,
    )
}
