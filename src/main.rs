//! The binary: the launcher of a confined command if it is called as one, else nothing but the
//! exit code of what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the launcher of a command has to have one thread only.
    #[cfg(target_os = "linux")]
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == loop_orchestration::sandbox::LAUNCHER_ARGUMENT)
    {
        return loop_orchestration::sandbox::launcher::enter();
    }
    loop_orchestration::cli::dispatch()
}
