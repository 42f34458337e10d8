//! Waits for changes in folders without looking again and again: the kernel wakes who waits
//! (inotify). Where there is no inotify (macOS, or none left for this user), a look a second has to
//! do. Refuses to know what has changed.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Between two looks where nobody wakes us.
const SLOW: Duration = Duration::from_secs(1);
/// The kernel tells that a process has closed a file a moment before it gives up its lock: what
/// was just told is looked at once more.
const ONCE_MORE: Duration = Duration::from_millis(100);

/// Watches folders.
#[derive(Debug)]
pub struct Watch {
    events: Option<OwnedFd>,
    once_more: bool,
}

/// Why waiting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed.
    Changed,
    /// The time is up.
    TimeUp,
}

impl Watch {
    /// Watches nothing yet.
    pub fn new() -> Self {
        Self {
            events: kernel::open(),
            once_more: false,
        }
    }

    /// Watches what stands in that folder as well. Again is not twice.
    pub fn add(&mut self, folder: &Path) {
        if let Some(events) = &self.events
            && kernel::add(events, folder).is_err()
        {
            // Then a look now and then has to do for all.
            self.events = None;
        }
    }

    /// What becomes readable when something changes; none where nobody wakes us.
    pub fn events(&self) -> Option<BorrowedFd<'_>> {
        self.events.as_ref().map(|events| events.as_fd())
    }

    /// Forgets what was told so far.
    pub fn drain(&self) {
        let mut bytes = [0; 4096];
        while let Some(events) = &self.events {
            match rustix::io::read(events, &mut bytes) {
                Ok(count) if count > 0 => {}
                Err(Errno::INTR) => {}
                // Nothing more is there.
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Waits until something changes, at most so long.
    pub fn wait(&mut self, most: Option<Duration>) -> io::Result<Woken> {
        let began = Instant::now();
        let left = || most.map(|most| most.saturating_sub(began.elapsed()));
        let short = if std::mem::take(&mut self.once_more) {
            Some(ONCE_MORE)
        } else {
            None
        };
        let Some(events) = &self.events else {
            std::thread::sleep(left().map_or(SLOW, |left| left.min(SLOW)));
            return Ok(told(left()));
        };
        loop {
            let limit = match (left(), short) {
                (Some(left), Some(short)) => Some(left.min(short)),
                (left, short) => left.or(short),
            };
            let limit = limit.map(Timespec::try_from).transpose();
            let limit = limit.map_err(io::Error::other)?;
            let mut check = [PollFd::new(events, PollFlags::IN)];
            match poll(&mut check, limit.as_ref()) {
                Ok(0) if short.is_some() => return Ok(told(left())),
                Ok(0) => return Ok(Woken::TimeUp),
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.drain();
        self.once_more = true;
        Ok(Woken::Changed)
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

fn told(left: Option<Duration>) -> Woken {
    if left.is_some_and(|left| left.is_zero()) {
        Woken::TimeUp
    } else {
        Woken::Changed
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    pub(super) fn open() -> Option<OwnedFd> {
        init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok() // silent-ok: told to the caller
    }

    pub(super) fn add(events: &OwnedFd, folder: &Path) -> rustix::io::Result<()> {
        let told = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::MODIFY
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF;
        add_watch(events, folder, told).map(drop)
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    pub(super) fn open() -> Option<OwnedFd> {
        None
    }

    pub(super) fn add(_: &OwnedFd, _: &Path) -> rustix::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_wakes_and_time_runs_out() {
        let place = tempfile::tempdir().unwrap();
        let mut watch = Watch::new();
        watch.add(place.path());
        assert_eq!(watch.wait(Some(Duration::ZERO)).unwrap(), Woken::TimeUp);
        std::fs::write(place.path().join("letter"), "x").unwrap();
        assert_eq!(watch.wait(None).unwrap(), Woken::Changed);
        // A second look, and then nothing more.
        assert_eq!(watch.wait(None).unwrap(), Woken::Changed);
        assert_eq!(watch.wait(Some(Duration::ZERO)).unwrap(), Woken::TimeUp);
    }

    #[test]
    fn a_folder_that_is_not_there_is_looked_for_slowly() {
        let mut watch = Watch::new();
        watch.add(Path::new("/nothing/is/here"));
        assert!(watch.events().is_none());
        assert_eq!(watch.wait(Some(Duration::ZERO)).unwrap(), Woken::TimeUp);
    }
}
