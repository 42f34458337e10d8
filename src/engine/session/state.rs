//! What is known about a session, and the questions that can be answered from it alone. Changes
//! nothing; `fold` does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::asks::OpenAsk;
use super::called::Called;
use super::conversation::Conversation;
use super::interview::InterviewState;
use super::left::{Calling, Changes, Checked};
use super::progress::TicketProgress;
use super::repair::Repair;
use super::taken::Taken;
use super::told::Told;
use super::tried::Tried;
use crate::engine::artifact::{ArtifactName, Plan, PlanTicket, Prd, Review, Ticket, Tickets};
use crate::engine::ask::{Answer, AskId, Verdict};
use crate::engine::event::{Gate, Interruption, Outcome, Receipt, SessionStarted};
use crate::engine::loops::Rule;
use crate::engine::manner::{Manner, Manners};
use crate::engine::phase::{Phase, Pipeline};
use crate::engine::protocol::Protocol;
use crate::engine::settings::Settings;
use crate::engine::skill::Skill;

/// Everything that is known about a session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The journal's first line.
    pub started: SessionStarted,
    /// When it started, as written in the journal.
    pub started_at: String,
    /// What decisions depend on, as frozen or as changed by a later resume.
    pub settings: Settings,
    /// The context window in tokens that every request asks for.
    pub num_ctx: u64,
    /// How its models are talked to.
    pub manners: Manners,
    /// Models that are spoken to in text: they have no tool calls, or could not make usable ones.
    pub text_models: BTreeSet<String>,
    /// The frozen pipeline.
    pub pipeline: Pipeline,
    /// The frozen skills.
    pub skills: BTreeMap<String, Skill>,
    /// Where the session stands.
    pub stage: Stage,
    /// How each phase ended, by its place.
    pub phase_outcomes: Vec<Option<Outcome>>,
    /// The open conversation.
    pub conversation: Option<Conversation>,
    /// The interview.
    pub interview: InterviewState,
    /// Whether the task was judged simple.
    pub simple: Option<bool>,
    /// The artifacts as they stand.
    pub artifacts: BTreeMap<ArtifactName, StoredArtifact>,
    /// The same as types.
    pub documents: Documents,
    /// Progress by ticket id.
    pub tickets: BTreeMap<String, TicketProgress>,
    /// The ticket being worked on.
    pub current_ticket: Option<String>,
    /// Whether the person was called to a question.
    pub called: Called,
    /// What the attempt at it has done so far.
    pub tried: Tried,
    /// Nobody could be asked about the tickets that are blocked: this run goes past them.
    pub nobody_decides: bool,
    /// The questions that wait for a person.
    pub open_asks: BTreeMap<AskId, OpenAsk>,
    /// What a person said without being asked, in order.
    pub told: Vec<Told>,
    /// How many questions the model has asked by itself.
    pub asked: u64,
    /// The last answer but those about blocked tickets, so that a question is not asked again after a kill.
    pub last_answer: Option<(AskId, Answer)>,
    /// What a person last wanted changed, by the ask.
    pub guided: BTreeMap<AskId, String>,
    /// What a person said to commands that were asked about, so that nothing is asked twice.
    pub permissions: BTreeMap<AskId, Verdict>,
    /// The wall around commands, as it was last told.
    pub wall: Option<String>,
    /// A person said no to a document: why.
    pub refused: Option<String>,
    /// A person wrote this document instead.
    pub replacement: Option<Value>,
    /// A person dropped or reordered tickets: those that stay, in order.
    pub arrangement: Option<Vec<String>>,
    /// The last phase to run, if a person narrowed it.
    pub until: Option<String>,
    /// What the project looks like.
    pub picture: Option<Value>,
    /// What is installed, in words.
    pub inventory: Option<String>,
    /// Whether the plan's packages were looked after.
    pub packages: PackageState,
    /// Whether the plan was sent back once because packages were missing.
    pub replanned: bool,
    /// Whether the result was started.
    pub smoke: SmokeState,
    /// How far the repair of review findings has come.
    pub repair: Repair,
    /// Attempts at exploring in this phase that went in circles.
    pub explorations: u32,
    /// How often each rule against going in circles had something to say.
    pub loops: BTreeMap<Rule, u64>,
    /// Saved states of the project.
    pub snapshots: Snapshots,
    /// What the session made of the project, in order.
    pub works: Vec<Work>,
    /// What was taken back since, and put there again.
    pub taken: Taken,
    /// The project as the session's last step left it (a git tree id).
    pub left_at: Option<String>,
    /// Tickets whose checks were run on the project as it was before them.
    pub stood_before: BTreeSet<String>,
    /// Receipts of the run so far, in order.
    pub receipts: Vec<(Option<String>, Receipt)>,
    /// What the summary should say besides.
    pub facts: Vec<String>,
    /// Counters.
    pub totals: Totals,
    /// Tokens and time by phase.
    pub per_phase: BTreeMap<String, Totals>,
    /// How tokens compare with our estimate: measured tokens per estimated token, for the model of
    /// the open conversation.
    pub token_ratio: f64,
    /// The same for every model that has counted.
    pub ratios: BTreeMap<String, f64>,
    /// The window that the server says is in force, once it was read back.
    pub window_in_force: Option<u64>,
    /// The last interruption, if nothing happened since.
    pub interrupted: Option<Interruption>,
    /// How the session ended.
    pub finished: Option<(Outcome, String)>,
    /// Sequence number of the last event.
    pub last_seq: u64,
    /// Numbers the calls of the session.
    pub last_call: u64,
}

