//! Which conversations hear a word of the person: the one at hand, or those to come.

use super::Session;
use super::told::{Heard, Told};
use crate::engine::event::{Audience, Purpose, Record};

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
                conversation.heard().told(text);
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
            Some(Audience::Ticket(id)) => is_work && ticket == Some(id.as_str()),
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
