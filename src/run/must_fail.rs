//! Tests that must fail, run once beside a ticket's own in a copy of the project: where they pass,
//! its own tests show nothing. Which they are and what follows is said in `engine/guard/`. The
//! project itself is not touched, and the command does not see it.

use std::path::{Path, PathBuf};

use super::driver::{Ending, Run};
use super::stretch::own_paths;
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{Look, look, told};
use crate::engine::guard::{Finding, MustFail, Rule, Seeded, refusal, seeded};
use crate::engine::ports::{Command, Confine, Model, Operator};
use crate::error::Result;
use crate::git::{Kept, KeptKind, write_files};
use crate::sandbox::{STAND_IN, Tier};
use crate::tools::whole;

/// A run may take so many times as long as the check did, and so many seconds at least.
const SLOWER: u64 = 3;
const LEAST_SECONDS: u64 = 60;

/// Said where it cannot be told what came of them.
const UNKNOWN: &str = "it is not known whether tests that must fail were run";
/// Said of the run that tells whose fault it is.
const BEFORE: &str = "before this ticket";

/// A check of the ticket, and the file of tests with which it is to be run.
type Planned = (Receipt, Seeded);

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs tests that must fail with one of the checks that show a ticket's work. Gives the verdict
    /// if some pass. An error: interrupted, or the run ends here.
    pub(super) async fn run_what_must_fail(
        &mut self,
        id: &str,
        now: &str,
        showing: &[Receipt],
    ) -> Result<std::result::Result<Option<Receipt>, Option<Ending>>> {
        if self.session.has_failed_what_must(id, now) {
            return Ok(Ok(None));
        }
        let Some((check, seeded)) = self.seeded(id, now, showing).await? else {
            return Ok(Ok(None));
        };
        let Some(run) = self.run_seeded(now, &seeded, &check).await? else {
            return Ok(Err(None));
        };
        let came_to = seeded.came_to(&run, &check);
        let said = match came_to {
            MustFail::Unknown => Some(UNKNOWN),
            MustFail::Failed | MustFail::Passed(_) => None,
        };
        self.append(Event::Checked(Receipt {
            tree_before: Some(now.to_owned()),
            output: headed(said, &run.output),
            passed: !matches!(came_to, MustFail::Passed(_)),
            ..run
        }))?;
        let MustFail::Passed(passed) = came_to else {
            return Ok(Ok(None));
        };
        match self.passed_before(id, now, (&seeded, &check)).await? {
            Some(false) => {}
            Some(true) => return Ok(Ok(None)),
            None => return Ok(Err(None)),
        }
        let what = format!(
            "with `{}`, a test in `{}` that says `{}` passes: something that this work changed makes the test tool accept anything",
            check.command,
            seeded.path,
            passed.join("`, `")
        );
        let rule = Rule::Rigged;
        let why = refusal(&[Finding { rule, what }]);
        self.append(Event::Checked(told(Gate::Guard, false, why.clone())))?;
        Ok(Ok(Some(Receipt {
            tree_after: Some(now.to_owned()),
            ..told(Gate::Verdict, false, why)
        })))
    }

    /// Whether such tests passed before the ticket as well: then the project had made it so, and it
    /// is not of this work. None: interrupted.
    async fn passed_before(
        &mut self,
        id: &str,
        now: &str,
        (seeded, check): (&Seeded, &Receipt),
    ) -> Result<Option<bool>> {
        let before = self.session.tickets.get(id);
        let Some(before) = before.and_then(|progress| progress.tree.clone()) else {
            return Ok(Some(false));
        };
        let alone = Seeded {
            text: seeded.alone.clone(),
            ..seeded.clone()
        };
        let Some(run) = self.run_seeded(&before, &alone, check).await? else {
            return Ok(None);
        };
        let no_other = Receipt {
            tests: Some(0),
            ..check.clone()
        };
        let was_so = matches!(alone.came_to(&run, &no_other), MustFail::Passed(_));
        self.append(Event::Checked(Receipt {
            tree_before: Some(if was_so { now.to_owned() } else { before }),
            output: headed(Some(BEFORE), &run.output),
            passed: true,
            ..run
        }))?;
        Ok(Some(was_so))
    }

    /// The first check that shows the work and for which it is certain how, with what it is to run.
    async fn seeded(&self, id: &str, now: &str, showing: &[Receipt]) -> Result<Option<Planned>> {
        let before = self.session.tickets.get(id);
        let before = before.and_then(|progress| progress.tree.clone());
        let (Some(before), Some(work)) = (before, self.session.work_under_way()) else {
            return Ok(None);
        };
        let own = own_paths(work, &self.snapshots).await?;
        let changed = self.snapshots.changed(&before, now).await?;
        let changed = changed.into_iter().map(|change| change.path);
        let changed = changed.filter(|path| own.contains(path));
        let changed: Vec<String> = changed.map(|path| path.display().to_string()).collect();
        let (Look::Run(tests) | Look::OnlyTests(tests)) = look(&changed) else {
            return Ok(None);
        };
        let project = self.workspace.root().display().to_string();
        let is_open = self.confine.tier() == Tier::None.name();
        let read = |path: &str| whole(&self.workspace, path);
        Ok(showing.iter().find_map(|check| {
            // Where nothing hides the project, a command that names it would run there.
            let names_it = is_open && check.command.contains(&project);
            let seeded = seeded(&check.command, &read, &tests).filter(|_| !names_it);
            seeded.map(|seeded| (check.clone(), seeded))
        }))
    }

    /// Runs a check in a copy of a snapshot with a file of tests as it is given. None: interrupted.
    async fn run_seeded(
        &mut self,
        tree: &str,
        seeded: &Seeded,
        check: &Receipt,
    ) -> Result<Option<Receipt>> {
        let line = check.command.clone();
        let place = self.store.folder.path.join(STAND_IN);
        self.store.folder.remove(STAND_IN)?;
        if let Err(why) = self.make_seeded(tree, seeded, &place).await {
            let why = format!("the copy could not be made: {why}");
            return Ok(Some(self.not_run(Gate::MustFail, line, why)));
        }
        let most = self.session.settings.commands.max_timeout_seconds;
        let seconds = (check.ms / 1000 * SLOWER).max(LEAST_SECONDS).min(most);
        let command = Command {
            folder: place,
            ..self.command(line, seconds)
        };
        let receipt = self.run_check(Gate::MustFail, &command).await?;
        Ok(receipt.map(|receipt| self.counted(receipt)))
    }

    /// Makes the copy.
    async fn make_seeded(
        &self,
        tree: &str,
        seeded: &Seeded,
        place: &Path,
    ) -> std::result::Result<(), String> {
        let none = [].into();
        let laid_out = self.snapshots.lay_out((tree, tree), &none, place).await;
        laid_out.map_err(|error| error.to_string())?;
        let file = Kept {
            path: PathBuf::from(&seeded.path),
            kind: KeptKind::Plain,
            content: Some(seeded.text.as_bytes().to_vec()),
        };
        write_files(place, &[file]).map_err(|error| error.to_string())
    }
}

/// An output below a line about it, which one that was recorded has already.
pub(super) fn headed(said: Option<&str>, output: &str) -> String {
    match said {
        Some(said) if !output.starts_with(said) => format!("{said}\n{output}"),
        _ => output.to_owned(),
    }
}
