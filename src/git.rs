//! The only place that runs git. No configuration but our own is in force while it runs, so
//! nothing that a project holds can make git start a program. The person's own repository, its
//! index and its branches are not written unless commits or a worktree were asked for; what a
//! project contained at some moment is kept in a repository of ours beside the session.

mod aside;
mod both;
mod change;
mod command;
mod commit;
mod contents;
mod error;
mod glance;
mod head;
mod known;
mod laid_out;
mod listed;
mod marks;
mod repository;
mod restore;
mod snapshots;
mod walk;
mod work;
mod worktree;

pub use both::{Both, Held};
pub use change::{Change, ChangeKind, FileStat};
pub use command::{Git, Identity};
pub use commit::Staged;
pub use contents::{Kept, KeptKind, write_files};
pub use error::GitError;
pub use glance::Glance;
pub use head::CheckedOut;
pub use repository::{Head, Repository};
pub use restore::{LeftAlone, Restored};
pub use snapshots::Snapshots;
pub use work::{End, Standing, Step, Stretch, Touched, is_among};
pub use worktree::Merged;
