//! Where the time and the tokens of a session went: by phase and ticket, and over many sessions.
//! Counts what the journal says; judges nothing and estimates nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ask::{AnsweredBy, AskId, AskKind, Verdict};
use super::call::CallId;
use super::event::{Event, Gate, NoteKind, Outcome, Receipt, Record, Replied};
use super::loops::Finding;
use super::moment::between;
use super::prefix::Cache;
use super::timeline::{Interview, Since, since};
use super::tool::{Tool, ToolStatus};

/// A session in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Its id.
    pub session: String,
    /// The model it began with.
    pub model: String,
    /// How it ended; none if it has not.
    pub outcome: Option<Outcome>,
    /// Milliseconds that are nobody's: between runs, and from the last thing that was done before a
    /// stop to the stop.
    pub paused_ms: u64,
    /// Times a person was needed besides the two planned stops (the interview with the PRD, and the
    /// plan): an answer to anything else, guidance, or a run that had to be started again. That
    /// what was forked is begun is none.
    pub interventions: u64,
    /// Tickets that are over: each once, and one that is blocked is not.
    pub tickets: u64,
    /// Everything together.
    pub total: Spent,
    /// By phase, in the order in which they were begun.
    pub phases: Vec<PhaseSpent>,
}

/// What a phase took, and each of its tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PhaseSpent {
    /// Its name; empty before the first.
    pub phase: String,
    /// All of it.
    pub spent: Spent,
    /// Its tickets, in the order in which they were begun.
    pub tickets: Vec<TicketSpent>,
}

/// What a ticket took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TicketSpent {
    /// Its id.
    pub ticket: String,
    /// All of it.
    pub spent: Spent,
}

/// Time, tokens and trouble. Times are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// From the first line to the last, without pauses between runs.
    pub wall_ms: u64,
    /// In requests to the model.
    pub model_ms: u64,
    /// In commands: the model's and the program's checks.
    pub command_ms: u64,
    /// In the other tools, without what is waited for.
    pub tool_ms: u64,
    /// Nothing went on but waiting for a person.
    pub waiting_ms: u64,
    /// What is left of the wall time: the program's own.
    pub overhead_ms: u64,
    /// Replies of the model.
    pub replies: u64,
    /// Tokens of prompts, as counted by the server, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens written by the model.
    pub eval_tokens: u64,
    /// Whether the server used again what it had read.
    pub cache: CacheUse,
    /// Calls of tools that ran commands: those that were refused ran none.
    pub commands: u64,
    /// Commands that the program ran as checks.
    pub checks: u64,
    /// Attempts at tickets that were begun.
    pub attempts: u64,
    /// Attempts that failed.
    pub failed_attempts: u64,
    /// Questions to a person.
    pub asks: u64,
    /// What had to be repaired in replies, or asked for again: how often each.
    pub repairs: BTreeMap<String, u64>,
    /// Rules that noticed a model going in circles: how often each.
    pub loops: BTreeMap<String, u64>,
}

/// What is known of the server's cache: how many requests, and bytes of tools and messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheUse {
    /// Only what was new took time.
    pub used: u64,
    /// Everything was read again.
    pub lost: u64,
    /// The times do not tell.
    pub unknown: u64,
    /// Bytes that requests had in common with the one before.
    pub shared_bytes: u64,
    /// Bytes of the requests before.
    pub bytes: u64,
}

/// Many sessions in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Across {
    /// How many there are.
    pub sessions: u64,
    /// Those that are over and completed.
    pub completed: u64,
    /// Those of them in which nobody was needed besides the two planned stops.
    pub without_intervention: u64,
    /// Times a person was needed besides those stops.
    pub interventions: u64,
    /// Tickets that are over.
    pub tickets: u64,
    /// Tokens read and written.
    pub tokens: u64,
    /// Times a person was needed, for a hundred tickets.
    pub interventions_per_100_tickets: Option<u64>,
    /// Tokens read and written for a ticket.
    pub tokens_per_ticket: Option<u64>,
}

/// Counts a session, with what it has from the session that it was forked from.
pub fn stats(records: &[Record]) -> Stats {
    count(records, Part::Whole)
}

/// Counts what a session did itself: beside the session that it was forked from, nothing twice.
pub fn own_stats(records: &[Record]) -> Stats {
    count(records, Part::Own)
}

/// What of a session is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// What came after the lines that it has from another one.
    Own,
}

/// The last line that a session has from another one.
fn fork_point(records: &[Record]) -> Option<u64> {
    match &records.first()?.event {
        Event::SessionStarted(started) => Some(started.forked_from.as_ref()?.seq),
        _ => None,
    }
}

fn count(records: &[Record], part: Part) -> Stats {
    let mut counting = Counting::default();
    let fork = fork_point(records);
    let mut before = records.first();
    for (record, whose) in records.iter().zip(since(records)) {
        let passed = before.map_or(0, |before| between(&before.at, &record.at));
        before = Some(record);
        match whose {
            Since::Work => counting.time(record, passed),
            // A command that calls somebody after the end is no stop of the run.
            Since::Pause if is_call_after_the_end(&counting.stats, &record.event) => {}
            Since::CutOff | Since::Pause => counting.stats.paused_ms += passed,
        }
        counting.event(record);
        if fork == Some(record.seq) {
            counting.forked(part);
        }
    }
    let mut stats = counting.stats;
    stats.tickets = counting.over.len() as u64;
    stats.total.settle();
    for phase in &mut stats.phases {
        phase.spent.settle();
        phase
            .tickets
            .iter_mut()
            .for_each(|ticket| ticket.spent.settle());
    }
    stats
}

