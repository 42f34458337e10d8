//! Waits for changes in folders without looking again and again: the kernel wakes who waits
//! (inotify). Where there is no inotify (macOS, or none left for this user), a look a second has to
//! do. Refuses to know what has changed in a folder.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
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
    folders: HashMap<i32, PathBuf>,
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
            folders: HashMap::new(),
            once_more: false,
        }
    }

    /// Watches what stands in that folder as well. Again is not twice.
    pub fn add(&mut self, folder: &Path) {
        if self.events.is_some() && self.try_add(folder).is_err() {
            // Then a look now and then has to do for all.
            self.events = None;
        }
    }

    /// The same for one folder among many: if it cannot be watched, the others still are.
    pub fn try_add(&mut self, folder: &Path) -> io::Result<()> {
        if let Some(events) = &self.events {
            let number = kernel::add(events, folder)?;
            self.folders.insert(number, folder.to_owned());
        }
        Ok(())
    }

    /// What becomes readable when something changes; none where nobody wakes us.
    pub fn events(&self) -> Option<BorrowedFd<'_>> {
        self.events.as_ref().map(|events| events.as_fd())
    }

    /// The folders in which something has changed since this was asked last. None: that is not
    /// known, so it may be all of them.
    pub fn drain(&self) -> Option<BTreeSet<&Path>> {
        let numbers = kernel::told(self.events.as_ref()?)?;
        let folder = |number| self.folders.get(&number).map(PathBuf::as_path);
        Some(numbers.into_iter().filter_map(folder).collect())
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
    use std::collections::BTreeSet;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    use rustix::io::Errno;

    pub(super) fn open() -> Option<OwnedFd> {
        init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok() // silent-ok: told to the caller
    }

    pub(super) fn add(events: &OwnedFd, folder: &Path) -> rustix::io::Result<i32> {
        let told = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::MODIFY
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF;
        add_watch(events, folder, told)
    }

    /// The numbers of what was told so far; none if some of it was lost.
    pub(super) fn told(events: &OwnedFd) -> Option<BTreeSet<i32>> {
        let mut bytes = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(events, &mut bytes);
        let mut numbers = BTreeSet::new();
        let mut is_whole = true;
        loop {
            match reader.next() {
                Ok(event) => {
                    is_whole &= !event.events().contains(ReadFlags::QUEUE_OVERFLOW);
                    numbers.insert(event.wd());
                }
                Err(Errno::INTR) => {}
                // Nothing more is there.
                Err(_) => return is_whole.then_some(numbers),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    pub(super) fn open() -> Option<OwnedFd> {
        None
    }

    pub(super) fn add(_: &OwnedFd, _: &Path) -> rustix::io::Result<i32> {
        Ok(0)
    }

    pub(super) fn told(_: &OwnedFd) -> Option<std::collections::BTreeSet<i32>> {
        None
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
    fn the_folders_that_changed_are_named() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let mut watch = Watch::new();
        for place in [&one, &other] {
            watch.try_add(place.path()).unwrap();
        }
        assert!(watch.try_add(Path::new("/nothing/is/here")).is_err());
        std::fs::write(other.path().join("letter"), "x").unwrap();
        assert_eq!(watch.drain(), Some(BTreeSet::from([other.path()])));
        assert_eq!(watch.drain(), Some(BTreeSet::new()));
    }

    #[test]
    fn a_folder_that_is_not_there_is_looked_for_slowly() {
        let mut watch = Watch::new();
        watch.add(Path::new("/nothing/is/here"));
        assert!(watch.events().is_none());
        assert_eq!(watch.wait(Some(Duration::ZERO)).unwrap(), Woken::TimeUp);
    }
}
