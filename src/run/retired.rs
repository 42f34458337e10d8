//! Checks of earlier tickets that name tests which are not there any more: the guard has accepted
//! that they moved or went, so the check goes with them, and it is told. What it ran is run by the
//! project's own suite; where there is none, the check stays.

use super::driver::Run;
use crate::engine::event::Receipt;
use crate::engine::gate::covers;
use crate::engine::guard::{Changed, Judgement, Picked, Place, Share, fewer, not_there, share};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::Work;
use crate::tools::whole;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Whether a check cannot run any more for a reason that was accepted.
    pub(super) fn is_retired(&self, command: &str) -> bool {
        self.gone_with(command).is_some() || self.went_from(command).is_some()
    }

    /// What a check names of tests that the session's work took from where they were, and the
    /// project's own suites, if there are any to run them. Where this was not accepted, the work is
    /// refused before any check runs.
    fn went_from(&self, command: &str) -> Option<(Picked, Vec<String>)> {
        if self.is_of_the_user(command) {
            return None;
        }
        let exists = |path: &str| self.exists(path);
        let missing = not_there(command, &exists, &|path| whole(&self.workspace, path))?;
        let works = self.session.works.iter();
        let mut touched = works
            .flat_map(Work::touched)
            .filter(|path| missing.places.iter().any(|place| is_at(place, path)))
            .peekable();
        // Of anything else the guard does not know that a test went with it.
        let were_tests = touched.peek().is_some() && touched.all(|path| share(path) != Share::Work);
        let suite = were_tests.then(|| self.own_suite())?;
        (!suite.is_empty()).then_some((missing, suite))
    }

    /// The checks of tickets that go with what has changed, one sentence each.
    pub(super) fn told_of_retired(&self, ticket: Option<&str>, changed: &[Changed]) -> Vec<String> {
        let own = ticket.and_then(|id| self.session.planned(id));
        let mut checks = self.session.suite_commands();
        checks.retain(|line| own.is_none_or(|own| !own.verify.contains(line)));
        let told = checks.iter().filter_map(|line| {
            let (missing, suite) = self.went_from(line)?;
            let is_here = |file: &Changed| {
                let mut places = missing.places.iter();
                places.any(|place| is_at(place, &file.path))
            };
            changed.iter().any(is_here).then(|| {
                format!(
                    "{} `{line}` is not run any more: `{}`, which it names, is not there; the tests that are there now run in `{}`",
                    self.whose(line),
                    missing.named,
                    suite.join("`, `")
                )
            })
        });
        told.collect()
    }

    /// A check of an earlier ticket that picks tests by a name which none has any more, while the
    /// whole suite runs what it ran: what to tell of it.
    pub(super) fn picks_nothing(
        &self,
        ticket: Option<&str>,
        (now, all): (&Receipt, &[Receipt]),
        judgement: &Judgement,
    ) -> Option<String> {
        let line = &now.command;
        let own = ticket.and_then(|id| self.session.planned(id));
        let is_earlier = self.session.suite_commands().contains(line)
            && !self.is_of_the_user(line)
            && own.is_none_or(|own| !own.verify.contains(line));
        let is_changed = judgement.may_be_fewer > 0 || !judgement.reworked.is_empty();
        if !is_earlier || !is_changed || !now.passed || now.tests != Some(0) {
            return None;
        }
        let suite = self.own_suite();
        let runs_all = |other: &&Receipt| {
            other.passed
                && other.tests.is_some_and(|tests| tests > 0)
                && suite.iter().any(|whole| covers(&other.command, whole))
                && self
                    .known_before(ticket, other)
                    .is_some_and(|was| fewer(other, was, judgement.may_be_fewer).is_none())
        };
        let whole = all.iter().find(runs_all)?;
        Some(format!(
            "{} `{line}` finds no test any more: those that it named have other names now or went; the tests that are there now run in `{}`",
            self.whose(line),
            whole.command
        ))
    }

    fn is_of_the_user(&self, command: &str) -> bool {
        let mut named = self.session.settings.commands.verify.iter();
        named.any(|line| line == command)
    }

    /// "T1's check", by the ticket whose it is.
    fn whose(&self, command: &str) -> String {
        let mut ids = self.session.tickets.keys();
        let is_its = |id: &&String| {
            let planned = self.session.planned(id);
            planned.is_some_and(|plan| plan.verify.iter().any(|line| line == command))
        };
        ids.find(is_its)
            .map_or_else(|| "the check".to_owned(), |id| format!("{id}'s check"))
    }
}

/// Whether a path is that place, or in it.
fn is_at(place: &Place, path: &str) -> bool {
    let rest = path.strip_prefix(place.path.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
