//! A command that types into the terminal of the person, as if they had: tried on a terminal made
//! for it, which the program's stand-in has as its own.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::ground::{Canary, Ground};
use super::program::{said, start};
use crate::sandbox::tier::Tier;

/// The argument that makes the program type into the terminals that are named after it.
pub(in crate::sandbox) const TYPE_ARGUMENT: &str = "__type";

/// Tries it. Nothing, where no terminal can be made or the command cannot see this program.
pub(super) fn typed_into(ground: &Ground) -> io::Result<Option<Canary>> {
    let Ok((_far_end, near_end)) = terminal() else {
        return Ok(None);
    };
    let script = format!(
        "\"$LC_BINARY\" {TYPE_ARGUMENT} /dev/tty /dev/stdin {}",
        near_end.display()
    );
    let said = said(start(ground, &script, Some(&near_end))?)?;
    Ok(said.contains("tried").then(|| Canary {
        attack: "type into the terminal",
        stopped: !said.contains("breach"),
        promised: ground.wall.probed().tier > Tier::None,
    }))
}

/// A terminal: its far end, and the path of the near one.
fn terminal() -> io::Result<(OwnedFd, PathBuf)> {
    let far_end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&far_end)?;
    unlockpt(&far_end)?;
    let name = ptsname(&far_end, Vec::new())?;
    let near_end = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes())).to_owned();
    Ok((far_end, near_end))
}

/// Runs as the attacker: types into each terminal, and says `breach` if one has taken it.
pub(in crate::sandbox) fn type_into(terminals: impl Iterator<Item = OsString>) -> ExitCode {
    let typed = terminals
        .filter(|terminal| types(Path::new(terminal)))
        .count();
    let words = if typed == 0 {
        "tried\n"
    } else {
        "tried\nbreach\n"
    };
    match io::stdout().write_all(words.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

#[expect(unsafe_code, reason = "no library wraps it")]
fn types(terminal: &Path) -> bool {
    // Not without becoming the terminal of this session, if it can be that.
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(terminal) = rustix::fs::open(terminal, flags, Mode::empty()) else {
        return false;
    };
    let key = b'x';
    // SAFETY: the kernel reads one byte, which lives through the call.
    unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSTI, &raw const key) == 0 }
}
