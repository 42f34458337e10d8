//! What attempts at a ticket change in a session: those that begin, results that are kept, and what
//! a person says about a ticket that is blocked. Which of it is next is decided in `decide/`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Chosen, KeptData, KeptResult, Session, Stage, TicketProgress, Tried};
use crate::engine::ask::{Answer, AskId, Way};
use crate::engine::event::{Gate, Outcome, Receipt};
use crate::engine::phase::Step;

impl Session {
    /// The tickets that are blocked and about which a person may still decide.
    pub fn undecided_tickets(&self) -> BTreeSet<&str> {
        if self.nobody_decides {
            return BTreeSet::new();
        }
        let blocked = self
            .tickets
            .iter()
            .filter(|(_, progress)| progress.is_blocked_itself());
        blocked.map(|(id, _)| id.as_str()).collect()
    }

    /// The blocked tickets because of which a person wants the run to stop.
    pub fn stopped_for(&self) -> Vec<&str> {
        let tickets = self.tickets.iter();
        tickets
            .filter(|(_, progress)| progress.said == Some(Way::Stop))
            .map(|(id, _)| id.as_str())
            .collect()
    }

    /// Receipts of a ticket so far.
    fn receipts_of<'a>(&'a self, ticket: &'a str) -> impl Iterator<Item = &'a Receipt> {
        let own = self.receipts.iter();
        own.filter(move |(id, _)| id.as_deref() == Some(ticket))
            .map(|(_, receipt)| receipt)
    }

    /// The receipts of the attempt under way.
    pub fn receipts_of_attempt<'a>(&'a self, ticket: &'a str) -> impl Iterator<Item = &'a Receipt> {
        let before = self.tickets.get(ticket).map_or(0, |p| p.receipts_before);
        self.receipts_of(ticket).skip(before)
    }

    /// The files of tests that were there and that the attempt under way changed as announced.
    pub fn announced_edits<'a>(&'a self, ticket: &'a str) -> impl Iterator<Item = &'a str> {
        let of_attempt = self.receipts_of_attempt(ticket);
        let guard = of_attempt.filter(|receipt| receipt.gate == Gate::Guard && receipt.passed);
        guard
            .last()
            .into_iter()
            .flat_map(|last| last.command.lines())
    }

    /// How the tests of the attempt under way ended last without its work.
    pub fn last_without<'a>(&'a self, ticket: &'a str) -> Option<&'a Receipt> {
        let of_attempt = self.receipts_of_attempt(ticket);
        of_attempt
            .filter(|receipt| receipt.gate == Gate::Without)
            .last()
    }

    /// Whether the tests of the attempt under way were found to fail without its work.
    pub fn is_shown_without(&self, ticket: &str) -> bool {
        self.last_without(ticket)
            .is_some_and(|receipt| !receipt.passed)
    }

    /// Whether tests that must fail did so beside those of the attempt under way, on that tree.
    pub fn has_failed_what_must(&self, ticket: &str, tree: &str) -> bool {
        let mut of_attempt = self.receipts_of_attempt(ticket);
        of_attempt.any(|receipt| {
            receipt.gate == Gate::MustFail
                && receipt.passed
                && receipt.tree_before.as_deref() == Some(tree)
        })
    }

    /// An attempt begins.
    pub(super) fn begin_attempt(&mut self, ticket: &str, seed: Option<u64>, warmer: Option<f64>) {
        let receipts = self.receipts_of(ticket).count();
        let progress = self.tickets.entry(ticket.to_owned()).or_default();
        progress.seed = seed;
        progress.warmer = warmer;
        progress.receipts_before = receipts;
        progress.ended = None;
        self.tried = Tried::default();
    }

    /// An attempt passed its gate, and its result was kept.
    pub(super) fn result_kept(&mut self, reason: &str, data: &Value) {
        let Some(id) = self.current_ticket.clone() else {
            return;
        };
        let Ok(data) = serde_json::from_value::<KeptData>(data.clone()) else {
            return;
        };
        let receipts = self.receipts_of_attempt(&id);
        let receipts = receipts.filter(|receipt| receipt.gate == Gate::Verify && receipt.passed);
        let kept = KeptResult {
            data,
            reason: reason.to_owned(),
            receipts: receipts.cloned().collect(),
        };
        let progress = self.tickets.entry(id).or_default();
        progress.kept.push(kept);
        progress.attempt_over = true;
        self.conversation = None;
    }

    /// One of the results was written back.
    pub(super) fn result_chosen(&mut self, data: &Value) {
        let chosen: Option<Chosen> = serde_json::from_value(data.clone()).ok(); // silent-ok: decided again
        if let Some(id) = &self.current_ticket {
            let progress = self.tickets.entry(id.clone()).or_default();
            progress.chosen = chosen;
            let mut kept = progress.kept.iter();
            let kept =
                kept.find(|kept| chosen.is_some_and(|chosen| chosen.attempt == kept.data.attempt));
            if let Some(data) = kept.map(|kept| kept.data.clone()) {
                self.work_written_back(&data.tree, &data.paths);
            }
        }
    }

