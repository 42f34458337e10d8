//! Going on with a session that was begun before: what is frozen in its journal, what a person
//! changes about it, and the run that goes on. Refuses to read a damaged journal.

use std::path::{Path, PathBuf};

use super::begin::{MakeWall, Setup, assemble, check_range, open_project, unreadable};
use super::driver::Run;
use super::landing::{self, make_workplace};
use crate::engine::event::{Event, Outcome};
use crate::engine::floor::Floor;
use crate::engine::manner::Manners;
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::Session;
use crate::engine::settings::{Landing, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::sandbox::recover;
use crate::store::{OpenSession, ReadJournal, Redactor, SessionFolder, Sessions};
use crate::tools::Surroundings;

/// What a person changed for a session that goes on.
#[derive(Debug, Default)]
pub struct Changes {
    /// Do this phase and all after it again.
    pub from: Option<String>,
    /// Stop after this phase.
    pub until: Option<String>,
    /// Settings that replace the frozen ones.
    pub settings: Option<Settings>,
    /// How models that are new to the session are talked to.
    pub manners: Manners,
}

/// A session that goes on, folded, and not yet changed.
#[derive(Debug)]
pub struct Reopened {
    /// What the journal says.
    pub session: Session,
    /// What had to be cut off or is odd.
    pub warnings: Vec<String>,
    store: OpenSession,
    content: ReadJournal,
    root: Option<PathBuf>,
}

/// Opens a session for more work: takes its lock, reads its journal, changes nothing but a torn
/// last line.
pub fn reopen(folder: SessionFolder, secrets: &[(String, String)]) -> Result<Reopened> {
    let (store, content) = OpenSession::open(folder, Redactor::new(secrets.to_vec()))?;
    let session =
        Session::fold(&content.records).map_err(|error| unreadable(&store.folder, &error))?;
    let warnings = content.warnings.clone();
    Ok(Reopened {
        session,
        warnings,
        store,
        content,
        root: None,
    })
}

/// The project folder of a session is not there.
pub fn gone(project: &Path, session: &str) -> Error {
    let what = format!("the project folder {} is gone", project.display());
    Error::new(ErrorKind::Incomplete, what).hint(format!(
        "put it back where it was, then: loop resume {session}; nothing was done without it"
    ))
}

impl Reopened {
    /// Whether there is nothing to resume: the session is over and nobody asked for a phase again.
    pub fn is_over(&self, changes: &Changes) -> Option<Outcome> {
        match (&self.session.finished, &changes.from) {
            (Some((outcome, _)), None) => Some(*outcome),
            _ => None,
        }
    }

    /// Puts back what a command changed in git's files while the program was killed. What was put
    /// back, a line for each.
    pub fn recover(&self, project: &Path) -> Result<Vec<String>> {
        recover(project, &self.store.folder.path.join("tmp")).map_err(|error| {
            Error::new(
                ErrorKind::Incomplete,
                format!(
                    "cannot look at git's files in {}: {error}",
                    project.display()
                ),
            )
        })
    }

    /// Where the session goes on: refuses what cannot work, and finds or makes its worktree.
    pub async fn find_workplace(
        &mut self,
        changes: &Changes,
        surroundings: &Surroundings,
    ) -> Result<()> {
        let before = self.session.settings.landing;
        let landing = match &changes.settings {
            Some(settings) => settings.landing,
            None => before,
        };
        let mut session = self.session.clone();
        session.settings.landing = landing;
        if landing != before {
            if landing == Landing::Worktree && !self.session.works.is_empty() {
                return Err(Error::usage(
                    "this session has begun its work in the project's own folder",
                )
                .hint("--worktree is for a session that has not begun to build; --commit is not"));
            }
            let project = PathBuf::from(&self.session.started.project);
            landing::check(landing, &project, surroundings).await?;
        }
        let root = make_workplace(&session, &self.store.folder, surroundings).await?;
        self.root = Some(root);
        Ok(())
    }

    /// The records of before, for a screen that has to know them.
    pub fn records(&self) -> impl Iterator<Item = &crate::engine::event::Record> {
        self.content.records.iter()
    }

    /// Goes on.
    pub fn resume<M: Model, O: Operator, C: Confine>(
        self,
        setup: Setup,
        mut changes: Changes,
        model: M,
        operator: O,
        confine: impl MakeWall<C>,
    ) -> Result<Run<M, O, C>> {
        let (from, until) = (changes.from.as_deref(), changes.until.as_deref());
        check_range(&self.session.pipeline, from, until)?;
        let project = self
            .root
            .clone()
            .unwrap_or_else(|| PathBuf::from(&self.session.started.project));
        let workspace = open_project(&project, &setup)?;
        let lowered = self.hold_to(&setup.floor, &mut changes)?;
        let sessions = Sessions::at(&setup.sessions);
        let claim = sessions.claim(workspace.root(), &self.session.started.id)?;
        let confine = confine(workspace.root(), &self.store.folder.path)?;
        let mut run = assemble(
            setup,
            self.session,
            self.store,
            model,
            operator,
            confine,
            (claim, workspace),
        )?;
        if let Some(text) = lowered {
            run.append(Event::Warned { text })?;
        }
        for text in self.warnings {
            run.append(Event::Warned { text })?;
        }
        run.append(Event::Resumed {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            from: changes.from,
            until: changes.until,
            settings: changes.settings.map(Box::new),
            manners: changes.manners,
        })?;
        run.look_for_secrets();
        Ok(run)
    }

    /// Holds the frozen settings, and what a person changes about them, to what an administrator
    /// demands now. What was lowered, in words.
    fn hold_to(&self, floor: &Floor, changes: &mut Changes) -> Result<Option<String>> {
        let wanted = changes.settings.as_ref().unwrap_or(&self.session.settings);
        let commands = floor.lowered(&wanted.commands);
        if let Some(objection) = floor.objection(&commands) {
            let id = &self.session.started.id;
            return Err(Error::usage(objection.what)
                .hint(format!("go on with it: loop resume {id} --sandbox on")));
        }
        if commands == wanted.commands {
            return Ok(None);
        }
        changes.settings = Some(Settings {
            commands,
            ..wanted.clone()
        });
        Ok(floor.refuses_fetching().map(|why| {
            format!("The session began with the network on. It is off from here on: {why}.")
        }))
    }
}
