//! Sessions on disk: the journal, the folders, the locks, what is kept beside the journal, and
//! what can be handed to somebody else. Refuses to know what the events add up to.

mod artifacts;
mod cards;
pub mod clock;
mod error;
mod export;
mod folder;
mod follow;
mod head;
mod journal;
mod layout;
mod letter;
mod line;
mod lock;
mod mailbox;
mod recording;
mod redact;
mod session;
mod watch;

pub use cards::Cards;
pub use error::StoreError;
pub use export::{archive, markdown};
pub use folder::{SessionFolder, TMP};
pub use follow::Follower;
pub use head::{Listed, SessionHead, SessionState, look};
pub use journal::{Appended, Durability, Entry, Journal, ReadJournal, read};
pub use layout::{Sessions, new_id};
pub use letter::{AnswerLetter, StopLetter, TellLetter};
pub use lock::{ProjectLock, SessionLock};
pub use mailbox::{Delivered, Found, Mailbox};
pub use recording::{pack_recording, read_recording};
pub use redact::Redactor;
pub use session::OpenSession;
pub use watch::{Watch, Woken};
