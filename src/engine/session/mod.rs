//! A session as the sum of its events. [`Session`] holds it, `fold` adds one event; everything
//! that decides reads from here and nothing is known that the journal does not say.

mod answers;
mod asks;
mod blocked;
mod called;
mod conversation;
mod criticising;
mod criticism;
mod fold;
mod hearing;
mod interview;
mod left;
mod messages;
mod notes;
mod progress;
mod repair;
mod repairing;
mod replies;
mod state;
mod taken;
mod told;
mod tried;
mod undone;
mod work;

pub use asks::{OpenAsk, Waits};
pub use called::Called;
pub use conversation::{Conversation, Pending, PendingProgress, Tail, normal_path};
pub use criticism::{Criticism, Look};
pub use fold::FoldError;
pub use interview::InterviewState;
pub use left::{By, Calling, Changes, Checked, Left};
pub use messages::message_bytes;
pub use progress::{
    Chosen, FailedAttempt, KeptData, KeptResult, Standing, TicketEnd, TicketProgress,
};
pub use repair::{Repair, RepairStep};
pub use state::{
    Documents, PackageState, Session, SmokeState, Snapshots, Stage, StoredArtifact, Totals, Work,
};
pub use taken::{Moved, Taken, TakenBack};
pub use told::{Heard, TOLD, Told};
pub use tried::{Failing, Tried};
