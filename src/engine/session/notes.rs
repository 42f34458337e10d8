//! What a check's receipt or a note of the program changes in a session.

use serde_json::Value;

use super::{Called, PackageState, Session, SmokeState};
use crate::engine::event::{Gate, Note, NoteKind, Purpose, Receipt, Record};
use crate::engine::loops::Finding;
use crate::engine::occasion::Occasion;

impl Session {
    pub(super) fn checked(&mut self, record: &Record, receipt: &Receipt) {
        self.count(record.phase.as_deref(), |totals| {
            totals.tool_ms += receipt.ms;
        });
        self.work_checked(receipt);
        self.tried.checked(receipt);
        if receipt.gate != Gate::Verdict {
            self.receipts.push((record.ticket.clone(), receipt.clone()));
        }
        if let Some(tree) = &receipt.tree_after {
            self.snapshots.last = Some(tree.clone());
        }
        match receipt.gate {
            Gate::Verdict => {
                if let Some(conversation) = &mut self.conversation {
                    if !receipt.passed {
                        conversation.failed = Some(receipt.clone());
                    }
                    conversation.verdict = Some(receipt.clone());
                } else if let Some(id) = &record.ticket {
                    let progress = self.tickets.entry(id.clone()).or_default();
                    progress.chosen_gate = Some(receipt.clone());
                }
            }
            Gate::Packages => {
                self.packages = if receipt.passed {
                    PackageState::Present
                } else if receipt.command.is_empty() {
                    PackageState::DoWithout {
                        names: lines(&receipt.output),
                    }
                } else {
                    PackageState::Missing {
                        names: lines(&receipt.output),
                        fetch: receipt.command.clone(),
                    }
                };
            }
            Gate::Critic => self.critic_judged(record.ticket.as_deref(), receipt),
            Gate::Hook
            | Gate::Run
            | Gate::Before
            | Gate::Verify
            | Gate::Without
            | Gate::MustFail
            | Gate::OldTests
            | Gate::Hollow
            | Gate::Changed
            | Gate::Paths
            | Gate::Guard => {}
        }
    }

    pub(super) fn note(&mut self, note: &Note) {
        if self.noted_of_critic(note) {
            return;
        }
        if note.kind == NoteKind::Guidance
            && matches!(self.packages, PackageState::DoWithout { .. })
        {
            self.replanned = true;
        }
        if note.kind.is_for_model() {
            if let Some(conversation) = &mut self.conversation {
                match note.kind {
                    NoteKind::Correction => return conversation.correct(&note.text),
                    NoteKind::Nudge => conversation.silent += 1,
                    NoteKind::CheckFailed => conversation.repairs += 1,
                    _ => {}
                }
                conversation.say(&note.text);
            }
            return;
        }
        match note.kind {
            NoteKind::Picture => self.picture = Some(note.data.clone()),
            NoteKind::Inventory => self.inventory = Some(note.text.clone()),
            NoteKind::Triage => {
                let flag = |key: &str| note.data.get(key).and_then(Value::as_bool);
                if let Some(simple) = flag("simple") {
                    self.simple = Some(simple);
                }
                self.interview.covered |= flag("covered") == Some(true);
                self.interview.filled |= flag("filled") == Some(true);
                self.conversation = self
                    .conversation
                    .take()
                    .filter(|c| c.purpose == Purpose::Work);
            }
            NoteKind::Wall => self.wall = note.data.as_str().map(str::to_owned),
            NoteKind::Window => self.window_in_force = note.data.as_u64(),
            NoteKind::Counted => {
                if let (Some(open), Some(tokens)) = (&mut self.conversation, note.data.as_u64()) {
                    let bytes = open.bytes;
                    open.counted = Some((bytes, tokens));
                    self.learn_ratio(bytes, tokens);
                }
            }
            NoteKind::Snapshot => self.repair_begins(note),
            NoteKind::TakenBack | NoteKind::Kept => self.repair_ends(note),
            NoteKind::Smoked => {
                self.smoke = SmokeState::Over;
                if !note.text.is_empty() {
                    self.facts.push(note.text.clone());
                }
            }
            NoteKind::Ladder => {
                if let Some(model) = note.data.get("model").and_then(Value::as_str) {
                    self.text_models.insert(model.to_owned());
                }
            }
            NoteKind::Baseline => {
                let ticket = note.data.get("ticket").and_then(Value::as_str);
                self.stood_before.extend(ticket.map(str::to_owned));
            }
            NoteKind::Hook => {
                if note.data["on"] == Occasion::Asked.word() && note.data["state"] == "started" {
                    self.called = Called::Yes;
                }
            }
            NoteKind::Fact => {
                self.facts.push(note.text.clone());
                self.noted_work(&note.data);
            }
            NoteKind::ResultKept => self.result_kept(&note.text, &note.data),
            NoteKind::ResultChosen => self.result_chosen(&note.data),
            NoteKind::LeftBlocked => self.nobody_decides = true,
            NoteKind::Loop => self.circling(note),
            NoteKind::Nudge
            | NoteKind::Correction
            | NoteKind::CheckFailed
            | NoteKind::Guidance
            | NoteKind::Reply => {}
        }
    }
}

impl Session {
    fn circling(&mut self, note: &Note) {
        let Some(finding) = Finding::read(&note.text, &note.data) else {
            return;
        };
        *self.loops.entry(finding.rule).or_default() += 1;
        if let Some(conversation) = &mut self.conversation {
            conversation.circling(finding);
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
