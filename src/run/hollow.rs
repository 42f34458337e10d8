//! The tests of a ticket on its work, in a copy beside the project in which every function that it
//! added or changed fails: one of them has to fail as well. It is looked at where they fail without
//! the work merely since what they load is not there, and where they stand in a source. What
//! follows is said in `engine/gate/hollow.rs`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::driver::{Ending, Run};
use super::stretch::own_paths;
use crate::engine::event::{Event, Gate, Receipt};
use crate::engine::gate::{may_only_load, needs_no_code, told};
use crate::engine::guard::{
    Changed, Content, Share, besides_functions, has_new_tests, holds_tests, hollowed, share,
};
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Kept, KeptKind, write_files};
use crate::sandbox::STAND_IN;

/// Whose checks need no code, so that they show nothing; empty if that cannot be said.
pub(super) type Hollow = Vec<Receipt>;

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
        if !has_work || self.session.is_shown_hollow(id) || !self.is_hollow_due(id, &changed) {
            return Ok(Ok(Hollow::new()));
        }
        if let Some(why) = self.cannot_stand_in(showing) {
            return self.not_hollow(&why);
        }
        let work = changed
            .iter()
            .filter(|file| share(&file.path) == Share::Work);
        let hollow: Vec<Kept> = work
            .filter_map(|file| Some(kept(&file.path, Some(hollowed(file)?))))
            .collect();
        if hollow.is_empty() {
            let why = "no function was added or changed that can be made to fail";
            return self.not_hollow(why);
        }
        if let Err(error) = self.make_hollow(now, hollow, &own, showing).await {
            return self.not_hollow(&format!("the copy could not be made: {error}"));
        }
        let mut found = Hollow::new();
        for check in showing {
            let command = self.in_stand_in(check);
            let Some(receipt) = self.run_check(Gate::Hollow, &command).await? else {
                return Ok(Err(None));
            };
            let receipt = self.counted(receipt);
            self.append(Event::Checked(receipt.clone()))?;
            if !receipt.passed {
                return Ok(Ok(Hollow::new()));
            }
            found.extend(needs_no_code(&receipt).then_some(receipt));
        }
        if found.len() < showing.len() {
            return self.not_hollow("no test ran there");
        }
        if let Some(what) = besides_functions(&changed) {
            return self.not_hollow(&format!("the tests may be of {what}, which is no function"));
        }
        Ok(Ok(found))
    }

    /// Whether the tests may need nothing but that something is there.
    fn is_hollow_due(&self, id: &str, changed: &[Changed]) -> bool {
        let tests = changed
            .iter()
            .filter(|file| share(&file.path) == Share::Test);
        let mut tests = tests.filter_map(|file| match &file.now {
            Some(Content::Text(text)) => Some(text.as_str()),
            _ => None,
        });
        match self.session.last_without(id) {
            Some(without) if without.exit.is_some() || without.timed_out => {
                !without.passed && may_only_load(without, &mut tests)
            }
            _ => tests.next().is_none() && changed.iter().any(has_new_tests),
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

fn kept(path: &str, text: Option<String>) -> Kept {
    Kept {
        path: PathBuf::from(path),
        kind: KeptKind::Plain,
        content: text.map(String::into_bytes),
    }
}
