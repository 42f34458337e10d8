//! What the program runs as when it is called by one of its hidden arguments.

use std::ffi::OsString;
use std::process::ExitCode;

use super::canaries::{PROGRAM_ARGUMENT, TYPE_ARGUMENT, stand_in, type_into};
use super::launched::LAUNCHER_ARGUMENT;
use super::launcher;

/// Runs as something else than the program, if the first of its arguments asks for it: as the launcher of
/// a command, or as a part in the attacks that `doctor` tries. To be called before anything else
/// happens in the process: it has to have one thread only.
pub fn enter(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    match arguments.next()?.to_str()? {
        LAUNCHER_ARGUMENT => Some(launcher::enter()),
        PROGRAM_ARGUMENT => Some(stand_in(arguments.next().as_deref())),
        TYPE_ARGUMENT => Some(type_into(arguments)),
        _ => None,
    }
}
