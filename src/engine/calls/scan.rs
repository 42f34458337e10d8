//! Walks a reply once, from its start to its end, and parts it into prose, reasoning and calls.
//! Decides where a call counts; how a call is written is known to `payload`, `tags`, `python` and
//! `values`. Quoted material (fences, inline code, block quotes, diffs) is prose.

use std::collections::BTreeSet;
use std::ops::Range;

use super::names::Offered;
use super::payload;
use super::problem::Problem;
use super::quotes::{Doubt, Ticks, has_diff};
use super::reasoning::Reasoning;
use super::shape::RawCall;
use super::tags::blank;
use super::tokens::{Envelope, Found, Marker, Tag, marker, may_begin};
use super::values::{Flaw, Repair};
use crate::engine::foreign::announces_another;
use crate::engine::tool::{Tool, ToolEffect};

/// What a reply's text holds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Its prose: all of it without a call, up to the last call otherwise.
    pub(super) text: String,
    /// Its calls, in order.
    pub(super) calls: Vec<RawCall>,
    /// What was repaired to read them.
    pub(super) repairs: Vec<String>,
    /// Why something in it that was meant as a call cannot be read.
    pub(super) problem: Option<Problem>,
    /// What became of its reasoning.
    pub(super) reasoning: Reasoning,
    /// The byte after its last call.
    pub(super) end: usize,
}

/// Reads the text of a reply. `has_native` says that the server found calls of its own.
pub(super) fn scan(source: &str, offered: &Offered<'_>, has_native: bool) -> Scan {
    Scanner::new(source, offered, has_native).run()
}

/// What is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A reply.
    Reply,
    /// The inside of a fence, in which no other fence counts.
    Fence,
}

