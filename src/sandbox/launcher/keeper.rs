//! The process that outlives the command: it starts it, hands on requests to end it, watches
//! memory and disk, reaps, reports, and leaves nothing alive.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group, wait,
};
use rustix::time::Timespec;

use super::processes;
use super::system::{Forked, child_signals, exit_now, fork};
use super::world;
use crate::sandbox::limits::STRAGGLERS;
use crate::sandbox::policy::Limits;
use crate::sandbox::protocol::{Cause, INTERRUPT, Order, Report, TERMINATE};

/// Memory and disk are looked at this often.
const TICK: Duration = Duration::from_millis(200);

/// Whose processes this one sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surroundings {
    /// The command's only: it is the first process of a namespace.
    Own,
    /// Everybody's.
    Shared,
}

/// Writes a report; nobody is there to be told if that fails.
pub(super) fn report(mut socket: &File, report: &Report) {
    if let Ok(line) = serde_json::to_vec(report) {
        // silent-ok: the other side is gone, and so is everybody who could be told.
        let _ = socket
            .write_all(&line)
            .and_then(|()| socket.write_all(b"\n"));
    }
}

/// Starts the command and keeps it to its end.
pub(super) fn keep(order: &Order, socket: &File, surroundings: Surroundings) -> io::Result<()> {
    let children = child_signals()?;
    let before = Before::look(order);
    match fork()? {
        Forked::Child => {
            let error = world::run(order);
            let failed = Report {
                failed: Some(error.to_string()),
                ..Report::default()
            };
            report(socket, &failed);
            exit_now(126)
        }
        Forked::Parent(command) => {
            let mut keeper = Keeper {
                command,
                socket,
                children: &children,
                surroundings,
                stopped: None,
            };
            let status = keeper.watch(&before)?;
            report(
                socket,
                &Report {
                    exit: status.exit_status(),
                    signal: status.terminating_signal(),
                    stopped: keeper.stopped,
                    failed: None,
                },
            );
            keeper.leave_nothing()
        }
    }
}

struct Keeper<'a> {
    command: Pid,
    socket: &'a File,
    children: &'a File,
    surroundings: Surroundings,
    stopped: Option<Cause>,
}

/// What the machine had before the command: limits are relative to it.
struct Before {
    memory_bytes: u64,
    free_disk_bytes: u64,
    project: std::path::PathBuf,
}

impl Before {
    fn look(order: &Order) -> Self {
        let Limits {
            memory_bytes,
            free_disk_bytes,
            ..
        } = order.policy.limits;
        let system = rustix::system::sysinfo();
        let total = system.totalram as u64 * u64::from(system.mem_unit);
        let free = free_disk(&order.policy.project).unwrap_or(u64::MAX);
        Self {
            memory_bytes: memory_bytes.unwrap_or(total / 2),
            // A disk that is nearly full already may get a little fuller.
            free_disk_bytes: free_disk_bytes.min(free / 2),
            project: order.policy.project.clone(),
        }
    }

    /// Which limit is passed, if one is.
    fn exceeded(&self, memory_bytes: u64, free_disk_bytes: Option<u64>) -> Option<Cause> {
        if memory_bytes > self.memory_bytes {
            Some(Cause::Memory)
        } else if free_disk_bytes.is_some_and(|free| free < self.free_disk_bytes) {
            Some(Cause::Disk)
        } else {
            None
        }
    }
}

fn free_disk(path: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?; // silent-ok: an unknown disk is not watched.
    Some(disk.f_bavail * disk.f_frsize)
}

