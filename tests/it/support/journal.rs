//! A journal as a test reads it: lines of JSON, asked for by event.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use serde_json::Value;

/// The lines of a journal.
#[derive(Clone, Debug)]
pub(crate) struct Journal(pub(crate) Vec<Value>);

impl Journal {
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self(
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        )
    }

    /// The lines of this event.
    pub(crate) fn of(&self, event: &str) -> Vec<&Value> {
        let lines = self.0.iter();
        lines.filter(|line| line["event"] == event).collect()
    }

    /// Whether a line has this text in it.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.to_string().contains(text))
    }

    /// How each ticket ended: id and outcome, in order.
    pub(crate) fn tickets(&self) -> Vec<(&str, &str)> {
        let ended = self.of("ticket_finished").into_iter();
        ended
            .map(|line| (text(&line["ticket"]), text(&line["outcome"])))
            .collect()
    }

    /// How each phase ended.
    pub(crate) fn phases(&self) -> Vec<(&str, &str)> {
        let ended = self.of("phase_finished").into_iter();
        ended
            .map(|line| (text(&line["phase"]), text(&line["outcome"])))
            .collect()
    }

    /// How the session ended, if it did.
    pub(crate) fn outcome(&self) -> Option<&str> {
        Some(text(&self.of("session_finished").last()?["outcome"]))
    }

    /// Sequence numbers count from 1 without gaps; every call is started and finished once.
    pub(crate) fn assert_whole(&self) {
        let numbers: Vec<u64> = self.0.iter().map(|l| l["seq"].as_u64().unwrap()).collect();
        let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected);
        let mut started: Vec<&str> = self
            .of("tool_started")
            .iter()
            .map(|line| text(&line["call"]["id"]))
            .collect();
        let mut finished: Vec<&str> = self
            .of("tool_finished")
            .iter()
            .map(|line| text(&line["id"]))
            .collect();
        started.sort_unstable();
        finished.sort_unstable();
        assert_eq!(started, finished, "a call was repeated or left open");
        let count = started.len();
        started.dedup();
        assert_eq!(started.len(), count, "a call was started twice");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
