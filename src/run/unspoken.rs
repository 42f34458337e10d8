//! Tests that were there and are others now, of which no words speak: run once more as they were, in
//! a copy beside the project. What still passes is fine; what does not was made to expect something
//! else, and is refused.

use super::driver::{Ending, Run};
use super::old_tests::{Copy, NoReceipt};
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{as_it_was, has_passed, is_the_same, lost, told};
use crate::engine::guard::{Judgement, expects_otherwise, refusal, was_red};
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs the checks with these tests as they were. Gives the verdict if one of them does not pass
    /// any more. An error: interrupted, or the run ends here.
    pub(super) async fn run_unspoken(
        &mut self,
        ticket: Option<&str>,
        now: &str,
        receipts: &[Receipt],
        judgement: &Judgement,
    ) -> Result<std::result::Result<Option<Receipt>, Option<Ending>>> {
        let said = self.run_as_they_were(ticket, now, receipts, judgement);
        let said = said.await?;
        if let Ok(Some(verdict)) = &said {
            let why = verdict.output.clone();
            self.append(Event::Checked(told(Gate::Guard, false, why)))?;
        }
        Ok(said)
    }

    async fn run_as_they_were(
        &mut self,
        ticket: Option<&str>,
        now: &str,
        receipts: &[Receipt],
        judgement: &Judgement,
    ) -> Result<std::result::Result<Option<Receipt>, Option<Ending>>> {
        let unspoken = &judgement.unspoken;
        let Some(work) = self
            .session
            .work_under_way()
            .filter(|_| !unspoken.is_empty())
        else {
            return Ok(Ok(None));
        };
        let before = work.from.clone();
        let was = |now: &Receipt| self.known_before(ticket, now).unwrap_or(now).clone();
        let checks: Vec<(Receipt, Receipt)> =
            receipts.iter().map(|now| (now.clone(), was(now))).collect();
        let failed: Vec<String> = checks
            .iter()
            .flat_map(|(_, was)| was.failing.clone())
            .collect();
        // What did not pass before is of the new work, unless nothing else is run.
        let known = |check: &&(Receipt, Receipt)| {
            let before = self.known_before(ticket, &check.0);
            before.is_some_and(has_passed)
        };
        let old: Vec<_> = checks.iter().filter(known).cloned().collect();
        let checks = if old.is_empty() { checks } else { old };
        let refused = |finding, more: &str| -> Receipt {
            let why = format!("{}{more}", refusal(&[finding]));
            Receipt {
                tree_after: Some(now.to_owned()),
                ..told(Gate::Verdict, false, why)
            }
        };
        if let Some(finding) = was_red(unspoken, &failed) {
            let more = "\nIt failed before this work: a test is not fitted to what the code does.";
            return Ok(Ok(Some(refused(finding, more))));
        }
        let announced = self.announced(ticket);
        let otherwise =
            |lost: &[String]| expects_otherwise(unspoken, lost, &judgement.rewritten, &announced);
        let cannot_tell = |why: &str| {
            let more = format!("\nIt could not be run as it was: {why}");
            otherwise(&[]).map(|finding| refused(finding, &more))
        };
        if let Some(why) = self.cannot_stand_in(receipts) {
            return Ok(Ok(cannot_tell(&why)));
        }
        let whole = unspoken.iter().filter(|one| one.with_old_tests.is_none());
        let back: Vec<&String> = whole.map(|one| &one.path).collect();
        let texts: Vec<(&str, &str)> = unspoken
            .iter()
            .filter_map(|one| Some((one.path.as_str(), one.with_old_tests.as_deref()?)))
            .collect();
        let as_they_were = Copy {
            now,
            before: &before,
            back,
            texts: &texts,
        };
        let as_it_is = Copy::as_it_is(now, &before);
        for (check, was) in &checks {
            let receipt = match self.in_copy(&as_they_were, check).await? {
                Ok(receipt) => receipt,
                Err(NoReceipt::CannotTell(why)) => return Ok(Ok(cannot_tell(&why))),
                Err(NoReceipt::Interrupted) => return Ok(Err(None)),
            };
            let Some(what) = lost(&receipt, was, None) else {
                continue;
            };
            let names = receipt.failing.iter();
            let names: Vec<String> = names
                .filter(|name| !was.failing.contains(name))
                .cloned()
                .collect();
            let Some(finding) = otherwise(&names) else {
                continue;
            };
            // What is ignored is in no copy: then nothing may run there.
            let whole = match self.in_copy(&as_it_is, check).await? {
                Ok(receipt) => receipt,
                Err(NoReceipt::CannotTell(why)) => return Ok(Ok(cannot_tell(&why))),
                Err(NoReceipt::Interrupted) => return Ok(Err(None)),
            };
            if !is_the_same(&whole, check) {
                let why = format!(
                    "in a copy `{}` does not come to what it does",
                    check.command
                );
                return Ok(Ok(cannot_tell(&why)));
            }
            let verdict = refused(finding, &as_it_was(&receipt, &what));
            return Ok(Ok(Some(verdict)));
        }
        Ok(Ok(None))
    }
}
