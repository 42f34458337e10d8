//! The tests of a ticket on its work, in a copy beside the project in which every function that it
//! added or changed fails, and in one in which it returns nothing: one of them has to fail as well.
//! It is looked at where they fail without the work, and where they stand in a source. What follows
//! is said in `engine/gate/hollow.rs`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::driver::{Ending, Run};
use super::must_fail::headed;
use super::stretch::own_paths;
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{RETURNS_NOTHING, is_better, is_of_nothing, needs_no_code, told};
use crate::engine::guard::{
    Changed, Share, Way, besides_functions, has_new_tests, holds_tests, hollowed, share,
};
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Kept, KeptKind, write_files};
use crate::sandbox::STAND_IN;

/// Whose checks need no code, so that they show nothing; empty if that cannot be said.
pub(super) type Hollow = Vec<Receipt>;

/// What came of the checks with that done to the functions.
enum Looked {
    /// One of them failed, as it should.
    Shown,
    /// All passed, and ran tests.
    Passed(Hollow),
    /// Why that cannot be said.
    Unknown(String),
    Interrupted,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs these checks, which show a ticket's work, with its code made to fail, until one of them
    /// fails as well. An error: interrupted, or the run ends here.
    pub(super) async fn run_hollow(
        &mut self,
        id: &str,
        now: &str,
        showing: &[Receipt],
    ) -> Result<std::result::Result<Hollow, Option<Ending>>> {
        let before = self.session.tickets.get(id);
        let before = before.and_then(|progress| progress.tree.clone());
        let (Some(before), Some(work)) = (before, self.session.work_under_way()) else {
            return Ok(Ok(Hollow::new()));
        };
        let own = own_paths(work, &self.snapshots).await?;
        let changed = self.changed_between(&before, now, &own).await?;
        let has_work = changed.iter().any(|file| share(&file.path) == Share::Work);
        if !has_work || !self.is_hollow_due(id, &changed, showing) {
            return Ok(Ok(Hollow::new()));
        }
        if let Some(why) = self.cannot_stand_in(showing) {
            return self.not_hollow(&why);
        }
        let failing = all_hollowed(&changed, Way::Fail);
        if failing.is_empty() {
            let why = "no function was added or changed that can be made to fail";
            return self.not_hollow(why);
        }
        let returning = all_hollowed(&changed, Way::ReturnNothing);
        // Where some functions must return something, the rest says nothing of them.
        let is_certain = returning.len() == failing.len();
        let ways = [(Way::Fail, failing), (Way::ReturnNothing, returning)];
        for (way, files) in ways.into_iter().take(if is_certain { 2 } else { 1 }) {
            let copy = (now, way, files);
            let found = match self.run_one_way(id, copy, &own, showing).await? {
                Looked::Shown => continue,
                Looked::Passed(found) => found,
                Looked::Unknown(why) => return self.not_hollow(&why),
                Looked::Interrupted => return Ok(Err(None)),
            };
            if let Some(what) = besides_functions(&changed) {
                let why = format!("the tests may be of {what}, which is no function");
                return self.not_hollow(&why);
            }
            return Ok(Ok(found));
        }
        Ok(Ok(Hollow::new()))
    }

    /// Runs the checks with that done to the ticket's functions, each once on a tree.
    async fn run_one_way(
        &mut self,
        id: &str,
        (now, way, files): (&str, Way, Vec<Kept>),
        own: &BTreeSet<PathBuf>,
        showing: &[Receipt],
    ) -> Result<Looked> {
        let said = (way == Way::ReturnNothing).then_some(RETURNS_NOTHING);
        let mut files = Some(files);
        let mut found = Hollow::new();
        for check in showing {
            let receipt = if let Some(known) = self.known_hollow(id, (now, way), check) {
                known
            } else {
                if let Some(files) = files.take()
                    && let Err(error) = self.make_hollow(now, files, own, showing).await
                {
                    let why = format!("the copy could not be made: {error}");
                    return Ok(Looked::Unknown(why));
                }
                let command = self.in_stand_in(check);
                let Some(receipt) = self.run_check(Gate::Hollow, &command).await? else {
                    return Ok(Looked::Interrupted);
                };
                let receipt = self.counted(receipt);
                let receipt = Receipt {
                    tree_before: Some(now.to_owned()),
                    output: headed(said, &receipt.output),
                    ..receipt
                };
                self.append(Event::Checked(receipt.clone()))?;
                receipt
            };
            if !receipt.passed {
                return Ok(Looked::Shown);
            }
            found.extend(needs_no_code(&receipt).then_some(receipt));
        }
        if found.len() < showing.len() {
            return Ok(Looked::Unknown("no test ran there".to_owned()));
        }
        Ok(Looked::Passed(found))
    }

