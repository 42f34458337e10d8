//! Tier `none`: a command in a session and process group of its own, with an allow-listed
//! environment, no input, bounded output and a bounded life. There is no wall here; what a
//! command makes leave its group is not followed.

use std::ffi::OsString;
use std::io::{self, Seek as _, Write as _};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::time::sleep_until;

use super::capture::Capture;
use super::environment::Environment;
use super::limits::{DRAIN, FLOOD_BYTES, GRACE, STRAGGLERS};
use super::tier::Tier;
use crate::engine::ports::{Command, Confine, Finished, Network, Stopped};

/// Runs commands without a wall.
#[derive(Clone, Debug)]
pub struct Plain {
    environment: Environment,
    prefix: Vec<OsString>,
    input: Vec<u8>,
    grace: Duration,
    flood_bytes: u64,
}

impl Plain {
    /// Commands see this environment.
    pub const fn new(environment: Environment) -> Self {
        Self {
            environment,
            prefix: Vec::new(),
            input: Vec::new(),
            grace: GRACE,
            flood_bytes: FLOOD_BYTES,
        }
    }

    /// How long a command may take over an interrupt, and again over a termination.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// What a command reads; nothing unless this is said.
    #[must_use]
    pub fn reading(mut self, input: Vec<u8>) -> Self {
        self.input = input;
        self
    }

    /// How much a command may write before it is killed.
    #[must_use]
    pub const fn flood_bytes(mut self, bytes: u64) -> Self {
        self.flood_bytes = bytes;
        self
    }

    /// Starts the shell by another program, which gets it as its operands.
    #[cfg(any(not(target_os = "linux"), test))]
    #[must_use]
    pub(super) fn behind(mut self, prefix: Vec<OsString>) -> Self {
        self.prefix = prefix;
        self
    }

    fn spawn(&self, command: &Command) -> io::Result<(Group, Capture)> {
        let (output, input) = io::pipe()?;
        let environment = match command.network {
            Network::Off => self.environment.clone().offline(),
            Network::On | Network::Fetch => self.environment.clone(),
        };
        let bash = OsString::from("bash");
        let mut words = self.prefix.iter().chain([&bash]);
        let mut bash = tokio::process::Command::new(words.next().unwrap_or(&bash));
        bash.args(words)
            .args(["--noprofile", "--norc", "-c", &command.line])
            .current_dir(&command.folder)
            .env_clear()
            .envs(environment.iter())
            .stdin(self.stdin()?)
            .stdout(input.try_clone()?)
            .stderr(input);
        own_session(&mut bash);
        let group = Group::new(bash.spawn()?)?;
        Ok((group, Capture::new(output.into(), command.output_limit)?))
    }
}

impl Plain {
    /// A file rather than a pipe: a command that reads nothing holds up nobody.
    fn stdin(&self) -> io::Result<Stdio> {
        if self.input.is_empty() {
            return Ok(Stdio::null());
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&self.input)?;
        file.rewind()?;
        Ok(file.into())
    }
}

impl Confine for Plain {
    async fn run(&self, command: &Command) -> io::Result<Finished> {
        let started = Instant::now();
        let (mut group, mut capture) = self.spawn(command)?;
        let mut stopped = None;
        let mut signals = [Signal::INT, Signal::TERM, Signal::KILL].into_iter();
        let mut deadline = tokio::time::Instant::now() + command.timeout;
        let status = loop {
            tokio::select! {
                status = group.child.wait() => break status?,
                read = capture.read(), if !capture.at_end() => {
                    read?;
                    if capture.bytes() > self.flood_bytes && stopped != Some(Stopped::OutputFlood) {
                        stopped = Some(Stopped::OutputFlood);
                        group.signal(Signal::KILL);
                    }
                }
                () = sleep_until(deadline) => {
                    stopped = stopped.or(Some(Stopped::Timeout));
                    group.signal(signals.next().unwrap_or(Signal::KILL));
                    deadline += self.grace;
                }
            }
        };
        // What the command left behind gets a moment to write its last words, then dies.
        if stopped.is_none() {
            capture.drain(STRAGGLERS).await?;
        }
        group.signal(Signal::KILL);
        group.ended = true;
        capture.drain(DRAIN).await?;
        let collected = capture.finish();
        Ok(Finished {
            exit: status.code(),
            signal: status.signal(),
            stopped,
            output: collected.text,
            output_bytes: collected.bytes,
            output_sha256: collected.sha256,
            took: started.elapsed(),
        })
    }

    fn tier(&self) -> &'static str {
        Tier::None.name()
    }
}

/// A child and the process group it leads. Dropping it kills the group.
struct Group {
    child: Child,
    leader: Pid,
    ended: bool,
}

impl Group {
    fn new(child: Child) -> io::Result<Self> {
        let leader = child
            .id()
            .and_then(|id| i32::try_from(id).ok()) // silent-ok: told as the error below.
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("the command ended before it could be watched"))?;
        Ok(Self {
            child,
            leader,
            ended: false,
        })
    }

    fn signal(&self, signal: Signal) {
        // silent-ok: the only failure is that nobody is left to signal.
        let _ = kill_process_group(self.leader, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::KILL);
        }
    }
}

/// Makes the child the leader of a session: no terminal to ask on, and a group to kill.
#[expect(
    unsafe_code,
    reason = "a session can only be made between fork and exec"
)]
fn own_session(command: &mut tokio::process::Command) {
    // SAFETY: the closure makes one system call, which is async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(|_| ()).map_err(Into::into));
    }
}
