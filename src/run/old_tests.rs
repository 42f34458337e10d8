//! The tests that stood before a ticket on its work, in a copy beside the project in which nothing
//! stands beside them that the ticket has added: what was added may be what lets them pass, or
//! what keeps them from being run. What follows is said in `engine/gate/old_tests.rs`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::driver::{Ending, Run};
use super::stretch::own_paths;
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{has_passed, is_the_same, lost, need_what_was_added, told, too_few};
use crate::engine::guard::{Judgement, SetBack, set_back};
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;
use crate::sandbox::STAND_IN;

/// Which commit of the copy is laid out, and which files of it as they were.
pub(super) struct Copy<'a> {
    pub(super) now: &'a str,
    pub(super) before: &'a str,
    pub(super) back: Vec<&'a String>,
    /// What is written besides, by path.
    pub(super) texts: &'a [(&'a str, &'a str)],
}

impl<'a> Copy<'a> {
    /// The project as it is.
    pub(super) const fn as_it_is(now: &'a str, before: &'a str) -> Self {
        Self {
            now,
            before,
            back: Vec::new(),
            texts: &[],
        }
    }
}

/// Why a check left no receipt in a copy.
pub(super) enum NoReceipt {
    /// The copy could not be made.
    CannotTell(String),
    Interrupted,
}

impl NoReceipt {
    fn said(self) -> std::result::Result<Said, Option<Ending>> {
        match self {
            Self::CannotTell(why) => Ok(Said::CannotTell(why)),
            Self::Interrupted => Err(None),
        }
    }
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs what passed before the ticket once more, with the tests as they were. Gives the verdict
    /// if it does not pass any more. An error: interrupted, or the run ends here.
    pub(super) async fn run_old_tests(
        &mut self,
        id: &str,
        now: &str,
        receipts: &[Receipt],
        judgement: &Judgement,
    ) -> Result<std::result::Result<Option<Receipt>, Option<Ending>>> {
        let before = self.session.tickets.get(id);
        let before = before.and_then(|progress| progress.tree.clone());
        let (Some(before), Some(work)) = (before, self.session.work_under_way()) else {
            return Ok(Ok(None));
        };
        let own = own_paths(work, &self.snapshots).await?;
        let changed = self.changed_between(&before, now, &own).await?;
        let mut stay = judgement.reworked.clone();
        // What passes as it was need not stay as it is.
        let as_they_were = judgement.unspoken.iter();
        for one in as_they_were.filter(|one| one.with_old_tests.is_none()) {
            stay.remove(&one.path);
        }
        let set = set_back(&changed, &stay);
        let due: Vec<(Receipt, Receipt)> = receipts
            .iter()
            .filter_map(|now| Some((now.clone(), self.session.before(id, &now.command)?.clone())))
            .filter(|(_, before)| has_passed(before))
            .collect();
        if set.added.is_empty() || due.is_empty() {
            return Ok(Ok(None));
        }
        let numbers = (judgement.new_tests, judgement.may_be_fewer);
        let by_number = || due.iter().find_map(|(now, was)| too_few(now, was, numbers));
        if let Some(why) = self.cannot_stand_in(receipts) {
            self.cannot_tell(&why)?;
            return Ok(Ok(by_number()));
        }
        // Where tests that were there are others now, their number says nothing.
        let fewer = judgement
            .reworked
            .is_empty()
            .then_some(judgement.may_be_fewer);
        let trees = (now, before.as_str());
        for (now, was) in &due {
            let said = match self.stands_alone(trees, &set, (now, was), fewer).await? {
                Ok(said) => said,
                Err(ending) => return Ok(Err(ending)),
            };
            match said {
                Said::Stands => {}
                Said::Lost(verdict) => return Ok(Ok(Some(*verdict))),
                Said::CannotTell(why) => {
                    self.cannot_tell(&why)?;
                    return Ok(Ok(by_number()));
                }
            }
        }
        Ok(Ok(None))
    }

    /// One check with the tests as they were.
    async fn stands_alone(
        &mut self,
        (now, before): (&str, &str),
        set: &SetBack,
        (check, was): (&Receipt, &Receipt),
        fewer: Option<u64>,
    ) -> Result<std::result::Result<Said, Option<Ending>>> {
        let mut worst = None;
        let mut with_gates: Vec<&String> = set.back.iter().collect();
        with_gates.extend(&set.gates);
        let mut copies = vec![set.back.iter().collect()];
        if !set.gates.is_empty() {
            copies.push(with_gates);
        }
        for back in copies {
            let copy = Copy {
                now,
                before,
                back,
                texts: &[],
            };
            let receipt = match self.in_copy(&copy, check).await? {
                Ok(receipt) => receipt,
                Err(none) => return Ok(none.said()),
            };
            match lost(&receipt, was, fewer) {
                None => return Ok(Ok(Said::Stands)),
                Some(lost) if worst.is_none() => worst = Some((receipt, lost)),
                Some(_) => {}
            }
        }
        let Some((receipt, lost)) = worst else {
            return Ok(Ok(Said::Stands));
        };
        // What is ignored is in no copy: then nothing may run there.
        let whole = match self.in_copy(&Copy::as_it_is(now, before), check).await? {
            Ok(receipt) => receipt,
            Err(none) => return Ok(none.said()),
        };
        if !is_the_same(&whole, check) {
            let why = format!(
                "in a copy of the project `{}` does not come to what it does here",
                check.command
            );
            return Ok(Ok(Said::CannotTell(why)));
        }
        let mut verdict = need_what_was_added(&receipt, &lost, (&set.added, &set.back));
        verdict.tree_after = Some(now.to_owned());
        Ok(Ok(Said::Lost(Box::new(verdict))))
    }

    /// Runs a check in a copy, and keeps its receipt.
    pub(super) async fn in_copy(
        &mut self,
        copy: &Copy<'_>,
        check: &Receipt,
    ) -> Result<std::result::Result<Receipt, NoReceipt>> {
        let back: BTreeSet<PathBuf> = copy.back.iter().map(PathBuf::from).collect();
        if let Err(error) = self.make_stand_in((copy.now, copy.before), &back).await {
            let why = format!("the copy could not be made: {error}");
            return Ok(Err(NoReceipt::CannotTell(why)));
        }
        for (path, text) in copy.texts {
            let place = self.store.folder.path.join(STAND_IN).join(path);
            if let Err(error) = std::fs::write(&place, text) {
                let why = format!("`{path}` could not be written in the copy: {error}");
                return Ok(Err(NoReceipt::CannotTell(why)));
            }
        }
        let command = self.in_stand_in(check);
        let Some(receipt) = self.run_check(Gate::OldTests, &command).await? else {
            return Ok(Err(NoReceipt::Interrupted));
        };
        let receipt = self.counted(receipt);
        self.append(Event::Checked(receipt.clone()))?;
        Ok(Ok(receipt))
    }

    fn cannot_tell(&mut self, why: &str) -> Result<()> {
        let text = format!("the old tests were not shown to pass by themselves: {why}");
        self.append(Event::Checked(told(Gate::OldTests, true, text)))
    }
}

/// What a check says with the tests as they were.
enum Said {
    Stands,
    Lost(Box<Receipt>),
    CannotTell(String),
}
