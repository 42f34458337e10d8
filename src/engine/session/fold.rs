//! Adds one event to a session. Total: an event that does not fit what came before changes
//! nothing; only the first line can be wrong in a way that leaves no session.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Called, Conversation, Criticism, Documents, FailedAttempt, InterviewState, PackageState,
    Repair, Session, SmokeState, Snapshots, Stage, TicketEnd, Totals, Tried,
};
use crate::engine::artifact::ArtifactName;
use crate::engine::estimate;
use crate::engine::event::{
    Event, NoteKind, Outcome, Purpose, Record, Replied, RequestKind, SCHEMA, SessionStarted,
};
use crate::engine::phase::{Pipeline, Step};
use crate::engine::protocol::Protocol;
use crate::engine::settings::Settings;
use crate::engine::skill::Skill;

/// Why a journal's first line makes no session.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// There are no lines.
    #[error("the journal is empty")]
    Empty,
    /// Line one is something else.
    #[error("line 1 is not session_started")]
    NoStart,
    /// Written by a later version.
    #[error("the journal has schema {0}; this program reads {SCHEMA}")]
    Newer(u32),
    /// The frozen configuration, pipeline or skills cannot be read.
    #[error("line 1 cannot be read: {0}")]
    Unreadable(String),
}

impl Session {
    /// The session that these records add up to.
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<Self, FoldError> {
        let mut records = records.into_iter();
        let mut session = Self::begin(records.next().ok_or(FoldError::Empty)?)?;
        for record in records {
            session.apply(record);
        }
        Ok(session)
    }

    /// The session that begins with this record.
    pub fn begin(record: &Record) -> Result<Self, FoldError> {
        let Event::SessionStarted(started) = &record.event else {
            return Err(FoldError::NoStart);
        };
        if started.schema > SCHEMA {
            return Err(FoldError::Newer(started.schema));
        }
        let unreadable = |what: &str, why: String| FoldError::Unreadable(format!("{what}: {why}"));
        let settings: Settings = serde_json::from_value(started.config.clone())
            .map_err(|error| unreadable("config", error.to_string()))?;
        let skills = read_skills(started)?;
        let known = skills.keys().cloned().collect();
        let pipeline = Pipeline::parse(&started.pipeline, &known)
            .map_err(|faults| unreadable("pipeline", faults.join("; ")))?;
        let first = started
            .from
            .as_deref()
            .and_then(|name| pipeline.position(name))
            .unwrap_or(0);
        let mut phase_outcomes = vec![None; pipeline.phases.len()];
        phase_outcomes[..first].fill(Some(Outcome::Skipped));
        Ok(Self {
            started: (**started).clone(),
            started_at: record.at.clone(),
            settings,
            num_ctx: started.num_ctx,
            manners: started.manners.clone(),
            text_models: match started.protocol {
                Protocol::Native => BTreeSet::new(),
                Protocol::Text => BTreeSet::from([started.model.clone()]),
            },
            phase_outcomes,
            stage: Stage::Before(first),
            pipeline,
            skills,
            conversation: None,
            interview: InterviewState::default(),
            simple: None,
            artifacts: BTreeMap::new(),
            documents: Documents::default(),
            tickets: BTreeMap::new(),
            current_ticket: None,
            called: Called::No,
            tried: Tried::default(),
            nobody_decides: false,
            open_asks: BTreeMap::new(),
            told: Vec::new(),
            asked: 0,
            last_answer: None,
            guided: BTreeMap::new(),
            permissions: BTreeMap::new(),
            wall: None,
            refused: None,
            replacement: None,
            arrangement: None,
            until: started.until.clone(),
            picture: None,
            inventory: None,
            packages: PackageState::Unknown,
            replanned: false,
            smoke: SmokeState::Open,
            repair: Repair::default(),
            snapshots: Snapshots::default(),
            explorations: 0,
            loops: BTreeMap::new(),
            works: Vec::new(),
            taken: super::Taken::default(),
            left_at: None,
            stood_before: BTreeSet::new(),
            receipts: Vec::new(),
            facts: Vec::new(),
            totals: Totals::default(),
            per_phase: BTreeMap::new(),
            token_ratio: estimate::UNMEASURED,
            ratios: BTreeMap::new(),
            window_in_force: None,
            interrupted: None,
            finished: None,
            last_seq: record.seq,
            last_call: 0,
        })
    }