/// Where a session stands in its pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before this phase (which is the number of phases when all are over).
    Before(usize),
    /// In this phase.
    In(usize),
}

/// An artifact as it stands on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredArtifact {
    /// Its content.
    pub content: Value,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Whether a person (or their flag) has approved this very content.
    pub approved: bool,
}

/// The artifacts as types.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The PRD.
    pub prd: Option<Prd>,
    /// The tickets.
    pub tickets: Option<Tickets>,
    /// The plan.
    pub plan: Option<Plan>,
    /// The review.
    pub review: Option<Review>,
    /// The findings of research.
    pub research: Option<String>,
}

/// Whether the plan's packages were looked after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PackageState {
    /// Not yet.
    #[default]
    Unknown,
    /// Something is missing: names, and the command that fetches them.
    Missing {
        /// Names.
        names: Vec<String>,
        /// The command.
        fetch: String,
    },
    /// A person allowed the fetch.
    MayFetch {
        /// The command.
        fetch: String,
    },
    /// The plan must do without.
    DoWithout {
        /// Names.
        names: Vec<String>,
    },
    /// Nothing is missing.
    Present,
}

/// Whether the result was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmokeState {
    /// Not yet.
    #[default]
    Open,
    /// It was, or there was nothing to start.
    Over,
}

/// Saved states of the project (git tree ids).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshots {
    /// Before the first change of the session.
    pub first: Option<String>,
    /// The latest one.
    pub last: Option<String>,
}

/// A ticket, or a phase's work without one, from its first attempt to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The ticket's id, or the name of the phase.
    pub name: String,
    /// The project before (a git tree id).
    pub from: String,
    /// The project after; none while it is under way.
    pub to: Option<String>,
    /// The project when the attempt under way began; none in the first. What differs from `from`
    /// there was left by somebody else, and is never taken back.
    pub ground: Option<String>,
    /// Paths below the project that the tools of the attempt changed.
    pub paths: BTreeSet<String>,
    /// Snapshots around the attempt's checks: what differs between two is its doing as well.
    pub checks: Vec<Checked>,
    /// The changes of the attempt's tools, oldest first.
    pub steps: Vec<Changes>,
    /// What attempts before this one changed by their tools.
    pub earlier: BTreeSet<String>,
    /// Their checks.
    pub earlier_checks: Vec<Checked>,
    /// What the tool that runs is about to do.
    pub(super) calling: Calling,
    /// What its calls and its checks named: paths, and the text of commands.
    pub named: BTreeSet<String>,
    /// The commit at which the person's repository stood before a command of the work moved it.
    pub head: Option<String>,
}

/// Counters of a phase or a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Model calls.
    pub calls: u64,
    /// Prompt tokens as counted by the server.
    pub prompt_tokens: u64,
    /// Generated tokens.
    pub eval_tokens: u64,
    /// Milliseconds in model calls.
    pub model_ms: u64,
    /// Milliseconds in tools and checks.
    pub tool_ms: u64,
    /// Milliseconds spent generating, as counted by the server.
    pub eval_ms: u64,
    /// Milliseconds spent reading prompts, as counted by the server.
    pub prompt_ms: u64,
}

impl Session {
    /// The phase being run.
    pub fn phase(&self) -> Option<&Phase> {
        match self.stage {
            Stage::In(place) => self.pipeline.phases.get(place),
            Stage::Before(_) => None,
        }
    }

    /// The tickets' ids in order.
    pub fn ticket_ids(&self) -> Vec<&str> {
        self.documents
            .tickets
            .iter()
            .flat_map(|tickets| &tickets.tickets)
            .map(|ticket| ticket.id.as_str())
            .collect()
    }

    /// A ticket by its id.
    pub fn ticket(&self, id: &str) -> Option<&Ticket> {
        self.documents
            .tickets
            .as_ref()?
            .tickets
            .iter()
            .find(|ticket| ticket.id == id)
    }

    /// What the plan says about a ticket.
    pub fn planned(&self, id: &str) -> Option<&PlanTicket> {
        self.documents
            .plan
            .as_ref()?
            .tickets
            .iter()
            .find(|ticket| ticket.id == id)
    }

    /// Whether any ticket ended like this.
    pub fn any_ticket(&self, wanted: Outcome) -> bool {
        self.tickets.values().any(|progress| {
            progress
                .ended
                .as_ref()
                .is_some_and(|end| end.outcome == wanted)
        })
    }

