//! The body of a chat request. Its messages come last and are written once: a conversation only
//! grows, so each request appends what is new to the bytes of the one before. Knows what every
//! request shares with the last one that was answered.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::engine::manner::Tuning;
use crate::engine::message::Message;
use crate::engine::ports::{ChatRequest, Sampling, Think};
use crate::engine::prefix::{Sent, Shared};

/// The conversation under way, and the request of it that was answered last.
#[derive(Debug, Default)]
pub(super) struct Body {
    now: Sent,
    answered: Option<Sent>,
}

/// A request, ready to go out.
#[derive(Debug)]
pub(super) struct Written {
    /// The whole body.
    pub(super) body: Vec<u8>,
    /// Bytes of its tools and messages.
    pub(super) bytes: u64,
    /// What it shares with the last one that was answered, if there is one.
    pub(super) shared: Option<Shared>,
}

impl Body {
    /// Writes that request.
    pub(super) fn of(&mut self, request: &ChatRequest<'_>) -> serde_json::Result<Written> {
        let fields = fields(request)?;
        if request.conversation.is_none() {
            let mut beside = Sent::default();
            append(&mut beside, request.messages)?;
            beside.fields = fields;
            return self.written(request, &beside);
        }
        let mut now = std::mem::take(&mut self.now);
        if now.conversation != request.conversation || request.messages.len() < now.ends.len() {
            now = Sent::default();
        }
        now.conversation = request.conversation;
        now.fields = fields;
        let known = now.ends.len();
        append(&mut now, &request.messages[known..])?;
        let written = self.written(request, &now);
        self.now = now;
        written
    }

    /// The request of that conversation was answered: the server has read it.
    pub(super) fn answered(&mut self, request: &ChatRequest<'_>) {
        if request.conversation.is_some() && request.conversation == self.now.conversation {
            self.answered.get_or_insert_default().follow(&self.now);
        }
    }

    fn written(&self, request: &ChatRequest<'_>, sent: &Sent) -> serde_json::Result<Written> {
        let head = serde_json::to_vec(&Head::of(request))?;
        let answered = self.answered.as_ref();
        Ok(Written {
            body: join(&head, sent),
            bytes: sent.bytes(),
            shared: answered.map(|answered| answered.shared_with(sent)),
        })
    }
}

/// What has to stay the same through a conversation, in the order in which it would be named.
fn fields(request: &ChatRequest<'_>) -> serde_json::Result<Vec<(&'static str, Vec<u8>)>> {
    let format = request.format.map(serde_json::to_vec).transpose()?;
    Ok(vec![
        ("model", request.model.as_bytes().to_vec()),
        (
            "options.num_ctx",
            request.sampling.num_ctx.to_be_bytes().to_vec(),
        ),
        ("think", serde_json::to_vec(&ThinkField(request.think))?),
        ("keep_alive", request.keep_alive.as_bytes().to_vec()),
        ("format", format.unwrap_or_default()),
        ("tools", serde_json::to_vec(request.tools)?),
    ])
}

fn append(sent: &mut Sent, messages: &[Message]) -> serde_json::Result<()> {
    for message in messages {
        if !sent.messages.is_empty() {
            sent.messages.push(b',');
        }
        serde_json::to_writer(&mut sent.messages, message)?;
        sent.ends.push(sent.messages.len());
    }
    Ok(())
}

/// Puts tools and messages behind the last key of the head.
fn join(head: &[u8], sent: &Sent) -> Vec<u8> {
    const TOOLS: &[u8] = b",\"tools\":";
    const MESSAGES: &[u8] = b",\"messages\":[";
    const END: &[u8] = b"]}";
    let head = head.strip_suffix(b"}").unwrap_or(head);
    let tools = match sent.tools() {
        b"[]" => [&[][..], &[]],
        tools => [TOOLS, tools],
    };
    [head, tools[0], tools[1], MESSAGES, &sent.messages, END].concat()
}

/// Everything but tools and messages. `truncate` and `shift` are off, so that nothing is lost
/// silently; `think` is always there, since leaving it out means "on".
#[derive(Serialize)]
struct Head<'a> {
    model: &'a str,
    stream: bool,
    think: ThinkField<'a>,
    truncate: bool,
    shift: bool,
    keep_alive: KeepAlive<'a>,
    options: Options,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
}

