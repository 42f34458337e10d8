//! The checks behind a claim, run by the program itself: the ticket's commands, the whole suite,
//! paths in findings, and the start of the result. Each leaves a receipt; what they add up to is
//! decided in `engine/gate.rs`.

use std::time::Duration;

use serde_json::Value;

use super::driver::{Ending, Run};
use super::permission::Leave;
use crate::engine::decide::GateKind;
use crate::engine::event::{Event, Gate, Note, NoteKind, Receipt};
use crate::engine::gate::{
    Asked, Changed, Commands, paths_verdict, told, unchanged_verdict, verdict,
};
use crate::engine::mentions;
use crate::engine::ports::{
    Access, Command, Confine, Finished, Model, Network, Operator, Stopped, Update,
};
use crate::engine::settings::Switch;
use crate::engine::test_count::tests_executed;
use crate::error::Result;
use crate::tools::{current_hash, shell, survey};

/// Bytes of a check's output that stay in the journal.
const EXCERPT: usize = 8_000;
/// Seconds that the result may run when it is started once.
const START_SECONDS: u64 = 15;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs the checks that a claim must pass, and the verdict on them.
    pub(super) async fn run_gate(&mut self, gate: GateKind) -> Result<Option<Ending>> {
        let (commands, before) = match gate {
            GateKind::Paths(text) => return self.check_paths(&text).map(|()| None),
            GateKind::Ticket(id) => {
                let tree = self
                    .session
                    .tickets
                    .get(&id)
                    .and_then(|progress| progress.tree.clone());
                // What was green stays green: the checks of tickets done before run as well.
                let mut commands = self.session.verify_commands(&id);
                let earlier = self.session.suite_commands();
                commands.extend(
                    earlier
                        .into_iter()
                        .filter(|line| !commands.contains(line))
                        .collect::<Vec<_>>(),
                );
                (commands, tree)
            }
            GateKind::Suite => (self.session.suite_commands(), None),
        };
        let now = self.snapshots.take().await?;
        let changed = match before {
            Some(before) if before == now => Changed::No,
            Some(_) => Changed::Yes,
            None => Changed::Unknown,
        };
        if let Some(failed) = self.failed_as_it_is(&now) {
            return self.append(Event::Checked(failed)).map(|()| None);
        }
        let mut receipts = Vec::new();
        if changed != Changed::No {
            receipts = match self.run_commands(commands).await? {
                Ok(receipts) => receipts,
                Err(ending) => return Ok(ending),
            };
        }
        let of_user = !self.session.settings.commands.verify.is_empty();
        let commands = match (receipts.is_empty(), of_user) {
            (true, _) => Commands::None,
            (false, true) => Commands::OfTheUser,
            (false, false) => Commands::OfThePlan,
        };
        let asked = match &self.session.conversation {
            Some(conversation) if conversation.repairs > 0 => Asked::Before,
            _ => Asked::Never,
        };
        let mut verdict = verdict(&receipts, commands, changed, asked);
        if commands != Commands::None {
            verdict.tree_after = Some(now);
        }
        self.append(Event::Checked(verdict)).map(|()| None)
    }

    /// The same failure again, if nothing was changed since.
    fn failed_as_it_is(&self, now: &str) -> Option<Receipt> {
        let failed = self.session.conversation.as_ref()?.failed.as_ref()?;
        (failed.tree_after.as_deref() == Some(now)).then(|| unchanged_verdict(failed))
    }

    /// Runs commands until one fails; if none executed a test, the project's own test command is
    /// tried too. An error: interrupted, or the run ends here.
    async fn run_commands(
        &mut self,
        commands: Vec<String>,
    ) -> Result<Result<Vec<Receipt>, Option<Ending>>> {
        let mut receipts: Vec<Receipt> = Vec::new();
        let mut queue = commands;
        let mut detected = false;
        loop {
            for line in std::mem::take(&mut queue) {
                let seconds = self.session.settings.commands.max_timeout_seconds;
                let receipt = match self.run_planned(Gate::Verify, line, seconds).await? {
                    Ok(receipt) => receipt,
                    Err(ending) => return Ok(Err(ending)),
                };
                let passed = receipt.passed;
                receipts.push(receipt.clone());
                self.append(Event::Checked(receipt))?;
                if !passed {
                    return Ok(Ok(receipts));
                }
            }
            let executed: u64 = receipts.iter().filter_map(|receipt| receipt.tests).sum();
            if executed > 0 || detected {
                return Ok(Ok(receipts));
            }
            detected = true;
            queue = survey::detected_verify(&self.picture_now());
            queue.retain(|line| !receipts.iter().any(|receipt| receipt.command == *line));
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
            self.snapshots.restore(&before, &after).await?;
        }
        let text = said.join("\n");
        self.append(Event::Note(Note {
            kind: NoteKind::Smoked,
            text,
            data: Value::Null,
        }))?;
        Ok(None)
    }

    fn command(&self, line: String, seconds: u64) -> Command {
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
    async fn run_planned(
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
        Ok(self.run_check(gate, &command).await?.ok_or(None))
    }

    /// The receipt of a command that did not run.
    fn not_run(&self, gate: Gate, line: String, why: String) -> Receipt {
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
        Ok(Some(match finished {
            Ok(finished) => receipt(gate, command, &finished, tier),
            Err(error) => {
                let why = format!("the command could not be started: {error}");
                self.not_run(gate, command.line.clone(), why)
            }
        }))
    }

    pub(super) async fn save(&mut self) -> Result<()> {
        let tree = self.snapshots.take().await?;
        self.append(Event::Note(Note {
            kind: NoteKind::Snapshot,
            text: "saved the project before repairing".to_owned(),
            data: Value::String(tree),
        }))
    }

    pub(super) async fn take_back(&mut self, tree: &str, reason: &str) -> Result<()> {
        let now = self.snapshots.take().await?;
        self.snapshots.restore(tree, &now).await?;
        self.append(Event::Note(Note {
            kind: NoteKind::TakenBack,
            text: format!("The repair of the review's findings was taken back: {reason}"),
            data: Value::Null,
        }))
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
        output,
        output_sha256: finished.output_sha256.clone(),
        tree_before: None,
        tree_after: None,
        sandbox: tier.to_owned(),
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
