//! The last steps of a command's process before it is the command: limits, no privileges, rights,
//! system calls, and then nothing of this program is left in it.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Resource, Rlimit, chdir, getrlimit, setpriority_process, setrlimit, setsid};
use rustix::thread::{CapabilitySets, clear_ambient_capability_set, set_no_new_privs};

use super::system::{close_on_exec, drop_from_bounding_set, lock_privileges, reset_signals};
use super::{filter, rights};
use crate::sandbox::policy::Limits;
use crate::sandbox::protocol::Order;
use crate::sandbox::tier::Tier;

/// How much less of the processor a command gets than the person's own programs.
const NICENESS: i32 = 10;

/// Becomes the command. Returns only if that fails.
pub(super) fn run(order: &Order) -> io::Error {
    if let Err(error) = prepare(order) {
        return error;
    }
    let error = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &order.line])
        .env_clear()
        .envs(order.environment.iter().cloned())
        .exec();
    io::Error::new(error.kind(), format!("bash cannot be run ({error})"))
}

fn prepare(order: &Order) -> io::Result<()> {
    reset_signals();
    setsid()?;
    // silent-ok: the kernel then takes whom it likes; the memory watch is still there.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    // silent-ok: it is a courtesy to the machine.
    let _ = setpriority_process(None, NICENESS);
    limit(&order.policy.limits)?;
    chdir(&order.folder).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(
            error.kind(),
            format!("cannot start in `{}` ({error})", order.folder.display()),
        )
    })?;
    if order.tier == Tier::None {
        // silent-ok: without a wall, what can be had of it is taken.
        let _ = set_no_new_privs(true).map(|()| filter::apply(order.tier, order.network));
    } else {
        drop_privileges()?;
        rights::apply(order)?;
        filter::apply(order.tier, order.network)?;
    }
    close_on_exec()
}

fn limit(limits: &Limits) -> io::Result<()> {
    for (resource, value) in [
        (Resource::Nproc, limits.processes),
        (Resource::Nofile, limits.open_files),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, 0),
    ] {
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let value = Some(value.min(most));
        setrlimit(
            resource,
            Rlimit {
                current: value,
                maximum: value,
            },
        )?;
    }
    Ok(())
}

/// No capability now, and none to be had by running something.
fn drop_privileges() -> io::Result<()> {
    set_no_new_privs(true)?;
    // Without capabilities to begin with there is nothing to drop; each step may be refused.
    if (0..64).all(drop_from_bounding_set) {
        return Err(io::Error::other("capabilities cannot be dropped"));
    }
    // silent-ok: refused to those who have no capabilities anyway.
    let _ = lock_privileges();
    // silent-ok: a kernel without them has none to clear.
    let _ = clear_ambient_capability_set();
    let none = rustix::thread::CapabilitySet::empty();
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        },
    )?;
    Ok(())
}
