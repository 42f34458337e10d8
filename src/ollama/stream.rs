//! Joins the bytes of a chat's answer to one reply. Pure: it is given bytes in whatever pieces
//! they come and says what they add up to, so every split of a stream can be tested.

use serde_json::Value;

use super::faults::{self, Failure};
use super::lines::{Lines, TooLong};
use super::retry::Trouble;
use super::wire::Frame;
use crate::engine::loops::{Cut, Watch, largest_reply};
use crate::engine::ports::Progress;
use crate::engine::reply::{Fault, Reply};

/// Bytes of a line for one byte of a reply: a server may write any character as `\u003c`.
const ESCAPED: usize = 6;

/// A reply that is coming in.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    model: &'a str,
    lines: Lines,
    reply: Reply,
    state: State,
    /// Bytes of text, reasoning and calls so far, and the most that are taken in: a server that
    /// sends without end must not fill the memory.
    bytes: usize,
    most: usize,
    num_predict: u64,
    watch: Watch,
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
    /// The answer of this model, which may have so many tokens.
    pub(super) fn new(model: &'a str, num_predict: u64) -> Self {
        let most = largest_reply(num_predict);
        Self {
            model,
            lines: Lines::up_to(most.saturating_mul(ESCAPED)),
            reply: Reply::default(),
            state: State::Silent,
            bytes: 0,
            most,
            num_predict,
            watch: Watch::new(num_predict),
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
                Err(TooLong) => return Err(self.too_large()),
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
        let calls: usize = piece
            .tool_calls
            .iter()
            .map(|call| call.to_string().len())
            .sum();
        self.bytes += piece.thinking.len() + piece.content.len() + calls;
        if self.bytes > self.most {
            return Err(self.too_large());
        }
        let thinking = self.watch.thinking(&piece.thinking);
        if let Some(cut) = thinking.or_else(|| self.watch.text(&piece.content)) {
            let Cut { rule, detail } = cut;
            return Err(Fault::Circling { rule, detail }.into());
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

    fn too_large(&self) -> Failure {
        let detail = format!(
            "the reply grew beyond {} KB, more than {} tokens can be, and was stopped",
            self.most / 1024,
            self.num_predict
        );
        Fault::Unusable { detail }.into()
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
        let mut stream = Stream::new("tiny", 64);
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

    /// Pushes the frame until the stream is stopped: how often it could be, and the fault.
    fn without_end(frame: &Value) -> (usize, String) {
        let frame = format!("{frame}\n");
        let mut stream = Stream::new("tiny", 64);
        for pushed in 0.. {
            if let Err(failure) = stream.push(frame.as_bytes(), &mut |_| {}) {
                return (pushed, failure.fault.to_string());
            }
        }
        unreachable!("a reply has an end")
    }

    #[test]
    fn a_reply_without_end_is_stopped_by_what_its_tokens_can_be() {
        let said = "the server could not use the model's reply: the reply grew beyond 65 KB, more than 64 tokens can be, and was stopped";
        let call = json!({"function": {"name": "look", "arguments": {"a": "x".repeat(1_000)}}});
        let (pushed, fault) =
            without_end(&json!({"message": {"tool_calls": [call]}, "done": false}));
        assert_eq!((pushed, fault.as_str()), (63, said));
        // One frame that is larger than all of them may be is not even kept.
        let large = "x".repeat(6 * largest_reply(64) + 1);
        let (pushed, fault) = without_end(&json!({"message": {"content": large}, "done": false}));
        assert_eq!((pushed, fault.as_str()), (0, said));
    }

    #[test]
    fn a_reply_that_goes_in_circles_is_stopped_while_it_comes() {
        let text = json!({"message": {"content": "I will look at it again. "}, "done": false});
        let (pushed, fault) = without_end(&text);
        assert!((300..330).contains(&pushed), "{pushed}");
        assert!(fault.starts_with("the reply was stopped: \""), "{fault}");
        let thinking = json!({"message": {"thinking": "hm, so 12 "}, "done": false});
        let (pushed, fault) = without_end(&thinking);
        assert_eq!(pushed, 19, "75 % of 64 tokens are 192 bytes");
        assert_eq!(fault, "the reply was stopped: more than 48 tokens");
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
