//! What quotes: how it is opened and closed, backticks within a paragraph, and why a call may not be
//! the model's own. Walks through nothing; `scan_quotes` does.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::tokens::Tag;
use crate::engine::foreign::{QUOTING, known};

/// Why a call may not be the model's own, in the order in which a reason replaces another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// A block quote is not yet over: its last line has no mark of its own.
    Line,
    /// Something that quotes was opened and never closed.
    Quotation,
    /// The model plays a tool or another person.
    Speaker,
}

impl Doubt {
    /// What is said of a call.
    pub(super) fn problem(self, name: &str) -> Problem {
        let name = name.to_owned();
        match self {
            Self::Line | Self::Quotation => Problem::Quoted { name },
            Self::Speaker => Problem::Imitated { name },
        }
    }
}

/// How long what quotes at the start of the text is opened, and what closes it.
pub(super) fn opening(text: &str) -> Option<(usize, Closing<'_>)> {
    let literal = [
        ("<!--", "-->"),
        ("<![CDATA[", "]]>"),
        ("\"\"\"", "\"\"\""),
        ("'''", "'''"),
    ];
    if let Some((open, close)) = literal.iter().find(|(open, _)| text.starts_with(open)) {
        return Some((open.len(), Closing::Text(close)));
    }
    let tag = Tag::at(text).filter(|tag| !tag.closes && !tag.empty)?;
    known(&QUOTING, tag.name).map(|_| (tag.len, Closing::Element(tag.name)))
}

/// What closes a quotation.
#[derive(Clone, Copy)]
pub(super) enum Closing<'a> {
    /// This text.
    Text(&'static str),
    /// The closing tag that balances the opening one.
    Element(&'a str),
}

impl Closing<'_> {
    /// The byte after it.
    pub(super) fn end(self, text: &str) -> Option<usize> {
        match self {
            Self::Text(close) => text.find(close).map(|at| at + close.len()),
            Self::Element(name) => {
                let mut depth = 1;
                text.match_indices('<').find_map(|(at, _)| {
                    let tag = Tag::at(&text[at..])?;
                    if !tag.name.eq_ignore_ascii_case(name) || tag.empty {
                        return None;
                    }
                    depth = if tag.closes { depth - 1 } else { depth + 1 };
                    (depth == 0).then_some(at + tag.len)
                })
            }
        }
    }
}

/// The backticks of a paragraph: code within a line begins with a run of them and ends with the
/// next run that is as long. Known beforehand, so that a run that nothing closes costs no search.
#[derive(Default)]
pub(super) struct Ticks {
    /// Where the paragraph ends.
    pub(super) end: usize,
    /// Where the last run of each length is.
    pub(super) last: BTreeMap<usize, usize>,
}

impl Ticks {
    /// Those of the rest of the paragraph around that byte.
    pub(super) fn of_paragraph(source: &str, start: usize) -> Self {
        let rest = &source[start..];
        let paragraph = &rest[..rest.find("\n\n").unwrap_or(rest.len())];
        Self {
            end: start + paragraph.len(),
            last: tick_runs(paragraph)
                .map(|(at, length)| (length, start + at))
                .collect(),
        }
    }
}

/// Every run of backticks: where it is and how long.
pub(super) fn tick_runs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut pos = 0;
    std::iter::from_fn(move || {
        let at = pos + text[pos..].find('`')?;
        let length = text.len() - at - text[at..].trim_start_matches('`').len();
        pos = at + length;
        Some((at, length))
    })
}

/// Whether the text has the headers of a diff.
pub(super) fn has_diff(source: &str) -> bool {
    source.starts_with("@@ ") || source.contains("\n@@ ") || source.starts_with("diff --git")
}
