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
                let (start, known) = (self.pos, self.found.calls.len());
                self.close(vec![call], end, Envelope::Open);
                self.remember(start, known);
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

    /// Whether the text outside of these calls has one of their closing tags once too often, be it
    /// in a fence, in reasoning or in an invented result: then a value held the tags that were
    /// taken for its end, and the rest of it is what stands there.
    pub(super) fn a_value_ended_early(&self) -> bool {
        let next = self.elements.iter().skip(1).map(|(start, _)| *start);
        let next = next.chain([self.source.len()]);
        self.elements.iter().zip(next).any(|((_, end), next)| {
            let text = &self.source[*end..next];
            self.closing_tags.iter().any(|close| {
                let open = close.replace("</", "<");
                text.matches(close).count() > text.matches(&open).count()
            })
        })
    }

    /// Remembers the calls that were accepted after so many others: where they begin and their tags.
    pub(super) fn remember(&mut self, start: usize, known: usize) {
        if known < self.found.calls.len() {
            self.elements.push((start, self.found.end));
        }
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
