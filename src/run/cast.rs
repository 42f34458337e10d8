//! Who plays whom when a recorded session is repeated: the model, the person and the shell say
//! what they said then. Nothing is asked, sent or started.

use std::io;
use std::time::Duration;

use super::perform::sha256;
use super::tape::{End, Tape};
use crate::engine::ask::{Ask, AskKind};
use crate::engine::course::Course;
use crate::engine::event::{Event, Gate, Interruption, NoteKind, Receipt};
use crate::engine::message::Message;
use crate::engine::ports::{
    ChatRequest, Command, Confine, Finished, Model, Operator, Progress, Response, Stopped, Update,
};
use crate::engine::prefix::Prefix;
use crate::engine::recording::By;
use crate::engine::reply::{Fault, Reply};
use crate::engine::window::Loaded;
use crate::git::write_files;
use crate::sandbox::Tier;

/// How a warning begins that tells what was put back after a command.
const PUT_BACK: &str = "A command of the model changed what it must not: ";

/// The model: the recorded replies, each to the request that it answered.
#[derive(Debug)]
pub(super) struct RecordedModel {
    tape: Tape,
    prefix: Option<Prefix>,
}

impl RecordedModel {
    pub(super) fn new(tape: Tape) -> Self {
        Self { tape, prefix: None }
    }
}

impl Model for RecordedModel {
    async fn chat(
        &mut self,
        request: &ChatRequest<'_>,
        _: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Fault> {
        if self.tape.process_ends() {
            self.tape.halt::<()>(End::Process).await;
        }
        let Some(record) = self.tape.next() else {
            return self.tape.halt(End::Over).await;
        };
        let Event::Replied(replied) = record.event else {
            if self.tape.take_fault() {
                return Err(Fault::Cancelled);
            }
            let name = "the model is asked";
            let end = self
                .tape
                .differs("event", &format!("{:?}", record.event), name);
            return self.tape.halt(end).await;
        };
        if replied.to.is_turn() {
            let recorded = self.tape.request(record.seq).unwrap_or_default();
            let now = request_id(request.messages, request.tools, request.format);
            if !recorded.is_empty() && recorded != now {
                let end = self.tape.differs("request", &recorded, &now);
                return self.tape.halt(end).await;
            }
        }
        self.prefix = replied.prefix;
        Ok(replied.reply)
    }

    /// What was found out then stands in the recording.
    async fn loaded(&mut self, _: &str) -> Option<Loaded> {
        None
    }

    async fn is_there(&mut self, _: &str) -> bool {
        true
    }

    fn prefix(&self) -> Option<Prefix> {
        self.prefix.clone()
    }
}

/// What tells one request of a conversation from another: SHA-256 of everything that the model is
/// told, without sampling options.
pub(super) fn request_id(
    messages: &[Message],
    tools: &[serde_json::Value],
    format: Option<&serde_json::Value>,
) -> String {
    let request = serde_json::json!({"messages": messages, "tools": tools, "format": format});
    sha256(request.to_string().as_bytes())
}

/// The person: the recorded answers.
#[derive(Debug)]
pub(super) struct RecordedPerson(pub(super) Tape);

impl Operator for RecordedPerson {
    async fn ask(&mut self, ask: &Ask) -> Response {
        let tape = &self.0;
        if tape.process_ends() {
            tape.halt::<()>(End::Process).await;
        }
        match tape.next().map(|record| record.event) {
            None => tape.halt(End::Over).await,
            Some(Event::Answered { id, answer }) => {
                let later = tape.later(1).map(|record| record.event);
                let several =
                    matches!(&later, Some(Event::Answered { answer, .. }) if answer.skipped);
                let is_enough = ask.kind == AskKind::Interview && answer.skipped;
                if is_enough && (several || id != ask.id) {
                    return Response::Course(Course::Done);
                }
                Response::Answer(answer)
            }
            Some(Event::Asked { ask: other }) => {
                Response::Course(Course::Again(other.place.map_or(0, |(place, _)| place)))
            }
            Some(Event::Interrupted {
                why: Interruption::NeedsInput,
                ..
            }) => Response::Unavailable,
            Some(Event::Note(note)) if note.kind == NoteKind::LeftBlocked => Response::Unavailable,
            Some(other) => {
                let end = tape.differs("event", &format!("{other:?}"), "a person is asked");
                tape.halt(end).await
            }
        }
    }

    fn show(&mut self, _: Update<'_>) {}
}

/// The shell: what commands said, and what they did to files. No command is run.
#[derive(Debug)]
pub(super) struct RecordedShell(pub(super) Tape);

impl Confine for RecordedShell {
    async fn run(&self, command: &Command) -> io::Result<Finished> {
        let tape = &self.0;
        if tape.process_ends() {
            tape.halt::<()>(End::Process).await;
        }
        let Some(record) = tape.next_but_warnings() else {
            return tape.halt(End::Over).await;
        };
        let (project, files) = tape.files_at(record.seq, By::Command);
        write_files(&project, &files)?;
        Ok(match record.event {
            Event::Checked(receipt) => as_it_ended(&receipt, command),
            _ => ended(Some(0), String::new()),
        })
    }

    fn tier(&self) -> &'static str {
        Tier::named(&self.0.tier()).name()
    }

    fn notices(&self) -> Vec<String> {
        let is_warning = |event: &Event| matches!(event, Event::Warned { .. });
        let mut notices = Vec::new();
        for record in self.0.until(is_warning) {
            if let Event::Warned { text } = record.event
                && let Some(notice) = text.strip_prefix(PUT_BACK)
            {
                notices.push(notice.trim_end_matches('.').to_owned());
            }
        }
        notices
    }
}

fn as_it_ended(receipt: &Receipt, command: &Command) -> Finished {
    // A fetch that failed is told without its command.
    let has_failed = receipt.gate == Gate::Packages && receipt.command.is_empty();
    let exit = if has_failed { Some(1) } else { receipt.exit };
    Finished {
        signal: receipt.signal,
        stopped: receipt.timed_out.then_some(Stopped::Timeout),
        output_sha256: receipt.output_sha256.clone(),
        took: Duration::from_millis(receipt.ms).min(command.timeout),
        ..ended(exit, receipt.output.clone())
    }
}

fn ended(exit: Option<i32>, output: String) -> Finished {
    Finished {
        exit,
        signal: None,
        stopped: None,
        output_bytes: output.len() as u64,
        output,
        output_sha256: String::new(),
        took: Duration::ZERO,
    }
}
