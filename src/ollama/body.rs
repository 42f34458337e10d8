//! The body of a chat request. Its messages come last and are written once: a conversation only
//! grows, so each request appends what is new to the bytes of the one before.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::engine::manner::Tuning;
use crate::engine::message::Message;
use crate::engine::ports::{ChatRequest, Sampling, Think};

/// The messages of the conversation under way, as they went out last time.
#[derive(Debug, Default)]
pub(super) struct Body {
    conversation: Option<u64>,
    count: usize,
    messages: Vec<u8>,
}

impl Body {
    /// The whole body of that request.
    pub(super) fn of(&mut self, request: &ChatRequest<'_>) -> serde_json::Result<Vec<u8>> {
        let head = serde_json::to_vec(&Head::of(request))?;
        if request.conversation.is_none() {
            let mut messages = Vec::new();
            append(&mut messages, request.messages)?;
            return Ok(join(&head, &messages));
        }
        if self.conversation != request.conversation || request.messages.len() < self.count {
            self.messages.clear();
            self.count = 0;
            self.conversation = request.conversation;
        }
        let known = self.messages.len();
        if let Err(error) = append(&mut self.messages, &request.messages[self.count..]) {
            self.messages.truncate(known);
            return Err(error);
        }
        self.count = request.messages.len();
        Ok(join(&head, &self.messages))
    }
}

fn append(bytes: &mut Vec<u8>, messages: &[Message]) -> serde_json::Result<()> {
    for message in messages {
        if !bytes.is_empty() {
            bytes.push(b',');
        }
        serde_json::to_writer(&mut *bytes, message)?;
    }
    Ok(())
}

/// Puts the messages behind the last key of the head.
fn join(head: &[u8], messages: &[u8]) -> Vec<u8> {
    const KEY: &[u8] = b",\"messages\":[";
    const END: &[u8] = b"]}";
    let head = head.strip_suffix(b"}").unwrap_or(head);
    let mut body = Vec::with_capacity(head.len() + KEY.len() + messages.len() + END.len());
    for part in [head, KEY, messages, END] {
        body.extend_from_slice(part);
    }
    body
}

/// Everything but the messages. `truncate` and `shift` are off, so that nothing is lost silently;
/// `think` is always there, since leaving it out means "on".
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
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    tools: &'a [Value],
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
            tools: request.tools,
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
        String::from_utf8(body.of(request).unwrap()).unwrap()
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
