//! What is asked for when a conversation opens, and what was gathered for it beforehand. Only
//! data; `opening` makes the conversation of it.

use crate::engine::event::Purpose;
use crate::engine::phase::{CriticStep, Input, Step};

/// What a new conversation is.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// What it is for.
    pub purpose: Purpose,
    /// The step it serves.
    pub step: Step,
    /// The ticket it is about.
    pub ticket: Option<String>,
}

impl Opening {
    /// The skill whose text is the system prompt.
    pub fn skill(&self) -> Option<&str> {
        match self.critic() {
            Some(critic) => Some(&critic.skill),
            None => self.step.skill(),
        }
    }

    /// The sections of the first user message.
    pub fn inputs(&self) -> &[Input] {
        match self.critic() {
            Some(critic) => &critic.inputs,
            None => self.step.inputs(),
        }
    }

    fn critic(&self) -> Option<&CriticStep> {
        self.step
            .critic()
            .filter(|_| self.purpose == Purpose::Critique)
    }
}

/// What only a look at the disk can tell; gathered before the opening is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// The project's files as they are now.
    pub layout: Option<String>,
    /// Files that the ticket's plan names and that are there already.
    pub existing: Vec<String>,
    /// What the session changed, as a diff; for a critic, what the ticket changed.
    pub changes: Option<String>,
}