/// Counts many.
pub fn across<'a>(all: impl IntoIterator<Item = &'a Stats>) -> Across {
    let mut sum = Across::default();
    for stats in all {
        let completed = stats.outcome == Some(Outcome::Completed);
        sum.sessions += 1;
        sum.completed += u64::from(completed);
        sum.without_intervention += u64::from(completed && stats.interventions == 0);
        sum.interventions += stats.interventions;
        sum.tickets += stats.tickets;
        sum.tokens += stats.total.prompt_tokens + stats.total.eval_tokens;
    }
    sum.interventions_per_100_tickets = (sum.interventions * 100).checked_div(sum.tickets);
    sum.tokens_per_ticket = sum.tokens.checked_div(sum.tickets);
    sum
}

impl Spent {
    /// The program's own share of the wall time, in hundredths.
    pub fn overhead_percent(&self) -> u64 {
        (self.overhead_ms * 100)
            .checked_div(self.wall_ms)
            .unwrap_or_default()
    }

    /// How much of the requests was the same as in the one before, in hundredths; none if no
    /// request followed another.
    pub fn shared_percent(&self) -> Option<u64> {
        (self.cache.shared_bytes * 100).checked_div(self.cache.bytes)
    }

    fn settle(&mut self) {
        let known = self.model_ms + self.command_ms + self.tool_ms + self.waiting_ms;
        self.overhead_ms = self.wall_ms.saturating_sub(known);
    }
}

#[derive(Default)]
struct Counting {
    stats: Stats,
    kinds: BTreeMap<AskId, AskKind>,
    interview: Interview,
    /// The calls, and how long a person had been waited for when each was begun.
    calls: BTreeMap<CallId, (Option<Tool>, u64)>,
    waited: u64,
    over: BTreeSet<String>,
    /// Nothing was done yet since it was forked.
    is_untouched_fork: bool,
}

impl Counting {
    /// What follows is the session's own.
    fn forked(&mut self, part: Part) {
        self.is_untouched_fork = true;
        if part == Part::Own {
            self.over.clear();
            self.stats = Stats {
                session: std::mem::take(&mut self.stats.session),
                model: std::mem::take(&mut self.stats.model),
                ..Stats::default()
            };
        }
    }

    /// The same for everything, the phase and the ticket.
    fn add(&mut self, record: &Record, add: impl Fn(&mut Spent)) {
        add(&mut self.stats.total);
        let Some(name) = &record.phase else {
            return;
        };
        let phases = &mut self.stats.phases;
        let place = phases.iter().position(|phase| phase.phase == *name);
        let place = place.unwrap_or_else(|| {
            phases.push(PhaseSpent {
                phase: name.clone(),
                ..PhaseSpent::default()
            });
            phases.len() - 1
        });
        let phase = &mut phases[place];
        add(&mut phase.spent);
        let Some(id) = &record.ticket else {
            return;
        };
        let tickets = &mut phase.tickets;
        let place = tickets.iter().position(|ticket| ticket.ticket == *id);
        let place = place.unwrap_or_else(|| {
            tickets.push(TicketSpent {
                ticket: id.clone(),
                ..TicketSpent::default()
            });
            tickets.len() - 1
        });
        add(&mut tickets[place].spent);
    }

    fn time(&mut self, record: &Record, passed: u64) {
        self.add(record, |spent| spent.wall_ms += passed);
        // What was answered from a file, by a flag or by the model was not waited for. A stop of
        // a run that did something else than wait is no part of its time.
        let was_waited_for = match &record.event {
            Event::Answered { answer, .. } => answer.answered_by == AnsweredBy::User,
            Event::Asked { ask } => self.interview.goes_back_to(ask),
            Event::Interrupted { .. } => true,
            _ => false,
        };
        if was_waited_for {
            self.waited += passed;
            self.add(record, |spent| spent.waiting_ms += passed);
        }
    }

    /// A ticket that is begun, or blocked, is not over.
    fn ticket(&mut self, record: &Record, outcome: Outcome) {
        if let Some(ticket) = &record.ticket {
            match outcome {
                Outcome::Blocked => self.over.remove(ticket),
                Outcome::Completed | Outcome::Refused | Outcome::Skipped => {
                    self.over.insert(ticket.clone())
                }
            };
        }
    }

