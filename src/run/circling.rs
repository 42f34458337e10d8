//! A reply that went in circles was cut: what is written down of it, and what the model is told.
//! Which replies those are is for the rules (`engine/loops`).

use serde_json::Value;

use super::driver::Run;
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::loops::Cut;
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Notes by which rule the reply was cut, and corrects the model: the correction also changes
    /// the seed, so that the same request is not sent twice.
    pub(super) fn circling(&mut self, cut: &Cut) -> Result<()> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(());
        };
        let found = cut.finding(&conversation.loops);
        let form = if conversation.tools.is_empty() {
            "Answer with the whole JSON, once."
        } else {
            "Go on with one tool call."
        };
        self.append(Event::Note(Note {
            kind: NoteKind::Loop,
            text: found.text.clone(),
            data: found.data(),
        }))?;
        self.append(Event::Note(Note {
            kind: NoteKind::Correction,
            text: format!("{} {form}", found.text),
            data: Value::Null,
        }))
    }
}
