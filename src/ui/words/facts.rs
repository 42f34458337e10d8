//! What the screen has learnt from the journal's lines and needs for later ones: the phase's
//! place, the tickets' titles, the call that runs. Refuses to be a second fold: nothing is decided
//! by it, and a line it has missed costs a number on screen.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::engine::artifact::ArtifactName;
use crate::engine::ask::{AskId, Verdict};
use crate::engine::call::ToolCall;
use crate::engine::event::{Event, Purpose, Record};

/// The facts.
#[derive(Clone, Debug, Default)]
pub(in crate::ui) struct Facts {
    /// The names of the phases in their order, if somebody told.
    pub(in crate::ui) phases: Vec<String>,
    pub(in crate::ui) session: Option<String>,
    pub(in crate::ui) task: String,
    pub(in crate::ui) phase: Option<String>,
    pub(in crate::ui) ticket: Option<String>,
    tickets: Vec<(String, String)>,
    started: Vec<String>,
    answers: BTreeMap<AskId, String>,
    pub(in crate::ui) call: Option<ToolCall>,
    pub(in crate::ui) speech: Speech,
}

/// What the model writes at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) enum Speech {
    /// Words for people.
    #[default]
    Prose,
    /// JSON that is shown when it is a document.
    Document,
}

impl Facts {
    pub(in crate::ui) fn learn(&mut self, record: &Record) {
        self.phase.clone_from(&record.phase);
        self.ticket.clone_from(&record.ticket);
        match &record.event {
            Event::SessionStarted(start) => {
                self.session = Some(start.id.clone());
                self.task.clone_from(&start.task);
            }
            Event::PhaseEntered { name, .. } => self.phase = Some(name.clone()),
            Event::ConversationStarted(conversation) => {
                self.speech = match conversation.purpose {
                    Purpose::Work => Speech::Prose,
                    Purpose::Questions
                    | Purpose::Coverage
                    | Purpose::Fill
                    | Purpose::Document(_)
                    | Purpose::Critique => Speech::Document,
                };
            }
            Event::TicketStarted { .. } => {
                if let Some(ticket) = &record.ticket
                    && !self.started.contains(ticket)
                {
                    self.started.push(ticket.clone());
                }
            }
            Event::ToolStarted { call, .. } => self.call = Some(call.clone()),
            Event::ArtifactWritten {
                name: ArtifactName::Tickets,
                content,
                ..
            } => {
                self.tickets = titles(content);
            }
            Event::Answered { id, answer } => {
                self.answers.insert(id.clone(), answer.text.clone());
                if let Some(Verdict::Arrange { tickets }) = &answer.verdict {
                    self.tickets.retain(|(id, _)| tickets.contains(id));
                }
            }
            Event::AttemptFailed { .. }
            | Event::Replied(_)
            | Event::Repaired { .. }
            | Event::ToolFinished { .. }
            | Event::Asked { .. }
            | Event::ArtifactWritten { .. }
            | Event::Checked(_)
            | Event::Compacted { .. }
            | Event::Told { .. }
            | Event::Note(_)
            | Event::Warned { .. }
            | Event::TicketFinished { .. }
            | Event::PhaseFinished { .. }
            | Event::Interrupted { .. }
            | Event::Resumed { .. }
            | Event::SessionFinished { .. } => {}
        }
    }

    /// `prd 1/6`, or the name alone.
    pub(in crate::ui) fn phase_place(&self) -> Option<String> {
        let name = self.phase.as_ref()?;
        Some(match self.phases.iter().position(|phase| phase == name) {
            Some(index) => format!("{name} {}/{}", index + 1, self.phases.len()),
            None => name.clone(),
        })
    }

    /// `T2 2/5`, or the id alone.
    pub(in crate::ui) fn ticket_place(&self) -> Option<String> {
        let id = self.ticket.as_ref()?;
        let index = self.started.iter().position(|ticket| ticket == id);
        Some(match (index, self.tickets.len()) {
            (Some(index), total) if index < total => format!("{id} {}/{total}", index + 1),
            _ => id.clone(),
        })
    }

    /// What was answered when this was asked before.
    pub(in crate::ui) fn answer_to(&self, id: &AskId) -> Option<&str> {
        let text = self.answers.get(id)?.trim();
        (!text.is_empty()).then_some(text)
    }

    pub(in crate::ui) fn ticket_title(&self) -> &str {
        let of_ticket = |(id, _): &&(String, String)| Some(id) == self.ticket.as_ref();
        self.tickets
            .iter()
            .find(of_ticket)
            .map_or("", |(_, title)| title)
    }
}

fn titles(content: &Value) -> Vec<(String, String)> {
    let text = |ticket: &Value, key: &str| ticket[key].as_str().unwrap_or_default().to_owned();
    let tickets = content["tickets"].as_array();
    tickets
        .into_iter()
        .flatten()
        .map(|ticket| (text(ticket, "id"), text(ticket, "title")))
        .collect()
}
