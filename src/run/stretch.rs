//! Which part of the project a ticket's work is, for taking it back, for showing it and for its
//! receipt: the snapshots at both ends, and the files that its tools and its checks changed. What
//! changed besides was somebody else.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::driver::Run;
use super::tape::Tape;
use super::whose::{Doubt, Doubts, doubtful};
use crate::engine::event::{DiffStat, Event, FileMode, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::{Session, Work};
use crate::engine::settings::Landing;
use crate::error::Result;
use crate::git::{CheckedOut, Glance, Snapshots, Stretch, is_among};
use crate::tools::current_mode;

/// The most names of files that a person is told at once.
const NAMED: usize = 12;

/// The work at that place as a stretch; one that is under way reaches until now.
pub(super) async fn stretch(
    session: &Session,
    snapshots: &mut Snapshots,
    place: usize,
) -> Result<Stretch> {
    let work = &session.works[place];
    let next = session.works.get(place + 1).map(|next| next.from.clone());
    let to = match work.to.clone().or(next) {
        Some(to) => to,
        None => snapshots.take().await?,
    };
    Ok(Stretch {
        from: work.ground().to_owned(),
        to,
        paths: own_paths(work, snapshots).await?,
    })
}

/// The files that a stretch of work has changed by its tools and its checks.
pub(super) async fn own_paths(work: &Work, snapshots: &Snapshots) -> Result<BTreeSet<PathBuf>> {
    let mut paths: BTreeSet<PathBuf> = work.paths.iter().map(PathBuf::from).collect();
    for check in &work.checks {
        let changed = snapshots.changed(&check.before, &check.after).await?;
        paths.extend(changed.into_iter().map(|change| change.path));
    }
    Ok(paths)
}

/// The same, with what attempts before the one under way have changed.
pub(super) async fn all_own_paths(work: &Work, snapshots: &Snapshots) -> Result<BTreeSet<PathBuf>> {
    let mut paths = own_paths(work, snapshots).await?;
    paths.extend(work.earlier.iter().map(PathBuf::from));
    for check in &work.earlier_checks {
        let changed = snapshots.changed(&check.before, &check.after).await?;
        paths.extend(changed.into_iter().map(|change| change.path));
    }
    Ok(paths)
}

/// The project before a step.
#[derive(Debug)]
pub(super) struct Before {
    glance: Glance,
    head: Option<CheckedOut>,
    /// The command that is to run.
    command: String,
}

/// What a step changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// Paths below the project.
    pub(super) paths: Vec<String>,
    /// The project after a command of the work under way that changed something.
    pub(super) tree: Option<String>,
    /// How the one file was left that a tool has written.
    pub(super) mode: Option<FileMode>,
}

impl From<Vec<String>> for Changed {
    fn from(paths: Vec<String>) -> Self {
        Self {
            paths,
            ..Self::default()
        }
    }
}

/// How a ticket's work ended.
#[derive(Debug, Default)]
pub(super) struct WorkEnd {
    /// The project as it is left; none if the ticket was never begun.
    pub(super) tree: Option<String>,
    /// The files that are the ticket's doing.
    pub(super) changed: Vec<String>,
    /// How much that is.
    pub(super) diff: Option<DiffStat>,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// The stretch of the work under way, if it is this one's.
    pub(super) async fn open_stretch(&mut self, name: &str) -> Result<Option<Stretch>> {
        let is_it = self
            .session
            .work_under_way()
            .is_some_and(|work| work.name == name);
        if !is_it {
            return Ok(None);
        }
        let place = self.session.works.len() - 1;
        stretch(&self.session, &mut self.snapshots, place)
            .await
            .map(Some)
    }

    /// What the ticket changed since its first attempt began. What somebody else changed meanwhile
    /// is told, and never counts as the ticket's.
    pub(super) async fn work_of_ticket(&mut self, id: &str) -> Result<WorkEnd> {
        let Some(stretch) = self.open_stretch(id).await? else {
            return Ok(WorkEnd::default());
        };
        let mut doubts = Doubts::new();
        // What somebody else changed before this attempt is told as well.
        let mut first = stretch.from.clone();
        if let Some(work) = self.session.work_under_way() {
            doubts = doubtful(&self.session, &self.snapshots, work, &stretch).await?;
            first.clone_from(&work.from);
        }
        let own = self.snapshots.changed(&stretch.from, &stretch.to).await?;
        let own = own.into_iter().map(|change| change.path);
        let own: Vec<PathBuf> = own.filter(|path| is_among(&stretch.paths, path)).collect();
        let others = self.snapshots.changed(&first, &stretch.to).await?;
        let others = others.into_iter().map(|change| change.path);
        let others: Vec<PathBuf> = others.filter(|path| !own.contains(path)).collect();
        self.tell_of_others(&others, &format!("while {id} was worked on"))?;
        let (beside, own): (Vec<_>, Vec<_>) = own
            .into_iter()
            .partition(|path| doubts.get(path) == Some(&Doubt::Meanwhile));
        self.tell_of_doubtful_ones(id, &beside)?;
        let diff = self.size(&stretch, &own).await?;
        Ok(WorkEnd {
            tree: Some(stretch.to),
            changed: own.iter().map(|path| path.display().to_string()).collect(),
            diff: Some(diff),
        })
    }

