//! `loop config`: what is in force, where the file is, and a commented file to begin with.

use std::process::ExitCode;

use super::args::ConfigAction;
use super::compose::{print, say};
use crate::config::{Environment, Inputs, init, load, show};
use crate::error::Result;

/// Does what was asked.
pub(super) fn config(action: ConfigAction) -> Result<ExitCode> {
    let inputs = |file| Inputs {
        file,
        environment: Environment::of_process(),
        ..Inputs::default()
    };
    match action {
        ConfigAction::Show { config } => print(&show(&load(&inputs(config))?)?)?,
        ConfigAction::Path => {
            let path = load(&inputs(None))?.paths.config_file;
            print(&format!("{}\n", path.display()))?;
        }
        ConfigAction::Init { config } => {
            // The file that is to be written need not be there yet.
            let path = match config {
                Some(path) => path,
                None => load(&inputs(None))?.paths.config_file,
            };
            init(&path)?;
            say(&format!("wrote {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
