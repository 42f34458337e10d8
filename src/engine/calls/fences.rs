//! Fences. In prose a fence is a quotation; as the whole reply it may hold a call, and a family's
//! own fence may do so after prose.

use super::lines::values;
use super::problem::Problem;
use super::python;
use super::scan::{Place, Scan, Scanner};
use super::shape;
use super::tags::blank;
use super::tokens::marker;
use crate::engine::protocol::Protocol;

/// Fences that a family uses for calls, so that they count after prose too.
const CALL_FENCES: [&str; 3] = ["tool_code", "tool_call", "tool_calls"];
/// Other fences that may enclose a call when they are the whole reply.
const PLAIN_FENCES: [&str; 5] = ["", "json", "xml", "text", "plaintext"];

impl Scanner<'_> {
    pub(super) fn fence(&mut self, indent: usize) {
        let fence = Fence::at(self.source, self.pos + indent);
        let whole = self.at_reply_start() && self.place == Place::Reply;
        let info = fence.info.to_ascii_lowercase();
        let calls = CALL_FENCES.contains(&info.as_str());
        if whole && self.fenced_json(&fence) {
            return;
        }
        let counts = (whole && PLAIN_FENCES.contains(&info.as_str()))
            || (calls && self.place == Place::Reply);
        let is_meant = self.offered.protocol == Protocol::Text
            && PLAIN_FENCES.contains(&info.as_str())
            && self.place == Place::Reply;
        if (counts || is_meant) && self.at_end(fence.end) {
            let mut inside = Scanner::new(
                &self.source[fence.body..fence.body_end],
                self.offered,
                self.has_native,
            );
            inside.place = Place::Fence;
            let inside = inside.run();
            if let Some(call) = inside.calls.first().filter(|_| !counts) {
                // Most likely meant, but a quotation is never executed: the model is told.
                let name = call.name.clone();
                self.found.problem = Some(Problem::Quoted { name });
                return;
            }
            if counts
                && inside.text.is_empty()
                && (!inside.calls.is_empty() || inside.problem.is_some())
            {
                return self.adopt(inside, fence.end);
            }
        }
        self.copy(fence.end);
    }

    /// A fence that is the whole reply and holds JSON. Strings in it may hold fences.
    fn fenced_json(&mut self, fence: &Fence<'_>) -> bool {
        let start = fence.body + blank(&self.source[fence.body..]);
        let rest = &self.source[start..];
        if !rest.starts_with(['{', '[']) || python::starts_list(rest) || marker(rest).is_some() {
            return false;
        }
        match values(self.source, start) {
            Ok(read) => {
                let close = read.end + blank(&self.source[read.end..]);
                let after = self.source[close..].trim_start_matches(fence.mark);
                let end = self.source.len() - after.len();
                let Some(calls) = self.all_calls(&read.values).filter(|_| self.at_end(end)) else {
                    return false;
                };
                self.repairs.extend(read.repairs);
                self.found.repairs.push("unwrapped a code fence".to_owned());
                self.accept(calls, end);
                true
            }
            Err(flaw) => match shape::meant_as_call(rest, self.offered) {
                Some(name) if self.at_end(fence.end) => {
                    self.damaged(Some(name), flaw);
                    true
                }
                _ => false,
            },
        }
    }

    /// What a nested walk found in a fence.
    fn adopt(&mut self, nested: Scan, end: usize) {
        self.found.problem = nested.problem;
        self.found.repairs.extend(nested.repairs);
        self.found.repairs.push("unwrapped a code fence".to_owned());
        let (start, known) = (self.pos, self.found.calls.len());
        self.accept(nested.calls, end);
        self.remember(start, known);
    }
}

/// A fence and where its parts are.
struct Fence<'a> {
    mark: char,
    info: &'a str,
    body: usize,
    body_end: usize,
    /// After the closing line, or the end of the text if there is none.
    end: usize,
}

impl<'a> Fence<'a> {
    fn at(text: &'a str, start: usize) -> Self {
        let rest = &text[start..];
        let mark = if rest.starts_with('~') { '~' } else { '`' };
        let length = rest.len() - rest.trim_start_matches(mark).len();
        let line = rest.find('\n').unwrap_or(rest.len());
        let mut pos = (start + line + 1).min(text.len());
        let mut fence = Self {
            mark,
            info: rest[length..line.max(length)].trim(),
            body: pos,
            body_end: text.len(),
            end: text.len(),
        };
        for line in text[pos..].split_inclusive('\n') {
            let trimmed = line.trim();
            if trimmed.len() >= length && trimmed.chars().all(|c| c == mark) {
                fence.body_end = pos;
                fence.end = pos + line.len();
                break;
            }
            // A closing fence right before a token of the template.
            if let Some(after) = trimmed.strip_prefix("```")
                && mark == '`'
                && marker(after).is_some()
            {
                fence.body_end = pos;
                fence.end = pos + line.len() - line.trim_start().len() + 3;
                break;
            }
            pos += line.len();
        }
        fence
    }
}