    /// How the tickets that are over ended.
    pub fn ticket_outcomes(&self) -> BTreeMap<String, Outcome> {
        self.tickets
            .iter()
            .filter_map(|(id, progress)| Some((id.clone(), progress.ended.as_ref()?.outcome)))
            .collect()
    }

    /// The model for the current phase: the phase's own, else the one named for the session, else
    /// the one that was chosen when it started.
    pub fn model(&self) -> &str {
        self.phase()
            .and_then(|phase| self.settings.model.per_phase.get(&phase.name))
            .or(self.settings.model.name.as_ref())
            .unwrap_or(&self.started.model)
    }

    /// How that model is talked to.
    pub fn manner(&self, model: &str) -> Manner {
        let frozen = self.manners.models.get(model).cloned();
        frozen.unwrap_or_else(|| Manner::of_settings(&self.settings.model))
    }

    /// How that model calls tools.
    pub fn protocol(&self, model: &str) -> Protocol {
        if self.text_models.contains(model) || self.manner(model).tools == Protocol::Text {
            Protocol::Text
        } else {
            Protocol::Native
        }
    }

    /// The most turns in the current phase.
    pub fn max_turns(&self) -> u32 {
        self.phase()
            .and_then(|phase| self.settings.limits.max_turns_per_phase.get(&phase.name))
            .copied()
            .unwrap_or(self.settings.limits.max_turns)
    }

    /// The commands that show a ticket to be done: the user's own first, then the plan's.
    pub fn verify_commands(&self, ticket: &str) -> Vec<String> {
        let planned = self
            .planned(ticket)
            .map(|plan| plan.verify.as_slice())
            .unwrap_or_default();
        let mut commands = self.settings.commands.verify.clone();
        commands.extend(planned.iter().cloned());
        dedup(commands)
    }

    /// Whether the ticket's checks were run on the project as it was before the ticket.
    pub fn has_stood_before(&self, ticket: &str) -> bool {
        self.stood_before.contains(ticket)
    }

    /// How a check ended on the project as it was before the ticket, if it was run then.
    pub fn before(&self, ticket: &str, command: &str) -> Option<&Receipt> {
        let own = self.receipts.iter().rev().find(|(id, receipt)| {
            receipt.gate == Gate::Before
                && id.as_deref() == Some(ticket)
                && receipt.command == command
        });
        match own {
            Some((_, receipt)) => Some(receipt),
            None => self.known(self.tickets.get(ticket)?.tree.as_deref()?, command),
        }
    }

    /// The tests that failed on the project as it was before the ticket.
    pub fn failing_before(&self, ticket: &str) -> impl Iterator<Item = &str> {
        self.receipts
            .iter()
            .filter(move |(id, receipt)| {
                receipt.gate == Gate::Before && id.as_deref() == Some(ticket)
            })
            .flat_map(|(_, receipt)| &receipt.failing)
            .map(String::as_str)
    }

    /// What a command came to on exactly this content of the project, if it was run on it.
    pub fn known(&self, tree: &str, command: &str) -> Option<&Receipt> {
        let on_it = |receipt: &Receipt| {
            [&receipt.tree_before, &receipt.tree_after].contains(&&Some(tree.to_owned()))
        };
        self.receipts
            .iter()
            .rev()
            .map(|(_, receipt)| receipt)
            .find(|receipt| {
                matches!(receipt.gate, Gate::Before | Gate::Verify)
                    && receipt.command == command
                    && on_it(receipt)
            })
    }

    /// The project's own suites that passed or executed tests before a ticket of this session.
    pub fn stood_commands(&self) -> Vec<String> {
        let is_asked_for = |command: &String| {
            let mut planned = self.documents.plan.iter().flat_map(|plan| &plan.tickets);
            self.settings.commands.verify.contains(command)
                || planned.any(|plan| plan.verify.contains(command))
        };
        let stood = self.receipts.iter().map(|(_, receipt)| receipt);
        let stood = stood.filter(|receipt| {
            let ran = receipt.tests.is_some_and(|tests| tests > 0);
            receipt.gate == Gate::Before && (receipt.passed || ran)
        });
        let commands = stood.map(|receipt| receipt.command.clone());
        dedup(commands.filter(|line| !is_asked_for(line)).collect())
    }

    /// The commands of every completed ticket.
    pub fn suite_commands(&self) -> Vec<String> {
        let mut commands = self.settings.commands.verify.clone();
        for (id, progress) in &self.tickets {
            if progress
                .ended
                .as_ref()
                .is_some_and(|end| end.outcome == Outcome::Completed)
                && let Some(planned) = self.planned(id)
            {
                commands.extend(planned.verify.iter().cloned());
            }
        }
        dedup(commands)
    }
}

fn dedup(commands: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for command in commands {
        if !kept.contains(&command) {
            kept.push(command);
        }
    }
    kept
}
