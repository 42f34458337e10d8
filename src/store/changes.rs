//! Changes in the folders of sessions, told by the system as they happen: nothing is polled. Where
//! the system does not tell (only Linux does here), nothing is ever told, and whoever waits has to
//! look by itself from time to time.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::Path;

use rustix::fs::inotify;
use rustix::fs::inotify::{CreateFlags, ReadFlags, WatchFlags};

use super::folder::SessionFolder;

/// Something has changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A session came or went.
    Sessions,
    /// The journal of the session with this id has grown.
    Journal(String),
    /// A process began or ended to work on the session with this id.
    Lock(String),
    /// Too much happened at once to be told one by one.
    Everything,
}

/// What is watched.
#[derive(Debug)]
pub struct Changes {
    queue: OwnedFd,
    /// The session that each watch is about; none for the folder of all of them.
    watched: HashMap<i32, Option<String>>,
}

impl Changes {
    /// Nothing is watched yet.
    pub fn new() -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Self {
            queue,
            watched: HashMap::new(),
        })
    }

    /// Watches for sessions that come and go.
    pub fn sessions(&mut self, root: &Path) -> io::Result<()> {
        let flags = WatchFlags::MOVED_TO | WatchFlags::MOVED_FROM | WatchFlags::ONLYDIR;
        let watch = inotify::add_watch(&self.queue, root, flags)?;
        self.watched.insert(watch, None);
        Ok(())
    }

    /// Watches one session. Watching it twice is watching it once.
    pub fn session(&mut self, folder: &SessionFolder) -> io::Result<()> {
        let flags = WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE | WatchFlags::ONLYDIR;
        let watch = inotify::add_watch(&self.queue, &folder.path, flags)?;
        self.watched.insert(watch, Some(folder.id.clone()));
        Ok(())
    }

    /// What has changed since this was asked last, each thing once; empty if nothing has.
    pub fn take(&mut self) -> io::Result<Vec<Change>> {
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut reader = inotify::Reader::new(&self.queue, &mut buffer);
        let mut changes = Vec::new();
        let mut gone = Vec::new();
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(rustix::io::Errno::AGAIN) => break,
                Err(error) => return Err(error.into()),
            };
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                changes.push(Change::Everything);
            } else if event.events().contains(ReadFlags::IGNORED) {
                gone.push(event.wd());
            } else {
                let name = event.file_name().map(|name| name.to_bytes());
                changes.extend(self.meaning(event.wd(), name));
            }
        }
        for watch in gone {
            self.watched.remove(&watch);
        }
        changes.sort();
        changes.dedup();
        Ok(changes)
    }

    fn meaning(&self, watch: i32, name: Option<&[u8]>) -> Option<Change> {
        match (self.watched.get(&watch)?, name?) {
            (None, name) => (!name.starts_with(b".")).then_some(Change::Sessions),
            (Some(id), b"journal.jsonl") => Some(Change::Journal(id.clone())),
            (Some(id), b"lock") => Some(Change::Lock(id.clone())),
            (Some(_), _) => None,
        }
    }
}

impl AsRawFd for Changes {
    fn as_raw_fd(&self) -> RawFd {
        self.queue.as_raw_fd()
    }
}
