//! The interview as the journal tells it: which questions there are, what was answered, what is
//! still open. Led by the program; the model only proposes.

use std::collections::BTreeSet;

use crate::engine::artifact::{Interview, Question, QuestionAnswer};
use crate::engine::ask::{Answer, AskId};

/// How far the interview has come.
#[derive(Clone, Debug, Default)]
pub struct InterviewState {
    /// Questions and answers.
    pub record: Interview,
    /// Whether questions were proposed (or the built-in ones taken).
    pub proposed: bool,
    /// Whether the answers were judged enough, or follow-ups are exhausted.
    pub covered: bool,
    /// Whether the model was asked to fill in what was left open.
    pub filled: bool,
    /// Questions that were asked a second time because the answer was vague.
    pub challenged: BTreeSet<AskId>,
    /// A question that a person went back to.
    pub reopened: Option<AskId>,
}

impl InterviewState {
    /// The place of a question.
    pub fn position(&self, id: &AskId) -> Option<usize> {
        self.record
            .questions
            .iter()
            .position(|question| question.id == id.0)
    }

    /// The question to be asked next: one gone back to, else the first without an answer.
    pub fn next_open(&self) -> Option<usize> {
        self.reopened
            .as_ref()
            .and_then(|id| self.position(id))
            .or_else(|| {
                self.record
                    .questions
                    .iter()
                    .position(|question| question.answer.is_none())
            })
    }

    /// Records an answer.
    pub fn answered(&mut self, id: &AskId, answer: &Answer) {
        if let Some(place) = self.position(id) {
            self.record.questions[place].answer = Some(QuestionAnswer::from(answer));
        }
        if self.reopened.as_ref() == Some(id) {
            self.reopened = None;
        }
    }

    /// Questions that were skipped and have no text yet.
    pub fn unfilled(&self) -> Vec<&Question> {
        self.record
            .questions
            .iter()
            .filter(|question| {
                question
                    .answer
                    .as_ref()
                    .is_some_and(|answer| answer.skipped && answer.text.is_empty())
            })
            .collect()
    }
}
