//! `loop replay`: repeats a recorded session without a model, and says whether today's program comes
//! to the same. Owns the words and the exit code: 0 the same, 1 something else, 2 no recording.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::ReplayArgs;
use super::compose::{self, print, print_json};
use crate::engine::recording::{Difference, Redacted};
use crate::error::{Error, ErrorKind, Result};
use crate::run::replay::{Repeated, replay as repeat};
use crate::run::store::read_recording;

/// Repeats it.
pub(super) fn replay(replay: &ReplayArgs) -> Result<ExitCode> {
    let recording = read_recording(&replay.file).map_err(|error| {
        Error::usage(error.to_string())
            .hint("a recording is made with: loop sessions export ID --replay FILE")
    })?;
    if recording.head.redacted == Redacted::Contents {
        return Err(Error::usage(format!(
            "the contents of files were taken out of {}: it can be looked at, not repeated",
            replay.file.display()
        ))
        .hint("record it without --redact=contents; --redact alone leaves them in"));
    }
    let session = recording.head.session.clone();
    let scratch = tempfile::Builder::new()
        .prefix("loop-replay-")
        .tempdir()
        .map_err(|error| cannot(Path::new("a temporary folder"), &error))?;
    let repeated = compose::block_on(repeat(recording, compose::surroundings(), scratch.path()))?;
    if replay.json {
        print_json(
            &json!({
                "session": session,
                "lines": repeated.lines,
                "same": repeated.same,
                "difference": repeated.difference,
            })
            .to_string(),
        )?;
    } else {
        print(&words(&session, &repeated))?;
    }
    Ok(match repeated.difference {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::from(ErrorKind::Incomplete.code()),
    })
}

fn cannot(place: &Path, error: &std::io::Error) -> Error {
    Error::usage(format!("cannot make {}: {error}", place.display()))
}

fn words(session: &str, repeated: &Repeated) -> String {
    match &repeated.difference {
        None => format!(
            "session {session}: identical, all {} lines\n",
            repeated.lines
        ),
        Some(difference) => format!(
            "session {session}: {} of {} lines are the same\n{}",
            repeated.same,
            repeated.lines,
            first(difference)
        ),
    }
}

fn first(difference: &Difference) -> String {
    let places = [&difference.phase, &difference.ticket];
    let places: Vec<&str> = places.into_iter().flatten().map(String::as_str).collect();
    let place = if places.is_empty() {
        String::new()
    } else {
        format!(" in {}", places.join(" "))
    };
    format!(
        "the first difference is in line {}, {}{place}, at {}\n  recorded: {}\n  now:      {}\n",
        difference.seq, difference.event, difference.field, difference.recorded, difference.now
    )
}
