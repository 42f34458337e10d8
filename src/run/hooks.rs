//! The person's own commands for when they are wanted, as processes beside the run. Refuses
//! commands of a project: what runs here comes from the person's configuration alone.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::engine::notice::Notice;
use crate::engine::occasion::Occasion;
use crate::engine::ports::{Access, Command, Confine as _, Finished, Network, Stopped};
use crate::sandbox::{Environment, Plain};

/// Between an interrupt, a termination and the kill of a command that takes too long.
const GRACE: Duration = Duration::from_millis(100);
/// Bytes of a command's output that are held, and thrown away: it may name an address or a key.
const OUTPUT: usize = 4_000;

/// The person's commands, and those that are under way.
#[derive(Debug, Default)]
pub struct Hooks {
    commands: BTreeMap<Occasion, String>,
    limit: Duration,
    environment: Environment,
    folder: PathBuf,
    running: JoinSet<Ended>,
    /// Whether the person knows that a command of theirs fails.
    pub(super) told: Told,
}

/// Whether something was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Told {
    #[default]
    No,
    Yes,
}

/// What became of a command.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) occasion: Occasion,
    /// None if it did not end by itself.
    pub(super) exit: Option<i32>,
    pub(super) ms: u64,
    /// Why it did not do what it should, without a word of its own; none if it did.
    pub(super) wrong: Option<String>,
}

impl Hooks {
    /// These commands, each with so much time, with the variables of the person's own shell, in a
    /// folder of theirs: not the project's, where a name could mean a file of the model's.
    pub fn new(
        commands: BTreeMap<Occasion, String>,
        limit: Duration,
        environment: Environment,
        folder: PathBuf,
    ) -> Self {
        Self {
            commands,
            limit,
            environment,
            folder,
            ..Self::default()
        }
    }

    /// Whether there is a command for it.
    pub(super) fn has(&self, occasion: Occasion) -> bool {
        self.commands.contains_key(&occasion)
    }

    /// Starts the command for it, if there is one. What becomes of it is found out later.
    pub(super) fn start(&mut self, notice: &Notice) {
        let Some(line) = self.commands.get(&notice.event) else {
            return;
        };
        let variables = notice.variables().into_iter();
        let environment = variables.fold(self.environment.clone(), |all, (name, value)| {
            all.with(name, value)
        });
        let facts = json!(notice).to_string() + "\n";
        let shell = Plain::new(environment)
            .grace(GRACE)
            .reading(facts.into_bytes());
        let command = Command {
            line: line.clone(),
            folder: self.folder.clone(),
            timeout: self.limit,
            access: Access::Write,
            network: Network::On,
            output_limit: OUTPUT,
        };
        let occasion = notice.event;
        self.running.spawn(async move {
            let finished = shell.run(&command).await;
            Ended::of(occasion, &finished, command.timeout)
        });
    }

    /// One that has ended, if any has. One whose task broke off tells nothing.
    pub(super) fn ended(&mut self) -> Option<Ended> {
        loop {
            if let Ok(ended) = self.running.try_join_next()? {
                return Some(ended);
            }
        }
    }

    /// The next one to end; none if none is under way.
    pub(super) async fn next(&mut self) -> Option<Ended> {
        loop {
            if let Ok(ended) = self.running.join_next().await? {
                return Some(ended);
            }
        }
    }

    /// Whether one is under way.
    pub(super) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Ends those that are under way.
    pub(super) async fn stop(&mut self) {
        self.running.shutdown().await;
    }
}

impl Ended {
    fn of(occasion: Occasion, finished: &io::Result<Finished>, limit: Duration) -> Self {
        let (exit, ms) = match finished {
            Ok(finished) => (finished.exit, finished.took.as_millis()),
            Err(_) => (None, 0),
        };
        Self {
            occasion,
            exit,
            ms: u64::try_from(ms).unwrap_or(u64::MAX),
            wrong: what_went_wrong(finished, limit),
        }
    }
}

fn what_went_wrong(finished: &io::Result<Finished>, limit: Duration) -> Option<String> {
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return Some(format!("it could not be started: {error}")),
    };
    Some(match (finished.stopped, finished.exit, finished.signal) {
        (Some(Stopped::Timeout), _, _) => format!("it took more than {} s", limit.as_secs()),
        (Some(Stopped::OutputFlood | Stopped::Memory | Stopped::Disk), _, _) => {
            "it took too much".to_owned()
        }
        (None, Some(0), _) => return None,
        (None, Some(code), _) => format!("exit {code}"),
        (None, None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
    })
}
