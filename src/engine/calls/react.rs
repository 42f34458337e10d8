//! `ReAct`: `Thought:`, `Action:` and `Action Input:` on lines of their own.

use serde_json::Value;

use super::lines::{is_name, short_line};
use super::payload;
use super::python;
use super::reasoning::Reasoning;
use super::scan::Scanner;
use super::shape::RawCall;
use super::tags::blank;

impl Scanner<'_> {
    /// Reasoning to the end of its paragraph, or to the line that acts on it.
    pub(super) fn thought(&mut self) {
        let mut end = self.pos;
        for (at, line) in self.rest().split_inclusive('\n').enumerate() {
            let text = line.trim_start().trim_start_matches('*');
            let acts = [
                "Action:",
                "Final Answer:",
                "Observation:",
                "{",
                "[",
                "<",
                "```",
            ];
            if at > 0 && (text.is_empty() || acts.iter().any(|act| text.starts_with(act))) {
                break;
            }
            end += line.len();
        }
        self.note_reasoning(Reasoning::Ended);
        self.pos = end;
    }

    /// `Action: NAME` with `Action Input: {…}` on the next line, or the call itself.
    pub(super) fn action(&mut self, start: usize) -> bool {
        let start = start + blank(self.source[start..].trim_start_matches('*')) + {
            let rest = &self.source[start..];
            rest.len() - rest.trim_start_matches('*').len()
        };
        let rest = &self.source[start..];
        if rest.starts_with(['{', '[', '`']) || python::starts_call(rest) {
            return self.announced(start);
        }
        let Some(line) = short_line(rest) else {
            return false;
        };
        let name = line.trim().trim_matches(['*', '`', '"']);
        if !is_name(name) {
            return false;
        }
        let after = start + line.len();
        let input = self.source[after..].trim_start().trim_start_matches('*');
        let known = self.offered.resolve(name).is_some();
        let Some(input) = input
            .strip_prefix("Action Input:")
            .or_else(|| input.strip_prefix("Action input:"))
        else {
            let alone = known && self.at_end(after);
            if alone {
                self.accept(vec![RawCall::new(name, Value::Null)], after);
            }
            return alone;
        };
        let input = input.trim_start_matches('*').trim_start();
        let mut repairs = Vec::new();
        let at = self.source.len() - input.len();
        let read = if self.at_end(at) {
            Ok((RawCall::new(name, Value::Null), at))
        } else {
            payload::arguments(self.source, at, name, &mut repairs)
        };
        match read {
            Ok((call, end)) => {
                self.repairs.append(&mut repairs);
                self.accept(vec![call], end);
            }
            Err(problem) => self.found.problem = Some(problem),
        }
        true
    }
}
