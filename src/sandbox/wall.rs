//! Commands behind the best wall this machine has. Starts the program itself as the launcher of
//! each command and talks to it; knows nothing of how the wall is made.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use super::caches;
use super::capture::Capture;
use super::environment::Environment;
use super::git_watch::GitWatch;
use super::launched::{LAUNCHER_ARGUMENT, Launcher, Ready};
use super::limits::{DRAIN, FLOOD_BYTES, GRACE};
use super::mirrors::Mirrors;
use super::output::note;
use super::policy::Policy;
use super::protocol::{Cause, INTERRUPT, KILL, Order, Reach, Report, Rights, TERMINATE};
use super::tier::{Probed, Tier};
use crate::engine::floor::Reachable;
use crate::engine::ports::{Access, Command, Confine, Finished, Network, Stopped};

/// A tier that does not come about in this time is not there.
const PROBE_TIME: Duration = Duration::from_secs(5);

/// Runs commands behind the best wall this machine has.
#[derive(Debug)]
pub struct Wall {
    policy: Policy,
    environment: Environment,
    launcher: Arc<Launcher>,
    ready: Option<Ready>,
    git: GitWatch,
    most: Tier,
    network: Reachable,
    grace: Duration,
    flood_bytes: u64,
    probed: OnceLock<Probed>,
    threads: OnceLock<u64>,
}

impl Wall {
    /// Commands may do what the policy says and see this environment.
    pub fn new(policy: Policy, environment: Environment, launcher: Launcher) -> Self {
        let mut policy = policy.resolved();
        caches::follow(&mut policy, &environment);
        Self {
            git: GitWatch::new(&policy),
            policy,
            environment,
            launcher: Arc::new(launcher),
            ready: None,
            most: Tier::Full,
            network: Reachable::Ask,
            grace: GRACE,
            flood_bytes: FLOOD_BYTES,
            probed: OnceLock::new(),
            threads: OnceLock::new(),
        }
    }

    /// At most this tier, whatever the machine has.
    #[must_use]
    pub const fn at_most(mut self, tier: Tier) -> Self {
        self.most = tier;
        self
    }

    /// Whether commands can get the network at all, whatever they ask for.
    #[must_use]
    pub const fn network(mut self, network: Reachable) -> Self {
        self.network = network;
        self
    }

    /// How long a command may take over an interrupt, and again over a termination.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How much a command may write before it is killed.
    #[must_use]
    pub const fn flood_bytes(mut self, bytes: u64) -> Self {
        self.flood_bytes = bytes;
        self
    }

    /// Keeps a launcher ready for the next command, which is started while nobody waits for it. All
    /// commands have to be run by one and the same runtime then.
    #[must_use]
    pub fn kept_ready(mut self) -> Self {
        self.ready = Some(Ready::new(Arc::clone(&self.launcher)));
        self
    }

    /// The program that starts commands.
    pub(super) fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// Which tier is in force, and why no better one. The first call finds out, by setting up
    /// each tier in turn with a command that does nothing; that takes a few milliseconds.
    pub fn probed(&self) -> &Probed {
        self.probed.get_or_init(|| {
            let mut refused = Vec::new();
            for tier in [Tier::Full, Tier::Partial] {
                if tier > self.most {
                    continue;
                }
                match self.probe(tier) {
                    Ok(()) => return Probed { tier, refused },
                    Err(error) => refused.push((tier, error.to_string())),
                }
            }
            let tier = Tier::None;
            Probed { tier, refused }
        })
    }

    fn probe(&self, tier: Tier) -> io::Result<()> {
        let nothing = Command {
            line: ":".to_owned(),
            folder: self.policy.project.clone(),
            timeout: PROBE_TIME,
            access: Access::Write,
            network: Network::Off,
            output_limit: 0,
        };
        let (mut ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(PROBE_TIME))?;
        let mut child = self
            .launcher
            .called(LAUNCHER_ARGUMENT)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let answer = ours
            .write_all(&self.order(tier, &nothing, &self.environment)?.encode()?)
            .and_then(|()| read_all(&mut ours));
        drop(ours);
        child.wait()?;
        match Report::first(&answer?)? {
            Report { exit: Some(0), .. } => Ok(()),
            report => Err(io::Error::other(report.why())),
        }
    }

    /// What every command sees.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What the launcher is told of a command in a tier.
    pub(super) fn order(
        &self,
        tier: Tier,
        command: &Command,
        environment: &Environment,
    ) -> io::Result<Order> {
        let (network, environment) = match (command.network, self.network) {
            (Network::On | Network::Fetch, Reachable::Ask) => {
                (Reach::Everything, environment.clone())
            }
            (Network::Off, _) | (_, Reachable::Off) => {
                (Reach::Nothing, environment.clone().offline())
            }
        };
        let mut environment = self.seen(tier, environment);
        let mut policy = self.policy_of(tier);
        let (mut folder, mut instead) = (command.folder.clone(), policy.stand_in(&command.folder));
        if tier == Tier::Full && instead.is_some() {
            folder.clone_from(&policy.project);
        } else if let Some(stand_in) = instead.take() {
            // Without places of its own, a command cannot have another one there.
            policy.project = stand_in;
        }
        if command.network == Network::Fetch && tier != Tier::None {
            let folder = policy.layers.join("settings");
            let mirrors = Mirrors::read(&policy, &environment, &folder)?;
            policy.ports.extend(mirrors.ports);
            for (variable, copy) in mirrors.copies {
                environment = environment.with(variable, &copy);
                policy.read.push(copy);
            }
        }
        policy
            .write
            .extend(caches::written(tier, command.network, &policy)?);
        Ok(Order {
            tier,
            line: command.line.clone(),
            folder,
            instead,
            environment: environment
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            project: match command.access {
                Access::Read => Rights::Read,
                Access::Write => Rights::Write,
            },
            network,
            caches: caches::layers(tier, command.network, &policy)?,
            policy,
        })
    }

