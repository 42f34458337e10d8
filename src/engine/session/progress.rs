//! How far a ticket has come: attempts, results that passed, what a person said about it, its end.
//! What changes it stands in `fold` and in `blocked`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::criticism::Criticism;
use crate::engine::ask::Way;
use crate::engine::event::{AttemptNote, DiffStat, Outcome, Proof, Receipt};
use crate::engine::settings::Failed;

/// How far a ticket has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketProgress {
    /// Attempts begun.
    pub attempts: u32,
    /// Attempts begun before a person last said to try again.
    pub before_retry: u32,
    /// Attempts that failed.
    pub failed: Vec<FailedAttempt>,
    /// The project's content when the first attempt began, or the first since a person said to try
    /// again.
    pub tree: Option<String>,
    /// Whether the last begun attempt is over, failed or kept.
    pub attempt_over: bool,
    /// The seed of the attempt under way.
    pub seed: Option<u64>,
    /// What is added to the temperature in it.
    pub warmer: Option<f64>,
    /// What the critic made of the attempt under way.
    pub criticism: Criticism,
    /// Results that passed, where several are compared.
    pub kept: Vec<KeptResult>,
    /// The one that stays.
    pub chosen: Option<Chosen>,
    /// What the gate says of it, where it was asked once more.
    pub chosen_gate: Option<Receipt>,
    /// What a person said to the model about it, in order.
    pub guidance: Vec<String>,
    /// What a person wants done now that it is blocked, until that is done.
    pub said: Option<Way>,
    /// How it ended.
    pub ended: Option<TicketEnd>,
    /// Receipts of the ticket when the attempt under way began.
    pub(super) receipts_before: usize,
}

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedAttempt {
    /// Which.
    pub attempt: u32,
    /// Why, in words.
    pub reason: String,
    /// What it leaves to the next; none in an old journal.
    pub note: Option<AttemptNote>,
}

/// The result of an attempt that passed its gate.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptResult {
    /// What the journal says of it.
    pub data: KeptData,
    /// What the gate said.
    pub reason: String,
    /// The checks that passed.
    pub receipts: Vec<Receipt>,
}

/// The data of the note about a result that passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptData {
    /// Which attempt.
    pub attempt: u32,
    /// The project then (a git tree id).
    pub tree: String,
    /// Lines that it added and removed.
    pub lines: u64,
    /// Whether tests stand behind it.
    pub proof: Proof,
    /// Paths below the project that it changed.
    pub paths: BTreeSet<String>,
}

/// The result that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Which attempt's.
    pub attempt: u32,
    /// Whether all of it could be written back.
    pub whole: bool,
    /// Whether the project is what passed then.
    #[serde(default, skip_serializing_if = "Standing::is_as_it_passed")]
    pub standing: Standing,
}

/// What the project is once a result was written back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// All that it was when the result passed its gate.
    #[default]
    AsItPassed,
    /// Something else is different: the gate has the last word.
    Otherwise,
}

impl Standing {
    /// True for the usual case, which is not written out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_as_it_passed(&self) -> bool {
        *self == Self::AsItPassed
    }
}

/// How a ticket ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketEnd {
    /// The outcome.
    pub outcome: Outcome,
    /// Why, or what shows it.
    pub reason: String,
    /// Whether executed tests stand behind it.
    pub proof: Proof,
    /// What it changed.
    pub changed: Vec<String>,
    /// How much that is.
    pub diff: Option<DiffStat>,
    /// The commit that holds it.
    pub commit: Option<String>,
}

impl TicketProgress {
    /// Attempts begun since the ticket was begun, or since a person said to try again.
    pub fn attempts_now(&self) -> u32 {
        self.attempts.saturating_sub(self.before_retry)
    }

    /// Whether an attempt has failed since then.
    pub fn failed_now(&self) -> Failed {
        let is_of_now = |failed: &FailedAttempt| failed.attempt > self.before_retry;
        if self.failed.iter().any(is_of_now) {
            Failed::Before
        } else {
            Failed::Never
        }
    }

    /// The result that stays, if several were compared.
    pub fn chosen_result(&self) -> Option<&KeptResult> {
        let chosen = self.chosen?;
        let mut kept = self.kept.iter();
        kept.find(|kept| kept.data.attempt == chosen.attempt)
    }

    /// Whether it was tried and given up; one that only depends on such a ticket was never begun.
    pub(super) fn is_blocked_itself(&self) -> bool {
        let blocked = |end: &TicketEnd| end.outcome == Outcome::Blocked;
        self.attempts > 0 && self.ended.as_ref().is_some_and(blocked)
    }
}
