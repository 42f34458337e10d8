//! Tier `none`: a command in a session and process group of its own, with an allow-listed
//! environment, no input, bounded output and a bounded life. There is no wall here; what a
//! command makes leave its group is not followed.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio::time::{sleep_until, timeout};

use super::environment::Environment;
use super::limits::{DRAIN, FLOOD_BYTES, GRACE, STRAGGLERS};
use super::output::Output;
use crate::engine::ports::{Command, Confine, Finished, Network, Stopped};

/// Runs commands without a wall.
#[derive(Clone, Debug)]
pub struct Plain {
    environment: Environment,
    grace: Duration,
    flood_bytes: u64,
}

impl Plain {
    /// Commands see this environment.
    pub const fn new(environment: Environment) -> Self {
        Self {
            environment,
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

    /// How much a command may write before it is killed.
    #[must_use]
    pub const fn flood_bytes(mut self, bytes: u64) -> Self {
        self.flood_bytes = bytes;
        self
    }

    fn spawn(&self, command: &Command) -> io::Result<(Group, Receiver)> {
        let (output, input) = io::pipe()?;
        let environment = match command.network {
            Network::Off => self.environment.clone().offline(),
            Network::On => self.environment.clone(),
        };
        let mut bash = tokio::process::Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", &command.line])
            .current_dir(&command.folder)
            .env_clear()
            .envs(environment.iter())
            .stdin(Stdio::null())
            .stdout(input.try_clone()?)
            .stderr(input);
        own_session(&mut bash);
        let child = bash.spawn()?;
        Ok((Group::new(child)?, Receiver::from_owned_fd(output.into())?))
    }
}

impl Confine for Plain {
    async fn run(&self, command: &Command) -> io::Result<Finished> {
        let started = Instant::now();
        let (mut group, mut pipe) = self.spawn(command)?;
        let mut output = Output::new(command.output_limit);
        let mut buffer = vec![0; 64 * 1024];
        let mut stopped = None;
        let mut signals = [Signal::INT, Signal::TERM, Signal::KILL].into_iter();
        let mut deadline = tokio::time::Instant::now() + command.timeout;
        let mut at_end = false;
        let status = loop {
            tokio::select! {
                status = group.child.wait() => break status?,
                read = pipe.read(&mut buffer), if !at_end => {
                    at_end = take(&mut output, &buffer, read?);
                    if output.bytes() > self.flood_bytes && stopped != Some(Stopped::OutputFlood) {
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
        if !at_end && stopped.is_none() {
            at_end = drain(&mut pipe, &mut output, &mut buffer, STRAGGLERS).await?;
        }
        group.signal(Signal::KILL);
        group.ended = true;
        if !at_end {
            drain(&mut pipe, &mut output, &mut buffer, DRAIN).await?;
        }
        Ok(finished(status, stopped, output, started.elapsed()))
    }

    fn tier(&self) -> &'static str {
        "none"
    }
}

/// Takes what was read; says whether it was the end.
fn take(output: &mut Output, buffer: &[u8], read: usize) -> bool {
    output.push(&buffer[..read]);
    read == 0
}

/// Reads until the end, but no longer than `most`; says whether it came to the end.
async fn drain(
    pipe: &mut Receiver,
    output: &mut Output,
    buffer: &mut [u8],
    most: Duration,
) -> io::Result<bool> {
    let to_the_end = async {
        loop {
            let read = pipe.read(buffer).await?;
            if take(output, buffer, read) {
                return Ok(());
            }
        }
    };
    match timeout(most, to_the_end).await {
        Ok(result) => result.map(|()| true),
        Err(_elapsed) => Ok(false),
    }
}

fn finished(
    status: ExitStatus,
    stopped: Option<Stopped>,
    output: Output,
    took: Duration,
) -> Finished {
    let collected = output.finish();
    Finished {
        exit: status.code(),
        signal: status.signal(),
        stopped,
        output: collected.text,
        output_bytes: collected.bytes,
        output_sha256: collected.sha256,
        took,
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
