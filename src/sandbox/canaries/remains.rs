//! Processes that stay behind: found by a pipe that they hold open for as long as they live.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags};

use super::ground::{Canary, Ground};
use crate::engine::ports::{Confine as _, Network};
use crate::sandbox::tier::Tier;

/// Leaves its session and heeds no signal, and says `left` on the pipe when it has.
pub(super) const DAEMON: &str =
    "exec 9>alive; (trap '' TERM INT HUP; setsid sleep 60 &); echo left >&9";

/// A pipe in the project.
pub(super) struct Lifeline {
    path: PathBuf,
    reader: OwnedFd,
}

impl Lifeline {
    pub(super) fn new(ground: &Ground) -> io::Result<Self> {
        let path = ground.root.join("project/alive");
        rustix::fs::mkfifoat(CWD, &path, Mode::RWXU)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self { path, reader })
    }

    /// Whether somebody has written within that time.
    pub(super) fn is_taken(&self, most: Duration) -> io::Result<bool> {
        Ok(self.wait(most)?.contains(PollFlags::IN))
    }

    /// Whether the last one who held the other end has gone within that time.
    pub(super) fn ends(self, most: Duration) -> io::Result<bool> {
        let mut buffer = [0; 64];
        let ended = loop {
            if self.wait(most)?.is_empty() {
                break false;
            }
            match rustix::io::read(&self.reader, &mut buffer) {
                Ok(0) => break true,
                Ok(_) | Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        };
        fs::remove_file(&self.path)?;
        Ok(ended)
    }

    fn wait(&self, most: Duration) -> io::Result<PollFlags> {
        let mut files = [PollFd::new(&self.reader, PollFlags::IN)];
        let most = Timespec {
            tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: most.subsec_nanos().into(),
        };
        poll(&mut files, Some(&most))?;
        Ok(files[0].revents())
    }
}

/// A command that ends and leaves a process.
pub(super) async fn after_a_command(ground: &Ground) -> io::Result<Canary> {
    let alive = Lifeline::new(ground)?;
    ground
        .wall
        .run(&ground.command(Network::Off, DAEMON))
        .await?;
    Ok(Canary {
        attack: "leave a process behind",
        stopped: alive.ends(Duration::from_secs(1))?,
        promised: cfg!(target_os = "linux") || ground.wall.probed().tier > Tier::None,
    })
}
