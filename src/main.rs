//! The binary: nothing but the exit code of what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    loop_orchestration::cli::dispatch()
}