    /// Adds one event.
    pub fn apply(&mut self, record: &Record) {
        self.last_seq = record.seq;
        match &record.event {
            Event::Interrupted { .. } => {}
            Event::Note(note) if note.kind == NoteKind::Hook => {}
            _ => self.interrupted = None,
        }
        self.called = self.called.after(&record.event);
        match &record.event {
            Event::SessionStarted(_) | Event::Repaired { .. } => {}
            // A request that was not answered leaves a warning, or the run ends there.
            Event::Warned { .. } => self.may_have_been_sent(),
            Event::PhaseEntered { name, .. } => self.enter_phase(name),
            Event::ConversationStarted(started) => {
                self.converse(Conversation::open(record.seq, started));
                let learned = self.ratios.get(&started.model).copied();
                self.token_ratio = learned.unwrap_or(estimate::UNMEASURED);
            }
            Event::TicketStarted {
                attempt,
                tree,
                seed,
                warmer,
            } => {
                self.start_ticket(record.ticket.as_deref(), *attempt, tree.as_ref());
                if let Some(ticket) = &record.ticket {
                    self.begin_attempt(ticket, *seed, *warmer);
                }
            }
            Event::AttemptFailed {
                attempt,
                reason,
                note,
            } => {
                let failed = FailedAttempt {
                    attempt: *attempt,
                    reason: reason.clone(),
                    note: note.clone(),
                };
                self.fail_attempt(record.ticket.as_deref(), failed);
            }
            Event::Replied(replied) => self.replied(record.phase.as_deref(), replied),
            Event::ToolStarted { .. } | Event::ToolFinished { .. } | Event::Compacted { .. } => {
                self.go_on(record);
            }
            Event::Told { text, to, letter } => {
                self.told(record, text, to.as_ref(), letter.as_ref());
            }
            Event::Asked { ask } => self.asked(record, ask),
            Event::Answered { id, answer } => self.answered(id, answer),
            Event::ArtifactWritten {
                name,
                content,
                sha256,
                by,
            } => {
                self.artifact_written(*name, content, sha256, *by);
            }
            Event::Checked(receipt) => self.checked(record, receipt),
            Event::Note(note) => self.note(note),
            Event::TicketFinished { .. } => self.end_ticket(record),
            Event::PhaseFinished { outcome, .. } => {
                if let Stage::In(place) = self.stage {
                    self.phase_outcomes[place] = Some(*outcome);
                    self.stage = Stage::Before(place + 1);
                }
                self.conversation = None;
                self.run_waits_no_longer();
            }
            Event::Interrupted { why, .. } => {
                self.interrupted = Some(*why);
                self.may_have_been_sent();
            }
            Event::Resumed {
                from,
                until,
                settings,
                manners,
                ..
            } => {
                self.manners.models.extend(manners.models.clone());
                // A stop in between does not forget where to stop; having got there does.
                if until.is_some() || self.has_reached_its_last_phase() {
                    self.until.clone_from(until);
                }
                self.resumed(from.as_deref(), settings.as_deref());
                self.may_have_been_sent();
            }
            Event::SessionFinished { outcome, reason } => {
                self.finished = Some((*outcome, reason.clone()));
            }
        }
    }

    /// A conversation begins, or goes on in the text protocol.
    fn converse(&mut self, next: Conversation) {
        let before = self.conversation.take();
        if let (Some(work), Purpose::Critique) = (&before, &next.purpose) {
            self.conversation = Some(work.clone().waits_for(next));
            return;
        }
        let before = before.filter(|before| before.is_replaced_by(&next));
        self.conversation = Some(match before {
            Some(before) => before.goes_on_in(next),
            None => next,
        });
    }

