//! Quoted material on the walk: inline code, comments, elements and strings that quote, indented
//! code, and where it is doubtful whether a call stands inside of such a thing. What is quoted is
//! prose and is never executed; a call that may be quoted is refused with the reason.

use super::quotes::{Closing, Doubt, Ticks, opening, tick_runs};
use super::scan::Scanner;
use super::tags::ends_line;

impl Scanner<'_> {
    /// Remembers a doubt, unless there is a greater one.
    pub(super) fn doubts(&mut self, doubt: Doubt) {
        self.doubt = self.doubt.max(Some(doubt));
    }

    /// Copies what is quoted from here on, if anything is.
    pub(super) fn quotation(&mut self) -> bool {
        let Some((len, closing)) = opening(self.rest()) else {
            return false;
        };
        let after = self.pos + len;
        let inside = &self.source[after..];
        let opens_block = !self.within_line() || ends_line(inside);
        let visible = self.visible.clone();
        let assigned = visible.is_some_and(|place| self.out[place].ends_with(['=', '(', ',']));
        // In the middle of a sentence three quotes and a tag are only spoken of.
        let counts = match closing {
            Closing::Text("-->" | "]]>") => true,
            Closing::Text(_) => opens_block || assigned,
            Closing::Element(_) => !self.is_mentioned(),
        };
        let end = if counts && self.budget > 0 {
            closing.end(inside)
        } else {
            None
        };
        if let Some(end) = end {
            self.copy(after + end);
            return true;
        }
        self.budget = self.budget.saturating_sub(inside.len());
        let spoken_of = matches!(closing, Closing::Element(_)) && self.within_line();
        if counts && !spoken_of {
            self.doubts(Doubt::Quotation);
        }
        self.copy(after);
        true
    }

    /// The turn of somebody else begins with a tag or token here, unless it is only spoken of.
    pub(super) fn another_speaks(&mut self, after: usize) {
        let is_token = !self.rest().starts_with('<') || self.rest()[1..].starts_with(['|', '｜']);
        if is_token || !self.within_line() || ends_line(&self.source[after..]) {
            self.doubts(Doubt::Speaker);
        }
        self.copy(after);
    }

    /// Copies a line of indented code: after an empty line, or after another one.
    pub(super) fn indented_code(&mut self) -> bool {
        let before = self.out[..self.line].strip_suffix('\n').unwrap_or_default();
        let previous = before.rsplit('\n').next().unwrap_or_default();
        let counts = previous.trim().is_empty() || (self.code > 0 && self.code == self.line);
        if counts {
            self.copy_line();
            self.code = self.out.len();
        }
        counts
    }

    /// Whether what stands here is quoted within a sentence, or is an item of a list.
    pub(super) fn is_mentioned(&self) -> bool {
        let item = self
            .visible
            .clone()
            .map_or("", |visible| &self.out[visible]);
        self.out[self.line..].ends_with(['"', '\'', '“', '‘', '«', '(', '`'])
            || matches!(item, "-" | "*" | "+" | "•" | "|" | "$" | "#")
            || item.strip_suffix(['.', ')']).is_some_and(|number| {
                // From its end: a line of digits is asked about again and again.
                !number.is_empty() && number.bytes().rev().all(|byte| byte.is_ascii_digit())
            })
    }

    /// Copies code between backticks, or backticks that nothing closes.
    pub(super) fn copy_inline_code(&mut self) {
        let rest = self.rest();
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        if self.pos >= self.ticks.end {
            self.ticks = Ticks::of_paragraph(self.source, self.pos);
        }
        let closing = self
            .ticks
            .last
            .get(&ticks)
            .filter(|last| **last > self.pos)
            .and_then(|_| tick_runs(rest).find(|(at, length)| *at > 0 && *length == ticks));
        let end = closing.map_or(ticks, |(at, length)| at + length);
        self.copy(self.pos + end);
    }
}
