//! In place of `filter` on processors whose system calls it does not know: there the tiers that
//! need it do not come about.

use std::io;

use crate::sandbox::protocol::Reach;
use crate::sandbox::tier::Tier;

/// Always refused.
pub(super) fn apply(_tier: Tier, _network: Reach) -> io::Result<()> {
    Err(io::Error::other(
        "the system call filter does not know this processor",
    ))
}
