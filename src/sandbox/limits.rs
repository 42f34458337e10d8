//! Numbers that hold for every command in every tier. What a person can set comes with the
//! command or the policy instead.

use std::time::Duration;

/// Between an interrupt and a termination, and between that and the kill.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// More output than this ends the command.
pub(super) const FLOOD_BYTES: u64 = 64 * 1024 * 1024;

/// How long processes that a finished command left behind may go on writing: enough for the
/// `tee` of `exec > >(tee log)`, too short for a service.
pub(super) const STRAGGLERS: Duration = Duration::from_millis(100);

/// How long the pipe is read after everything was killed.
pub(super) const DRAIN: Duration = Duration::from_millis(300);
