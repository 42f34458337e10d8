//! Waiting for changes in folders beside everything else that is waited for. Refuses to know
//! what has changed in a folder, and looks again and again only where the kernel cannot wake anybody.

use std::collections::BTreeSet;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::store::Watch;

/// Between two looks where nobody wakes us.
const SLOW: Duration = Duration::from_secs(1);

/// A watch that can be waited for. Needs a runtime.
#[derive(Debug)]
pub struct Waking {
    woken: Option<AsyncFd<Events>>,
}

/// A watch that has events.
#[derive(Debug)]
struct Events(Watch, RawFd);

impl AsRawFd for Events {
    fn as_raw_fd(&self) -> RawFd {
        self.1
    }
}

impl Waking {
    /// Wakes when the watch does.
    pub fn on(watch: Watch) -> Self {
        let number = watch.events().map(|events| events.as_raw_fd());
        Self {
            // silent-ok: then a look now and then has to do.
            woken: number.and_then(|number| register(Events(watch, number)).ok()),
        }
    }

    /// Watches one more folder. One that cannot be watched stays unseen.
    pub fn add(&mut self, folder: &Path) {
        if let Some(woken) = &mut self.woken {
            // silent-ok: as said above.
            let _ = woken.get_mut().0.try_add(folder);
        }
    }

    /// Waits until something may have changed, and says in which folders; none if it may be any.
    /// What changed before the last call is not told again.
    pub async fn woken(&mut self) -> Option<BTreeSet<PathBuf>> {
        let Some(woken) = &mut self.woken else {
            tokio::time::sleep(SLOW).await;
            return None;
        };
        let Ok(mut ready) = woken.readable_mut().await else {
            self.woken = None;
            return None;
        };
        // First, or what comes while it is read would be forgotten.
        ready.clear_ready();
        let folders = woken.get_ref().0.drain()?;
        Some(folders.into_iter().map(Path::to_owned).collect())
    }
}

#[expect(
    deprecated,
    reason = "what replaces it is unsafe; the watch owns its descriptor as long as it lives"
)]
fn register(events: Events) -> std::io::Result<AsyncFd<Events>> {
    AsyncFd::with_interest(events, Interest::READABLE)
}
