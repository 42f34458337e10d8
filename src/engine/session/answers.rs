//! Which questions are open, and what an answer, an approval or a written artifact changes.

use serde_json::Value;

use super::{OpenAsk, PackageState, Session, StoredArtifact, Tail, Waits};
use crate::engine::artifact::ArtifactName;
use crate::engine::ask::{Answer, Ask, AskId, AskKind, Verdict};
use crate::engine::event::{Author, Purpose, Record};
use crate::engine::phase::{DocumentApproval, Step};
use crate::engine::settings::Approval;

impl Session {
    /// The question that the run waits for.
    pub fn open_ask(&self) -> Option<&Ask> {
        let mut open = self.open_asks.values();
        let waiting = open.find(|open| open.waits == Waits::Run);
        waiting.map(|open| &open.ask)
    }

    /// Whether exactly this question is open.
    pub fn is_open(&self, ask: &Ask) -> bool {
        let open = self.open_asks.get(&ask.id);
        open.is_some_and(|open| open.ask == *ask)
    }

    /// A question is open from here on. One that the run waits for takes the place of another of
    /// its sort: a person went back in an interview, or the question is no longer needed.
    fn open(&mut self, record: &Record, ask: &Ask) {
        let open = OpenAsk::new(record, ask);
        if open.waits == Waits::Run {
            self.run_waits_no_longer();
        }
        self.open_asks.insert(ask.id.clone(), open);
    }

    /// The run went past its question, answered or not.
    pub(super) fn run_waits_no_longer(&mut self) {
        self.open_asks.retain(|_, open| open.waits != Waits::Run);
    }

    /// A person is asked. A question of the interview that has an answer already is one that
    /// they went back to.
    pub(super) fn asked(&mut self, record: &Record, ask: &Ask) {
        match ask.kind {
            AskKind::Question => self.asked += 1,
            AskKind::Challenge => {
                self.interview.challenged.insert(ask.id.clone());
            }
            AskKind::Interview => {
                let answered = self
                    .interview
                    .position(&ask.id)
                    .is_some_and(|place| self.interview.record.questions[place].answer.is_some());
                if answered {
                    self.interview.reopened = Some(ask.id.clone());
                }
            }
            AskKind::Document | AskKind::Plan | AskKind::Permission | AskKind::Blocked => {}
        }
        self.open(record, ask);
    }

    /// A person has looked at a document.
    fn judged(&mut self, ask: &Ask, answer: &Answer) {
        let Some(reference) = &ask.reference else {
            return;
        };
        let approved = match &answer.verdict {
            Some(Verdict::Approve) => true,
            Some(Verdict::Arrange { tickets }) => {
                self.arrangement = Some(tickets.clone());
                true
            }
            Some(Verdict::Replace { content }) => {
                self.replacement = serde_json::from_str(content).ok(); // silent-ok: asked again
                false
            }
            Some(Verdict::Revise { guidance }) => {
                self.guided.insert(ask.id.clone(), guidance.clone());
                if let Some(conversation) = &mut self.conversation {
                    conversation.rejected = 0;
                    conversation.say(&revision(guidance));
                }
                false
            }
            Some(Verdict::Reject { why }) => {
                self.refused = Some(why.clone());
                false
            }
            None => false,
        };
        for artifact in self
            .artifacts
            .values_mut()
            .filter(|a| a.sha256 == reference.sha256)
        {
            artifact.approved |= approved;
        }
    }