    /// How that check ended when it was run so on that tree.
    fn known_hollow(&self, id: &str, (now, way): (&str, Way), check: &Receipt) -> Option<Receipt> {
        let mut of_attempt = self.session.receipts_of_attempt(id);
        let known = of_attempt.find(|receipt| {
            receipt.gate == Gate::Hollow
                && receipt.command == check.command
                && receipt.tree_before.as_deref() == Some(now)
                && is_of_nothing(receipt) == (way == Way::ReturnNothing)
        });
        known.cloned()
    }

    /// Whether the tests show the work as far as is known: that they fail without it may be due to
    /// nothing but what is not there.
    fn is_hollow_due(&self, id: &str, changed: &[Changed], showing: &[Receipt]) -> bool {
        match self.session.last_without(id) {
            Some(without) if without.exit.is_some() || without.timed_out => {
                let mut same = showing.iter().filter(|now| now.command == without.command);
                !without.passed || same.any(|now| is_better(now, without))
            }
            _ => {
                let mut tests = changed.iter().map(|file| share(&file.path));
                !tests.any(|share| share == Share::Test) && changed.iter().any(has_new_tests)
            }
        }
    }

    /// Tells why nothing is said of code that fails.
    fn not_hollow(&mut self, why: &str) -> Result<std::result::Result<Hollow, Option<Ending>>> {
        let text = format!("cannot tell whether the tests need the new code: {why}");
        self.append(Event::Checked(told(Gate::Hollow, true, text)))?;
        Ok(Ok(Hollow::new()))
    }

    /// Makes the copy: the work with its code made to fail, and of the tests only its own, apart
    /// from those that a check names.
    async fn make_hollow(
        &self,
        now: &str,
        mut files: Vec<Kept>,
        own: &BTreeSet<PathBuf>,
        showing: &[Receipt],
    ) -> Result<()> {
        self.make_stand_in((now, now), &BTreeSet::new()).await?;
        let place = self.store.folder.path.join(STAND_IN);
        for path in self.snapshots.paths_of(now).await? {
            let name = path.display().to_string();
            let is_named = |check: &Receipt| {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                check.command.contains(&*stem)
            };
            if own.contains(&path) || share(&name) != Share::Test || showing.iter().any(is_named) {
                continue;
            }
            // silent-ok: what cannot be read stays as it is.
            let text = std::fs::read_to_string(place.join(&path)).unwrap_or_default();
            if holds_tests(&name, &text) {
                files.push(kept(&name, None));
            }
        }
        write_files(&place, &files).map_err(|error| {
            let message = format!("cannot write into {}: {error}", place.display());
            Error::new(ErrorKind::Session, message)
        })
    }
}

/// The work's files with that done to their functions.
fn all_hollowed(changed: &[Changed], way: Way) -> Vec<Kept> {
    let work = changed
        .iter()
        .filter(|file| share(&file.path) == Share::Work);
    work.filter_map(|file| Some(kept(&file.path, Some(hollowed(file, way)?))))
        .collect()
}

fn kept(path: &str, text: Option<String>) -> Kept {
    Kept {
        path: PathBuf::from(path),
        kind: KeptKind::Plain,
        content: text.map(String::into_bytes),
    }
}
