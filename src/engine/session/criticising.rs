//! What the critic made of an attempt at a ticket, as the journal tells it: its looks, whether its
//! words went back to the model, and whether what came of them was taken back. While it looks, the
//! conversation of the work waits beside its own.

use super::{Conversation, Look, Session};
use crate::engine::estimate;
use crate::engine::event::{Note, Purpose, Receipt};
use crate::engine::settings::CriticSetting;

impl Session {
    /// The model that judges tickets.
    pub fn critic_model(&self) -> &str {
        match &self.settings.model.critic {
            CriticSetting::Model(name) => name,
            CriticSetting::Same | CriticSetting::Off => self.model(),
        }
    }

    /// The critic has judged: the work's own conversation goes on.
    pub(super) fn critic_judged(&mut self, ticket: Option<&str>, judged: &Receipt) {
        let is_open = |open: &mut Conversation| open.purpose == Purpose::Critique;
        let Some(mut critic) = self.conversation.take_if(is_open) else {
            return;
        };
        self.conversation = critic.waiting.take().map(|work| *work);
        let Some(work) = &self.conversation else {
            return;
        };
        let learned = self.ratios.get(&work.model).copied();
        self.token_ratio = learned.unwrap_or(estimate::UNMEASURED);
        let (Some(id), Some(gate)) = (ticket, &work.verdict) else {
            return;
        };
        let progress = self.tickets.entry(id.to_owned()).or_default();
        progress.criticism.looks.push(Look {
            gate: gate.clone(),
            judged: judged.clone(),
        });
    }

    /// A note that is about the critic; false if it is about something else.
    pub(super) fn noted_of_critic(&mut self, note: &Note) -> bool {
        let Some(word) = note.data.get("critic") else {
            return false;
        };
        let open = self.current_ticket.as_ref();
        let Some(progress) = open.and_then(|id| self.tickets.get_mut(id)) else {
            return false;
        };
        match word.as_str() {
            Some("told") => {
                progress.criticism.is_told = true;
                if let Some(conversation) = &mut self.conversation {
                    conversation.say(&note.text);
                }
            }
            Some("taken_back") => {
                progress.criticism.taken_back = Some(note.text.clone());
                progress.criticism.is_partly_back = note.data["whole"] == false;
                self.facts.push(note.text.clone());
            }
            _ => return false,
        }
        true
    }
}

impl Conversation {
    /// A conversation beside this one begins, which waits meanwhile.
    pub(super) fn waits_for(self, mut critic: Self) -> Self {
        let work = match self.waiting {
            Some(work) => *work,
            None => self,
        };
        critic.waiting = Some(Box::new(work));
        critic
    }

    /// The conversation that a person speaks to: the work, not a critic that looks at it.
    pub(super) fn heard(&mut self) -> &mut Self {
        match self.waiting {
            Some(ref mut work) => work,
            None => self,
        }
    }
}