    /// A person has said what becomes of a blocked ticket.
    pub(super) fn decided_about_blocked(&mut self, id: &AskId, answer: &Answer) {
        let Some(ticket) = id.blocked_ticket() else {
            return;
        };
        self.guided.insert(id.clone(), answer.text.clone());
        let Some(progress) = self.tickets.get_mut(ticket) else {
            return;
        };
        if !progress.is_blocked_itself() {
            return;
        }
        let way = Way::of(answer);
        if let Way::Retry { note } = &way {
            progress.guidance.extend(note.clone());
        }
        progress.said = Some(way);
        let (Stage::Before(here) | Stage::In(here)) = self.stage;
        if self
            .work_on_tickets()
            .is_some_and(|(place, _)| here <= place)
        {
            self.retry_tickets();
        }
    }

    /// The phase of the tickets is entered once more: what a person said meanwhile is done now.
    pub(super) fn enter_tickets_again(&mut self, here: usize) {
        let asked_for = self.tickets.values().any(|ticket| ticket.said.is_some());
        if asked_for
            && self
                .work_on_tickets()
                .is_some_and(|(place, _)| here == place)
        {
            self.phase_outcomes[here..].fill(None);
            self.retry_tickets();
        }
    }

    fn retry_tickets(&mut self) {
        let wanted = |progress: &TicketProgress| matches!(progress.said, Some(Way::Retry { .. }));
        let wanted = self.tickets.iter().filter(|(_, progress)| wanted(progress));
        let wanted: Vec<String> = wanted.map(|(id, _)| id.clone()).collect();
        for ticket in wanted {
            self.begin_ticket_afresh(&ticket);
        }
    }

    /// The ticket is as if it had not been begun, but for what is known of its attempts. The project
    /// may have gone on meanwhile, so its checks are run before the work once more, and what was
    /// done after all tickets is done again.
    fn begin_ticket_afresh(&mut self, ticket: &str) {
        self.unpark();
        let progress = self.tickets.entry(ticket.to_owned()).or_default();
        progress.before_retry = progress.attempts;
        progress.tree = None;
        progress.attempt_over = false;
        progress.kept.clear();
        progress.chosen = None;
        progress.chosen_gate = None;
        progress.said = None;
        progress.ended = None;
        self.stood_before.remove(ticket);
        self.receipts
            .retain(|(id, receipt)| receipt.gate != Gate::Before || id.as_deref() != Some(ticket));
        let Some((place, steps)) = self.work_on_tickets() else {
            return;
        };
        let later = self.pipeline.phases[place + 1..].iter();
        let later = later.flat_map(|phase| phase.steps.clone());
        for step in steps.into_iter().chain(later).collect::<Vec<_>>() {
            self.forget(&step);
        }
    }

    /// The phase that works through the tickets: its place, and its steps after that one.
    fn work_on_tickets(&self) -> Option<(usize, Vec<Step>)> {
        let mut phases = self.pipeline.phases.iter().enumerate();
        phases.find_map(|(place, phase)| {
            let is_it = |step: &Step| matches!(step, Step::Tickets { .. });
            let at = phase.steps.iter().position(is_it)?;
            Some((place, phase.steps[at + 1..].to_vec()))
        })
    }

    /// Somebody may be there now: what was left open is asked again. A session that is over but for
    /// that goes back to the phase of its tickets; what only waited for them waits again.
    pub(super) fn ask_again_about_blocked(&mut self) {
        self.nobody_decides = false;
        for progress in self.tickets.values_mut() {
            progress.said.take_if(|said| *said == Way::Stop);
        }
        let is_over = matches!(self.finished, Some((Outcome::Blocked, _)));
        if !is_over || self.open_asks.is_empty() {
            return;
        }
        let Some((place, _)) = self.work_on_tickets() else {
            return;
        };
        self.finished = None;
        self.phase_outcomes[place..].fill(None);
        self.stage = Stage::Before(place);
        for id in self.open_asks.keys() {
            self.guided.remove(id);
        }
        self.unpark();
    }

    /// Tickets that were never begun, since others are blocked, wait again.
    fn unpark(&mut self) {
        for progress in self.tickets.values_mut() {
            if progress.attempts == 0 {
                progress.ended = None;
            }
        }
    }

    /// The tickets are forgotten, and so are the questions about them; but where some were taken
    /// back, the others stand.
    pub(super) fn forget_tickets(&mut self) {
        let standing = self.not_taken_back();
        self.tickets.retain(|id, _| standing.contains(id));
        self.stood_before.retain(|id| standing.contains(id));
        self.open_asks.retain(|id, _| id.blocked_ticket().is_none());
    }
}
