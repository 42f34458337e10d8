//! What a person took back of the session's work, and put there again: what of it still holds, and
//! every such hand at the project's files, in order, so that what it wrote is known as ours.
//! Refuses to know what a snapshot is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::progress::TicketProgress;
use super::state::Session;
use crate::engine::event::Outcome;
use crate::engine::phase::{Phase, Step};

/// What was taken back and put there again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What was taken back since, and not put there again.
    pub back: Vec<TakenBack>,
    /// Each of both, oldest first.
    pub moves: Vec<Moved>,
}

/// Something was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The ticket, `all`, or the name of a phase.
    pub of: String,
    /// The project before (a git tree id).
    pub from: String,
    /// The project after.
    pub to: String,
    /// The files.
    pub paths: BTreeSet<String>,
    /// Files of it that were left as they are.
    pub left: BTreeSet<String>,
    /// How many stretches of work there were then: what came later is not taken back.
    pub(super) works: usize,
}

/// The program gave files an earlier content, or a later one again, because a person said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What was taken back: a ticket, `all`, or the name of a phase. None: it was put there again.
    pub of: Option<String>,
    /// The project before (a git tree id).
    pub from: String,
    /// The project after.
    pub to: String,
    /// The files.
    pub paths: BTreeSet<String>,
    /// How many stretches of work had begun.
    pub works: usize,
    /// Whether the last of them went on afterwards.
    pub is_amid: bool,
}

impl Taken {
    /// Takes in the data of a note. How the project was left by it, if it was left by a person's
    /// word.
    pub(super) fn noted(&mut self, data: &Value, works: usize, is_amid: bool) -> Option<String> {
        if let Some(undo) = data.get("undo") {
            let taken = TakenBack {
                works,
                of: text(undo, "of"),
                from: text(undo, "from"),
                to: text(undo, "to"),
                paths: texts(undo, "paths").unwrap_or_default(),
                left: texts(undo, "left").unwrap_or_default(),
            };
            self.back.push(taken.clone());
            // These are put back in the middle of a step of the session's.
            if matches!(taken.of.as_str(), "checks" | "attempt") {
                return None;
            }
            self.moves.push(Moved {
                of: Some(taken.of),
                from: taken.from,
                to: taken.to.clone(),
                paths: taken.paths,
                works,
                is_amid,
            });
            return Some(taken.to);
        }
        let redo = data.get("redo")?;
        let to = redo.get("to").and_then(Value::as_str)?.to_owned();
        // An old journal says no more than how the project was left.
        if let Some(again) = self.back.pop() {
            let from = redo.get("from").and_then(Value::as_str);
            self.moves.push(Moved {
                of: None,
                from: from.map_or(again.to, str::to_owned),
                to: to.clone(),
                paths: texts(redo, "paths").unwrap_or(again.paths),
                works,
                is_amid,
            });
        }
        Some(to)
    }

    /// The work under way begins anew: what was moved since it began lies before it.
    pub(super) fn came_before(&mut self, works: usize) {
        for moved in &mut self.moves {
            if moved.works == works && moved.is_amid {
                moved.works -= 1;
                moved.is_amid = false;
            }
        }
    }
}

impl Session {
    /// Whether what a ticket made was taken back, all of it or a part.
    pub fn is_taken_back(&self, name: &str) -> bool {
        self.left_of(name).is_some()
    }

    /// What was left as it is when a ticket was taken back; none if it was not taken back.
    pub fn left_of(&self, name: &str) -> Option<Vec<&str>> {
        let last = self.works.iter().rposition(|work| work.name == name)?;
        let works = self.works.iter().filter(|work| work.name == name);
        let own: BTreeSet<&String> = works
            .flat_map(|work| work.paths.iter().chain(&work.earlier))
            .collect();
        let mut left = None;
        for taken in self.taken.back.iter().filter(|taken| last < taken.works) {
            if taken.of == "all" || taken.of == name {
                let of_ticket = taken.left.iter();
                let of_ticket = of_ticket.filter(|path| taken.of == name || own.contains(path));
                let of_ticket: Vec<&str> = of_ticket.map(String::as_str).collect();
                // Once nothing is left of it, no later word brings it back.
                if left
                    .as_ref()
                    .is_none_or(|left: &Vec<&str>| !left.is_empty())
                {
                    left = Some(of_ticket);
                }
            }
        }
        left
    }

    /// The files that were taken back and that no work has changed since.
    pub fn gone(&self) -> impl Iterator<Item = &str> {
        self.taken.back.iter().flat_map(|taken| {
            let later = &self.works[taken.works..];
            let paths = taken.paths.iter();
            paths
                .filter(|path| later.iter().all(|work| !work.paths.contains(*path)))
                .map(String::as_str)
        })
    }

    /// The tickets that are done and stand although others were taken back: they build upon none
    /// of those. None if nothing was taken back, or the plan they were done by is gone.
    pub(super) fn not_taken_back(&self) -> BTreeSet<String> {
        let (Some(tickets), Some(_)) = (&self.documents.tickets, &self.documents.plan) else {
            return BTreeSet::new();
        };
        let is_gone = |id: &&str| self.is_taken_back(id);
        let mut gone: BTreeSet<&str> = self.ticket_ids().into_iter().filter(is_gone).collect();
        if gone.is_empty() {
            return BTreeSet::new();
        }
        let mut before = 0;
        while before < gone.len() {
            before = gone.len();
            for ticket in &tickets.tickets {
                if ticket
                    .depends_on
                    .iter()
                    .any(|need| gone.contains(need.as_str()))
                {
                    gone.insert(&ticket.id);
                }
            }
        }
        let is_done = |progress: &TicketProgress| {
            let end = progress.ended.as_ref();
            end.is_some_and(|end| end.outcome == Outcome::Completed)
        };
        let stand = self.tickets.iter();
        stand
            .filter(|(id, progress)| is_done(progress) && !gone.contains(id.as_str()))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// The phase with which that part of the work, or all of it, is done again.
    pub fn phase_to_do_again(&self, name: &str) -> Option<&str> {
        let works = |phase: &&Phase| {
            let mut steps = phase.steps.iter();
            steps.any(|step| matches!(step, Step::Tickets { .. }))
        };
        let phases = &self.pipeline.phases;
        let own = phases.iter().find(|phase| phase.name == name);
        let again = own.or_else(|| phases.iter().find(works));
        again.map(|phase| phase.name.as_str())
    }
}

fn text(data: &Value, key: &str) -> String {
    data[key].as_str().unwrap_or_default().to_owned()
}

fn texts(data: &Value, key: &str) -> Option<BTreeSet<String>> {
    let texts = data[key].as_array()?.iter();
    Some(texts.filter_map(Value::as_str).map(str::to_owned).collect())
}