    /// How much of these files differs between the two ends.
    async fn size(&self, stretch: &Stretch, own: &[PathBuf]) -> Result<DiffStat> {
        let mut size = DiffStat::default();
        if own.is_empty() {
            return Ok(size);
        }
        let stat = self.snapshots.stat(&stretch.from, &stretch.to).await?;
        for file in stat.iter().filter(|file| own.contains(&file.path)) {
            let (added, removed) = file.lines.unwrap_or_default();
            size.files += 1;
            size.added += added;
            size.removed += removed;
        }
        Ok(size)
    }

    /// What checks left behind in the project, outside of any ticket, is put back and told.
    pub(super) async fn put_traces_back(&mut self, before: &str, after: &str) -> Result<()> {
        let restored = self.snapshots.restore(before, after).await?.restored;
        if restored.is_empty() {
            return Ok(());
        }
        let text = format!(
            "These files changed while the program only ran checks, and were put back as they were: {} (if that was you: loop undo --redo)",
            listed(&restored)
        );
        self.append(Event::Warned { text: text.clone() })?;
        let to = self.snapshots.take().await?;
        let paths: Vec<String> = restored
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let undo = json!({"of": "checks", "from": after, "to": to, "paths": paths});
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: json!({"undo": undo}),
        }))
    }

    /// What was changed since the session's last step is somebody else's.
    pub(super) fn others_since(&self) -> Option<String> {
        self.session
            .left_at
            .clone()
            .filter(|_| self.session.work_under_way().is_none())
    }

    /// Says which files may be somebody else's, so that they are not committed and not taken back
    /// unasked.
    pub(super) fn tell_of_doubtful_ones(&mut self, name: &str, paths: &[PathBuf]) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let commits = match self.session.settings.landing {
            Landing::Commit => "it is in no commit, and loop undo asks first",
            Landing::Project | Landing::Worktree => "loop undo asks first",
        };
        let text = format!(
            "Appeared or changed while a command ran for {name}, and nothing shows that the command did it: {}. It may be yours, so {commits}",
            listed(paths)
        );
        self.append(Event::Warned { text: text.clone() })?;
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: Value::Null,
        }))
    }

    /// Says once which files somebody else changed: they are never taken back.
    pub(super) fn tell_of_others(&mut self, paths: &[PathBuf], when: &str) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let text = format!(
            "Changed by somebody else {when}, so never taken back: {}",
            listed(paths)
        );
        self.append(Event::Warned { text: text.clone() })?;
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: Value::Null,
        }))
    }

    /// The project before a step that may change anything, while work is under way.
    pub(super) async fn before_step(&mut self, command: Option<&str>) -> Result<Option<Before>> {
        match self.session.work_under_way() {
            Some(_) => Ok(Some(Before {
                glance: self.snapshots.glance().await?,
                head: CheckedOut::at(self.workspace.root()),
                command: command.unwrap_or_default().to_owned(),
            })),
            None => Ok(None),
        }
    }

    /// What that step changed. If it did, the project is kept as the step left it: nothing else
    /// says what a command has written. That it moved the repository is told.
    pub(super) async fn changed_since(&mut self, before: Option<Before>) -> Result<Changed> {
        let Some(before) = before else {
            return Ok(Changed::default());
        };
        self.tell_of_move(before.head.as_ref(), &before.command)?;
        let now = self.snapshots.glance().await?;
        let paths: Vec<String> = before
            .glance
            .differing(&now)
            .into_iter()
            .map(|path| path.display().to_string())
            .collect();
        let tree = if paths.is_empty() {
            None
        } else {
            Some(self.snapshots.take().await?)
        };
        Ok(Changed {
            tree,
            ..Changed::from(paths)
        })
    }

    /// One file as a tool leaves it. What is in it was told before it was written, so that nothing
    /// more needs to be kept.
    pub(super) async fn left_by_write(&mut self, path: String) -> Result<Changed> {
        let is_kept_whole = self.tape.as_ref().is_some_and(Tape::keeps_a_tree_next);
        let tree = if is_kept_whole {
            Some(self.snapshots.take().await?)
        } else {
            None
        };
        Ok(Changed {
            tree,
            mode: current_mode(&self.workspace, &path),
            paths: vec![path],
        })
    }
}

/// Names of files, and how many more there are.
pub(super) fn listed(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> = paths
        .iter()
        .take(NAMED)
        .map(|path| path.display().to_string())
        .collect();
    if paths.len() > NAMED {
        names.push(format!("and {} more", paths.len() - NAMED));
    }
    names.join(", ")
}
