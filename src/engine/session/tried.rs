//! What the attempt under way has done so far: files, commands, and the check that failed last.
//! Refuses to judge it.

use super::Conversation;
use crate::engine::call::CallId;
use crate::engine::event::{Gate, Ran, Receipt};
use crate::engine::tool::{ToolResult, ToolStatus};

/// Characters of a command that are kept.
const COMMAND_MOST: usize = 120;

/// What an attempt has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Paths below the project that it changed, in the order in which it did.
    pub changed: Vec<String>,
    /// Commands that the model ran, each once, with the ending of its last run; the latest last.
    pub ran: Vec<Ran>,
    /// The check behind the last verdict that failed.
    pub failing: Option<Failing>,
    /// The last check that was run.
    last: Option<Failing>,
}

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Its command and how it ended.
    pub check: Ran,
    /// Its output as the receipt has it.
    pub output: String,
}

impl Tried {
    /// A tool has run, as far as the conversation knows of it.
    pub(super) fn used(
        &mut self,
        conversation: Option<&Conversation>,
        (id, result): (&CallId, &ToolResult),
        changed: &[String],
    ) {
        for path in changed {
            if !self.changed.contains(path) {
                self.changed.push(path.clone());
            }
        }
        let pending = conversation.into_iter().flat_map(|open| &open.pending);
        let mut calls = pending.map(|pending| &pending.call);
        let call = calls.find(|call| call.id == *id);
        if let Some(command) = call.and_then(|call| call.text("command")) {
            let command = on_one_line(command);
            self.ran.retain(|ran| ran.command != command);
            let ended = ending(result);
            self.ran.push(Ran { command, ended });
        }
    }

    /// A check was run, or a verdict given.
    pub(super) fn checked(&mut self, receipt: &Receipt) {
        match receipt.gate {
            Gate::Verify => {
                self.last = (!receipt.passed).then(|| Failing {
                    check: Ran {
                        command: on_one_line(&receipt.command),
                        ended: how(receipt),
                    },
                    output: receipt.output.clone(),
                });
            }
            Gate::Verdict if receipt.passed => self.failing = None,
            // What is red for another reason, as it was before the work, ended nothing.
            Gate::Verdict => {
                let last = self.last.take();
                let last = last.filter(|last| receipt.output.contains(&last.check.command));
                self.failing = last.or(self.failing.take());
            }
            Gate::Run
            | Gate::Before
            | Gate::Without
            | Gate::MustFail
            | Gate::OldTests
            | Gate::Hollow
            | Gate::Critic
            | Gate::Guard
            | Gate::Hook
            | Gate::Packages
            | Gate::Changed
            | Gate::Paths => {}
        }
    }
}

fn on_one_line(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    words.join(" ").chars().take(COMMAND_MOST).collect()
}

/// The first line of a command's result says how it ended.
fn ending(result: &ToolResult) -> String {
    match result.status {
        ToolStatus::Ok | ToolStatus::Failed => {
            let line = result.text.lines().next().unwrap_or_default();
            let line = line.split([';', '(']).next().unwrap_or_default();
            line.trim().to_owned()
        }
        ToolStatus::Denied => "was refused".to_owned(),
        ToolStatus::TimedOut => "did not end in time".to_owned(),
        ToolStatus::Unknown => "may have run".to_owned(),
    }
}

fn how(receipt: &Receipt) -> String {
    match (receipt.timed_out, receipt.exit, receipt.signal) {
        (true, _, _) => "no end in time".to_owned(),
        (false, Some(code), _) => format!("exit code {code}"),
        (false, None, Some(signal)) => format!("signal {signal}"),
        (false, None, None) => "no start".to_owned(),
    }
}
