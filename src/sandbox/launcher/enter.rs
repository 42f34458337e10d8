//! The launcher's way in: read the order, set up the tier, hand over to the keeper.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitCode;

use rustix::process::{WaitOptions, set_parent_process_death_signal, waitpid};

use super::keeper::{self, Surroundings};
use super::system::{Forked, exit_now, fork};
use super::{mounts, namespaces};
use crate::sandbox::protocol::{Order, Report};
use crate::sandbox::tier::Tier;

/// Runs as the launcher. To be called before anything else happens in the process: it has to
/// have one thread only.
pub fn enter() -> ExitCode {
    match launch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(125),
    }
}

fn launch() -> io::Result<()> {
    let socket = File::from(take_input()?);
    // Before the order is there: one that is kept ready is not for Ctrl-C to end.
    // silent-ok: it fails only for a leader of a group, which is as good.
    let _ = rustix::process::setsid();
    let order = Order::decode(&socket)?;
    let result = match order.tier {
        Tier::Full => full(&order, &socket),
        Tier::Partial | Tier::None => {
            // silent-ok: without it, daemons escape to the init process, as they would anyway.
            let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
            keeper::keep(&order, &socket, Surroundings::Shared)
        }
    };
    if let Err(error) = &result {
        keeper::report(
            &socket,
            &Report {
                failed: Some(error.to_string()),
                ..Report::default()
            },
        );
    }
    result
}

/// Takes the socket from standard input, so that nothing started later has it.
fn take_input() -> io::Result<OwnedFd> {
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Makes the namespaces; their first process keeps the command.
fn full(order: &Order, socket: &File) -> io::Result<()> {
    namespaces::enter(order.network)?;
    match fork()? {
        Forked::Child => {
            let result = set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
                .map_err(io::Error::from)
                .and_then(|()| mounts::make(order))
                .and_then(|()| keeper::keep(order, socket, Surroundings::Own));
            if let Err(error) = result {
                keeper::report(
                    socket,
                    &Report {
                        failed: Some(error.to_string()),
                        ..Report::default()
                    },
                );
            }
            exit_now(0)
        }
        Forked::Parent(first) => {
            waitpid(Some(first), WaitOptions::empty())?;
            Ok(())
        }
    }
}
