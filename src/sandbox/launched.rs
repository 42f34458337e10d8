//! The program as its own launcher: started, spoken to and ended, and one of them kept ready. Knows
//! nothing of orders and of what is made of them.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::time::timeout;

use super::limits::DRAIN;

/// The argument that makes the program its own launcher.
pub(super) const LAUNCHER_ARGUMENT: &str = "__sandbox";

/// How often it is looked whether a command that nobody waits for any more has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// After so many looks it is killed from outside.
const LAST_LOOKS: u32 = 1500;

/// The program as its own launcher, held open: it stays the same when the file is replaced.
#[derive(Debug)]
pub struct Launcher {
    binary: File,
}

impl Launcher {
    /// The program that is running.
    pub fn own() -> io::Result<Self> {
        Self::at(Path::new("/proc/self/exe"))
    }

    /// The program at that path.
    pub fn at(path: &Path) -> io::Result<Self> {
        let binary = File::open(path)?;
        Ok(Self { binary })
    }

    /// The program, called by one of its hidden arguments.
    pub(super) fn called(&self, argument: &str) -> std::process::Command {
        use std::os::unix::process::CommandExt;
        let mut command = std::process::Command::new(self.descriptor());
        command.arg0("loop").arg(argument).env_clear();
        command
    }

    /// Where the program's file stands, if it still does.
    pub(super) fn path(&self) -> io::Result<PathBuf> {
        std::fs::read_link(self.descriptor())
    }

    fn descriptor(&self) -> String {
        format!("/proc/self/fd/{}", self.binary.as_raw_fd())
    }

    /// Starts it; it waits for its order.
    pub(super) fn start(&self) -> io::Result<Running> {
        let (output, input) = io::pipe()?;
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut launcher = tokio::process::Command::from(self.called(LAUNCHER_ARGUMENT));
        launcher
            .stdin(OwnedFd::from(theirs))
            .stdout(input.try_clone()?)
            .stderr(input);
        Ok(Running {
            child: launcher.spawn()?,
            stream: Some(UnixStream::from_std(ours)?),
            output: Some(output.into()),
        })
    }
}

/// A launcher for the next command, started while nobody waits for it: that takes about as long as
/// the shell takes itself.
#[derive(Debug)]
pub(super) struct Ready {
    launcher: Arc<Launcher>,
    next: Arc<Mutex<Option<Running>>>,
}

impl Ready {
    pub(super) fn new(launcher: Arc<Launcher>) -> Self {
        Self {
            launcher,
            next: Arc::default(),
        }
    }

    /// The one that waits, or one that is started now.
    pub(super) fn take(&self) -> io::Result<Running> {
        let waiting = held(&self.next).take();
        match waiting.and_then(Running::that_waits) {
            Some(running) => Ok(running),
            None => self.launcher.start(),
        }
    }

    /// Starts the next one, beside everything else.
    pub(super) fn prepare(&self) {
        let (launcher, next) = (Arc::clone(&self.launcher), Arc::clone(&self.next));
        tokio::task::spawn_blocking(move || {
            // silent-ok: a command that finds none starts its own, and says what hinders it.
            let Ok(running) = launcher.start() else {
                return;
            };
            // One that nobody took ends only after the lock is free: that may take a moment.
            let untaken = held(&next).replace(running);
            drop(untaken);
        });
    }
}

fn held(next: &Mutex<Option<Running>>) -> MutexGuard<'_, Option<Running>> {
    next.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A launcher that waits for its order, or is at work. Dropping it ends what it started, and waits
/// for that.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) child: Child,
    stream: Option<UnixStream>,
    output: Option<OwnedFd>,
}

impl Running {
    /// Where its command's output comes out; there once.
    pub(super) fn output(&mut self) -> io::Result<OwnedFd> {
        let taken = || io::Error::other("the output of a launcher is read by somebody else");
        self.output.take().ok_or_else(taken)
    }

    /// This one, unless it has ended meanwhile.
    fn that_waits(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream {
            // silent-ok: a launcher that does not read has ended, and is asked how after it.
            let _ = stream.write_all(bytes).await;
        }
    }

    /// What the launcher says at its end.
    pub(super) async fn answer(&mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        if let Some(stream) = &mut self.stream {
            // silent-ok: without an answer in time there is none, which is told by the caller.
            let _ = timeout(DRAIN, stream.read_to_end(&mut answer)).await;
        }
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Closing the stream is what kills: the launcher waits for its end.
        self.stream = None;
        for _ in 0..LAST_LOOKS {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(BETWEEN_LOOKS),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        // silent-ok: it has ended, then.
        let _ = self.child.start_kill();
    }
}
