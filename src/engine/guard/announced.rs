//! What a ticket and its plan say beforehand that they will change, or take away.

use super::test_file::Announced;
use crate::engine::artifact::{PlanTicket, Ticket};

/// What a ticket and its plan say that they will change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    paths: Vec<String>,
    /// Whether the ticket says that something is to go.
    removes: bool,
    /// Files of which the plan says so.
    removed: Vec<String>,
}

/// Words by which a ticket says that something is to go.
const GOING: &[&str] = &[
    "remove",
    "delete",
    "drop",
    "retire",
    "get rid of",
    "obsolete",
    "no longer",
    "deprecat",
];

impl Announcement {
    /// Of a ticket and its plan.
    pub fn of(ticket: Option<&Ticket>, plan: Option<&PlanTicket>) -> Self {
        let goes = |text: &str| {
            let lower = text.to_lowercase();
            GOING.iter().any(|word| lower.contains(word))
        };
        let mut announced = Self::default();
        if let Some(ticket) = ticket {
            announced.paths.extend(ticket.files.iter().cloned());
            let said = [&ticket.title, &ticket.description]
                .into_iter()
                .chain(&ticket.acceptance_criteria);
            announced.removes = said.into_iter().any(|text| goes(text));
        }
        for file in plan.iter().flat_map(|plan| &plan.files) {
            announced.paths.push(file.path.clone());
            if goes(&file.change) {
                announced.removed.push(file.path.clone());
            }
        }
        announced
    }

    /// Of files alone.
    pub fn of_files(paths: Vec<String>) -> Self {
        Self {
            paths,
            ..Self::default()
        }
    }

    pub(super) fn has(&self, path: &str) -> Announced {
        let names = |announced: &String| {
            let announced = announced.trim_start_matches("./").trim_end_matches('/');
            path == announced
                || path
                    .strip_prefix(announced)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        if self.paths.iter().any(names) {
            Announced::Yes
        } else {
            Announced::No
        }
    }

    /// Whether the tests of a file may go: it is announced, and the ticket or its plan says that
    /// something is to be removed.
    pub(super) fn may_lose(&self, path: &str) -> bool {
        self.has(path) == Announced::Yes
            && (self.removes || self.removed.iter().any(|removed| removed == path))
    }
}