    /// The policy with the limit of processes that the tier needs.
    fn policy_of(&self, tier: Tier) -> Policy {
        let mut policy = self.policy.clone();
        if tier != Tier::Full {
            // Without a namespace of its own, a command is counted with all of the user's.
            policy.limits.processes += *self.threads.get_or_init(threads_of_user);
        }
        policy
    }

    /// The environment with the places that the tier has.
    fn seen(&self, tier: Tier, environment: Environment) -> Environment {
        match tier {
            Tier::None => environment.with("TMPDIR", &self.policy.session_tmp),
            Tier::Full => environment.with("TMPDIR", "/tmp"),
            Tier::Partial => {
                // Home cannot be read, so toolchains are told where they are, and what programs
                // keep there goes to the session's own folder.
                let mut seen = environment.with("TMPDIR", &self.policy.session_tmp);
                // A program that is there but may not be run hides one that may.
                if let Some(search) = seen.get("PATH") {
                    let folders = std::env::split_paths(search);
                    let open =
                        folders.filter(|folder| folder.is_relative() || self.policy.opens(folder));
                    if let Ok(search) = std::env::join_paths(open) {
                        seen = seen.with("PATH", search);
                    }
                }
                let Some(home) = &self.policy.home else {
                    return seen;
                };
                for (name, below) in [
                    ("CARGO_HOME", ".cargo"),
                    ("RUSTUP_HOME", ".rustup"),
                    ("PYENV_ROOT", ".pyenv"),
                    ("GOPATH", "go"),
                    ("GIT_CONFIG_GLOBAL", ".gitconfig"),
                ] {
                    if seen.get(name).is_none() && home.join(below).exists() {
                        seen = seen.with(name, home.join(below));
                    }
                }
                seen.with("HOME", &self.policy.session_tmp)
            }
        }
    }
}

impl Confine for Wall {
    async fn run(&self, command: &Command) -> io::Result<Finished> {
        let started = Instant::now();
        // Dropped last, when the command is no more.
        let watching = self.git.begin()?;
        let environment = watching.disarm(self.environment.clone());
        let order = self
            .order(self.probed().tier, command, &environment)?
            .encode()?;
        let mut running = match &self.ready {
            Some(ready) => ready.take()?,
            None => self.launcher.start()?,
        };
        let mut capture = Capture::new(running.output()?, command.output_limit)?;
        let mut deadline = tokio::time::Instant::now() + command.timeout;
        running.send(&order).await;
        let mut stopped = None;
        let mut requests = [INTERRUPT, TERMINATE, KILL].into_iter();
        loop {
            tokio::select! {
                ended = running.child.wait() => { ended?; break }
                read = capture.read(), if !capture.at_end() => {
                    read?;
                    if capture.bytes() > self.flood_bytes && stopped != Some(Stopped::OutputFlood) {
                        stopped = Some(Stopped::OutputFlood);
                        running.send(&[KILL]).await;
                    }
                }
                () = sleep_until(deadline) => {
                    stopped = stopped.or(Some(Stopped::Timeout));
                    match requests.next() {
                        Some(request) => running.send(&[request]).await,
                        None => running.child.start_kill()?,
                    }
                    deadline += self.grace;
                }
            }
        }
        capture.drain(DRAIN).await?;
        let report = Report::first(&running.answer().await)?;
        if report.failed.is_some() {
            return Err(report.failure());
        }
        if let Some(ready) = &self.ready {
            ready.prepare();
        }
        let mut collected = capture.finish();
        note(&mut collected.text, &watching.end());
        Ok(Finished {
            exit: report.exit,
            signal: report.signal,
            stopped: stopped.or(report.stopped.map(|cause| match cause {
                Cause::Memory => Stopped::Memory,
                Cause::Disk => Stopped::Disk,
            })),
            output: collected.text,
            output_bytes: collected.bytes,
            output_sha256: collected.sha256,
            took: started.elapsed(),
        })
    }

    fn tier(&self) -> &'static str {
        self.probed().tier.name()
    }

    fn shortcomings(&self) -> Vec<String> {
        self.probed().shortcomings()
    }

    fn notices(&self) -> Vec<String> {
        self.git.told()
    }
}

fn read_all(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Threads of the person's other programs.
fn threads_of_user() -> u64 {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::getuid().as_raw();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|entry| entry.metadata().is_ok_and(|process| process.uid() == user))
        .filter_map(|process| std::fs::read_dir(process.path().join("task")).ok()) // silent-ok: ended.
        .map(|threads| threads.count() as u64)
        .sum()
}
