//! `loop sessions export --replay`: a session as a file that `loop replay` repeats.

use std::path::Path;

use super::args::Redact;
use super::compose::{self, say};
use crate::config::{Environment, Loaded};
use crate::engine::recording::Redacted;
use crate::error::{Error, Result};
use crate::run::recording::{TakenOut, record};
use crate::run::store::{Redactor, SessionFolder, pack_recording, read_recording};

/// Writes the recording of that session.
pub(super) fn write_recording(
    loaded: &Loaded,
    folder: &SessionFolder,
    path: &Path,
    redact: Option<Redact>,
) -> Result<()> {
    refuse_to_replace(path, &folder.id)?;
    let taken_out = TakenOut {
        what: match redact {
            None => Redacted::Nothing,
            Some(Redact::Private) => Redacted::Private,
            Some(Redact::Contents) => Redacted::Contents,
        },
        secrets: Redactor::new(loaded.secrets()),
        variables: Environment::of_process().texts(),
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

/// Nothing is written over but an earlier recording of the same session.
fn refuse_to_replace(path: &Path, session: &str) -> Result<()> {
    if path == Path::new("-") {
        return Err(
            Error::usage("a recording is not written to standard output")
                .hint("name a file: --replay FILE"),
        );
    }
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    match read_recording(path) {
        Ok(recording) if recording.head.session == session => Ok(()),
        _ => Err(Error::usage(format!(
            "{} exists, and is no recording of this session",
            path.display()
        ))
        .hint("name another file with --replay, or remove that one")),
    }
}
