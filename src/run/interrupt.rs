//! "Stop" as a value that can be waited for: set once, by Ctrl-C, a termination signal or a letter,
//! and seen by everything that runs. Refuses to listen for signals itself; the command line does.

use tokio::sync::watch;

/// Told to stop, or not yet.
#[derive(Clone, Debug)]
pub struct Interrupt {
    receiver: watch::Receiver<bool>,
    sender: watch::Sender<bool>,
}

impl Interrupt {
    /// The value, and the way to set it.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        let own = sender.clone();
        (
            sender,
            Self {
                receiver,
                sender: own,
            },
        )
    }

    /// Says stop.
    pub fn request(&self) {
        self.sender.send_replace(true);
    }

    /// Waits until someone says stop; for ever if nobody does.
    pub async fn requested(&self) {
        let mut receiver = self.receiver.clone();
        if receiver.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether someone has said stop.
    pub fn is_requested(&self) -> bool {
        *self.receiver.borrow()
    }
}
