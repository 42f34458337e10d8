//! The occasions at which a person who looks elsewhere may be called, as words of the
//! configuration. When each of them comes is decided in `engine/notice.rs`.

use serde::{Deserialize, Serialize};

/// Why a person is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// A question waits for them.
    Asked,
    /// A ticket is blocked, or a limit or the server stopped the run.
    Blocked,
    /// The session is over.
    Finished,
}

impl Occasion {
    /// The word in the configuration and in `LOOP_EVENT`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Blocked => "blocked",
            Self::Finished => "finished",
        }
    }
}
