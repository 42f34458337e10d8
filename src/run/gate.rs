//! The checks behind a claim, run by the program itself: the ticket's commands, the whole suite,
//! paths in findings, and the start of the result. Each leaves a receipt; what they add up to is
//! decided in `engine/gate.rs`.

use std::time::Duration;

use serde_json::Value;

use super::driver::{Ending, Run};
use super::guard::Guarded;
use super::permission::Leave;
use super::proof::Cut;
use crate::engine::decide::GateKind;
use crate::engine::event::{Event, Gate, Note, NoteKind, Receipt};
use crate::engine::failing::failing_tests;
use crate::engine::gate::{
    Asked, Changed, Check, Commands, Origin, Standing, is_refactoring, passing_as_before,
    paths_verdict, showing, told, told_that_nothing_shows_it, unchanged_verdict, verdict,
};
use crate::engine::mentions;
use crate::engine::ports::{
    Access, Command, Confine, Finished, Model, Network, Operator, Stopped, Update,
};
use crate::engine::settings::Switch;
use crate::engine::test_count::tests_executed;
use crate::error::Result;
use crate::tools::{current_hash, shell};

/// Bytes of a check's output that stay in the journal.
const EXCERPT: usize = 8_000;
/// Seconds that the result may run when it is started once.
const START_SECONDS: u64 = 15;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs the checks that a claim must pass, and the verdict on them.
    pub(super) async fn run_gate(&mut self, gate: GateKind) -> Result<Option<Ending>> {
        let (ticket, commands) = match gate {
            GateKind::Paths(text) => return self.check_paths(&text).map(|()| None),
            GateKind::Ticket(id) => {
                let commands = self.commands_of(&id);
                (Some(id), commands)
            }
            GateKind::Suite => (None, self.whole_suite()),
        };
        let before = ticket
            .as_ref()
            .and_then(|id| self.session.tickets.get(id)?.tree.clone());
        let now = self.snapshots.take().await?;
        let changed = match before {
            Some(before) if before == now => Changed::No,
            Some(_) => Changed::Yes,
            None => Changed::Unknown,
        };
        let built = ticket.as_deref().filter(|_| changed == Changed::No);
        if let Some(verdict) = built.and_then(|id| self.built_before(id)) {
            return self.append(Event::Checked(verdict)).map(|()| None);
        }
        if let Some(failed) = self.failed_as_it_is(&now) {
            return self.append(Event::Checked(failed)).map(|()| None);
        }
        let mut receipts = Vec::new();
        let mut guarded = None;
        if changed != Changed::No {
            guarded = match self.guard(ticket.as_deref(), &now, &commands).await? {
                Ok(guarded) => Some(guarded),
                Err(verdict) => return self.append(Event::Checked(verdict)).map(|()| None),
            };
            receipts = match self.run_commands(ticket.as_deref(), commands, &now).await? {
                Ok(receipts) => receipts,
                Err(ending) => return Ok(ending),
            };
        }
        let of_user = !self.session.settings.commands.verify.is_empty();
        let commands = match (receipts.is_empty(), of_user) {
            (true, _) => Commands::None,
            (false, true) => Commands::OfTheUser,
            (false, false) if self.has_no_tool(&receipts) => Commands::WithoutTool,
            (false, false) => Commands::OfThePlan,
        };
        let asked = self.asked(ticket.as_deref());
        let judged = |checks: &[Check<'_>]| verdict(checks, commands, changed, asked);
        let fresh = guarded
            .as_ref()
            .map_or(&[][..], Guarded::new_tests)
            .to_vec();
        let mut checks = self.all_compared(ticket.as_deref(), &receipts);
        for check in &mut checks {
            check.fresh = &fresh;
        }
        let mut verdict = judged(&checks);
        let mut showing: Vec<Receipt> = showing(&checks).map(|check| check.now.clone()).collect();
        // Tests that were changed as announced may show the work though they are no more than before.
        let is_changed = guarded.as_ref().is_some_and(Guarded::changed_tests);
        if showing.is_empty() && is_changed {
            showing.extend(passing_as_before(&checks).map(|check| check.now.clone()));
        }
        let is_open =
            is_changed && !showing.is_empty() && told_that_nothing_shows_it(&verdict.output);
        let may_pass = verdict.passed || is_open;
        if let Some(guarded) = guarded.filter(|_| may_pass) {
            let ticket = ticket.as_deref();
            let proof = match self.guard_after(ticket, guarded, &now, &receipts).await? {
                Ok(judgement) => {
                    self.prove_the_old(ticket, &now, &receipts, &judgement)
                        .await?
                }
                Err(refused) => Err(Cut::Refused(Box::new(refused))),
            };
            if let Err(cut) = proof {
                return self.cut(cut);
            }
        }
        let open = self.session.conversation.is_some();
        if let Some(id) = ticket.filter(|_| open && may_pass && !showing.is_empty()) {
            let both = (&*receipts, &*showing);
            verdict = match self.prove_the_new(&id, &now, both, judged).await? {
                Ok(verdict) => verdict,
                Err(cut) => return self.cut(cut),
            };
        }
        // Where the model may answer that there is nothing to show, it need not change anything.
        if !told_that_nothing_shows_it(&verdict.output) {
            // What the checks themselves leave behind is no change of the model's.
            let last = receipts.last().and_then(|last| last.tree_after.clone());
            verdict.tree_after = last.or(Some(now));
        }
        self.append(Event::Checked(verdict)).map(|()| None)
    }

    /// A gate that ends before its verdict.
    fn cut(&mut self, cut: Cut) -> Result<Option<Ending>> {
        match cut {
            Cut::Refused(refused) => self.append(Event::Checked(*refused)).map(|()| None),
            Cut::Ended(ending) => Ok(ending),
        }
    }

    /// Whether the work has to be shown by a test.
    fn asked(&self, ticket: Option<&str>) -> Asked {
        let open = self.session.conversation.as_ref();
        match open.and_then(|open| open.failed.as_ref()) {
            Some(failed) if told_that_nothing_shows_it(&failed.output) => Asked::Before,
            // A repair that changes nothing else need not be shown by a test.
            // And what was written back has been asked already.
            _ if ticket.is_none() || open.is_none() => Asked::Before,
            _ if is_refactoring(ticket.and_then(|id| self.session.ticket(id))) => {
                Asked::ToKeepWhatItDoes
            }
            _ => Asked::Never,
        }
    }

    /// The same failure again, if nothing was changed since.
    fn failed_as_it_is(&self, now: &str) -> Option<Receipt> {
        let failed = self.session.conversation.as_ref()?.failed.as_ref()?;
        (failed.tree_after.as_deref() == Some(now)).then(|| unchanged_verdict(failed))
    }

    /// Runs commands until one is broken by the work. An error: interrupted, or the run ends here.
    async fn run_commands(
        &mut self,
        ticket: Option<&str>,
        commands: Vec<String>,
        now: &str,
    ) -> Result<Result<Vec<Receipt>, Option<Ending>>> {
        let mut receipts: Vec<Receipt> = Vec::new();
        let mut tree = now.to_owned();
        for line in commands {
            let seconds = self.session.settings.commands.max_timeout_seconds;
            let mut receipt = match self.run_planned(Gate::Verify, line, seconds).await? {
                Ok(receipt) => receipt,
                Err(ending) => return Ok(Err(ending)),
            };
            receipt.tree_before = Some(std::mem::take(&mut tree));
            tree = self.snapshots.take().await?;
            receipt.tree_after = Some(tree.clone());
            let standing = self.compared(ticket, &receipt).standing();
            let is_broken = matches!(standing, Standing::Broken(_));
            // A runner whose exit code is lost may end with 0 all the same.
            receipt.passed &= !is_broken;
            receipts.push(receipt.clone());
            self.append(Event::Checked(receipt))?;
            if is_broken {
                break;
            }
        }
        Ok(Ok(receipts))
    }

    /// Every check beside the same check before the ticket.
    pub(super) fn all_compared<'a>(
        &'a self,
        ticket: Option<&str>,
        now: &'a [Receipt],
    ) -> Vec<Check<'a>> {
        now.iter().map(|now| self.compared(ticket, now)).collect()
    }

    /// A check beside the same check before the ticket.
    fn compared<'a>(&'a self, ticket: Option<&str>, now: &'a Receipt) -> Check<'a> {
        let planned = ticket.and_then(|id| self.session.planned(id));
        let origin = if self.session.settings.commands.verify.contains(&now.command) {
            Origin::User
        } else if planned.is_some_and(|plan| plan.verify.contains(&now.command)) {
            Origin::Ticket
        } else {
            Origin::Project
        };
        Check {
            now,
            before: match ticket {
                Some(id) => self.session.before(id, &now.command),
                None => self.session.failed_before_repair(&now.command),
            },
            origin,
            without: None,
            fresh: &[],
        }
    }

    fn check_paths(&mut self, text: &str) -> Result<()> {
        let missing: Vec<String> = mentions::paths(text)
            .into_iter()
            .filter(|path| !self.exists(path))
            .collect();
        self.append(Event::Checked(paths_verdict(text, &missing)))
    }

    /// Whether a file or folder of that path is there.
    pub(super) fn exists(&self, path: &str) -> bool {
        matches!(current_hash(&self.workspace, path), Ok(Some(_)))
            || self.workspace.root().join(path).is_dir()
    }

    /// Starts the result as the plan says; what it leaves behind in the project is put back.
    pub(super) async fn start_result(&mut self) -> Result<Option<Ending>> {
        let run = self
            .session
            .documents
            .plan
            .as_ref()
            .map(|plan| plan.run.clone())
            .unwrap_or_default();
        let before = self.snapshots.take().await?;
        let mut said = Vec::new();
        for line in run {
            let receipt = match self
                .run_planned(Gate::Run, line.clone(), START_SECONDS)
                .await?
            {
                Ok(receipt) => receipt,
                Err(ending) => return Ok(ending),
            };
            said.push(said_of(&line, &receipt));
            self.append(Event::Checked(receipt))?;
        }
        let after = self.snapshots.take().await?;
        if after != before {
            self.put_traces_back(&before, &after).await?;
        }
        let text = said.join("\n");
        self.append(Event::Note(Note {
            kind: NoteKind::Smoked,
            text,
            data: Value::Null,
        }))?;
        Ok(None)
    }

    pub(super) fn command(&self, line: String, seconds: u64) -> Command {
        Command {
            line,
            folder: self.workspace.root().to_path_buf(),
            timeout: Duration::from_secs(seconds),
            access: Access::Write,
            network: match self.session.settings.commands.network {
                Switch::On => Network::On,
                Switch::Off => Network::Off,
            },
            output_limit: self.session.settings.commands.output_bytes,
        }
    }

    /// Runs one command of the plan as a check, if it may run. An error: interrupted, or the run
    /// ends here.
    pub(super) async fn run_planned(
        &mut self,
        gate: Gate,
        line: String,
        seconds: u64,
    ) -> Result<Result<Receipt, Option<Ending>>> {
        match self.leave_to_check(&line).await? {
            Leave::Given => {}
            Leave::Refused(why) => return Ok(Ok(self.not_run(gate, line, why))),
            Leave::Stopped(ending) => return Ok(Err(ending)),
        }
        let command = self.command(line, seconds);
        let receipt = self.run_check(gate, &command).await?;
        Ok(receipt.map(|receipt| self.counted(receipt)).ok_or(None))
    }

    /// The receipt of a command that did not run.
    pub(super) fn not_run(&self, gate: Gate, line: String, why: String) -> Receipt {
        Receipt {
            command: line,
            sandbox: self.confine.tier().to_owned(),
            ..told(gate, false, why)
        }
    }

    /// Runs one command as a check. None: interrupted.
    pub(super) async fn run_check(
        &mut self,
        gate: Gate,
        command: &Command,
    ) -> Result<Option<Receipt>> {
        if let Some(why) = self.unwatched()? {
            return Ok(Some(self.not_run(gate, command.line.clone(), why)));
        }
        self.operator
            .show(Update::Waiting(&format!("running {}", command.line)));
        // A failure in front of a pipe is a failure: `cargo test | tail` must not pass.
        let strict = Command {
            line: format!("set -o pipefail; {}", command.line),
            ..command.clone()
        };
        let finished = tokio::select! {
            biased;
            finished = self.confine.run(&strict) => Some(finished),
            () = self.interrupt.requested() => None,
        };
        self.tell_notices()?;
        let Some(finished) = finished else {
            return Ok(None);
        };
        let tier = self.confine.tier();
        let receipt = match finished {
            Ok(finished) => receipt(gate, command, &finished, tier),
            Err(error) => {
                let why = format!("the command could not be started: {error}");
                self.not_run(gate, command.line.clone(), why)
            }
        };
        Ok(Some(self.recorded_receipt(receipt)))
    }
}

