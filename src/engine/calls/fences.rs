//! Fences. In prose a fence is a quotation; as the whole reply it may hold a call, and a family's
//! own fence may do so after prose.

use super::lines::values;
use super::problem::Problem;
use super::python;
use super::quotes::Doubt;
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
        if fence.nesting == Nesting::Doubtful {
            self.doubts(Doubt::Quotation);
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
        let known = self.found.calls.len();
        self.accept(nested.calls, end);
        self.remember(known);
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
    nesting: Nesting,
}

/// Whether the end of a fence has one reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    /// It has.
    Clear,
    /// Fences are opened inside of it that may or may not be the ones that are closed.
    Doubtful,
}

impl<'a> Fence<'a> {
    /// The fence that starts at that byte. A document in a fence may hold fences of the same
    /// length: one that has a word behind its mark is opened, and is closed before the outer one.
    fn at(text: &'a str, start: usize) -> Self {
        let rest = &text[start..];
        let mark = if rest.starts_with('~') { '~' } else { '`' };
        let length = run(rest, mark);
        let line = rest.find('\n').unwrap_or(rest.len());
        let mut pos = (start + line + 1).min(text.len());
        let mut fence = Self {
            mark,
            info: rest[length..line.max(length)].trim(),
            body: pos,
            body_end: text.len(),
            end: text.len(),
            nesting: Nesting::Clear,
        };
        let mut depth = 1;
        let mut first = None;
        for line in text[pos..].split_inclusive('\n') {
            let trimmed = line.trim();
            let marks = run(trimmed, mark);
            let after = trimmed[marks..].trim_start();
            // A closing fence may stand right before a token of the template.
            let closes = after.is_empty() || (marks == 3 && marker(after).is_some());
            if marks >= length && closes {
                depth -= 1;
                let gap = line.len() - line.trim_start().len();
                let end = if after.is_empty() {
                    line.len()
                } else {
                    gap + marks
                };
                first = first.or(Some((pos, pos + end)));
                if depth == 0 {
                    (fence.body_end, fence.end) = (pos, pos + end);
                    return fence;
                }
            } else if marks >= length.max(3) && after.starts_with(char::is_alphanumeric) {
                depth += 1;
            }
            pos += line.len();
        }
        if let Some(first) = first {
            (fence.body_end, fence.end) = first;
            fence.nesting = Nesting::Doubtful;
        }
        fence
    }
}

/// How often the mark stands at the start.
fn run(text: &str, mark: char) -> usize {
    text.len() - text.trim_start_matches(mark).len()
}
