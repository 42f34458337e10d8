//! The tests of a ticket on the project as it was before the ticket, in a copy beside it: what
//! passes there as well shows nothing of the work. Which tests that are and what follows is said in
//! `engine/gate/`. The project itself is not touched, and the command does not see it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::driver::{Ending, Run};
use super::stretch::all_own_paths;
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{Look, is_better, look, may_pass_without, told};
use crate::engine::ports::{Command, Confine, Model, Operator};
use crate::error::Result;
use crate::sandbox::{STAND_IN, Tier};

/// What cargo builds into: what it made of dependencies is good for the next look as well.
const BUILT: &str = "target";
/// Where that waits while the copy is made anew.
const BUILT_ASIDE: &str = "instead-target";

/// A look may take so many times as long as the check did, since everything is built anew; and so
/// many seconds at least.
const SLOWER: u64 = 10;
const LEAST_SECONDS: u64 = 120;

/// How checks ended without the work, each once.
#[derive(Debug, Default)]
pub(super) struct Without {
    receipts: Vec<Receipt>,
    /// Why it is no fault that they pass there; then they count nothing.
    excuse: Option<&'static str>,
}

impl Without {
    /// How that check ended, if it was run and it counts.
    pub(super) fn of(&self, now: &Receipt) -> Option<&Receipt> {
        let mut receipts = self.receipts.iter().filter(|_| self.excuse.is_none());
        receipts.find(|receipt| receipt.command == now.command)
    }

    /// What is to be said of checks that pass there without fault.
    pub(super) fn excused(&self) -> Option<String> {
        let why = self.excuse.filter(|_| !self.receipts.is_empty())?;
        Some(format!(
            "; its tests pass without the change as well: {why}"
        ))
    }
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs these checks, which show a ticket's work, without it, until one of them really does.
    /// An error: interrupted, or the run ends here.
    pub(super) async fn run_without(
        &mut self,
        id: &str,
        now: &str,
        showing: &[Receipt],
    ) -> Result<std::result::Result<Without, Option<Ending>>> {
        let mut without = Without::default();
        let before = self.session.tickets.get(id);
        let before = before.and_then(|progress| progress.tree.clone());
        let (Some(before), Some(work)) = (before, self.session.work_under_way()) else {
            return Ok(Ok(without));
        };
        if self.session.is_shown_without(id) {
            let known = self.session.receipts_of_attempt(id);
            let known = known.filter(|receipt| receipt.gate == Gate::Without && !receipt.passed);
            without.receipts.extend(known.last().cloned());
            return Ok(Ok(without));
        }
        let own = all_own_paths(work, &self.snapshots).await?;
        let changed = self.snapshots.changed(&before, now).await?;
        let changed = changed.into_iter().map(|change| change.path);
        let changed = changed.filter(|path| own.contains(path));
        let changed: Vec<String> = changed.map(|path| path.display().to_string()).collect();
        let (ticket, plan) = (self.session.ticket(id), self.session.planned(id));
        without.excuse = may_pass_without(ticket, plan, &changed);
        let first = self.session.snapshots.first.clone();
        let (base, tests) = match (look(&changed), first) {
            (Look::NoTests, _) => return Ok(Ok(without)),
            (Look::Run(tests), _) => (before, tests),
            // What they test may be the work of an earlier ticket: then that of the session.
            (Look::OnlyTests(tests), Some(first)) if first != before => (first, tests),
            (Look::OnlyTests(_), _) => {
                without.receipts = showing.to_vec();
                self.left_out("nothing but tests was changed, so they pass without more")?;
                return Ok(Ok(without));
            }
        };
        if let Some(why) = self.cannot_stand_in(showing) {
            self.left_out(&why)?;
            return Ok(Ok(without));
        }
        let tests = tests.iter().map(PathBuf::from).collect();
        if let Err(error) = self.make_stand_in((&base, now), &tests).await {
            self.left_out(&format!("the copy could not be made: {error}"))?;
            return Ok(Ok(without));
        }
        for now in showing {
            let command = self.in_stand_in(now);
            let Some(receipt) = self.run_check(Gate::Without, &command).await? else {
                return Ok(Err(None));
            };
            let receipt = self.counted(receipt);
            self.append(Event::Checked(receipt.clone()))?;
            let shows = is_better(now, &receipt);
            without.receipts.push(receipt);
            if shows {
                without.excuse = None;
                break;
            }
        }
        Ok(Ok(without))
    }

    /// Tells why the tests were not run without the work.
    fn left_out(&mut self, why: &str) -> Result<()> {
        let text = format!("not run without the work: {why}");
        self.append(Event::Checked(told(Gate::Without, true, text)))
    }

    /// Where nothing hides the project, a command that names it would run there.
    pub(super) fn cannot_stand_in(&self, showing: &[Receipt]) -> Option<String> {
        let project = self.workspace.root().display().to_string();
        let is_open = self.confine.tier() == Tier::None.name();
        let mut commands = showing.iter().map(|receipt| &receipt.command);
        let naming = commands.find(|command| is_open && command.contains(&project))?;
        Some(format!("`{naming}` names the project's own folder"))
    }

    /// The same check in the copy.
    pub(super) fn in_stand_in(&self, now: &Receipt) -> Command {
        let most = self.session.settings.commands.max_timeout_seconds;
        let seconds = (now.ms / 1000 * SLOWER).max(LEAST_SECONDS).min(most);
        Command {
            folder: self.store.folder.path.join(STAND_IN),
            ..self.command(now.command.clone(), seconds)
        }
    }

    /// Makes the copy: the project as the first snapshot has it, with these files of the second.
    pub(super) async fn make_stand_in(
        &self,
        between: (&str, &str),
        files: &BTreeSet<PathBuf>,
    ) -> Result<()> {
        let folder = &self.store.folder;
        let place = folder.path.join(STAND_IN);
        let aside = folder.path.join(BUILT_ASIDE);
        // silent-ok: where nothing was built, or something is in the way, it is built anew.
        let _ = std::fs::rename(place.join(BUILT), &aside);
        folder.remove(STAND_IN)?;
        self.snapshots.lay_out(between, files, &place).await?;
        // silent-ok: as said above.
        let _ = std::fs::rename(&aside, place.join(BUILT));
        Ok(())
    }

    /// Removes the copy: the session is over.
    pub(super) fn remove_stand_in(&self) -> Result<()> {
        self.store.folder.remove(BUILT_ASIDE)?;
        Ok(self.store.folder.remove(STAND_IN)?)
    }
}