    fn event(&mut self, record: &Record) {
        self.interview.learn(&record.event);
        self.is_untouched_fork &= matches!(
            record.event,
            Event::Resumed { .. } | Event::Note(_) | Event::Warned { .. }
        );
        match &record.event {
            Event::SessionStarted(started) => {
                self.stats.session.clone_from(&started.id);
                self.stats.model.clone_from(&started.model);
            }
            Event::TicketStarted { .. } => {
                self.add(record, |spent| spent.attempts += 1);
                self.ticket(record, Outcome::Blocked);
            }
            Event::AttemptFailed { .. } => self.add(record, |spent| spent.failed_attempts += 1),
            Event::Replied(replied) => self.replied(record, replied),
            Event::Repaired { what } => {
                for kind in what.iter().map(|what| kind_of_repair(what)) {
                    self.repair(record, &kind);
                }
            }
            Event::ToolStarted { call, .. } => {
                let begun = (Tool::named(&call.name), self.waited);
                self.calls.insert(call.id.clone(), begun);
            }
            Event::ToolFinished { id, result, ms, .. } => {
                let (tool, waited) = self.calls.remove(id).unwrap_or((None, self.waited));
                // The question of a call is waited for, and is counted as that.
                let ms = ms.saturating_sub(self.waited - waited);
                let has_run = result.status != ToolStatus::Denied;
                if tool == Some(Tool::RunCommand) && has_run {
                    self.add(record, |spent| {
                        spent.commands += 1;
                        spent.command_ms += ms;
                    });
                } else {
                    self.add(record, |spent| spent.tool_ms += ms);
                }
            }
            Event::Checked(receipt) if is_a_run(receipt) => self.add(record, |spent| {
                spent.checks += 1;
                spent.command_ms += receipt.ms;
            }),
            Event::Asked { ask } => {
                self.kinds.insert(ask.id.clone(), ask.kind);
                self.add(record, |spent| spent.asks += 1);
            }
            Event::Answered { id, answer } => {
                let is_planned = match self.kinds.get(id) {
                    Some(AskKind::Question | AskKind::Permission | AskKind::Blocked) => false,
                    Some(
                        AskKind::Interview | AskKind::Challenge | AskKind::Document | AskKind::Plan,
                    )
                    | None => !matches!(answer.verdict, Some(Verdict::Revise { .. })),
                };
                if answer.answered_by == AnsweredBy::User && !is_planned {
                    self.stats.interventions += 1;
                }
            }
            Event::Resumed { .. } if self.is_untouched_fork => {}
            Event::Told { .. } | Event::Resumed { .. } => self.stats.interventions += 1,
            Event::Note(note) => match note.kind {
                NoteKind::Correction => self.repair(record, "asked for again"),
                NoteKind::Nudge => self.repair(record, "nudged"),
                NoteKind::CheckFailed => self.repair(record, "failed check given back"),
                NoteKind::Loop => {
                    if let Some(found) = Finding::read(&note.text, &note.data) {
                        self.add(record, |spent| {
                            *spent.loops.entry(found.rule.name().to_owned()).or_default() += 1;
                        });
                    }
                }
                _ => {}
            },
            Event::TicketFinished { outcome, .. } => self.ticket(record, *outcome),
            Event::SessionFinished { outcome, .. } => self.stats.outcome = Some(*outcome),
            Event::PhaseEntered { .. }
            | Event::ConversationStarted(_)
            | Event::ArtifactWritten { .. }
            | Event::Checked(_)
            | Event::Compacted { .. }
            | Event::Warned { .. }
            | Event::PhaseFinished { .. }
            | Event::Interrupted { .. } => {}
        }
    }

    fn replied(&mut self, record: &Record, replied: &Replied) {
        let usage = replied.reply.usage;
        let prefix = replied.prefix.as_ref();
        self.add(record, |spent| {
            spent.replies += 1;
            spent.model_ms += replied.ms;
            spent.prompt_tokens += usage.prompt_tokens;
            spent.eval_tokens += usage.eval_tokens;
            if let Some(prefix) = prefix {
                spent.cache.shared_bytes += prefix.shared;
                spent.cache.bytes += prefix.of;
                match prefix.cache {
                    Cache::Used => spent.cache.used += 1,
                    Cache::Lost => spent.cache.lost += 1,
                    Cache::Unknown => spent.cache.unknown += 1,
                }
            }
        });
        if !replied.to.is_turn() {
            self.repair(record, "forced into a form");
        }
    }

    fn repair(&mut self, record: &Record, kind: &str) {
        self.add(record, |spent| {
            *spent.repairs.entry(kind.to_owned()).or_default() += 1;
        });
    }
}

fn is_call_after_the_end(stats: &Stats, event: &Event) -> bool {
    let is_call = matches!(event, Event::Note(note) if note.kind == NoteKind::Hook);
    is_call && stats.outcome.is_some()
}

/// Whether a command was run for it.
fn is_a_run(receipt: &Receipt) -> bool {
    let has_ended = receipt.exit.is_some() || receipt.signal.is_some() || receipt.timed_out;
    has_ended && receipt.gate != Gate::Verdict
}

/// The same repair of another name is the same repair: `'path'` and the name of a tool are left out.
fn kind_of_repair(what: &str) -> String {
    let parts = what.split('\'').enumerate();
    let plain: Vec<&str> = parts
        .map(|(place, part)| if place % 2 == 1 { "…" } else { part })
        .collect();
    plain.concat()
}

#[cfg(test)]
mod tests;
