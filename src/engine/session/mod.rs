//! A session as the sum of its events. [`Session`] holds it, `fold` adds one event; everything
//! that decides reads from here and nothing is known that the journal does not say.

mod answers;
mod asks;
mod blocked;
mod conversation;
mod fold;
mod hearing;
mod interview;
mod messages;
mod notes;
mod progress;
mod replies;
mod state;
mod told;
mod tried;
mod work;

pub use asks::{OpenAsk, Waits};
pub use conversation::{Conversation, Pending, PendingProgress, Tail, normal_path};
pub use fold::FoldError;
pub use interview::InterviewState;
pub use messages::message_bytes;
pub use progress::{Chosen, FailedAttempt, KeptData, KeptResult, TicketEnd, TicketProgress};
pub use state::{
    Documents, PackageState, RepairState, Session, SmokeState, Snapshots, Stage, StoredArtifact,
    TakenBack, Totals, Work,
};
pub use told::{Heard, TOLD, Told};
pub use tried::{Failing, Tried};
