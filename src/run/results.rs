//! Results of attempts that passed, where several are compared: kept as snapshots, and the best
//! written back. Which one that is was decided; a file that somebody else changed meanwhile is left
//! alone and named.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::driver::Run;
use crate::engine::event::{Event, Note, NoteKind, Proof};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::{Chosen, KeptData, Standing};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Stretch, is_among};

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Keeps what the attempt under way has made, and measures it.
    pub(super) async fn keep_result(
        &mut self,
        id: String,
        reason: &str,
        proof: Proof,
    ) -> Result<()> {
        let Some(stretch) = self.open_stretch(&id).await? else {
            return Err(lost(&id));
        };
        let stat = self.snapshots.stat(&stretch.from, &stretch.to).await?;
        let own = stat
            .into_iter()
            .filter(|stat| is_among(&stretch.paths, &stat.path));
        let (mut lines, mut paths) = (0, BTreeSet::new());
        for stat in own {
            // A binary file has no lines.
            lines += stat.lines.map_or(1, |(added, removed)| added + removed);
            paths.insert(stat.path.display().to_string());
        }
        let attempt = self
            .session
            .tickets
            .get(&id)
            .map_or(1, |progress| progress.attempts);
        let data = KeptData {
            attempt,
            tree: stretch.to,
            lines,
            proof,
            paths,
        };
        self.note_result(NoteKind::ResultKept, id, reason, &data)
    }

    /// Writes the result of this attempt back in place of what is there of the others.
    pub(super) async fn write_result(&mut self, id: String, attempt: u32) -> Result<()> {
        let progress = self.session.tickets.get(&id);
        let mut kept = progress.into_iter().flat_map(|progress| &progress.kept);
        let Some(kept) = kept.find(|kept| kept.data.attempt == attempt) else {
            return Err(lost(&id));
        };
        let kept = kept.data.clone();
        self.take_attempt_back(&id).await?;
        let Some(now) = self.open_stretch(&id).await? else {
            return Err(lost(&id));
        };
        let paths: BTreeSet<PathBuf> = kept.paths.iter().map(PathBuf::from).collect();
        // What somebody else changed before a later attempt began counts as well.
        let first = self.session.work_under_way().map(|work| work.from.clone());
        let from = first.unwrap_or_else(|| now.from.clone());
        let changed = self.snapshots.changed(&from, &now.to).await?;
        let others: BTreeSet<PathBuf> = changed
            .into_iter()
            .map(|change| change.path)
            .filter(|path| paths.contains(path))
            .collect();
        let result = Stretch {
            from: kept.tree.clone(),
            to: now.to,
            paths,
        };
        let mut files = self.snapshots.touched(&[result]).await?;
        files.retain(|file| !others.contains(&file.path));
        let restored = self.snapshots.put_back(files).await?;
        let left = restored.left_alone.into_iter();
        let left: Vec<(PathBuf, String)> = left.map(|left| (left.path, left.why)).collect();
        let others = others
            .into_iter()
            .map(|path| (path, "somebody else changed it meanwhile".to_owned()));
        let left: Vec<(PathBuf, String)> = others.chain(left).collect();
        for (path, why) in &left {
            let text = format!(
                "{} stays as it is, not as attempt {attempt} at {id} made it: {why}",
                path.display()
            );
            self.append(Event::Warned { text })?;
        }
        let standing = if self.snapshots.take().await? == kept.tree {
            Standing::AsItPassed
        } else {
            Standing::Otherwise
        };
        let chosen = Chosen {
            attempt,
            whole: left.is_empty(),
            standing,
        };
        let text = format!("the result of attempt {attempt} at {id} was written back");
        self.note_result(NoteKind::ResultChosen, id, &text, &chosen)
    }

    fn note_result(
        &mut self,
        kind: NoteKind,
        id: String,
        text: &str,
        data: &impl serde::Serialize,
    ) -> Result<()> {
        let note = Note {
            kind,
            text: text.to_owned(),
            data: serde_json::to_value(data).unwrap_or_default(),
        };
        self.append_to(Some(id), Event::Note(note))
    }
}

/// Without a word about it the same would be decided again, for ever.
fn lost(id: &str) -> Error {
    let what = format!("the journal does not say where the work on {id} began, or what it came to");
    Error::new(ErrorKind::Bug, what)
}