/// The walk.
pub(super) struct Scanner<'a> {
    pub(super) source: &'a str,
    pub(super) pos: usize,
    pub(super) offered: &'a Offered<'a>,
    pub(super) out: String,
    /// Where in `out` the current line starts.
    pub(super) line: usize,
    /// Where in `out` the current line stands from its first visible character to its last.
    pub(super) visible: Option<Range<usize>>,
    /// How much of `out` stands before the last call.
    pub(super) kept: usize,
    pub(super) found: Scan,
    pub(super) repairs: Vec<Repair>,
    pub(super) has_native: bool,
    /// Whether the text has the headers of a diff.
    pub(super) has_diff: bool,
    pub(super) place: Place,
    /// A tag of reasoning was met in the middle of a line and never closed.
    pub(super) doubtful_reasoning: bool,
    /// Bytes that may still be spent on JSON that turns out to be none.
    pub(super) budget: usize,
    /// Why what stands here is perhaps not the model's own answer.
    pub(super) doubt: Option<Doubt>,
    /// Where in `out` the last line of indented code ends.
    pub(super) code: usize,
    pub(super) ticks: Ticks,
    /// Where calls stand, and the closing tags of their values.
    pub(super) elements: Vec<(usize, usize)>,
    pub(super) closing_tags: BTreeSet<String>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a str, offered: &'a Offered<'a>, has_native: bool) -> Self {
        Self {
            source,
            // A mark of the byte order is no text.
            pos: source.len() - source.trim_start_matches('\u{feff}').len(),
            offered,
            out: String::with_capacity(source.len()),
            line: 0,
            visible: None,
            kept: 0,
            found: Scan::default(),
            repairs: Vec::new(),
            has_native,
            has_diff: has_diff(source),
            place: Place::Reply,
            doubtful_reasoning: false,
            budget: 8 * source.len(),
            doubt: None,
            code: 0,
            ticks: Ticks::default(),
            elements: Vec::new(),
            closing_tags: BTreeSet::new(),
        }
    }

    pub(super) fn run(mut self) -> Scan {
        while self.pos < self.source.len() && self.found.problem.is_none() {
            if self.out.is_empty() {
                self.pos += blank(self.rest());
            }
            let fresh = self.out.len() == self.line;
            if (fresh && self.line_start()) || self.inside_line() {
                continue;
            }
            self.copy_to_next();
        }
        if self.found.problem.is_none() && self.a_value_ended_early() {
            self.found.problem = Some(Problem::Ambiguous);
        }
        if self.found.problem.is_none() && self.repairs.contains(&Repair::LastNumber) {
            self.found.problem = self.cut_in_a_number();
        }
        let held = self.doubtful_reasoning && !self.found.calls.is_empty();
        let kept = if self.found.calls.is_empty() {
            self.out.len()
        } else {
            self.kept
        };
        let mut found = self.found;
        if held {
            found.calls.clear();
            found.problem = Some(Problem::InReasoning);
        }
        self.out[..kept].trim().clone_into(&mut found.text);
        for repair in self.repairs {
            let words = repair.words().to_owned();
            if !found.repairs.contains(&words) {
                found.repairs.push(words);
            }
        }
        found
    }

    /// A reply that ends inside the last number of a call may lack its last digits: what only reads
    /// may run with what is there, what acts may not.
    fn cut_in_a_number(&self) -> Option<Problem> {
        let acts = |call: &&RawCall| {
            let tool = self.offered.resolve(&call.name);
            let tool = tool.and_then(|tool| Tool::named(tool.name));
            tool.is_none_or(|tool| tool.effect() != ToolEffect::Reads)
        };
        let call = self.found.calls.iter().find(acts)?;
        Some(Problem::Damaged {
            name: Some(call.name.clone()),
            flaw: Flaw::incomplete(self.source.len()),
        })
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.source[self.pos..]
    }

    /// Whether nothing visible came so far.
    pub(super) fn at_reply_start(&self) -> bool {
        self.out.is_empty()
    }

    pub(super) fn has_calls(&self) -> bool {
        self.has_native || !self.found.calls.is_empty()
    }

    /// Copies the source up to that byte as prose.
    pub(super) fn copy(&mut self, end: usize) {
        let piece = &self.source[self.pos..end];
        let piece = if self.out.is_empty() {
            piece.trim_start()
        } else {
            piece
        };
        let at = self.out.len();
        let mut last = piece;
        if let Some(newline) = piece.rfind('\n') {
            self.line = at + newline + 1;
            self.visible = None;
            last = &piece[newline + 1..];
        }
        let text = last.trim_start();
        if !text.is_empty() {
            let first = at + piece.len() - text.len();
            let first = self.visible.as_ref().map_or(first, |visible| visible.start);
            self.visible = Some(first..at + piece.trim_end().len());
        }
        self.out.push_str(piece);
        self.pos = end;
    }

    /// Copies the current line as prose.
    pub(super) fn copy_line(&mut self) {
        let end = self
            .rest()
            .find('\n')
            .map_or(self.source.len(), |at| self.pos + at + 1);
        self.copy(end);
    }

    fn copy_to_next(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let stop = if rest.starts_with('\n') {
            0
        } else {
            let bytes = &rest.as_bytes()[first..];
            (0..bytes.len())
                .find(|&at| matches!(bytes[at], b'\n' | b'`') || may_begin(&bytes[at..]))
                .unwrap_or(bytes.len())
        };
        let mut end = self.pos + first + stop;
        if self.source[end..].starts_with('\n') && stop > 0 {
            end += 1;
        }
        self.copy(end);
    }

    /// Takes calls that end at that byte.
    pub(super) fn accept(&mut self, calls: Vec<RawCall>, end: usize) {
        if let (Some(doubt), Some(call)) = (self.doubt, calls.first()) {
            self.found.problem = Some(doubt.problem(&call.name));
            return;
        }
        if !calls.is_empty() {
            self.elements.push((self.pos, end));
        }
        self.found.calls.extend(calls);
        self.kept = self.out.len();
        self.found.end = end;
        self.pos = end;
    }

    /// Whether nothing but frames, tokens and invented results follows.
    pub(super) fn at_end(&self, from: usize) -> bool {
        let mut pos = from;
        loop {
            pos += blank(&self.source[pos..]);
            let rest = &self.source[pos..];
            if rest.is_empty() || imitates_result(rest) {
                return true;
            }
            match marker(rest) {
                Some((Marker::Close | Marker::Control | Marker::ImitationEnd, len)) => pos += len,
                Some((Marker::Imitation | Marker::OtherSpeaker | Marker::Harmony, _)) => {
                    return true;
                }
                _ => return false,
            }
        }
    }

    /// Drops the rest of the reply: after a call it would pretend to be its result.
    pub(super) fn stop(&mut self) {
        self.pos = self.source.len();
        self.found
            .repairs
            .push("dropped an invented tool result and what followed it".to_owned());
    }

    /// Inline code and markers.
    fn inside_line(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with('`') {
            self.copy_inline_code();
            return true;
        }
        if self.quotation() {
            return true;
        }
        if let Some(found) = marker(rest) {
            self.meet(found);
            return true;
        }
        rest.starts_with('<') && self.tool_tag()
    }

    fn meet(&mut self, (marker, len): Found) {
        let after = self.pos + len;
        match marker {
            _ if self.is_mentioned() => self.copy(after),
            Marker::Open(envelope) => self.open(after, len, envelope),
            Marker::Function => self.open(self.pos, len, Envelope::Open),
            Marker::Close | Marker::ImitationEnd if self.has_calls() => self.pos = after,
            Marker::CloseInner if !self.found.calls.is_empty() => {
                self.found.problem = Some(Problem::Ambiguous);
            }
            Marker::OtherSpeaker => self.stop(),
            Marker::Imitation if self.has_calls() => self.stop(),
            Marker::Imitation => self.another_speaks(after),
            Marker::Close | Marker::CloseInner | Marker::ImitationEnd => self.copy(after),
            Marker::Reasoning(close) => self.reasoning(after, close),
            Marker::ReasoningEnd => self.end_reasoning(after),
            Marker::Harmony => self.harmony(),
            Marker::Control => self.pos = after,
        }
    }

    /// Whether prose stands before this on the same line.
    pub(super) fn within_line(&self) -> bool {
        self.visible.is_some()
    }

    /// Reads the call that is announced here.
    fn open(&mut self, payload: usize, len: usize, envelope: Envelope) {
        if envelope == Envelope::Doubtful && self.budget == 0 {
            return self.copy(self.pos + len);
        }
        let mut repairs = Vec::new();
        match payload::read(self.source, payload, self.offered, &mut repairs) {
            Ok((calls, end)) => {
                self.repairs.append(&mut repairs);
                self.close(calls, end, envelope);
            }
            Err(Problem::Damaged { flaw, .. }) if envelope == Envelope::Doubtful => {
                self.spend(payload, &flaw);
                self.copy(self.pos + len);
            }
            Err(Problem::EmptyBlock) if self.has_calls() => self.pos += len,
            Err(_) if envelope == Envelope::Doubtful => self.copy(self.pos + len),
            Err(problem) if self.is_prose_about(&problem, payload) => {
                self.copy(self.pos + len);
            }
            Err(problem) => self.found.problem = Some(problem),
        }
    }

    /// Whether an opening without a call after it is only spoken of.
    fn is_prose_about(&self, problem: &Problem, payload: usize) -> bool {
        if self.within_line() {
            return !self.looks_meant(payload);
        }
        let line = self.source[payload..].lines().next().unwrap_or_default();
        *problem == Problem::NotACall
            && line.starts_with(' ')
            && line.trim_start().starts_with(char::is_alphabetic)
            && !line.contains("</")
    }

    /// Whether the text after an opening in the middle of a line can be more than a mention.
    fn looks_meant(&self, payload: usize) -> bool {
        let rest = self.source[payload..].trim_start();
        match rest.chars().next() {
            Some('{' | '[') => true,
            Some('<') => match Tag::at(rest).filter(|tag| !tag.closes) {
                Some(tag) if tag.given_name().is_some() => {
                    rest[tag.len..].trim_start().starts_with(['<', '{'])
                }
                _ => marker(rest).is_some_and(|(inner, _)| matches!(inner, Marker::Open(_))),
            },
            _ => rest.starts_with("call:"),
        }
    }

    /// Takes the call up to its closing frame, unless it is part of a sentence.
    pub(super) fn close(&mut self, calls: Vec<RawCall>, end: usize, envelope: Envelope) {
        let mut after = end;
        let mut closed = false;
        loop {
            let at = after + blank(&self.source[after..]);
            match marker(&self.source[at..]) {
                Some((Marker::Close, len)) => {
                    after = at + len;
                    closed = true;
                }
                Some((Marker::Control, len)) => after = at + len,
                _ => break,
            }
        }
        let rest = &self.source[after..];
        let line = rest.trim_start_matches([' ', '\t']);
        let goes_on = !line.is_empty() && !line.starts_with(['\n', '\r']) && marker(line).is_none();
        let follows = rest.trim_start();
        let unclosed = envelope == Envelope::Closed && !closed;
        if goes_on && self.within_line() {
            self.copy(after);
        } else if unclosed
            && !follows.is_empty()
            && marker(follows).is_none()
            && !imitates_result(follows)
        {
            self.found.problem = Some(Problem::Unclosed {
                name: calls
                    .first()
                    .map(|call| call.name.clone())
                    .unwrap_or_default(),
                parameter: None,
            });
        } else {
            if unclosed {
                self.found
                    .repairs
                    .push("closed the block of a call".to_owned());
            }
            self.accept(calls, after);
        }
    }
}

/// Lines with which a model pretends to have the result of its own call.
pub(super) fn imitates_result(rest: &str) -> bool {
    if announces_another(rest) {
        return true;
    }
    let rest = rest.trim_start_matches(['*', '#', '[', ' ']);
    [
        "Observation:",
        "Tool result",
        "Tool output",
        "Tool response",
        "Result:",
        "Output:",
        "```tool_output",
        "```tool_response",
    ]
    .iter()
    .any(|start| {
        let head = rest.get(..start.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(start))
    })
}