    pub(super) fn answered(&mut self, id: &AskId, answer: &Answer) {
        // A decision about a ticket may come between a call's answer and the result made of it.
        if id.blocked_ticket().is_none() {
            self.last_answer = Some((id.clone(), answer.clone()));
        }
        let Some(OpenAsk { ask, .. }) = self.open_asks.remove(id) else {
            // Answers that nobody was asked for: a file's, or what the model filled in.
            self.interview.answered(id, answer);
            return;
        };
        match ask.kind {
            AskKind::Interview | AskKind::Challenge => self.interview.answered(id, answer),
            AskKind::Document | AskKind::Plan => self.judged(&ask, answer),
            AskKind::Question => {
                if let Some(conversation) = &mut self.conversation
                    && conversation.pending.is_empty()
                {
                    conversation.say(&answer.text);
                }
            }
            AskKind::Permission if ask.id.0 != AskId::FETCH_PACKAGES => {
                if let Some(verdict) = &answer.verdict {
                    self.permissions.insert(ask.id, verdict.clone());
                }
            }
            AskKind::Blocked => self.decided_about_blocked(id, answer),
            AskKind::Permission => {
                if let PackageState::Missing { names, fetch } = &self.packages {
                    self.packages = match &answer.verdict {
                        Some(Verdict::Approve) => PackageState::MayFetch {
                            fetch: fetch.clone(),
                        },
                        _ => PackageState::DoWithout {
                            names: names.clone(),
                        },
                    };
                }
            }
        }
    }

    pub(super) fn artifact_written(
        &mut self,
        name: ArtifactName,
        content: &Value,
        sha256: &str,
        by: Author,
    ) {
        let approved = by == Author::User || self.needs_no_approval(name);
        self.replacement = None;
        if name == ArtifactName::Plan {
            self.arrangement = None;
        }
        if let Some(conversation) = &mut self.conversation
            && conversation.purpose == Purpose::Document(name)
        {
            conversation.tail = Tail::Settled;
        }
        if name == ArtifactName::Interview {
            // Its questions were taken over; whether their answers suffice is asked afresh.
            self.conversation
                .take_if(|conversation| conversation.purpose == Purpose::Coverage);
        }
        let stored = StoredArtifact {
            content: content.clone(),
            sha256: sha256.to_owned(),
            approved,
        };
        self.artifacts.insert(name, stored);
        // What was written has been validated; what no longer reads (an older version's) is absent.
        match name {
            ArtifactName::Interview => {
                if let Ok(record) = serde_json::from_value(content.clone()) {
                    self.interview.record = record;
                    self.interview.proposed = true;
                }
            }
            ArtifactName::Prd => self.documents.prd = serde_json::from_value(content.clone()).ok(), // silent-ok: absent
            ArtifactName::Tickets => {
                self.documents.tickets = serde_json::from_value(content.clone()).ok();
            } // silent-ok: absent
            ArtifactName::Plan => {
                self.documents.plan = serde_json::from_value(content.clone()).ok(); // silent-ok: absent
                self.packages = PackageState::Unknown;
            }
            ArtifactName::Review => {
                self.documents.review = serde_json::from_value(content.clone()).ok();
            } // silent-ok: absent
            ArtifactName::Research => self.documents.research = content.as_str().map(str::to_owned),
            ArtifactName::Summary => {}
        }
    }

    /// Whether nobody has to be asked about an artifact.
    fn needs_no_approval(&self, name: ArtifactName) -> bool {
        let approvals = &self.settings.approvals;
        self.simple == Some(true)
            || match self.approval_of(name) {
                DocumentApproval::None => true,
                DocumentApproval::Document => approvals.documents == Approval::Yes,
                DocumentApproval::Plan => approvals.plan == Approval::Yes,
            }
    }

    /// Approvals may have been given beforehand by a later resume.
    pub(super) fn approve_beforehand(&mut self) {
        for name in self.artifacts.keys().copied().collect::<Vec<_>>() {
            let approved = self.needs_no_approval(name);
            if let Some(stored) = self.artifacts.get_mut(&name) {
                stored.approved |= approved;
            }
        }
    }

    /// Which approval the pipeline asks for an artifact.
    fn approval_of(&self, name: ArtifactName) -> DocumentApproval {
        self.pipeline
            .phases
            .iter()
            .flat_map(|phase| &phase.steps)
            .find_map(|step| match step {
                Step::Document {
                    artifact, approval, ..
                } if *artifact == name => Some(*approval),
                _ => None,
            })
            .unwrap_or_default()
    }
}

fn revision(guidance: &str) -> String {
    format!(
        "The person wants it changed: {guidance}\nAnswer with the whole new JSON and nothing else."
    )
}
