//! What comes into a session from the project, from commands and from the model's documents:
//! without the values of the project's secrets, and without characters that act on a terminal.
//! What the model itself says and asks for stays as it is, since it has to be carried out so.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use crate::engine::ask::Ask;
use crate::engine::event::{AttemptNote, Event};
use crate::engine::neutral::neutral;
use crate::store::Redactor;
use crate::tools::{Secrets, secrets};

/// Said once to a result in which something was left out.
const HIDDEN: &str = "\n[Secret values are not shown: [redacted:NAME] stands for one. Programs that you run can read them.]";

/// What is left out of everything that comes in.
#[derive(Debug)]
pub(super) struct Incoming {
    configured: Vec<(String, String)>,
    found: Secrets,
    redactor: Redactor,
}

impl Incoming {
    /// Leaves out what was configured as secret.
    pub(super) fn new(configured: Vec<(String, String)>) -> Self {
        Self {
            redactor: Redactor::new(configured.clone()),
            found: Secrets::default(),
            configured,
        }
    }

    /// Looks which secrets the project holds now. What was one before stays one. Gives what leaves
    /// them out, if there are new ones.
    pub(super) fn look(&mut self, project: &Path) -> Option<&Redactor> {
        let now = secrets(project);
        let before = self.found.values.len();
        self.found.left_out = now.left_out;
        for file in now.files {
            if !self.found.files.contains(&file) {
                self.found.files.push(file);
            }
        }
        for value in now.values {
            if !self.found.values.contains(&value) {
                self.found.values.push(value);
            }
        }
        if self.found.values.len() == before {
            return None;
        }
        let all = self.configured.iter().chain(&self.found.values).cloned();
        self.redactor = Redactor::new(all);
        Some(&self.redactor)
    }

    /// The files in which secrets were found, for a person.
    pub(super) fn files(&self) -> Vec<String> {
        let files = self.found.files.iter();
        files.map(|file| file.display().to_string()).collect()
    }

    /// What was not looked at for secrets, for a person.
    pub(super) fn left_out(&self) -> &[String] {
        &self.found.left_out
    }

    /// A text as it may come in.
    pub(super) fn text(&self, text: &str) -> String {
        neutral(&self.redactor.text(text)).into_owned()
    }

    /// The text's stand-in for a secret, if it has one that `before` does not have: the real value
    /// would be lost if it were written.
    pub(super) fn stand_in<'a>(&self, text: &'a str, before: &str) -> Option<&'a str> {
        let names = self
            .found
            .values
            .iter()
            .map(|(name, _)| format!("[redacted:{name}]"));
        let mut places = names.filter(|name| !before.contains(name.as_str()));
        places.find_map(|name| {
            let at = text.find(&name)?;
            Some(&text[at..at + name.len()])
        })
    }

    /// A document's content as it may come in.
    pub(super) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(key, item)| (key, self.value(item)))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    /// A question as it may be asked.
    pub(super) fn ask(&self, ask: &mut Ask) {
        for text in [&mut ask.text, &mut ask.why]
            .into_iter()
            .chain(&mut ask.options)
        {
            *text = self.text(text);
        }
    }

    /// An event with everything in it that comes from outside as it may come in.
    pub(super) fn event(&self, event: Event) -> Event {
        let clean = |text: &mut String| *text = self.text(text);
        let mut event = event;
        match &mut event {
            Event::ToolFinished { result, .. } => {
                let shown = self.redactor.text(&result.text);
                let is_whole = matches!(shown, Cow::Borrowed(_));
                result.text = neutral(&shown).into_owned();
                if !is_whole {
                    result.text.push_str(HIDDEN);
                }
            }
            Event::Checked(receipt) => clean(&mut receipt.output),
            Event::Note(note) => {
                clean(&mut note.text);
                note.data = self.value(std::mem::take(&mut note.data));
            }
            Event::ConversationStarted(started) => {
                for message in &mut started.messages {
                    clean(&mut message.content);
                }
            }
            Event::Asked { ask } => self.ask(ask),
            Event::Warned { text } => clean(text),
            Event::AttemptFailed { reason, note, .. } => {
                clean(reason);
                note.iter_mut().flat_map(AttemptNote::texts).for_each(clean);
            }
            Event::TicketFinished { reason, .. }
            | Event::PhaseFinished { reason, .. }
            | Event::Interrupted { reason, .. }
            | Event::SessionFinished { reason, .. } => clean(reason),
            // A person's own words keep what they say, but act on no terminal either.
            Event::Told { text, .. } => *text = neutral(text).into_owned(),
            Event::Answered { answer, .. } => answer.text = neutral(&answer.text).into_owned(),
            Event::SessionStarted(_)
            | Event::PhaseEntered { .. }
            | Event::TicketStarted { .. }
            | Event::Replied(_)
            | Event::Repaired { .. }
            | Event::ToolStarted { .. }
            | Event::ArtifactWritten { .. }
            | Event::Compacted { .. }
            | Event::Resumed { .. } => {}
        }
        event
    }
}

/// Whether an event carries something that was read or made in the project since the last look.
pub(super) fn carries_news(event: &Event) -> bool {
    matches!(
        event,
        Event::ToolFinished { .. } | Event::Checked(_) | Event::ConversationStarted(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::call::CallId;
    use crate::engine::tool::{ToolResult, ToolStatus};

    fn told(incoming: &Incoming, text: &str) -> String {
        let event = incoming.event(Event::ToolFinished {
            id: CallId("c".to_owned()),
            result: ToolResult::new(ToolStatus::Ok, text),
            ms: 0,
            changed: Vec::new(),
            tree: None,
            mode: None,
        });
        let Event::ToolFinished { result, .. } = event else {
            unreachable!("an event stays what it is")
        };
        result.text
    }

    #[test]
    fn a_secret_is_left_out_for_good_and_said_to_be() {
        let project = tempfile::tempdir().unwrap();
        let mut incoming = Incoming::new(vec![("HEADER".to_owned(), "hunter2".to_owned())]);
        assert!(incoming.look(project.path()).is_none());
        std::fs::write(project.path().join(".env"), "KEY=abc-123\n").unwrap();
        assert!(incoming.look(project.path()).is_some());
        std::fs::remove_file(project.path().join(".env")).unwrap();
        assert!(incoming.look(project.path()).is_none());
        let text = told(&incoming, "abc-123, hunter2");
        assert!(
            text.starts_with("[redacted:KEY], [redacted:HEADER]\n[Secret"),
            "{text}"
        );
        assert_eq!(told(&incoming, "a\x1b[31mb"), "a\u{fffd}[31mb");
    }

    #[test]
    fn a_stand_in_is_not_written() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join(".env"), "KEY=abc-123\n").unwrap();
        let mut incoming = Incoming::new(Vec::new());
        incoming.look(project.path());
        let text = "KEY=[redacted:KEY]\nA=[redacted:B]";
        assert_eq!(incoming.stand_in(text, ""), Some("[redacted:KEY]"));
        assert_eq!(incoming.stand_in(text, text), None);
        assert_eq!(incoming.stand_in("A=[redacted:B]", ""), None);
    }
}
