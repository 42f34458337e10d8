//! `loop sessions export --replay`: a session as a file that `loop replay` repeats.

use std::path::Path;

use super::args::Redact;
use super::compose::{self, say};
use crate::config::Loaded;
use crate::engine::recording::Redacted;
use crate::error::{Error, Result};
use crate::run::recording::{TakenOut, record};
use crate::run::store::{Redactor, SessionFolder, pack_recording};

/// Writes the recording of that session.
pub(super) fn write_recording(
    loaded: &Loaded,
    folder: &SessionFolder,
    path: &Path,
    redact: Option<Redact>,
) -> Result<()> {
    let taken_out = TakenOut {
        what: match redact {
            None => Redacted::Nothing,
            Some(Redact::Private) => Redacted::Private,
            Some(Redact::Contents) => Redacted::Contents,
        },
        secrets: Redactor::new(loaded.secrets()),
    };
    let surroundings = compose::surroundings();
    let recording = compose::block_on(async { record(folder, &surroundings, &taken_out).await })?;
    std::fs::write(path, pack_recording(&recording)?).map_err(|error| {
        Error::usage(format!("cannot write {}: {error}", path.display()))
            .hint("name another file with --replay")
    })?;
    say(&format!(
        "wrote {}: {} lines, {} files; repeat it with: loop replay {}",
        path.display(),
        recording.records.len(),
        recording.files.len(),
        shell_words::quote(&path.display().to_string())
    ));
    Ok(())
}
