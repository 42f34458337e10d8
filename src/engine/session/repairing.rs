//! What the journal says of the repair of a review's findings, and which finding is next.

use serde_json::Value;

use super::{RepairStep, Session};
use crate::engine::artifact::{Finding, Severity};
use crate::engine::event::{Gate, Note, NoteKind, Receipt};

impl Session {
    /// The findings that are to be repaired, the worst first, by their place in the review.
    /// Suggestions are told, and not done.
    fn to_repair(&self) -> Vec<usize> {
        let review = self.documents.review.iter();
        let mut found: Vec<(usize, &Finding)> = review
            .flat_map(|review| review.findings.iter().enumerate())
            .filter(|(_, finding)| finding.severity != Severity::Suggestion)
            .collect();
        found.sort_by_key(|(_, finding)| finding.severity);
        found.into_iter().map(|(place, _)| place).collect()
    }

    /// The findings that are still to be repaired, by their place in the review.
    pub fn unrepaired(&self) -> Vec<usize> {
        let mut places = self.to_repair();
        places.retain(|place| !self.repair.ended.contains(place));
        places
    }

    /// A finding of the review, by its place.
    pub fn finding(&self, place: usize) -> Option<&Finding> {
        self.documents.review.as_ref()?.findings.get(place)
    }

    /// The findings that the open conversation is about.
    pub fn under_repair(&self) -> Vec<&Finding> {
        let places = match self.repair.step.as_ref().map(|step| step.finding) {
            Some(Some(place)) => vec![place],
            Some(None) | None => self.to_repair(),
        };
        let found = places.into_iter();
        found.filter_map(|place| self.finding(place)).collect()
    }

    /// The files of tests that were there and that the step under way changed.
    pub fn edits_of_repair(&self) -> Vec<&str> {
        let own = self.receipts.iter().filter(|(ticket, _)| ticket.is_none());
        let mut guard = own
            .map(|(_, receipt)| receipt)
            .filter(|receipt| receipt.gate == Gate::Guard && receipt.passed);
        let (Some(last), Some(work)) = (guard.next_back(), self.work_under_way()) else {
            return Vec::new();
        };
        let edits = last.command.lines();
        edits.filter(|path| work.paths.contains(*path)).collect()
    }

    /// What belongs to the notes of the step under way.
    pub fn repair_data(&self) -> Value {
        let finding = self.repair.step.as_ref().and_then(|step| step.finding);
        finding.map_or(Value::Null, |place| serde_json::json!({"finding": place}))
    }

    /// How a check failed on the project as it was before the step under way, if it did.
    pub fn failed_before_repair(&self, command: &str) -> Option<&Receipt> {
        let step = self.repair.step.as_ref()?;
        let known = self.known(&step.tree, command);
        known.filter(|receipt| !receipt.passed || !receipt.failing.is_empty())
    }

    /// The project was saved before a step.
    pub(super) fn repair_begins(&mut self, note: &Note) {
        let tree = note.data.get("tree").unwrap_or(&note.data);
        let Some(tree) = tree.as_str().map(str::to_owned) else {
            return;
        };
        self.snapshots.last = Some(tree.clone());
        let phase = self.phase().map(|phase| phase.name.clone());
        self.work_begins(&phase.unwrap_or_default(), &tree);
        self.conversation = None;
        self.repair.step = Some(RepairStep {
            finding: place(note),
            tree,
            failed: None,
        });
    }

    /// What a step changed was kept or taken back, or there is nothing more to do.
    pub(super) fn repair_ends(&mut self, note: &Note) {
        let back = match note.kind {
            NoteKind::TakenBack => self.work_under_way().map(|work| work.ground().to_owned()),
            _ => None,
        };
        self.work_ends(None, back.as_ref());
        self.repair.step = None;
        match place(note) {
            Some(place) => {
                self.repair.ended.insert(place);
            }
            None => self.repair.is_over = true,
        }
        self.conversation = None;
        // Done again, it is told once.
        self.facts.retain(|fact| *fact != note.text);
        self.facts.push(note.text.clone());
    }

    /// A step has failed; false if none is under way.
    pub(super) fn repair_failed(&mut self, reason: &str) -> bool {
        let Some(step) = &mut self.repair.step else {
            return false;
        };
        step.failed = Some(reason.to_owned());
        true
    }
}

fn place(note: &Note) -> Option<usize> {
    let place = note.data.get("finding")?.as_u64()?;
    usize::try_from(place).ok() // silent-ok: no review has as many findings
}
