//! When a person who looks elsewhere is called, and what they are told: a question waits for
//! them, something got stuck, or it is over. Decides from the session and the line that was just
//! written; refuses to know how anybody is reached (`run/notify.rs`).

use serde::Serialize;
use serde_json::Value;

use super::ask::AskId;
use super::attempts::question;
use super::event::{Event, Interruption, Outcome, Record};
use super::occasion::Occasion;
use super::session::{Called, Session};

/// Characters of text that are told: a message, not a document.
const LONGEST: usize = 2_000;

/// How the warning begins that tells of a person's own command that failed.
pub const CALL_FAILED: &str = "Your command for '";

/// What a person is told. Its JSON is what their command reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Why they are called.
    pub event: Occasion,
    /// The session's id.
    pub session: String,
    /// The project folder.
    pub project: String,
    /// What they asked for.
    pub task: String,
    /// The phase in which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The ticket it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The question's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// How it ended: an outcome, or what stopped the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// In words.
    pub text: String,
}

impl Notice {
    /// What this line calls a person for, in the session as it is with that line; none if nobody
    /// needs to come. A question calls when it is waited for, not when it is written down: an
    /// answers file may have the answer.
    pub fn of(record: &Record, session: &Session) -> Option<Self> {
        match &record.event {
            Event::TicketFinished {
                outcome: Outcome::Blocked,
                reason,
                ..
            } => {
                let ticket = record.ticket.as_deref()?;
                let attempts = session.tickets.get(ticket);
                let text = if attempts.is_some_and(|progress| !progress.failed.is_empty()) {
                    question(session, ticket).text
                } else {
                    let title = session.ticket(ticket).map_or("", |found| &found.title);
                    let why = reason.lines().next().unwrap_or_default();
                    format!("{} is blocked: {why}", format!("{ticket} {title}").trim())
                };
                let mut notice = Self::new(Occasion::Blocked, session, &text);
                notice.ask = Some(AskId::blocked(ticket).to_string());
                Some(notice.about(record).ending(&Outcome::Blocked))
            }
            Event::Interrupted { why, reason } => match why {
                // Who stopped it is there.
                Interruption::Signal => None,
                Interruption::NeedsInput => Self::of_question(session),
                Interruption::Limit | Interruption::ServerGone => {
                    let notice = Self::new(Occasion::Blocked, session, reason);
                    Some(notice.about(record).ending(why))
                }
            },
            Event::SessionFinished { outcome, reason } => {
                let notice = Self::new(Occasion::Finished, session, reason);
                Some(notice.ending(outcome))
            }
            _ => None,
        }
    }

    /// The question that waits, unless the person was called already.
    pub fn of_question(session: &Session) -> Option<Self> {
        let ask = session.open_ask()?;
        if session.called == Called::Yes {
            return None;
        }
        let mut notice = Self::new(Occasion::Asked, session, &ask.text);
        notice.phase = session.phase().map(|phase| phase.name.clone());
        notice.ticket.clone_from(&session.current_ticket);
        notice.ask = Some(ask.id.to_string());
        Some(notice)
    }

    fn new(event: Occasion, session: &Session, text: &str) -> Self {
        Self {
            event,
            session: session.started.id.clone(),
            project: session.started.project.clone(),
            task: session.started.task.clone(),
            phase: None,
            ticket: None,
            ask: None,
            outcome: None,
            text: text.chars().take(LONGEST).collect(),
        }
    }

    fn about(mut self, record: &Record) -> Self {
        self.phase.clone_from(&record.phase);
        self.ticket.clone_from(&record.ticket);
        self
    }

    fn ending(mut self, word: &impl Serialize) -> Self {
        self.outcome = match serde_json::to_value(word) {
            Ok(Value::String(word)) => Some(word),
            _ => None,
        };
        self
    }

    /// The same as variables of an environment: `LOOP_EVENT`, `LOOP_SESSION` and so on.
    pub fn variables(&self) -> Vec<(String, String)> {
        let Ok(Value::Object(facts)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        let variable = |(key, value): (String, Value)| match value {
            Value::String(text) => Some((format!("LOOP_{}", key.to_uppercase()), text)),
            _ => None,
        };
        facts.into_iter().filter_map(variable).collect()
    }
}