    /// What happens inside the open conversation.
    fn go_on(&mut self, record: &Record) {
        if let Event::ToolFinished {
            id,
            result,
            ms,
            changed,
            tree,
            mode,
        } = &record.event
        {
            let open = self.conversation.as_ref();
            self.tried.used(open, (id, result), changed);
            self.work_changed(changed, tree.as_ref(), *mode, &result.text);
            self.count(record.phase.as_deref(), |totals| totals.tool_ms += ms);
        }
        if let Event::ToolStarted {
            call,
            before,
            after,
        } = &record.event
        {
            self.work_calls(call, before.as_ref(), after.as_ref());
        }
        let Some(conversation) = &mut self.conversation else {
            return;
        };
        match &record.event {
            Event::ToolStarted {
                call,
                before,
                after,
            } => conversation.tool_started(&call.id, before.as_ref(), after.as_ref()),
            Event::ToolFinished {
                id,
                result,
                changed,
                ..
            } => conversation.tool_finished(id, result, !changed.is_empty()),
            Event::Compacted {
                summary,
                keep_from,
                before,
                after,
            } => {
                conversation.compact(record.seq, summary, *keep_from);
                conversation.freed(*before, *after);
            }
            _ => {}
        }
    }

    fn end_ticket(&mut self, record: &Record) {
        let Event::TicketFinished {
            outcome,
            reason,
            proof,
            changed,
            diff,
            tree,
            commit,
        } = &record.event
        else {
            return;
        };
        self.work_changed(changed, None, None, "");
        self.work_ends(record.ticket.as_deref(), tree.as_ref());
        if let Some(id) = &record.ticket {
            let progress = self.tickets.entry(id.clone()).or_default();
            progress.said = None;
            progress.ended = Some(TicketEnd {
                outcome: *outcome,
                reason: reason.clone(),
                proof: *proof,
                changed: changed.clone(),
                diff: *diff,
                commit: commit.clone(),
            });
        }
        self.current_ticket = None;
        self.conversation = None;
    }

    pub(super) fn count(&mut self, phase: Option<&str>, add: impl Fn(&mut Totals)) {
        add(&mut self.totals);
        if let Some(phase) = phase {
            add(self.per_phase.entry(phase.to_owned()).or_default());
        }
    }

    fn enter_phase(&mut self, name: &str) {
        let Some(place) = self.pipeline.position(name) else {
            return;
        };
        self.stage = Stage::In(place);
        self.enter_tickets_again(place);
        self.explorations = 0;
        self.conversation = None;
        self.current_ticket = None;
    }

    fn has_reached_its_last_phase(&self) -> bool {
        let (Stage::Before(here) | Stage::In(here)) = self.stage;
        let until = self.until.as_deref();
        until
            .and_then(|name| self.pipeline.position(name))
            .is_some_and(|last| here > last)
    }

    /// A resume: limits count afresh, a person may have changed settings or asked for a phase to
    /// be done again, which forgets what that phase and later ones made.
    fn resumed(&mut self, from: Option<&str>, settings: Option<&Settings>) {
        if let Some(settings) = settings {
            if settings.model.num_ctx != self.settings.model.num_ctx {
                self.num_ctx = settings.model.num_ctx.unwrap_or(self.num_ctx);
                self.window_in_force = None;
            }
            self.settings = settings.clone();
            self.approve_beforehand();
        }
        let mut open = self.conversation.as_mut();
        while let Some(conversation) = open {
            conversation.turns = 0;
            conversation.tool_calls = 0;
            open = conversation.waiting.as_deref_mut();
        }
        let Some(place) = from.and_then(|name| self.pipeline.position(name)) else {
            return self.ask_again_about_blocked();
        };
        self.nobody_decides = false;
        let again: Vec<Step> = self.pipeline.phases[place..]
            .iter()
            .flat_map(|phase| phase.steps.clone())
            .collect();
        for step in &again {
            self.forget(step);
        }
        self.phase_outcomes[place..].fill(None);
        self.stage = Stage::Before(place);
        self.conversation = None;
        self.current_ticket = None;
        self.run_waits_no_longer();
        self.guided.clear();
        self.refused = None;
        self.replanned = false;
        self.finished = None;
    }

