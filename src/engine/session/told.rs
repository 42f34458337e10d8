//! A word that a person says without being asked, and where it enters the conversation at hand: at
//! its end, so that what was sent before stays as it was. Which conversations hear it is for
//! `hearing` to say.

use super::conversation::{Conversation, Tail};
use super::messages::NO_USABLE_REPLY;
use crate::engine::event::Audience;
use crate::engine::message::{Message, Role};

/// What stands in front of the person's words.
pub const TOLD: &str = "The person tells you: ";
/// What stands behind them.
const FOLLOW: &str = "Follow that from here on.";

/// A word of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub text: String,
    /// Whom it is for, if that was said.
    pub to: Option<Audience>,
    /// The letter that brought it.
    pub letter: Option<String>,
    /// Whether the model heard it at once, may hear it later, or could not any more.
    pub heard: Heard,
    /// Phase and ticket of that moment.
    pub(super) place: (Option<String>, Option<String>),
}

/// Whether the model heard a word of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It entered the conversation at hand.
    Now,
    /// It stands in the openings of conversations to come.
    Later,
    /// There was no conversation any more.
    Never,
}

impl Conversation {
    /// The person says something to the model.
    pub(super) fn told(&mut self, text: &str) {
        self.told.push(text.to_owned());
        self.loops.told();
        let words = format!("{TOLD}{}\n{FOLLOW}", text.trim());
        if !self.pending.is_empty() {
            self.held.push(words);
            return;
        }
        let may_have_been_sent = self.sent >= self.messages.len();
        match self
            .messages
            .last_mut()
            .filter(|last| last.role == Role::User)
        {
            Some(last) if !may_have_been_sent => {
                last.content.push_str("\n\n");
                last.content.push_str(&words);
                self.bytes += 2 + words.len() as u64;
            }
            Some(_) => {
                // Roles alternate, and that message stays as the server has read it.
                self.push(Message::text(Role::Assistant, NO_USABLE_REPLY));
                self.push(Message::text(Role::User, words));
            }
            None => self.push(Message::text(Role::User, words)),
        }
        if self.tail != Tail::Settled {
            self.tail = Tail::ModelNext;
            self.decision = None;
        }
    }
}
