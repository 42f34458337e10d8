//! `loop demo`: the real pipeline with a scripted model built into the binary.

use std::process::ExitCode;

use super::args::DemoArgs;
use crate::error::{Error, Result};

/// Runs the demo.
pub(super) fn demo(_args: &DemoArgs) -> Result<ExitCode> {
    Err(Error::usage("not written yet"))
}
