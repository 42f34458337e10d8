//! What can begin on a line of its own: a fence, a quotation, JSON, a Python call, a header that
//! names a tool, and the lines of `ReAct` (`Thought:`, `Action:`).

use serde_json::Value;

use super::payload;
use super::problem::Problem;
use super::python;
use super::quotes::Doubt;
use super::reasoning::Reasoning;
use super::scan::{Scanner, imitates_result};
use super::shape::{self, RawCall};
use super::tags::blank;
use super::tokens::marker;
use super::values::{Dialect, Flaw, FlawKind, Reader};
use crate::engine::foreign::announces_another;

/// The longest line that can be a header, in bytes.
const HEADER: usize = 120;
/// What the search for a call in damaged JSON costs.
const SEARCH: usize = 2_000;

impl Scanner<'_> {
    /// Handles what begins here, if it is one of these things.
    pub(super) fn line_start(&mut self) -> bool {
        let rest = self.rest();
        let body = rest.trim_start_matches([' ', '\t']);
        let indent = rest.len() - body.len();
        let indented = (indent > 3 || rest[..indent].contains('\t')) && !self.at_reply_start();
        if self.has_calls() && imitates_result(body) {
            self.stop();
            return true;
        }
        if indented {
            return self.indented_code();
        }
        if announces_another(body) {
            self.doubts(Doubt::Speaker);
        }
        if body.starts_with('\n') && self.doubt == Some(Doubt::Line) {
            self.doubt = None;
        }
        if body.starts_with('>') || (self.has_diff && body.starts_with(['+', '-', '@'])) {
            if body.starts_with('>') {
                self.doubts(Doubt::Line);
            }
            self.copy_line();
            return true;
        }
        if body.starts_with("```") || body.starts_with("~~~") {
            self.fence(indent);
            return true;
        }
        if body.starts_with(['{', '[']) && marker(body).is_none() {
            return self.bracket(self.pos + indent);
        }
        self.header(indent)
    }

    /// JSON or a Python list of calls on a line of its own.
    fn bracket(&mut self, start: usize) -> bool {
        let rest = &self.source[start..];
        if self.budget == 0 {
            return false;
        }
        if python::starts_list(rest) {
            return self.python_list(start);
        }
        let whole = self.at_reply_start();
        match values(self.source, start) {
            Ok(read) => {
                let calls = self.all_calls(&read.values);
                let last = self.at_end(read.end);
                match calls {
                    Some(calls) if last => {
                        self.repairs.extend(read.repairs);
                        self.accept(calls, read.end);
                    }
                    Some(calls) if self.only_brackets(read.end) => {
                        let name = calls.first().map(|call| call.name.clone());
                        self.damaged(name, Flaw::unexpected(read.end));
                    }
                    _ => self.copy(read.end),
                }
                true
            }
            Err(flaw) => {
                let whole_data = whole && rest.starts_with('{');
                if flaw.at - start < 8 && !whole_data {
                    if self.source[flaw.at..].starts_with("/*") {
                        self.spend(start, &flaw);
                    }
                    return false;
                }
                self.budget = self.budget.saturating_sub(flaw.at - start + SEARCH);
                match shape::meant_as_call(rest, self.offered) {
                    Some(name) if whole || self.runs_to_the_end(&name, flaw.kind) => {
                        self.damaged(Some(name), flaw);
                        true
                    }
                    // Tags within damaged data are data.
                    _ if whole_data => {
                        self.copy(self.source.len());
                        true
                    }
                    _ => false,
                }
            }
        }
    }

    /// Counts what a reading cost that came to nothing: it looked for a call that was meant, or for
    /// the end of a comment that has none.
    pub(super) fn spend(&mut self, start: usize, flaw: &Flaw) {
        let rest = &self.source[flaw.at..];
        let open_comment = rest.starts_with("/*");
        let search = if open_comment { usize::MAX } else { SEARCH };
        let cost = flaw.at - start + search.min(rest.len());
        self.budget = self.budget.saturating_sub(cost);
    }

    /// The calls that the values are, if each of them is one.
    pub(super) fn all_calls(&self, values: &[Value]) -> Option<Vec<RawCall>> {
        let calls: Option<Vec<Vec<RawCall>>> = values
            .iter()
            .map(|value| shape::calls(value, self.offered))
            .collect();
        calls.map(|calls| calls.into_iter().flatten().collect())
    }

    fn only_brackets(&self, from: usize) -> bool {
        let rest = self.source[from..].trim();
        !rest.is_empty() && rest.chars().all(|c| matches!(c, '}' | ']' | ')'))
    }

    /// Whether damaged JSON after prose is the last thing of the reply and names an offered tool.
    fn runs_to_the_end(&self, name: &str, kind: FlawKind) -> bool {
        let closed = self.source.trim_end().ends_with(['}', ']']);
        let cut = matches!(kind, FlawKind::UnclosedString | FlawKind::Incomplete);
        self.offered.resolve(name).is_some() && (closed || cut)
    }

    pub(super) fn damaged(&mut self, name: Option<String>, flaw: Flaw) {
        self.found.problem = Some(Problem::Damaged { name, flaw });
    }

    fn python_list(&mut self, start: usize) -> bool {
        let whole = self.at_reply_start();
        let known = |call: &RawCall| self.offered.resolve(&call.name).is_some();
        let mut repairs = Vec::new();
        match python::list(self.source, start, &mut repairs) {
            Ok((calls, end)) if self.at_end(end) && (whole || calls.iter().any(known)) => {
                self.repairs.append(&mut repairs);
                self.accept(calls, end);
                true
            }
            Ok((_, end)) => {
                self.copy(end);
                true
            }
            Err(problem) if self.source.trim_end().ends_with(']') && self.names_tool(&problem) => {
                self.found.problem = Some(problem);
                true
            }
            Err(problem) => {
                let spent = match problem {
                    Problem::Damaged { flaw, .. } => flaw.at - start,
                    _ => SEARCH,
                };
                self.budget = self.budget.saturating_sub(spent);
                false
            }
        }
    }

    /// Whether what is wrong is wrong with a call of an offered tool.
    fn names_tool(&self, problem: &Problem) -> bool {
        match problem {
            Problem::Damaged {
                name: Some(name), ..
            }
            | Problem::Positional { name }
            | Problem::Twice { name, .. }
            | Problem::Unclosed { name, .. } => self.offered.resolve(name).is_some(),
            _ => false,
        }
    }

    /// Lines that announce something by a word.
    fn header(&mut self, indent: usize) -> bool {
        let start = self.pos + indent;
        let body = &self.source[start..];
        let bare = body.trim_start_matches('*');
        let bold = body.len() - bare.len();
        if bare.starts_with("Thought:") {
            self.thought();
            return true;
        }
        if self.found.reasoning != Reasoning::Absent && bare.starts_with("Final Answer:") {
            let after = bare["Final Answer:".len()..].trim_start_matches('*');
            self.pos = self.source.len() - after.len();
            return true;
        }
        if bare.starts_with("Action:") {
            return self.action(start + bold + "Action:".len());
        }
        if body.starts_with("functools[") {
            return self.announced(start + "functools".len());
        }
        if self.at_reply_start() && python::starts_call(body) {
            return self.python_call(start);
        }
        self.tool_header(start)
    }

    /// A call that a word before it announces, as the last thing of the reply.
    pub(super) fn announced(&mut self, start: usize) -> bool {
        let mut repairs = Vec::new();
        match payload::read(self.source, start, self.offered, &mut repairs) {
            Ok((calls, end)) if self.at_end(end) && !calls.is_empty() => {
                self.repairs.append(&mut repairs);
                self.accept(calls, end);
                true
            }
            Err(problem @ Problem::Damaged { name: Some(_), .. }) => {
                self.found.problem = Some(problem);
                true
            }
            _ => false,
        }
    }

    /// A single Python call of an offered tool as the whole reply.
    fn python_call(&mut self, start: usize) -> bool {
        let mut repairs = Vec::new();
        match python::sequence(self.source, start, &mut repairs) {
            Ok((calls, end)) => {
                let known = |call: &RawCall| self.offered.resolve(&call.name).is_some();
                let counts = self.at_end(end) && calls.iter().all(known);
                if counts {
                    self.repairs.append(&mut repairs);
                    self.accept(calls, end);
                }
                counts
            }
            Err(problem @ Problem::Positional { .. })
                if self.names_tool(&problem)
                    && self.source[start..].trim_end().ends_with(')')
                    && !self.source[start..].trim_end().contains('\n') =>
            {
                self.found.problem = Some(problem);
                true
            }
            Err(_) => false,
        }
    }

    /// A tool's name on a line of its own, then its arguments, as the last thing of the reply.
    fn tool_header(&mut self, start: usize) -> bool {
        let whole = self.at_reply_start();
        let Some(line) = short_line(&self.source[start..]) else {
            return false;
        };
        let name = line
            .trim()
            .trim_start_matches('#')
            .trim()
            .trim_matches('*')
            .trim_end_matches(':')
            .trim_matches('*');
        if !is_name(name) {
            return false;
        }
        let known = self.offered.resolve(name).is_some();
        if !(known || (whole && name.contains('_'))) {
            return false;
        }
        let after = start + line.len();
        let body = after + blank(&self.source[after..]);
        let rest = &self.source[body..];
        if !(rest.starts_with('{') || (whole && rest.starts_with("```"))) {
            return false;
        }
        let mut repairs = Vec::new();
        match payload::arguments(self.source, body, name, &mut repairs) {
            Ok((call, end)) => {
                let counts = self.at_end(end);
                if counts {
                    self.repairs.append(&mut repairs);
                    self.accept(vec![call], end);
                }
                counts
            }
            Err(Problem::Damaged { name, flaw })
                if known && self.source.trim_end().ends_with('}') =>
            {
                self.damaged(name, flaw);
                true
            }
            Err(_) => false,
        }
    }
}

/// Several values in a row.
pub(super) struct Row {
    pub(super) values: Vec<Value>,
    pub(super) end: usize,
    pub(super) repairs: Vec<super::values::Repair>,
}

/// Values one after another, with white space or semicolons between.
pub(super) fn values(text: &str, start: usize) -> Result<Row, Flaw> {
    let mut reader = Reader::new(text, start, Dialect::Json);
    let mut read = Row {
        values: vec![reader.value()?],
        end: reader.pos(),
        repairs: reader.repairs,
    };
    loop {
        let rest = text[read.end..].trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if !rest.starts_with(['{', '[']) || marker(rest).is_some() {
            return Ok(read);
        }
        let mut reader = Reader::new(text, text.len() - rest.len(), Dialect::Json);
        read.values.push(reader.value()?);
        read.end = reader.pos();
        read.repairs.extend(reader.repairs);
    }
}

/// The line at the start, if it is short enough to be a header.
pub(super) fn short_line(text: &str) -> Option<&str> {
    let end = text.bytes().take(HEADER + 1).position(|byte| byte == b'\n');
    match end {
        Some(end) => Some(&text[..end]),
        None => (text.len() <= HEADER).then_some(text),
    }
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}
