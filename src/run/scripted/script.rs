//! The script as data: scenes, each for the requests of one conversation, with one reply for every
//! turn of it. Owns which reply belongs to a request; how it is spoken is in `model.rs`.

use serde::Deserialize;
use serde_json::Value;

use crate::engine::artifact::{SchemaKind, schema};
use crate::engine::message::Role;
use crate::engine::ports::ChatRequest;
use crate::error::{Error, ErrorKind, Result};

/// What a model says, scene by scene. The first scene that fits a request is the one that plays.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Script {
    scenes: Vec<Scene>,
}

/// One conversation's part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scene {
    /// Which kind of request it answers.
    wants: Wants,
    /// Words that stand in the opening of the conversation; none fit every opening.
    #[serde(default)]
    hears: String,
    /// One for every turn.
    replies: Vec<Spoken>,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wants {
    /// A turn with tools.
    Turn,
    Questions,
    Coverage,
    Fill,
    Prd,
    Tickets,
    Plan,
    Review,
    Decision,
    Critique,
}

/// One reply as it stands in a script: words, a document, calls, or words and calls.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spoken {
    /// Words.
    #[serde(default)]
    text: String,
    /// A document, which is sent as JSON.
    #[serde(default)]
    document: Option<Value>,
    /// Tool calls.
    #[serde(default)]
    pub(super) calls: Vec<SpokenCall>,
}

/// A tool call as it stands in a script.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpokenCall {
    /// The tool's name.
    pub(super) tool: String,
    /// Its arguments.
    #[serde(default)]
    pub(super) arguments: Value,
}

impl Script {
    /// Reads a script from YAML.
    pub fn parse(text: &str) -> Result<Self> {
        let script: Self = serde_yaml::from_str(text)
            .map_err(|error| Error::usage(format!("the script cannot be read: {error}")))?;
        for (place, scene) in script.scenes.iter().enumerate() {
            if let Some(reply) = scene.replies.iter().position(Spoken::is_unclear) {
                return Err(Error::usage(format!(
                    "reply {} of scene {} of the script needs words, a document or calls, and not words beside a document",
                    reply + 1,
                    place + 1
                )));
            }
        }
        Ok(script)
    }

    /// The reply to a request, or what is missing. How far a conversation has come is counted in
    /// its own messages, so a run that is resumed hears the same as one that never stopped.
    pub(super) fn reply_to(&self, request: &ChatRequest<'_>) -> Result<&Spoken> {
        let missing = |what: String| Error::new(ErrorKind::Model, what);
        let wants = Wants::of(request)
            .ok_or_else(|| missing("the script knows no such form".to_owned()))?;
        let scene = self
            .scenes
            .iter()
            .find(|scene| scene.wants == wants && is_heard(&scene.hears, request))
            .ok_or_else(|| missing(format!("the script has no scene for this {wants:?}")))?;
        // A request beside the conversation comes after turns that are not its own.
        let place = match wants {
            Wants::Decision => 0,
            _ => turns(request),
        };
        scene.replies.get(place).ok_or_else(|| {
            missing(format!(
                "the script has {} replies for this {wants:?}, and reply {} is asked for",
                scene.replies.len(),
                place + 1
            ))
        })
    }
}

impl Wants {
    fn of(request: &ChatRequest<'_>) -> Option<Self> {
        let Some(format) = request.format else {
            return Some(Self::Turn);
        };
        let kind = SchemaKind::ALL
            .into_iter()
            .find(|kind| schema(*kind) == *format)?;
        Some(match kind {
            SchemaKind::Questions => Self::Questions,
            SchemaKind::Coverage => Self::Coverage,
            SchemaKind::Fill => Self::Fill,
            SchemaKind::Prd => Self::Prd,
            SchemaKind::Tickets => Self::Tickets,
            SchemaKind::Plan => Self::Plan,
            SchemaKind::Review => Self::Review,
            SchemaKind::Decision => Self::Decision,
            SchemaKind::Critique => Self::Critique,
        })
    }
}

impl Spoken {
    fn is_unclear(&self) -> bool {
        match &self.document {
            Some(_) => !self.text.is_empty() || !self.calls.is_empty(),
            None => self.text.is_empty() && self.calls.is_empty(),
        }
    }

    /// What is said in words, or the document as JSON.
    pub(super) fn content(&self) -> String {
        match &self.document {
            Some(document) => document.to_string(),
            None => self.text.trim_end().to_owned(),
        }
    }
}

fn is_heard(words: &str, request: &ChatRequest<'_>) -> bool {
    request
        .messages
        .iter()
        .take_while(|message| message.role != Role::Assistant)
        .any(|message| message.content.contains(words))
}

fn turns(request: &ChatRequest<'_>) -> usize {
    request
        .messages
        .iter()
        .filter(|message| message.role == Role::Assistant)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::manner::Tuning;
    use crate::engine::message::Message;
    use crate::engine::ports::{Sampling, Think};
    use serde_json::json;

    const SCRIPT: &str = "
- wants: questions
  replies:
    - document: {simple: true, questions: []}
- wants: turn
  hears: T2
  replies:
    - calls: [{tool: read_file, arguments: {path: a.py}}]
    - text: second
- wants: turn
  replies:
    - text: anything
- wants: decision
  replies:
    - document: {reason: done, decision: complete}
";

    fn check(opening: &str, turns: usize, format: Option<&Value>, expected: Result<&str, &str>) {
        let script = Script::parse(SCRIPT).unwrap();
        let mut messages = vec![Message::text(Role::User, opening)];
        for _ in 0..turns {
            messages.push(Message::text(
                Role::Assistant,
                "T2, said by the model itself",
            ));
        }
        let request = ChatRequest {
            model: "scripted",
            conversation: None,
            messages: &messages,
            tools: &[],
            format,
            sampling: Sampling {
                num_ctx: 4096,
                num_predict: 100,
                tuning: Tuning::default(),
                seed: None,
            },
            think: &Think::Off,
            keep_alive: "30m",
        };
        let reply = script.reply_to(&request).map(Spoken::content);
        match (reply, expected) {
            (Ok(content), Ok(expected)) => assert_eq!(content, expected),
            (Err(error), Err(expected)) => assert_eq!(error.message, expected),
            (reply, _) => panic!("{reply:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn the_first_scene_that_fits_plays() {
        check("work on T2", 1, None, Ok("second"));
        check("work on T1", 0, None, Ok("anything"));
        check(
            "T2",
            0,
            Some(&schema(SchemaKind::Questions)),
            Ok(r#"{"simple":true,"questions":[]}"#),
        );
        check(
            "T2",
            5,
            Some(&schema(SchemaKind::Decision)),
            Ok(r#"{"reason":"done","decision":"complete"}"#),
        );
    }

    #[test]
    fn what_the_script_lacks_is_said() {
        check(
            "T1",
            1,
            None,
            Err("the script has 1 replies for this Turn, and reply 2 is asked for"),
        );
        check(
            "T1",
            0,
            Some(&schema(SchemaKind::Plan)),
            Err("the script has no scene for this Plan"),
        );
        check(
            "T1",
            0,
            Some(&json!({"type": "object"})),
            Err("the script knows no such form"),
        );
    }

    #[test]
    fn a_script_with_an_unclear_reply_is_refused() {
        for reply in ["{}", "{text: a, document: {}}", "{words: a}"] {
            let script = format!("- wants: turn\n  replies: [{reply}]");
            assert!(Script::parse(&script).is_err(), "{reply}");
        }
    }
}
