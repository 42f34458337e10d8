//! What is run beside a ticket's checks once they pass, to see that they show its work: the tests
//! that were there without what was put beside them, its own tests without the work and with its
//! code made to fail, and tests that must fail. Each leaves a receipt of its own.

use super::driver::{Ending, Run};
use crate::engine::event::Receipt;
use crate::engine::gate::Check;
use crate::engine::guard::Judgement;
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;

/// Why a gate comes to no verdict of its own.
pub(super) enum Cut {
    /// This stands against the work.
    Refused(Box<Receipt>),
    /// Interrupted, or the run ends here.
    Ended(Option<Ending>),
}

/// What a step of the gate comes to.
pub(super) type Step<T> = std::result::Result<T, Cut>;

/// A step that refuses the work or says nothing.
fn step(run: std::result::Result<Option<Receipt>, Option<Ending>>) -> Step<()> {
    match run {
        Ok(None) => Ok(()),
        Ok(Some(refused)) => Err(Cut::Refused(Box::new(refused))),
        Err(ending) => Err(Cut::Ended(ending)),
    }
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs the tests of which no words speak as they were, and those that were there before a
    /// ticket without what it put beside them.
    pub(super) async fn prove_the_old(
        &mut self,
        ticket: Option<&str>,
        now: &str,
        receipts: &[Receipt],
        judgement: &Judgement,
    ) -> Result<Step<()>> {
        let open = self.session.conversation.is_some();
        if !open {
            return Ok(Ok(()));
        }
        let unspoken = self.run_unspoken(ticket, now, receipts, judgement).await?;
        let unspoken = step(unspoken);
        let (Ok(()), Some(id)) = (&unspoken, ticket) else {
            return Ok(unspoken);
        };
        self.run_old_tests(id, now, receipts, judgement)
            .await
            .map(step)
    }

    /// The verdict once more, with what the checks that show the work come to without it.
    pub(super) async fn prove_the_new(
        &mut self,
        id: &str,
        now: &str,
        (receipts, showing): (&[Receipt], &[Receipt]),
        judged: impl Fn(&[Check<'_>]) -> Receipt,
    ) -> Result<Step<Receipt>> {
        let without = match self.run_without(id, now, showing).await? {
            Ok(without) => without,
            Err(ending) => return Ok(Err(Cut::Ended(ending))),
        };
        let hollow = match self.run_hollow(id, now, showing).await? {
            Ok(hollow) => hollow,
            Err(ending) => return Ok(Err(Cut::Ended(ending))),
        };
        // Where its code is not needed, the tool may be one that accepts anything.
        let is_doubtful = !hollow.is_empty();
        let mut checks = self.all_compared(Some(id), receipts);
        for check in &mut checks {
            let mut hollow = hollow.iter();
            let hollow = hollow.find(|run| run.command == check.now.command);
            check.without = hollow.or_else(|| without.of(check.now));
        }
        let mut verdict = judged(&checks);
        verdict.output.extend(without.excused());
        let is_shown = verdict.passed && verdict.tests.is_some_and(|tests| tests > 0);
        if is_shown || is_doubtful {
            let must_fail = self.run_what_must_fail(id, now, showing).await?;
            return Ok(step(must_fail).map(|()| verdict));
        }
        Ok(Ok(verdict))
    }
}
