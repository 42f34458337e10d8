//! Following sessions from outside of their runs: scope there are, what their journals say, and
//! being told when that changes. Reads only.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use super::listening::Scope;
use super::waking::Waking;
use crate::engine::event::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Follower, Listed, SessionFolder, StoreError, Watch, look};

/// Lines are handed from thread to thread in pieces of so many, and so many pieces may wait.
const PIECE: usize = 256;
const PIECES: usize = 16;

impl Scope {
    /// The sessions there are now.
    pub fn list(&self) -> Result<Vec<Listed>> {
        match self {
            Self::All(sessions) => Ok(sessions.list()?),
            Self::One(folder) => Ok(vec![look(folder.clone())]),
        }
    }

    /// The folder of the session with this id.
    pub fn folder(&self, id: &str) -> SessionFolder {
        match self {
            Self::One(folder) => folder.clone(),
            Self::All(sessions) => SessionFolder {
                id: id.to_owned(),
                path: sessions.root().join(id),
            },
        }
    }
}

/// What may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Whether sessions may have come or gone.
    pub list: bool,
    /// The ids of sessions to scope something happened; all of them if none.
    pub sessions: Option<BTreeSet<String>>,
}

/// Tells of changes. Needs a runtime.
#[derive(Debug)]
pub struct Lookout {
    scope: Scope,
    waking: Waking,
}

impl Lookout {
    /// Tells of changes from here on.
    pub fn new(scope: Scope) -> Self {
        let mut watch = Watch::new();
        if let Scope::All(sessions) = &scope {
            watch.add(sessions.root());
        }
        let mut lookout = Self {
            scope,
            waking: Waking::on(watch),
        };
        lookout.watch();
        lookout
    }

    /// Watches sessions that are new as well. One that cannot be watched is seen as it was.
    pub fn watch(&mut self) {
        let folders = match &self.scope {
            Scope::One(folder) => vec![folder.clone()],
            Scope::All(sessions) => sessions.folders().unwrap_or_default(), // silent-ok: the list tells
        };
        for folder in folders {
            self.waking.add(&folder.path);
        }
    }

    /// Waits until something may have changed. Dropping this loses nothing.
    pub async fn changed(&mut self) -> Changes {
        let Some(folders) = self.waking.woken().await else {
            return Changes {
                list: true,
                sessions: None,
            };
        };
        let list = match &self.scope {
            Scope::All(sessions) => folders.contains(sessions.root()),
            Scope::One(_) => false,
        };
        let names = folders.iter().filter_map(|path| path.file_name());
        Changes {
            list,
            sessions: Some(
                names
                    .map(|name| name.to_string_lossy().into_owned())
                    .collect(),
            ),
        }
    }
}

/// Reads a whole journal, and gives what goes on from there: `begin` makes something of its first
/// line, `add` of each that follows. Lines are read on one thread and made something of on this one.
/// What `add` gives back is dropped by the thread that made it: memory that one thread takes and
/// another gives back makes each wait for the other, and costs more than all the reading.
pub fn open<T>(
    folder: &SessionFolder,
    begin: impl Fn(Record) -> Result<T, String>,
    mut add: impl FnMut(&mut T, Record) -> Option<Record>,
) -> Result<(T, Follower)> {
    let (sender, receiver) = sync_channel(PIECES);
    let (spent, dropped) = channel();
    let mut made: Option<Result<T, String>> = None;
    let follower = std::thread::scope(|threads| {
        let reader = threads.spawn(move || read(folder, &sender, &dropped));
        for piece in receiver {
            let mut old = Vec::with_capacity(PIECE);
            for record in piece {
                match &mut made {
                    None => made = Some(begin(record)),
                    Some(Ok(made)) => old.extend(add(made, record)),
                    Some(Err(_)) => old.push(record),
                }
            }
            // silent-ok: a reader that is done drops nothing any more.
            let _ = spent.send(old);
        }
        reader.join()
    });
    let follower = match follower {
        Ok(follower) => follower?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let unreadable = |why: &str| {
        let path = folder.journal();
        Error::new(ErrorKind::Session, format!("{}: {why}", path.display()))
    };
    match made {
        Some(Ok(made)) => Ok((made, follower)),
        Some(Err(why)) => Err(unreadable(&why)),
        None => Err(unreadable("the journal is empty")),
    }
}

/// Reads every line, hands them on in pieces, and drops those that come back.
fn read(
    folder: &SessionFolder,
    sender: &SyncSender<Vec<Record>>,
    dropped: &Receiver<Vec<Record>>,
) -> Result<Follower, StoreError> {
    let mut follower = Follower::at_start(folder.clone());
    let mut piece = Vec::with_capacity(PIECE);
    let read = follower.follow(|record| {
        piece.push(record);
        if piece.len() == PIECE {
            dropped.try_iter().for_each(drop);
            let next = Vec::with_capacity(PIECE);
            // silent-ok: the other side is there as long as this runs.
            let _ = sender.send(std::mem::replace(&mut piece, next));
        }
    });
    // silent-ok: as above.
    let _ = sender.send(piece);
    read.map(|()| follower)
}
