//! Joins the bytes of a chat's answer to one reply. Pure: it is given bytes in whatever pieces
//! they come and says what they add up to, so every split of a stream can be tested.

use serde_json::Value;

use super::faults::{self, Failure};
use super::lines::{Lines, TooLong};
use super::retry::Trouble;
use super::wire::Frame;
use crate::engine::ports::Progress;
use crate::engine::reply::{Fault, Reply};

/// The largest reply that is taken in: many times what `num_predict` allows. A server that sends
/// without end must not fill the memory.
const LARGEST_REPLY: usize = 12 * 1024 * 1024;

/// A reply that is coming in.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    model: &'a str,
    lines: Lines,
    reply: Reply,
    state: State,
    /// Bytes of text, reasoning and calls so far.
    bytes: usize,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but the head of the answer has come.
    Silent,
    /// Frames are coming.
    Open,
    /// The final frame was there. What follows it is of no interest.
    Complete,
}

impl<'a> Stream<'a> {
    pub(super) fn new(model: &'a str) -> Self {
        Self {
            model,
            lines: Lines::default(),
            reply: Reply::default(),
            state: State::Silent,
            bytes: 0,
        }
    }

    /// Whether nothing that could be told has come.
    pub(super) fn is_silent(&self) -> bool {
        self.state == State::Silent
    }

    /// Whether the final frame has come.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Failure> {
        if self.is_complete() {
            return Ok(());
        }
        self.lines.push(bytes);
        loop {
            let frame = match self.lines.next_line() {
                Ok(Some(line)) => read(line)?,
                Ok(None) => return Ok(()),
                Err(TooLong) => {
                    let detail = "a line of the answer is longer than 16 MB".to_owned();
                    return Err(Fault::Unusable { detail }.into());
                }
            };
            self.add(frame, on_progress)?;
            if self.is_complete() {
                return Ok(());
            }
        }
    }

    /// The reply, once the body has come to its proper end.
    pub(super) fn finish(
        mut self,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Failure> {
        if !self.is_complete()
            && let Some(rest) = self.lines.rest()
        {
            // Half a frame is a cut; a whole one without its line end is a frame.
            let Ok(frame) = read(rest) else {
                return Err(self.cut("in the middle of a line").into());
            };
            self.add(frame, on_progress)?;
        }
        if self.is_complete() {
            return Ok(self.reply);
        }
        Err(match self.cut("without its final frame") {
            Fault::Cut { detail } if self.bytes > 0 => Fault::Unfinished { detail },
            other => other,
        }
        .into())
    }

    /// The fault of a stream that ended too early.
    pub(super) fn cut(&self, how: &str) -> Fault {
        let characters = self.reply.content.chars().count();
        Fault::Cut {
            detail: format!("the stream ended {how}, after {characters} characters of text"),
        }
    }

    fn add(&mut self, frame: Frame, on_progress: &mut dyn FnMut(Progress)) -> Result<(), Failure> {
        if frame
            .remote_host
            .as_ref()
            .is_some_and(|host| !host.is_empty())
        {
            let model = self.model.to_owned();
            return Err(Fault::Cloud { model }.into());
        }
        self.state = State::Open;
        let is_about_loading = frame.done == Some(true) && frame.is_about_loading();
        if frame.done == Some(true) {
            self.state = State::Complete;
            self.reply.done = frame.how_it_ended();
            self.reply.usage = frame.usage();
        }
        let piece = frame.message.unwrap_or_default();
        self.bytes += piece.thinking.len() + piece.content.len();
        if self.bytes > LARGEST_REPLY {
            let megabytes = LARGEST_REPLY / (1024 * 1024);
            let detail = format!("the reply grew beyond {megabytes} MB and was stopped");
            return Err(Fault::Unusable { detail }.into());
        }
        if !piece.thinking.is_empty() {
            self.reply.thinking.push_str(&piece.thinking);
            on_progress(Progress::Thinking(piece.thinking));
        }
        if !piece.content.is_empty() {
            self.reply.content.push_str(&piece.content);
            on_progress(Progress::Text(piece.content));
        }
        for call in piece.tool_calls {
            self.bytes += call.to_string().len();
            let name = call.pointer("/function/name").and_then(Value::as_str);
            on_progress(Progress::Call(name.unwrap_or_default().to_owned()));
            self.reply.tool_calls.push(call);
        }
        if is_about_loading && self.bytes == 0 {
            let detail = "the server unloaded the model instead of answering".to_owned();
            return Err(Failure::again(
                Fault::Unusable { detail },
                Trouble::TakenBack,
            ));
        }
        Ok(())
    }
}

