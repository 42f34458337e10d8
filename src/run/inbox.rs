//! The inbox of a run as it waits: woken by the kernel when a letter comes. What letters mean, and
//! what becomes of them, is in `letters`.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::interrupt::Interrupt;
use super::waking::Waking;
use crate::engine::session::Session;
use crate::error::Result;
use crate::store::{Found, Mailbox, Watch};

/// The inbox of a run, and the one who waits for letters meanwhile.
#[derive(Debug)]
pub(super) struct Letters {
    mailbox: Mailbox,
    arrived: watch::Receiver<()>,
    listener: JoinHandle<()>,
}

impl Drop for Letters {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Letters {
    /// Listens from now on: the kernel wakes whoever waits. A wish to stop is seen at once.
    pub(super) fn listen(mailbox: Mailbox, interrupt: Interrupt) -> Result<Self> {
        mailbox.make()?;
        let mut watch = Watch::new();
        watch.add(mailbox.folder());
        let mut waking = Waking::on(watch);
        let (news, arrived) = watch::channel(());
        let inbox = mailbox.clone();
        let listener = tokio::spawn(async move {
            loop {
                // An inbox that cannot be read stops nothing: it is told when letters are taken.
                if let Ok(Some(_)) = inbox.take_stop() {
                    interrupt.request();
                }
                news.send_replace(());
                waking.woken().await;
            }
        });
        Ok(Self {
            mailbox,
            arrived,
            listener,
        })
    }

    /// Waits until there is an answer to a question that is open.
    pub(super) async fn answered(&mut self, session: &Session) -> Result<()> {
        loop {
            self.arrived.mark_unchanged();
            for open in session.open_asks.values() {
                if let Some(found) = self.mailbox.find_answer(open.seq)?
                    && !is_taken_back(&found)
                {
                    return Ok(());
                }
            }
            if self.arrived.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Whether the question was taken back instead of answered.
pub(super) fn is_taken_back(found: &Found) -> bool {
    matches!(found, Found::Letter(letter) if letter.takes_back())
}
