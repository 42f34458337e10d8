//! What a person says without being asked: where it enters the conversation at hand, and which
//! later ones open with it. It is added at the end, so that what was sent before stays as it was.

use super::Session;
use super::conversation::{Conversation, Tail};
use super::messages::NO_USABLE_REPLY;
use crate::engine::event::{Audience, Purpose, Record};
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
    place: (Option<String>, Option<String>),
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

impl Session {
    /// A person says something.
    pub(super) fn told(
        &mut self,
        record: &Record,
        text: &str,
        to: Option<&Audience>,
        letter: Option<&String>,
    ) {
        let is_for_now = match to {
            None | Some(Audience::All) => true,
            Some(Audience::Ticket(id)) => self.current_ticket.as_ref() == Some(id),
        };
        let heard = match (&mut self.conversation, to) {
            (Some(conversation), _) if is_for_now => {
                conversation.told(text);
                Heard::Now
            }
            (_, Some(_)) => Heard::Later,
            (_, None) => Heard::Never,
        };
        self.told.push(Told {
            text: text.to_owned(),
            to: to.cloned(),
            letter: letter.cloned(),
            heard,
            place: (record.phase.clone(), record.ticket.clone()),
        });
    }

    /// Whether that letter was read already.
    pub fn was_told(&self, letter: &str) -> bool {
        self.told
            .iter()
            .any(|told| told.letter.as_deref() == Some(letter))
    }

    /// What a conversation opens with: what was said for all, for its ticket, or in an earlier
    /// attempt at the same work.
    pub fn guidance(&self, purpose: &Purpose, ticket: Option<&str>) -> impl Iterator<Item = &str> {
        let phase = self.phase().map(|phase| phase.name.as_str());
        let is_work = *purpose == Purpose::Work;
        let holds = move |told: &&Told| match &told.to {
            Some(Audience::All) => true,
            Some(Audience::Ticket(id)) => ticket == Some(id.as_str()),
            None => {
                is_work && (told.place.0.as_deref(), told.place.1.as_deref()) == (phase, ticket)
            }
        };
        self.told
            .iter()
            .filter(holds)
            .map(|told| told.text.as_str())
    }

    /// A request may be out that was not answered: what stands there must stay as it is.
    pub(super) fn may_have_been_sent(&mut self) {
        if let Some(conversation) = &mut self.conversation {
            conversation.sent = conversation.messages.len();
        }
    }
}

impl Conversation {
    /// The person says something to the model.
    fn told(&mut self, text: &str) {
        self.told.push(text.to_owned());
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
