//! Speaks a script as a served model would: in pieces, with counted tokens. Claims no speed: the
//! times in its counters are zero, so nothing is estimated from them.

use std::time::Duration;

use serde_json::{Value, json};

use super::script::{Script, Spoken};
use crate::engine::estimate;
use crate::engine::ports::{ChatRequest, Model, Progress};
use crate::engine::reply::{Done, Fault, Reply, Usage};
use crate::engine::window::Loaded;

/// In how many pieces a text comes.
const PIECES: usize = 12;
/// Between two pieces, for somebody who reads along: a reply takes well under a second.
const PAUSE: Duration = Duration::from_millis(6);

/// How fast a script is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it goes.
    AtOnce,
    /// So that it can be seen to come.
    Visible,
}

/// A model that reads its part.
#[derive(Clone, Debug)]
pub struct Scripted {
    script: Script,
    pace: Pace,
    num_ctx: Option<u64>,
}

impl Scripted {
    /// A model that speaks this script.
    pub fn new(script: Script, pace: Pace) -> Self {
        Self {
            script,
            pace,
            num_ctx: None,
        }
    }

    async fn pause(&self) {
        match self.pace {
            Pace::AtOnce => {}
            Pace::Visible => tokio::time::sleep(PAUSE).await,
        }
    }

    async fn speak(&self, spoken: &Spoken, on_progress: &mut dyn FnMut(Progress)) {
        for piece in pieces(&spoken.content()) {
            on_progress(Progress::Text(piece.to_owned()));
            self.pause().await;
        }
        for call in &spoken.calls {
            on_progress(Progress::Call(call.tool.clone()));
            self.pause().await;
        }
    }
}

impl Model for Scripted {
    async fn chat(
        &mut self,
        request: &ChatRequest<'_>,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Fault> {
        self.num_ctx = Some(request.sampling.num_ctx);
        // Nothing else can be done about a gap in a script than to say where it is and to stop.
        let spoken = self
            .script
            .reply_to(request)
            .map_err(|error| Fault::Server {
                status: 501,
                detail: error.message,
            })?;
        self.speak(spoken, on_progress).await;
        Ok(reply(spoken, request))
    }

    async fn loaded(&mut self, _model: &str) -> Option<Loaded> {
        let window = self.num_ctx;
        window.map(|_| Loaded {
            window,
            ..Loaded::default()
        })
    }

    async fn is_there(&mut self, _model: &str) -> bool {
        true
    }
}

fn reply(spoken: &Spoken, request: &ChatRequest<'_>) -> Reply {
    let content = spoken.content();
    let tool_calls: Vec<Value> = spoken
        .calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            json!({
                "id": format!("call_{index}"),
                "function": {"index": index, "name": call.tool, "arguments": call.arguments}
            })
        })
        .collect();
    let read: usize = request
        .messages
        .iter()
        .map(|message| message.content.len() + written(&message.tool_calls))
        .sum();
    let read = read + written(request.tools) + request.format.map_or(0, length);
    Reply {
        usage: Usage {
            prompt_tokens: tokens(read),
            eval_tokens: tokens(content.len() + written(&tool_calls)),
            ..Usage::default()
        },
        content,
        thinking: String::new(),
        tool_calls,
        done: Done::Stop,
    }
}

fn written(values: &[Value]) -> usize {
    values.iter().map(length).sum()
}

fn length(value: &Value) -> usize {
    value.to_string().len()
}

fn tokens(bytes: usize) -> u64 {
    estimate::tokens(u64::try_from(bytes).unwrap_or(u64::MAX), 1.0)
}

/// The text in at most [`PIECES`] pieces of about the same length.
fn pieces(text: &str) -> Vec<&str> {
    let most = text.len().div_ceil(PIECES).max(1);
    let mut rest = text;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let end = (most..rest.len())
            .find(|place| rest.is_char_boundary(*place))
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::manner::Tuning;
    use crate::engine::message::{Message, Role};
    use crate::engine::ports::{Sampling, Think};

    fn check(script: &str) -> (Result<Reply, Fault>, Vec<Progress>, Option<u64>) {
        let messages = [Message::text(Role::User, "x".repeat(400))];
        let request = ChatRequest {
            model: "scripted",
            conversation: None,
            messages: &messages,
            tools: &[],
            format: None,
            sampling: Sampling {
                num_ctx: 4096,
                num_predict: 100,
                tuning: Tuning::default(),
                seed: None,
            },
            think: &Think::Off,
            keep_alive: "30m",
        };
        let mut model = Scripted::new(Script::parse(script).unwrap(), Pace::AtOnce);
        let mut seen = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let reply = runtime.block_on(model.chat(&request, &mut |progress| seen.push(progress)));
        let loaded = runtime.block_on(model.loaded("scripted"));
        (reply, seen, loaded.and_then(|loaded| loaded.window))
    }

    #[test]
    fn a_reply_comes_in_pieces_with_counted_tokens() {
        let (reply, seen, window) = check(
            "[{wants: turn, replies: [{text: \"ä b\", calls: [{tool: list_dir, arguments: {path: a}}]}]}]",
        );
        let reply = reply.unwrap();
        assert_eq!(reply.content, "ä b");
        assert_eq!(
            reply.tool_calls,
            [
                json!({"id": "call_0", "function": {"index": 0, "name": "list_dir", "arguments": {"path": "a"}}})
            ]
        );
        assert_eq!(reply.usage.prompt_tokens, 100);
        assert!(reply.usage.eval_tokens > 0);
        let text = |piece: &str| Progress::Text(piece.to_owned());
        let call = Progress::Call("list_dir".to_owned());
        assert_eq!(seen, [text("ä"), text(" "), text("b"), call]);
        assert_eq!(window, Some(4096));
    }

    #[test]
    fn a_gap_in_the_script_ends_the_run() {
        let (reply, seen, _) = check("[{wants: plan, replies: []}]");
        assert_eq!(
            reply,
            Err(Fault::Server {
                status: 501,
                detail: "the script has no scene for this Turn".to_owned()
            })
        );
        assert_eq!(seen, []);
    }

    #[test]
    fn pieces_are_few_and_whole() {
        let text = "größer ".repeat(40);
        let pieces = pieces(&text);
        assert!(pieces.len() <= PIECES, "{}", pieces.len());
        assert_eq!(pieces.concat(), text);
    }
}