    pub(super) fn forget(&mut self, step: &Step) {
        if let Some(name) = step.artifact() {
            self.artifacts.remove(&name);
            match name {
                ArtifactName::Prd => self.documents.prd = None,
                ArtifactName::Tickets => self.documents.tickets = None,
                ArtifactName::Plan => self.documents.plan = None,
                ArtifactName::Review => self.documents.review = None,
                ArtifactName::Research => self.documents.research = None,
                ArtifactName::Interview | ArtifactName::Summary => {}
            }
        }
        match step {
            Step::Interview { .. } => {
                self.interview = InterviewState::default();
                self.simple = None;
            }
            Step::Document {
                artifact: ArtifactName::Plan,
                ..
            } => {
                self.packages = PackageState::Unknown;
            }
            Step::Tickets { .. } => self.forget_tickets(),
            Step::Smoke {} => self.smoke = SmokeState::Open,
            Step::Repair { .. } => self.repair = Repair::default(),
            Step::Document { .. } | Step::Explore { .. } => {}
        }
    }

    fn start_ticket(&mut self, ticket: Option<&str>, attempt: u32, tree: Option<&String>) {
        let Some(id) = ticket else { return };
        let progress = self.tickets.entry(id.to_owned()).or_default();
        progress.attempts = attempt;
        progress.attempt_over = false;
        progress.criticism = Criticism::default();
        if progress.tree.is_none() {
            progress.tree = tree.cloned();
        }
        if let Some(tree) = tree {
            self.attempt_begins(attempt, id, tree);
            self.snapshots.first.get_or_insert_with(|| tree.clone());
            self.snapshots.last = Some(tree.clone());
        }
        self.current_ticket = Some(id.to_owned());
        self.conversation = None;
    }

    fn fail_attempt(&mut self, ticket: Option<&str>, failed: FailedAttempt) {
        self.conversation = None;
        if let Some(id) = ticket {
            let progress = self.tickets.entry(id.to_owned()).or_default();
            progress.failed.push(failed);
            progress.attempt_over = true;
        } else if !self.repair_failed(&failed.reason) {
            self.explorations += 1;
        }
    }

    fn replied(&mut self, phase: Option<&str>, replied: &Replied) {
        let usage = replied.reply.usage;
        self.count(phase, |totals| {
            totals.calls += 1;
            totals.prompt_tokens += usage.prompt_tokens;
            totals.eval_tokens += usage.eval_tokens;
            totals.eval_ms += usage.eval_ms;
            totals.prompt_ms += usage.prompt_ms;
            totals.model_ms += replied.ms;
        });
        let Some(conversation) = &mut self.conversation else {
            return;
        };
        match replied.to {
            RequestKind::Turn => {
                let bytes = conversation.bytes;
                conversation.replied(replied, &mut self.last_call);
                if usage.prompt_tokens > 0 {
                    self.learn_ratio(bytes, usage.prompt_tokens);
                }
            }
            RequestKind::Forced => conversation.forced(replied, &mut self.last_call),
            RequestKind::Decision => {
                conversation.decision = Some(replied.reply.content.clone());
            }
        }
    }
}

impl Session {
    /// The server counted so many tokens in that many bytes of the open conversation.
    pub(super) fn learn_ratio(&mut self, bytes: u64, tokens: u64) {
        let Some(conversation) = &self.conversation else {
            return;
        };
        self.token_ratio = estimate::learned_ratio(bytes, tokens, self.token_ratio);
        self.ratios
            .insert(conversation.model.clone(), self.token_ratio);
    }
}

fn read_skills(started: &SessionStarted) -> Result<BTreeMap<String, Skill>, FoldError> {
    started
        .skills
        .iter()
        .map(|(name, text)| {
            let skill = Skill::parse(text.as_str().unwrap_or_default())
                .map_err(|error| FoldError::Unreadable(format!("skill {name}: {error}")))?;
            Ok((name.clone(), skill))
        })
        .collect()
}
