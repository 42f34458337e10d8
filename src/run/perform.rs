//! One effect: what it does to the world, and the events that tell of it.

use sha2::{Digest, Sha256};

use super::driver::{Ending, Run};
use super::landing::{Committed, workplace};
use crate::engine::artifact::{
    ArtifactName, render_plan, render_prd, render_review, render_tickets,
};
use crate::engine::context::{compaction, files_to_outline};
use crate::engine::decide::Effect;
use crate::engine::event::{Author, Event, Outcome};
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::Session;
use crate::engine::summary::{Places, summary};
use crate::error::{Error, Result};
use crate::store::OpenSession;
use crate::tools::outlined;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Carries out one effect. An ending means that the run stops here.
    pub(super) async fn perform(&mut self, effect: Effect) -> Result<Option<Ending>> {
        match effect {
            Effect::Record(events) => {
                for event in events {
                    let Some(event) = self.committed(event).await? else {
                        return Ok(None);
                    };
                    self.append(event)?;
                }
                Ok(None)
            }
            Effect::LookAtProject => self.look_at_project().map(|()| None),
            Effect::TakeInventory => self.take_inventory().await.map(|()| None),
            Effect::OpenConversation(opening) => {
                self.open_conversation(&opening).await.map(|()| None)
            }
            Effect::CallModel { format } => self.call_model(format).await,
            Effect::AskForDecision => self.ask_for_decision().await,
            Effect::ForceCall => self.force_call().await,
            Effect::RunTool { call, access } => self.run_tool(call, access).await,
            Effect::Reconcile {
                call,
                before,
                after,
            } => self.reconcile(call, before, after).await,
            Effect::AskPerson(ask) => self.ask_person(ask).await,
            Effect::WriteArtifact {
                name,
                content,
                by,
                then,
            } => {
                self.write_artifact(name, content, by)?;
                for event in then {
                    self.append(event)?;
                }
                Ok(None)
            }
            Effect::RunBefore { id } => self.run_before(id).await,
            Effect::StartTicket { id, attempt } => {
                self.start_ticket(id, attempt).await.map(|()| None)
            }
            Effect::FinishTicket {
                id,
                outcome,
                reason,
                proof,
            } => {
                if outcome == Outcome::Blocked {
                    self.take_attempt_back(&id).await?;
                }
                let mut end = self.work_of_ticket(&id).await?;
                let committed = match outcome {
                    Outcome::Completed => self.commit_ticket(&id, &end.changed).await?,
                    Outcome::Blocked | Outcome::Refused | Outcome::Skipped => Committed::No,
                };
                let commit = match committed {
                    Committed::As(commit) => Some(commit),
                    Committed::No => None,
                    Committed::Interrupted => return Ok(None),
                };
                self.after_hooks(&mut end).await?;
                self.append_to(
                    Some(id),
                    Event::TicketFinished {
                        outcome,
                        reason,
                        proof,
                        changed: end.changed,
                        diff: end.diff,
                        tree: end.tree,
                        commit,
                    },
                )?;
                Ok(None)
            }
            Effect::KeepResult { id, reason, proof } => {
                self.keep_result(id, &reason, proof).await.map(|()| None)
            }
            Effect::WriteResult { id, attempt } => {
                self.write_result(id, attempt).await.map(|()| None)
            }
            Effect::RunGate(gate) => self.run_gate(gate).await,
            Effect::CheckPackages => self.check_packages().map(|()| None),
            Effect::FetchPackages(command) => self.fetch_packages(command).await,
            Effect::StartResult => self.start_result().await,
            Effect::Save { finding } => self.save(finding).await.map(|()| None),
            Effect::TakeBack { reason, .. } => self.take_back(&reason).await.map(|()| None),
            Effect::GoBack { tree, reason } => self.go_back(tree, &reason).await.map(|()| None),
            Effect::Compact => self.compact().map(|()| None),
            Effect::Finish { outcome, reason } => self.finish(outcome, reason).map(|()| None),
            Effect::Reached(_) | Effect::Stop(..) | Effect::Nothing => Ok(None),
        }
    }

    /// Writes the artifact's files, then the event that tells of them.
    pub(super) fn write_artifact(
        &mut self,
        name: ArtifactName,
        content: serde_json::Value,
        by: Author,
    ) -> Result<()> {
        let content = self.incoming.value(content);
        let rendered = rendered(name, &content);
        let redactor = self.store.journal.redactor().clone();
        let sha256 =
            self.store
                .folder
                .write_artifact(name, &content, rendered.as_deref(), &redactor)?;
        self.append(Event::ArtifactWritten {
            name,
            content,
            sha256,
            by,
        })
    }

    fn compact(&mut self) -> Result<()> {
        let Some(conversation) = &self.session.conversation else {
            return Ok(());
        };
        let (files, room) = files_to_outline(&self.session, conversation);
        let outlines = files
            .iter()
            .map(|path| outlined(&self.workspace, path, room));
        let outlines: Vec<String> = outlines.collect();
        let event = compaction(&self.session, conversation, &outlines);
        self.append(event)
    }

    /// A summary that is there already, and asks what a person has just answered with stop, says so.
    pub(super) fn correct_summary(&mut self) -> Result<()> {
        let is_there = self.session.artifacts.contains_key(&ArtifactName::Summary);
        if !is_there || self.session.stopped_for().is_empty() {
            return Ok(());
        }
        let event = write_summary(&self.session, Outcome::Blocked, &self.store)?;
        self.append(event)
    }

    fn finish(&mut self, outcome: Outcome, reason: String) -> Result<()> {
        let event = write_summary(&self.session, outcome, &self.store)?;
        self.append(event)?;
        self.append(Event::SessionFinished { outcome, reason })?;
        // Kept until here: an unfinished session may go on with what is there.
        let removed = self.store.folder.remove_tmp().map_err(Error::from);
        if let Err(error) = removed.and_then(|()| self.remove_stand_in()) {
            self.operator.show(Update::Say(&format!(
                "what commands left behind stays: {error}"
            )));
        }
        Ok(())
    }
}

/// Writes the summary; gives the event that tells of it.
pub(super) fn write_summary(
    session: &Session,
    outcome: Outcome,
    store: &OpenSession,
) -> Result<Event> {
    let places = Places {
        snapshots: store.folder.snapshots().display().to_string(),
        project: workplace(session, &store.folder).display().to_string(),
    };
    let content = serde_json::Value::String(summary(session, outcome, &places));
    let name = ArtifactName::Summary;
    let redactor = store.journal.redactor().clone();
    let sha256 = store
        .folder
        .write_artifact(name, &content, None, &redactor)?;
    Ok(Event::ArtifactWritten {
        name,
        content,
        sha256,
        by: Author::Program,
    })
}

/// The copy for people. Content was validated before it came here.
pub(super) fn rendered(name: ArtifactName, content: &serde_json::Value) -> Option<String> {
    fn read<T: serde::de::DeserializeOwned>(content: &serde_json::Value) -> Option<T> {
        serde_json::from_value(content.clone()).ok() // silent-ok: no copy of what cannot be read
    }
    match name {
        ArtifactName::Prd => Some(render_prd(&read(content)?)),
        ArtifactName::Tickets => Some(render_tickets(&read(content)?)),
        ArtifactName::Plan => Some(render_plan(&read(content)?)),
        ArtifactName::Review => Some(render_review(&read(content)?)),
        ArtifactName::Interview | ArtifactName::Research | ArtifactName::Summary => None,
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}"); // silent-ok: writing to a String
            text
        })
}
