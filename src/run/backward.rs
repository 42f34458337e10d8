//! Taking back what the work under way has made, and nothing else. What somebody changed after the
//! session's last step at a file is left alone. What a command may have done as well as a person is
//! taken back with a warning, and can be put there again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::driver::Run;
use super::stretch::listed;
use super::whose::mixed_up;
use crate::engine::event::{Event, FileMode, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::{Left, Work};
use crate::engine::whose::names;
use crate::error::Result;
use crate::git::{LeftAlone, Restored, Standing, Stretch, Touched};
use crate::tools::current_hash;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Takes back what the work under way has changed so far, and nothing else.
    pub(super) async fn put_work_back(&mut self, name: &str) -> Result<Restored> {
        match self.open_stretch(name).await? {
            Some(stretch) => self.put_stretch_back(stretch).await,
            None => Ok(Restored::default()),
        }
    }

    /// Takes that part of the work under way back.
    pub(super) async fn put_stretch_back(&mut self, stretch: Stretch) -> Result<Restored> {
        let from = stretch.to.clone();
        let files = self
            .snapshots
            .touched(std::slice::from_ref(&stretch))
            .await?;
        let mut mixed = BTreeSet::new();
        if let Some(work) = self.session.work_under_way() {
            mixed = mixed_up(&self.snapshots, work).await?;
        }
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for file in files {
            let why = if !self.is_as_left(&stretch, &file).await? {
                "somebody else changed it after the session's last step at it"
            } else if mixed.contains(&file.path) {
                "somebody else changed it while it was worked on"
            } else {
                own.push(file);
                continue;
            };
            others.push(LeftAlone {
                path: file.path,
                why: why.to_owned(),
            });
        }
        let mut restored = self.snapshots.put_back(own).await?;
        self.tell_of_doubtful(&from, &restored.restored).await?;
        restored.left_alone.extend(others);
        Ok(restored)
    }

    /// Whether the file stands as some step of the work left it. An old journal does not say how a
    /// step left a file.
    async fn is_as_left(&self, stretch: &Stretch, file: &Touched) -> Result<bool> {
        if file.standing == Standing::ChangedSince {
            return Ok(false);
        }
        let Some(work) = self.session.work_under_way() else {
            return Ok(true);
        };
        let path = file.path.display().to_string();
        let steps = work.steps.iter().filter(|step| step.paths.contains(&path));
        let mut trees = Vec::new();
        for step in steps {
            match &step.left {
                Left::InTree(tree) => trees.push(tree),
                Left::File { sha256, mode } if !self.is_as_written(file, sha256, *mode) => {}
                Left::File { .. } | Left::Unknown => return Ok(true),
            }
        }
        for check in &work.checks {
            let differing = self.snapshots.changed(&check.before, &check.after).await?;
            if differing.iter().any(|change| change.path == file.path) {
                trees.push(&check.after);
            }
        }
        for tree in trees.iter().rev() {
            let differing = self.snapshots.changed(tree, &stretch.to).await?;
            if differing.iter().all(|change| change.path != file.path) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the file stands as a tool has written it.
    fn is_as_written(&self, file: &Touched, sha256: &str, mode: Option<FileMode>) -> bool {
        let is_alike = match mode {
            Some(FileMode::Plain) => file.is_plain(),
            Some(FileMode::Executable) => file.is_executable(),
            None => file.is_plain() || file.is_executable(),
        };
        is_alike
            && file.path.to_str().is_some_and(|path| {
                let now = current_hash(&self.workspace, path);
                now.is_ok_and(|now| now.as_deref() == Some(sha256))
            })
    }

    /// Files that no call and no check named may be a person's: they are told, and kept.
    async fn tell_of_doubtful(&mut self, from: &str, restored: &[PathBuf]) -> Result<()> {
        let Some(work) = self.session.work_under_way() else {
            return Ok(());
        };
        let doubtful: BTreeSet<PathBuf> = restored
            .iter()
            .filter(|path| !is_named(work, path))
            .cloned()
            .collect();
        if doubtful.is_empty() {
            return Ok(());
        }
        let doubtful: Vec<PathBuf> = doubtful.into_iter().collect();
        let text = format!(
            "These files changed while a command of the model's ran, which does not name them, and were put back as they were: {} (if that was you: loop undo --redo)",
            listed(&doubtful)
        );
        self.append(Event::Warned { text: text.clone() })?;
        let to = self.snapshots.take().await?;
        let paths: Vec<String> = doubtful
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let undo = json!({"of": "attempt", "from": from, "to": to, "paths": paths});
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: json!({"undo": undo}),
        }))
    }
}

/// Whether the path, or the file's name, stands in what a call or a check of the work named.
fn is_named(work: &Work, path: &Path) -> bool {
    work.named.iter().any(|named| names(named, path))
}
