//! `loop diff`: what a session, or one of its tickets, has changed and what is left of it.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{DiffArgs, RunOptions};
use super::compose::{self, print, say};
use super::sessions::find;
use crate::error::Result;
use crate::run::history::{History, Of, Seen};
use crate::run::store::Sessions;
use crate::run::{ChangeKind, Standing};
use crate::ui::{Colour, FileLine, PatchReader, patch};

/// Shows it.
pub(super) fn diff(diff: &DiffArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, diff.session.as_deref())?;
    let mut history = History::look(&folder, &compose::surroundings())?;
    let of = history.named(diff.ticket.as_deref())?;
    let (files, difference) = compose::block_on(async { history.difference(&of).await })?;
    if diff.json {
        let value = json!({
            "session": folder.id,
            "ticket": match &of { Of::All => None, Of::One(name) => Some(name) },
            "files": files.iter().map(as_json).collect::<Vec<_>>(),
            "diff": difference,
        });
        print(&format!("{value}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if files.is_empty() {
        say(&nothing(&history, &of));
        return Ok(ExitCode::SUCCESS);
    }
    let lines = file_lines(&history, &of, &files);
    let reader = if std::io::stdout().is_terminal() {
        PatchReader::Person(compose::colour(loaded.config.screen.color).unwrap_or(Colour::On))
    } else {
        PatchReader::Program
    };
    print(&patch(&lines, &difference, reader))?;
    Ok(ExitCode::SUCCESS)
}

fn nothing(history: &History, of: &Of) -> String {
    let what = match of {
        Of::All => format!("session {}", history.session.started.id),
        Of::One(name) => name.clone(),
    };
    let was_something = match of {
        Of::All => !history.session.works.is_empty(),
        Of::One(name) => history.session.works.iter().any(|work| work.name == *name),
    };
    if was_something {
        format!("nothing is left of what {what} changed")
    } else {
        format!("{what} has changed nothing")
    }
}

fn as_json(seen: &Seen) -> serde_json::Value {
    json!({
        "path": shown(&seen.path),
        "change": match seen.kind {
            ChangeKind::Added => "added",
            ChangeKind::Modified => "modified",
            ChangeKind::Removed => "removed",
        },
        "added": seen.lines.map(|(added, _)| added),
        "removed": seen.lines.map(|(_, removed)| removed),
        "changed_since": seen.standing == Standing::ChangedSince,
    })
}

/// A line for each file.
pub(super) fn file_lines(history: &History, of: &Of, files: &[Seen]) -> Vec<FileLine> {
    let lines = files.iter();
    lines.map(|seen| as_line(history, of, seen)).collect()
}

fn as_line(history: &History, of: &Of, seen: &Seen) -> FileLine {
    FileLine {
        path: shown(&seen.path),
        mark: match seen.kind {
            ChangeKind::Added => "new",
            ChangeKind::Modified => "",
            ChangeKind::Removed => "gone",
        },
        lines: seen.lines,
        remark: matches!(seen.standing, Standing::ChangedSince | Standing::Doubtful)
            .then(|| history.why_changed(of, (&seen.path, seen.standing))),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