fn receipt(gate: Gate, command: &Command, finished: &Finished, tier: &str) -> Receipt {
    let output = shell::middle_cut(&crate::tools::clean::clean(&finished.output), EXCERPT);
    Receipt {
        gate,
        command: command.line.clone(),
        cwd: ".".to_owned(),
        exit: finished.exit,
        signal: finished.signal,
        timed_out: finished.stopped == Some(Stopped::Timeout),
        ms: u64::try_from(finished.took.as_millis()).unwrap_or(u64::MAX),
        tests: tests_executed(&command.line, &finished.output),
        failing: failing_tests(&finished.output),
        output,
        output_sha256: finished.output_sha256.clone(),
        tree_before: None,
        tree_after: None,
        sandbox: tier.to_owned(),
        criteria: Vec::new(),
        passed: finished.exit == Some(0) && finished.stopped.is_none(),
    }
}

fn said_of(line: &str, receipt: &Receipt) -> String {
    let first = receipt
        .output
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    match (receipt.passed, receipt.timed_out) {
        (true, _) if first.is_empty() => format!("It works: `{line}` ended with exit 0."),
        (true, _) => format!(
            "It works: `{line}` ended with exit 0 and said: {}",
            first.trim()
        ),
        (false, true) => format!(
            "`{line}` was started and still ran after {START_SECONDS} s, as a server or a game does; it was ended."
        ),
        (false, false) => format!("`{line}` was started and failed: {}", receipt.output.trim()),
    }
}
