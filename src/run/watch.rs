//! Following sessions from outside of their runs: which there are, what their journals say, and
//! being told when that changes. Reads only; waits without polling.

use std::io;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::engine::event::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Change, Changes, Listed, SessionFolder, Sessions, Tail, look};

/// Where nothing tells of changes, they are looked for this often.
const PAUSE: Duration = Duration::from_secs(1);

/// Which sessions are followed.
#[derive(Clone, Debug)]
pub enum Which {
    /// All in that folder.
    All(Sessions),
    /// A single one.
    One(SessionFolder),
}

impl Which {
    /// The sessions there are now.
    pub fn list(&self) -> Result<Vec<Listed>> {
        match self {
            Self::All(sessions) => Ok(sessions.list()?),
            Self::One(folder) => Ok(vec![look(folder.clone())]),
        }
    }
}

/// Tells of changes.
#[derive(Debug)]
pub struct Follower {
    which: Which,
    changes: Option<AsyncFd<Changes>>,
}

impl Follower {
    /// Follows these sessions. Where the system cannot tell of changes, they are looked for.
    pub fn new(which: Which) -> Self {
        let mut follower = Self {
            changes: told(&which).ok(), // silent-ok: then they are looked for
            which,
        };
        follower.watch();
        follower
    }

    /// Watches sessions that are new as well.
    pub fn watch(&mut self) {
        let folders = match &self.which {
            Which::One(folder) => vec![folder.clone()],
            Which::All(sessions) => sessions.folders().unwrap_or_default(), // silent-ok: the list says so
        };
        let Some(changes) = &mut self.changes else {
            return;
        };
        for folder in folders {
            // silent-ok: a machine with too few watches shows this session as it was when listed.
            let _ = changes.get_mut().session(&folder);
        }
    }

    /// Waits until something changes. Dropping this loses nothing.
    pub async fn changed(&mut self) -> Vec<Change> {
        let Some(changes) = &mut self.changes else {
            tokio::time::sleep(PAUSE).await;
            return vec![Change::Everything];
        };
        loop {
            let Ok(mut ready) = changes.readable_mut().await else {
                std::future::pending::<()>().await;
                continue;
            };
            let found = ready.get_inner_mut().take();
            ready.clear_ready();
            match found {
                Ok(found) if found.is_empty() => {}
                Ok(found) => return found,
                Err(_) => return vec![Change::Everything],
            }
        }
    }
}

#[expect(
    deprecated,
    reason = "what replaces it is unsafe; the queue stays open as long as the watch that owns it"
)]
fn told(which: &Which) -> io::Result<AsyncFd<Changes>> {
    let mut changes = Changes::new()?;
    if let Which::All(sessions) = which {
        std::fs::create_dir_all(sessions.root())?;
        changes.sessions(sessions.root())?;
    }
    AsyncFd::with_interest(changes, Interest::READABLE)
}

/// Reads a whole journal and says how far it was read: `begin` makes something of its first line,
/// `add` of each that follows.
pub fn open<T>(
    folder: &SessionFolder,
    begin: impl Fn(Record) -> Result<T, String>,
    mut add: impl FnMut(&mut T, Record),
) -> Result<(T, Tail)> {
    let mut tail = Tail::of(folder);
    let mut made: Option<Result<T, String>> = None;
    tail.follow(|record| match &mut made {
        None => made = Some(begin(record)),
        Some(Ok(made)) => add(made, record),
        Some(Err(_)) => {}
    })?;
    let unreadable = |why: &str| {
        Error::new(
            ErrorKind::Session,
            format!("{}: {why}", folder.journal().display()),
        )
    };
    match made {
        Some(Ok(made)) => Ok((made, tail)),
        Some(Err(why)) => Err(unreadable(&why)),
        None => Err(unreadable("the journal is empty")),
    }
}
