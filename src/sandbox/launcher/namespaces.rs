//! A user, mount, process, network, ipc, host-name and control-group namespace of its own.

use std::fs;
use std::io;

use rustix::process::{getgid, getuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::system::loopback_up;
use crate::sandbox::protocol::Reach;

/// Enters new namespaces; the next child is their first process. Ids stay the same inside.
pub(super) fn enter(network: Reach) -> io::Result<()> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    let mut flags = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWCGROUP;
    if network == Reach::Nothing {
        flags |= UnshareFlags::NEWNET;
    }
    unshare(flags).map_err(|error| told("user namespaces are refused", &error))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    if network == Reach::Nothing {
        // silent-ok: without it there is no network at all, which is less, not more.
        let _ = loopback_up();
    }
    Ok(())
}

#[expect(
    unsafe_code,
    reason = "namespaces are entered by a call that may share less than threads expect"
)]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the flags do not contain the table of open files, and there is one thread.
    unsafe { unshare_unsafe(flags) }.map_err(Into::into)
}

fn told(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} ({error})"))
}
