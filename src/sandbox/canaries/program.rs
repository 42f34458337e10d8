//! A second process of this program that stands in for it: it runs one command as the program
//! does, with a terminal of its own or without, and can be killed without a loss.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use super::ground::{Canary, Ground};
use super::remains::{DAEMON, Lifeline};
use crate::engine::ports::Network;
use crate::sandbox::launched::{LAUNCHER_ARGUMENT, Launcher};
use crate::sandbox::protocol::Order;

/// The argument that makes the program stand in for itself.
pub(in crate::sandbox) const PROGRAM_ARGUMENT: &str = "__program";

/// What a stand-in says when its command has ended.
const ENDED: &str = "ended\n";

/// Starts a stand-in with a command, and with a terminal of its own if one is named.
pub(super) fn start(ground: &Ground, script: &str, terminal: Option<&Path>) -> io::Result<Child> {
    let tier = ground.wall.probed().tier;
    let command = ground.command(Network::Off, script);
    let order = ground
        .wall
        .order(tier, &command, ground.wall.environment())?
        .encode()?;
    let mut stand_in = ground.wall.launcher().called(PROGRAM_ARGUMENT);
    stand_in.args(terminal);
    let mut child = stand_in
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&order)?;
    }
    Ok(child)
}

/// What a stand-in and its command have said, once it has ended.
pub(super) fn said(child: Child) -> io::Result<String> {
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.ends_with(ENDED) {
        Ok(said)
    } else {
        Err(io::Error::other("the program could not be stood in for"))
    }
}

/// Runs as the stand-in: reads an order and has it carried out.
pub(in crate::sandbox) fn stand_in(terminal: Option<&OsStr>) -> ExitCode {
    match carry_out(terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn carry_out(terminal: Option<&OsStr>) -> io::Result<()> {
    let order = Order::decode(io::stdin())?;
    // It stays open: a session whose terminal is closed is told to hang up.
    let _terminal = match terminal {
        None => None,
        Some(path) => {
            rustix::process::setsid()?;
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
            let terminal = rustix::fs::open(path, flags, Mode::empty())?;
            rustix::process::ioctl_tiocsctty(&terminal)?;
            Some(terminal)
        }
    };
    let (mut ours, theirs) = UnixStream::pair()?;
    let mut launcher = Launcher::own()?
        .called(LAUNCHER_ARGUMENT)
        .stdin(OwnedFd::from(theirs))
        .spawn()?;
    ours.write_all(&order.encode()?)?;
    ours.read_to_end(&mut Vec::new())?;
    launcher.wait()?;
    io::stdout().write_all(ENDED.as_bytes())
}

/// A command that would go on, and leaves a process besides, while the program is killed.
pub(super) fn killed(ground: &Ground) -> io::Result<Canary> {
    let alive = Lifeline::new(ground)?;
    let mut program = start(ground, &format!("{DAEMON}; sleep 60"), None)?;
    let started = alive.is_taken(Duration::from_secs(10))?;
    program.kill()?;
    program.wait()?;
    let stopped = alive.ends(Duration::from_secs(5))?;
    if !started {
        return Err(io::Error::other("the program could not be stood in for"));
    }
    Ok(Canary {
        attack: "outlive this program when it is killed",
        stopped,
        promised: true,
    })
}
