//! The binary: a part of the sandbox if it is called as one, else nothing but the
//! exit code of what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the launcher of a command has to have one thread only.
    #[cfg(target_os = "linux")]
    if let Some(code) = loop_orchestration::sandbox::enter(std::env::args_os().skip(1)) {
        return code;
    }
    loop_orchestration::cli::dispatch()
}