#[derive(Serialize)]
struct Options {
    num_ctx: u64,
    num_predict: u64,
    #[serde(flatten)]
    tuning: Tuning,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

impl<'a> Head<'a> {
    fn of(request: &ChatRequest<'a>) -> Self {
        Self {
            model: request.model,
            stream: true,
            think: ThinkField(request.think),
            truncate: false,
            shift: false,
            keep_alive: KeepAlive(request.keep_alive),
            options: Options::of(request.sampling),
            format: request.format,
        }
    }
}

impl Options {
    const fn of(sampling: Sampling) -> Self {
        Self {
            num_ctx: sampling.num_ctx,
            num_predict: sampling.num_predict,
            tuning: sampling.tuning,
            seed: sampling.seed,
        }
    }
}

struct ThinkField<'a>(&'a Think);

impl Serialize for ThinkField<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Think::Off => serializer.serialize_bool(false),
            Think::On => serializer.serialize_bool(true),
            Think::Level(level) => serializer.serialize_str(level),
        }
    }
}

/// Seconds must go out as a number: the server refuses `"300"` for want of a unit.
struct KeepAlive<'a>(&'a str);

impl Serialize for KeepAlive<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.trim().parse::<i64>() {
            Ok(seconds) => serializer.serialize_i64(seconds),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::message::Role;
    use serde_json::json;

    fn request(messages: &[Message], conversation: Option<u64>) -> ChatRequest<'_> {
        ChatRequest {
            model: "tiny",
            conversation,
            messages,
            tools: &[],
            format: None,
            sampling: Sampling {
                num_ctx: 8192,
                num_predict: 64,
                tuning: Tuning::default(),
                seed: None,
            },
            think: &Think::Off,
            keep_alive: "30m",
        }
    }

    fn said(text: &str) -> Message {
        Message::text(Role::User, text)
    }

    fn text(body: &mut Body, request: &ChatRequest<'_>) -> String {
        String::from_utf8(body.of(request).unwrap().body).unwrap()
    }

    #[test]
    fn keys_stand_in_their_order_and_messages_last() {
        let schema = json!({"type": "object"});
        let tools = [json!({"type": "function"})];
        let messages = [
            said("hi \"you\""),
            Message::tool_result("read_file", "c1", "ü"),
        ];
        let mut full = request(&messages, None);
        full.format = Some(&schema);
        full.tools = &tools;
        full.sampling.tuning = Tuning {
            temperature: Some(0.7),
            top_p: Some(0.8),
            top_k: Some(20),
            min_p: None,
            repeat_penalty: Some(1.05),
        };
        full.sampling.seed = Some(3);
        full.keep_alive = "-1";
        let level = Think::Level("high".to_owned());
        full.think = &level;
        assert_eq!(
            text(&mut Body::default(), &full),
            concat!(
                r#"{"model":"tiny","stream":true,"think":"high","truncate":false,"shift":false,"keep_alive":-1,"#,
                r#""options":{"num_ctx":8192,"num_predict":64,"temperature":0.7,"top_p":0.8,"top_k":20,"repeat_penalty":1.05,"seed":3},"#,
                r#""format":{"type":"object"},"tools":[{"type":"function"}],"#,
                r#""messages":[{"role":"user","content":"hi \"you\""},"#,
                r#"{"role":"tool","content":"ü","tool_name":"read_file","tool_call_id":"c1"}]}"#,
            )
        );
    }

    #[test]
    fn what_went_out_is_not_written_again() {
        let mut body = Body::default();
        let mut messages = vec![said("one")];
        let first = text(&mut body, &request(&messages, Some(1)));
        messages.push(said("two"));
        let second = text(&mut body, &request(&messages, Some(1)));
        assert!(second.starts_with(first.strip_suffix("]}").unwrap()));
        assert_eq!(
            second,
            text(&mut Body::default(), &request(&messages, None))
        );

        // Proof that history is taken from the kept bytes: a changed old message is not seen.
        messages[0] = said("changed");
        assert_eq!(second, text(&mut body, &request(&messages, Some(1))));
    }

    #[test]
    fn another_conversation_or_a_shorter_one_starts_over() {
        let mut body = Body::default();
        let long = [said("one"), said("two")];
        let short = [said("three")];
        for (messages, conversation) in [
            (&long[..], Some(1)),
            (&short[..], Some(1)),
            (&long[..], Some(2)),
            (&short[..], None),
            (&long[..], Some(2)),
            (&[][..], Some(3)),
        ] {
            let request = request(messages, conversation);
            let expected = text(&mut Body::default(), &request);
            assert_eq!(text(&mut body, &request), expected);
            assert!(serde_json::from_str::<Value>(&expected).is_ok());
        }
    }
}