fn read(line: &[u8]) -> Result<Frame, Failure> {
    match serde_json::from_slice::<Frame>(line) {
        Ok(frame) if frame.error.is_none() && (frame.message.is_some() || frame.done.is_some()) => {
            Ok(frame)
        }
        Ok(_) => Err(faults::error_frame(line)),
        Err(error) => {
            let start: String = String::from_utf8_lossy(line).chars().take(80).collect();
            let detail = format!("a line that is not a frame ({error}): {start}");
            Err(Fault::Unusable { detail }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::reply::{Done, Usage};
    use proptest::prelude::*;
    use serde_json::json;

    type Told = (Result<Reply, Failure>, Vec<Progress>);

    fn read_all<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Told {
        let mut told = Vec::new();
        let mut note = |progress| told.push(progress);
        let mut stream = Stream::new("tiny");
        let result = pieces
            .into_iter()
            .try_for_each(|piece| stream.push(piece, &mut note))
            .and_then(|()| stream.finish(&mut note));
        (result, told)
    }

    const STREAM: &str = concat!(
        r#"{"message":{"role":"assistant","content":"","thinking":"hm ü"},"done":false}"#,
        "\r\n",
        r#"{"message":{"role":"assistant","content":"grün \ud83d\ude00","tool_calls":null},"done":false}"#,
        "\n\n",
        r#"{"message":{"content":"","tool_calls":[{"id":"x","function":{"name":"look","arguments":{"a":"é"}}}]},"done":true,"done_reason":"tool_calls","eval_count":7,"prompt_eval_duration":2000001,"load_duration":1.5}"#,
    );

    #[test]
    fn a_reply_without_end_is_stopped() {
        let frame = json!({"message": {"content": "x".repeat(1024 * 1024)}, "done": false});
        let frame = format!("{frame}\n");
        let mut stream = Stream::new("tiny");
        let most = LARGEST_REPLY / (1024 * 1024);
        let mut pushed = 0;
        let stopped = loop {
            match stream.push(frame.as_bytes(), &mut |_| {}) {
                Ok(()) => pushed += 1,
                Err(failure) => break failure.fault,
            }
        };
        assert!(matches!(stopped, Fault::Unusable { .. }), "{stopped:?}");
        assert_eq!(pushed, most);
    }

    #[test]
    fn frames_are_joined_wherever_they_are_torn() {
        let call = json!({"id": "x", "function": {"name": "look", "arguments": {"a": "é"}}});
        let reply = Reply {
            content: "grün 😀".to_owned(),
            thinking: "hm ü".to_owned(),
            tool_calls: vec![call],
            done: Done::Stop,
            usage: Usage {
                eval_tokens: 7,
                prompt_ms: 2,
                ..Usage::default()
            },
        };
        let expected = (
            Ok(reply),
            vec![
                Progress::Thinking("hm ü".to_owned()),
                Progress::Text("grün 😀".to_owned()),
                Progress::Call("look".to_owned()),
            ],
        );
        for at in 0..=STREAM.len() {
            let (before, after) = STREAM.as_bytes().split_at(at);
            assert_eq!(read_all([before, after]), expected, "split at {at}");
        }
        assert_eq!(read_all(STREAM.as_bytes().chunks(1)), expected);
    }

    #[test]
    fn word_that_the_model_was_unloaded_is_no_reply() {
        let frame = r#"{"message":{"content":""},"done":true,"done_reason":"unload"}"#;
        let (result, told) = read_all([frame.as_bytes()]);
        assert_eq!(result.unwrap_err().trouble, Some(Trouble::TakenBack));
        assert_eq!(told, []);
        // With text before it, it is an end like any other.
        let frame = frame.replace(r#""content":"""#, r#""content":"hm""#);
        let (result, _) = read_all([frame.as_bytes()]);
        assert_eq!(result.unwrap().content, "hm");
    }

    #[test]
    fn an_end_without_the_final_frame_is_a_cut() {
        let whole_frames = STREAM.rfind("\n\n").unwrap();
        for at in [0, 20, whole_frames + 1, STREAM.len() - 1] {
            let (result, _) = read_all([&STREAM.as_bytes()[..at]]);
            assert!(
                matches!(
                    result,
                    Err(Failure {
                        fault: Fault::Cut { .. } | Fault::Unfinished { .. },
                        trouble: None
                    })
                ),
                "{at}: {result:?}"
            );
        }
    }

    #[test]
    fn errors_lines_that_are_no_frames_and_remote_answers() {
        for (stream, expected) in [
            (
                "{\"error\":\"EOF\"}\n",
                "the server could not use the model's reply: EOF",
            ),
            (
                "{\"done\":true,\"error\":\"no\"}\n",
                "the server could not use the model's reply: no",
            ),
            (
                "{\"failed to parse\":\"x\"}\n",
                "the server could not use the model's reply: failed to parse: x",
            ),
            (
                "<html>\n",
                "the server could not use the model's reply: a line that is not a frame (expected value at line 1 column 1): <html>",
            ),
            (
                "{\"remote_host\":\"https://example.com\",\"message\":{},\"done\":false}\n",
                "the model 'tiny' is a cloud model: it does not run on your own hardware",
            ),
        ] {
            let (result, _) = read_all([stream.as_bytes()]);
            assert_eq!(result.unwrap_err().fault.to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_no_split_matters(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            at in 0_usize..300,
            cut in 0_usize..300,
        ) {
            let mut stream = STREAM.as_bytes()[..at.min(STREAM.len())].to_vec();
            stream.extend_from_slice(&bytes);
            let whole = read_all([&stream[..]]);
            let (before, after) = stream.split_at(cut.min(stream.len()));
            prop_assert_eq!(&whole, &read_all([before, after]));
            prop_assert_eq!(whole, read_all(stream.chunks(1)));
        }
    }
}
