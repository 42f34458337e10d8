//! One step of repairing what a review found: the project is saved before it, and put back if the
//! step did not come through its gate.

use serde_json::json;

use super::driver::Run;
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Saves the project before a finding is repaired.
    pub(super) async fn save(&mut self, finding: usize) -> Result<()> {
        let tree = self.snapshots.take().await?;
        let title = self
            .session
            .finding(finding)
            .map(|found| found.title.clone());
        self.append(Event::Note(Note {
            kind: NoteKind::Snapshot,
            text: format!("repairing: {}", title.unwrap_or_default()),
            data: json!({"tree": tree, "finding": finding}),
        }))
    }

    /// Puts back what the step under way has changed.
    pub(super) async fn take_back(&mut self, reason: &str) -> Result<()> {
        let phase = self.session.phase().map(|phase| phase.name.clone());
        let restored = self.put_work_back(&phase.unwrap_or_default()).await?;
        for left in restored.left_alone {
            let text = format!(
                "{} stays as it is after a failed repair: {}",
                left.path.display(),
                left.why
            );
            self.append(Event::Warned { text })?;
        }
        let findings = self.session.under_repair().into_iter();
        let titles: Vec<&str> = findings.map(|found| found.title.as_str()).collect();
        self.append(Event::Note(Note {
            kind: NoteKind::TakenBack,
            text: format!(
                "The repair of what the review found (\"{}\") was taken back: {reason}",
                titles.join("; ")
            ),
            data: self.session.repair_data(),
        }))
    }
}
