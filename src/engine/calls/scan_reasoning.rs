//! Reasoning inside the text: tags, the end of a block that the template opened, and the channels
//! of the harmony format. Reasoning is neither text nor a source of calls.

use super::payload;
use super::problem::Problem;
use super::reasoning::{Reasoning, holds_call};
use super::scan::Scanner;
use super::tokens::{Envelope, reasoning_end};

impl Scanner<'_> {
    pub(super) fn reasoning(&mut self, start: usize, name: &str) {
        let inside = &self.source[start..];
        if self.doubtful_reasoning {
            self.copy(start);
        } else if let Some((end, after)) = reasoning_end(inside, name) {
            let held = holds_call(&inside[..end]);
            self.note_reasoning(if held {
                Reasoning::HeldCall
            } else {
                Reasoning::Ended
            });
            self.pos = start + after;
        } else if self.within_line() {
            self.doubtful_reasoning = true;
            self.copy(start);
        } else {
            self.unclosed_reasoning(inside);
        }
    }

    fn unclosed_reasoning(&mut self, inside: &str) {
        self.note_reasoning(Reasoning::Unclosed);
        // A call that the server found stands after the reasoning, whatever that holds.
        if !self.has_native && holds_call(inside) {
            self.found.problem = Some(Problem::InReasoning);
        }
        self.pos = self.source.len();
    }

    /// Templates often open the reasoning themselves; then only its end is in the reply.
    pub(super) fn end_reasoning(&mut self, after: usize) {
        let held = !self.found.calls.is_empty() || holds_call(&self.out);
        self.note_reasoning(if held {
            Reasoning::HeldCall
        } else {
            Reasoning::Ended
        });
        self.found.calls.clear();
        self.out.clear();
        self.line = 0;
        self.visible = None;
        self.kept = 0;
        self.pos = after;
    }

    pub(super) fn note_reasoning(&mut self, state: Reasoning) {
        self.found.reasoning = self.found.reasoning.max(state);
    }

    pub(super) fn harmony(&mut self) {
        const MESSAGE: &str = "<|message|>";
        let rest = self.rest();
        let limit = rest
            .char_indices()
            .nth(256)
            .map_or(rest.len(), |(at, _)| at);
        let Some(header) = rest[..limit].find(MESSAGE).map(|end| &rest[..end]) else {
            let token = rest.find('>').map_or(rest.len(), |at| at + 1);
            let after = &rest[token..];
            let word = ["assistant", "final", "commentary", "analysis"]
                .iter()
                .find(|word| after.starts_with(**word))
                .map_or(0, |word| word.len());
            self.pos += token + word;
            return;
        };
        let body = self.pos + header.len() + MESSAGE.len();
        let role = word_after(header, "<|start|>").unwrap_or("assistant");
        let channel = word_after(header, "<|channel|>").unwrap_or_default();
        let recipient = word_after(header, "to=");
        if role != "assistant" || recipient == Some("assistant") {
            self.stop();
        } else if channel == "analysis" {
            let inside = &self.source[body..];
            let ends = [
                "<|end|>",
                "<|start|>",
                "<|channel|>",
                "<|return|>",
                "<|call|>",
            ];
            let end = inside
                .match_indices("<|")
                .map(|(at, _)| at)
                .find(|&at| ends.iter().any(|token| inside[at..].starts_with(token)));
            let Some(end) = end else {
                return self.unclosed_reasoning(inside);
            };
            let held = recipient.is_some() || holds_call(&inside[..end]);
            self.note_reasoning(if held {
                Reasoning::HeldCall
            } else {
                Reasoning::Ended
            });
            self.pos = body + end;
        } else if let Some(name) = recipient {
            let mut repairs = Vec::new();
            match payload::arguments(self.source, body, name, &mut repairs) {
                Ok((call, end)) => {
                    self.repairs.append(&mut repairs);
                    self.close(vec![call], end, Envelope::Closed);
                }
                Err(problem) => self.found.problem = Some(problem),
            }
        } else {
            self.pos = body;
        }
    }
}

fn word_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text.find(key)? + key.len();
    text[at..]
        .split(|c: char| c.is_whitespace() || c == '<')
        .next()
}
