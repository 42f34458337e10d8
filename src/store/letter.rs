//! What people put into a session's inbox: answers, words for the model, the wish to stop. Only
//! their shape; how they get there and who reads them is known elsewhere.

use serde::{Deserialize, Serialize};

use crate::engine::ask::{Answer, Ask, AskId};
use crate::engine::course::{Course, Said};
use crate::engine::event::Audience;

/// The answer to one question as it was asked once. The first one counts, and stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLetter {
    /// Which question.
    pub ask: AskId,
    /// For an approval: the SHA-256 of what was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When it was written, as the journal writes it.
    pub at: String,
    /// Who wrote it, in words.
    pub from: String,
    /// The answer; none if the interview goes another way, or if the question was taken back, so
    /// that it can be asked afresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Where the interview goes instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
}

impl AnswerLetter {
    /// An answer to that question.
    pub fn to(ask: &Ask, from: &str, at: String, answer: Option<Answer>) -> Self {
        Self {
            ask: ask.id.clone(),
            sha256: ask
                .reference
                .as_ref()
                .map(|reference| reference.sha256.clone()),
            at,
            from: from.to_owned(),
            answer,
            course: None,
        }
    }

    /// What somebody says at that question.
    pub fn says(ask: &Ask, from: &str, at: String, said: Said) -> Self {
        match said {
            Said::Answer(answer) => Self::to(ask, from, at, Some(answer)),
            Said::Course(course) => Self {
                course: Some(course),
                ..Self::to(ask, from, at, None)
            },
        }
    }

    /// Whether the question was taken back instead of answered.
    pub fn takes_back(&self) -> bool {
        self.answer.is_none() && self.course.is_none()
    }

    /// Whether it is about that question, and what it approves.
    pub fn is_to(&self, ask: &Ask) -> bool {
        let sha256 = ask.reference.as_ref().map(|reference| &reference.sha256);
        self.ask == ask.id && self.sha256.as_ref() == sha256
    }
}

/// A word for the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellLetter {
    /// When it was written.
    pub at: String,
    /// Who wrote it, in words.
    pub from: String,
    /// What.
    pub text: String,
    /// Whom it is for, if not only for the conversation at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Audience>,
}

/// The wish that the process that has the session now stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopLetter {
    /// When it was written.
    pub at: String,
    /// Who wrote it, in words.
    pub from: String,
}
