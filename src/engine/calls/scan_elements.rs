//! Calls whose tag is a tool's own name, in the form of the text protocol or of a family. Decides
//! when a closing tag too many shows that a value had ended too early.

use super::blocks;
use super::problem::Problem;
use super::scan::Scanner;
use super::tags::{self, Element};
use super::tokens::Envelope;
use super::values::Repair;
use crate::engine::protocol::Protocol;

impl Scanner<'_> {
    /// A tag whose name is a tool's.
    pub(super) fn tool_tag(&mut self) -> bool {
        if self.is_mentioned() {
            return false;
        }
        let mut repairs = Vec::new();
        match self.element(&mut repairs) {
            Some(Ok((call, end))) => {
                self.repairs.append(&mut repairs);
                let known = self.found.calls.len();
                self.close(vec![call], end, Envelope::Open);
                self.remember(known);
                true
            }
            Some(Err(problem)) => {
                self.found.problem = Some(problem);
                true
            }
            None => false,
        }
    }

    /// The call whose tag is a tool's name, in the form of the protocol or of a family.
    fn element(&mut self, repairs: &mut Vec<Repair>) -> Option<Result<Element, Problem>> {
        if self.offered.protocol == Protocol::Text
            && let Some(block) =
                blocks::block(self.source, self.pos, self.offered, &mut self.found.repairs)
        {
            return Some(block);
        }
        tags::named(self.source, self.pos, self.offered, repairs)
    }

    /// Whether the text after a call ends one once more, be it in a fence, in reasoning or in an
    /// invented result: then a value held what was taken for its end, and the rest of it is what
    /// stands there. Told by a closing tag too many, or by a line that ends a string and brackets
    /// that are not open.
    pub(super) fn a_value_ended_early(&self) -> bool {
        let next = self.elements.iter().skip(1).map(|(start, _)| *start);
        let next = next.chain([self.source.len()]);
        self.elements.iter().zip(next).any(|((_, end), next)| {
            let text = &self.source[*end..next.max(*end)];
            ends_a_string_and_brackets(text)
                || self.closing_tags.iter().any(|close| {
                    let open = close.replace("</", "<");
                    text.matches(close).count() > text.matches(&open).count()
                })
        })
    }

    /// Remembers the tags of the calls that were accepted after so many others.
    pub(super) fn remember(&mut self, known: usize) {
        for call in &self.found.calls[known..] {
            let tool = self.offered.resolve(&call.name);
            let arguments = call.arguments.as_object().into_iter().flatten();
            let names = arguments
                .map(|(key, _)| key)
                .filter(|key| tool.is_some_and(|tool| tool.property(key).is_some()))
                .chain([&call.name]);
            self.closing_tags
                .extend(names.map(|name| format!("</{name}>")));
        }
    }
}

/// Whether a quote is followed by brackets that close nothing and end the line or stand before a
/// tag: `"}}`, `"}]`, `')]`.
fn ends_a_string_and_brackets(text: &str) -> bool {
    let mut open = [0_usize; 3];
    let mut after_quote = false;
    let mut orphan = false;
    for (at, letter) in text.char_indices() {
        let kind = match letter {
            '{' | '}' => 0,
            '[' | ']' => 1,
            '(' | ')' => 2,
            '\n' | '<' if orphan => return true,
            letter if letter.is_whitespace() => continue,
            letter => {
                after_quote = matches!(letter, '"' | '\'');
                orphan = false;
                continue;
            }
        };
        if matches!(letter, '{' | '[' | '(') {
            open[kind] += 1;
            (after_quote, orphan) = (false, false);
        } else if open[kind] > 0 {
            open[kind] -= 1;
            after_quote = false;
        } else {
            orphan |= after_quote;
        }
        if orphan && text[at + 1..].trim_start().is_empty() {
            return true;
        }
    }
    false
}
