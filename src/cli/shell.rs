//! `loop completions` and `loop man`: made from the command line's own types.

use std::process::ExitCode;

use clap::CommandFactory as _;

use super::args::Cli;
use crate::error::{Error, Result};

/// Prints a completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loop", &mut script);
    super::compose::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page.
pub(super) fn man() -> Result<ExitCode> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| Error::usage(format!("cannot write the manual page: {error}")))?;
    super::compose::print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
