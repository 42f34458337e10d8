//! What an undo means for the tickets of a session: which are taken back, whole or in part, which
//! stand all the same, and from where the rest is done again. Refuses to look at files.

use std::collections::BTreeSet;

use super::progress::TicketProgress;
use super::state::{Session, Work};
use crate::engine::event::Outcome;
use crate::engine::phase::{Phase, Step};

impl Session {
    /// Whether what a ticket made was taken back, all of it or a part.
    pub fn is_taken_back(&self, name: &str) -> bool {
        self.left_of(name).is_some()
    }

    /// What was left as it is when a ticket was taken back; none if it was not taken back.
    pub fn left_of(&self, name: &str) -> Option<Vec<&str>> {
        let last = self.works.iter().rposition(|work| work.name == name)?;
        let works = self.works.iter().filter(|work| work.name == name);
        let own: BTreeSet<&String> = works.flat_map(Work::touched).collect();
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
        let ended_well = |progress: &TicketProgress| {
            let end = progress.ended.as_ref();
            end.is_some_and(|end| end.outcome == Outcome::Completed)
        };
        let stand = self.tickets.iter();
        stand
            .filter(|(id, progress)| ended_well(progress) && !gone.contains(id.as_str()))
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