impl Keeper<'_> {
    /// Waits for the command's end.
    fn watch(&mut self, before: &Before) -> io::Result<WaitStatus> {
        let mut next_look = Instant::now() + TICK;
        loop {
            let left = next_look.saturating_duration_since(Instant::now());
            let (asked, ended) = self.wait(left)?;
            if ended && let Some(status) = self.reap()? {
                return Ok(status);
            }
            if asked {
                self.obey()?;
            }
            if Instant::now() >= next_look {
                self.look(before);
                next_look = Instant::now() + TICK;
            }
        }
    }

    /// Waits for a request or an ended child, but not longer than that.
    fn wait(&self, most: Duration) -> io::Result<(bool, bool)> {
        let mut files = [
            PollFd::from_borrowed_fd(self.children.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::IN),
        ];
        wait_for(&mut files, most)?;
        Ok((
            !files[1].revents().is_empty(),
            !files[0].revents().is_empty(),
        ))
    }

    /// Waits for an ended child only.
    fn wait_for_children(&self, most: Duration) -> io::Result<()> {
        let children = PollFd::from_borrowed_fd(self.children.as_fd(), PollFlags::IN);
        wait_for(&mut [children], most)
    }

    /// Takes in every child that has ended; says how the command did, if it is among them.
    fn reap(&mut self) -> io::Result<Option<WaitStatus>> {
        let mut signal = [0; 128 * 16];
        // silent-ok: it only empties the file, which may be empty.
        let _ = self.children.read(&mut signal);
        let mut ended = None;
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.command => ended = Some(status),
                Ok(Some(_)) => {}
                Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(ended),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Does what the program asks for. If it is gone, everything goes.
    fn obey(&mut self) -> io::Result<()> {
        let mut request = [0];
        let read = self.socket.read(&mut request);
        match (read, request[0]) {
            (Ok(1), INTERRUPT) => self.signal(Signal::INT),
            (Ok(1), TERMINATE) => self.signal(Signal::TERM),
            _ => self.kill_all()?,
        }
        Ok(())
    }

    /// Signals the command and what it runs in its own group.
    fn signal(&self, signal: Signal) {
        // The group may not be there yet, or not any more; then the process itself is meant.
        if kill_process_group(self.command, signal).is_err() {
            // silent-ok: it has ended already.
            let _ = kill_process(self.command, signal);
        }
    }

    fn look(&mut self, before: &Before) {
        let memory = match self.surroundings {
            Surroundings::Own => processes::memory_of_all(),
            Surroundings::Shared => processes::memory_below(rustix::process::getpid()),
        };
        if let Some(cause) = before.exceeded(memory, free_disk(&before.project)) {
            self.stopped = self.stopped.or(Some(cause));
            // silent-ok: the next look tries again.
            let _ = self.kill_all();
        }
    }

    /// Kills everything the command started, wherever it has gone.
    fn kill_all(&self) -> io::Result<()> {
        match self.surroundings {
            Surroundings::Own => processes::kill_everything(),
            Surroundings::Shared => processes::kill_below(rustix::process::getpid()),
        }
    }

    /// After the command's end: its last writers get a moment, then everything dies.
    fn leave_nothing(&mut self) -> io::Result<()> {
        let end = Instant::now() + STRAGGLERS;
        while processes::has_children() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let (asked, _) = self.wait(left)?;
            self.reap()?;
            if asked {
                break;
            }
        }
        while processes::has_children() {
            self.kill_all()?;
            self.wait_for_children(Duration::from_millis(20))?;
            self.reap()?;
        }
        Ok(())
    }
}

fn wait_for(files: &mut [PollFd<'_>], most: Duration) -> io::Result<()> {
    let most = Timespec {
        tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: most.subsec_nanos().into(),
    };
    match poll(files, Some(&most)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_decides_what_is_too_much() {
        let before = Before {
            memory_bytes: 100,
            free_disk_bytes: 50,
            project: "/p".into(),
        };
        assert_eq!(before.exceeded(100, Some(50)), None);
        assert_eq!(before.exceeded(100, None), None);
        assert_eq!(before.exceeded(101, Some(50)), Some(Cause::Memory));
        assert_eq!(before.exceeded(100, Some(49)), Some(Cause::Disk));
    }
}
