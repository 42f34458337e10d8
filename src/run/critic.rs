//! What the critic needs of the world: a ticket's changes as a diff, and the project put back to
//! what the checks had passed when the repair that the critic asked for came to nothing.

use std::path::Path;

use serde_json::json;

use super::driver::Run;
use crate::engine::critique::unusable;
use crate::engine::diff;
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::reply::Fault;
use crate::error::Result;
use crate::git::Stretch;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// What the ticket at hand has changed so far, without what somebody else changed meanwhile.
    pub(super) async fn changes_of(&mut self, id: &str) -> Result<Option<String>> {
        let Some(stretch) = self.open_stretch(id).await? else {
            return Ok(None);
        };
        let whole = self.snapshots.diff(&stretch.from, &stretch.to).await?;
        Ok(Some(diff::only(&whole, |path| {
            stretch.paths.contains(Path::new(path))
        })))
    }

    /// A critic whose model cannot be had has no verdict; the work goes on without it.
    pub(super) fn critic_is_missing(&mut self, fault: &Fault) -> Result<bool> {
        let Some(open) = &self.session.conversation else {
            return Ok(false);
        };
        let gate = open.waiting.as_ref().and_then(|work| work.verdict.as_ref());
        let (Fault::ModelMissing { .. } | Fault::Cloud { .. }, Some(gate)) = (fault, gate) else {
            return Ok(false);
        };
        let receipt = unusable(&fault.to_string(), &open.model, gate);
        self.append(Event::Checked(receipt)).map(|()| true)
    }

    /// Puts the open ticket's files back to that content, which its checks had passed.
    pub(super) async fn go_back(&mut self, tree: String, reason: &str) -> Result<()> {
        let Some(id) = self.session.current_ticket.clone() else {
            return Ok(());
        };
        let mut whole = true;
        if let Some(open) = self.open_stretch(&id).await? {
            let since = Stretch { from: tree, ..open };
            let restored = self.put_stretch_back(since).await?;
            whole = restored.left_alone.is_empty();
            for left in restored.left_alone {
                let text = format!(
                    "{} stays as it is after a failed repair: {}",
                    left.path.display(),
                    left.why
                );
                self.append(Event::Warned { text })?;
            }
        }
        let first = reason.lines().next().unwrap_or_default();
        self.append(Event::Note(Note {
            kind: NoteKind::TakenBack,
            text: format!(
                "{id}: what was changed because of the critic was taken back, since it did not pass the checks that had passed before: {}",
                first.trim_end_matches(':')
            ),
            data: json!({"critic": "taken_back", "whole": whole}),
        }))
    }
}
