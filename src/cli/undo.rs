//! `loop undo`: takes back what a session, or one of its tickets, changed, and puts it there again
//! with `--redo`. A file that somebody else has changed since is asked about, one by one, and left
//! alone where nobody can be asked.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::{RunOptions, UndoArgs};
use super::compose::{self, confirm, say};
use super::sessions::find;
use crate::error::{Error, ErrorKind, Result};
use crate::run::history::{Done, Of, OpenHistory};
use crate::run::store::Sessions;
use crate::run::{Ignored, LeftAlone, Standing, Touched};

/// Takes back, or puts there again.
pub(super) fn undo(undo: &UndoArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, undo.session.as_deref())?;
    let id = folder.id.clone();
    let mut open = OpenHistory::open(folder, &loaded.secrets(), &compose::surroundings())?;
    let of = open.history.named(undo.ticket.as_deref())?;
    if undo.redo && undo.ticket.is_some() {
        is_the_last(&open, &of)?;
    }
    let asks = !undo.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    compose::block_on(async {
        let found = if undo.redo {
            open.taken_back().await?
        } else {
            Some(open.history.files(&of).await?)
        };
        let Some(files) = found else {
            say("nothing was taken back, so there is nothing to put there again");
            return Ok(ExitCode::SUCCESS);
        };
        let question = if undo.redo {
            "Put these files there again?"
        } else {
            "Give these files their earlier content?"
        };
        let asks = asks.then_some(question);
        let ignored = if undo.redo {
            Ignored::default()
        } else {
            open.history.ignored(&of).await?
        };
        let chosen = choose(&open, &of, (files, &ignored), asks)?;
        let Some((wanted, left)) = chosen else {
            say("nothing was changed");
            return Ok(ExitCode::from(ErrorKind::Incomplete.code()));
        };
        let left: Vec<LeftAlone> = left.into_iter().chain(ignored.left_alone).collect();
        let new = wanted.iter().filter(|file| file.is_new());
        let new: BTreeSet<PathBuf> = new.map(|file| file.path.clone()).collect();
        let done = if wanted.is_empty() {
            Done {
                left_alone: left,
                ..Done::default()
            }
        } else if undo.redo {
            open.put_again(wanted, left).await?
        } else {
            open.take_back(&of, wanted, left).await?
        };
        let ignored = open.put_ignored_back(&ignored.wanted)?;
        if undo.redo {
            return Ok(told((&done, &new), &ignored, None));
        }
        let phase = open.history.phase_to_do_again(&of);
        let hint = format!(
            "to have it again: loop undo --redo -s {id}\nto let it be done again: loop resume {id} --from {phase}"
        );
        Ok(told((&done, &new), &ignored, Some(&hint)))
    })
}

/// The files to put back, and those to leave alone. None: the person said no.
fn choose(
    open: &OpenHistory,
    of: &Of,
    (files, ignored): (Vec<Touched>, &Ignored),
    asks: Option<&str>,
) -> Result<Option<(Vec<Touched>, Vec<LeftAlone>)>> {
    let (mut wanted, doubtful): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|file| file.standing != Standing::AsBefore)
        .partition(|file| file.standing == Standing::AsLeft);
    if let Some(question) = asks
        && !(wanted.is_empty() && ignored.wanted.is_empty())
    {
        let others = ignored.wanted.iter().map(|file| &file.path);
        for path in wanted.iter().map(|file| &file.path).chain(others) {
            say(&format!("  {}", path.display()));
        }
        if !confirm(question)? {
            return Ok(None);
        }
    }
    let mut left = Vec::new();
    for file in doubtful {
        let why = open.history.why_changed(of, (&file.path, file.standing));
        let question = format!(
            "{}: {why}. Give it its earlier content all the same?",
            file.path.display()
        );
        if asks.is_some() && confirm(&question)? {
            wanted.push(file);
        } else {
            let path = file.path;
            left.push(LeftAlone { path, why });
        }
    }
    Ok(Some((wanted, left)))
}

/// Refuses to put there again what was not the last to be taken back.
fn is_the_last(open: &OpenHistory, of: &Of) -> Result<()> {
    match open.history.session.taken.back.last() {
        Some(last) if last.of != of.word() => {
            let what = format!("the last undo was not of {}, but of {}", of.word(), last.of);
            Err(Error::usage(what).hint(
                "loop undo --redo puts that there again, and then what was taken back before it",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

fn told(
    (done, new): (&Done, &BTreeSet<PathBuf>),
    ignored: &[PathBuf],
    hint: Option<&str>,
) -> ExitCode {
    for path in &done.files {
        let how = if new.contains(path) {
            "removed"
        } else {
            "put back"
        };
        say(&format!("{how}: {}", path.display()));
    }
    for path in ignored {
        say(&format!(
            "put back: {} (git ignores it, so --redo leaves it so)",
            path.display()
        ));
    }
    for left in &done.left_alone {
        say(&format!(
            "left alone: {} ({})",
            left.path.display(),
            left.why
        ));
    }
    if done.files.is_empty() && done.left_alone.is_empty() && ignored.is_empty() {
        say("nothing is left to take back");
    }
    if let Some(hint) = hint.filter(|_| !done.files.is_empty()) {
        say(hint);
    }
    if done.left_alone.is_empty() {
        return ExitCode::SUCCESS;
    }
    say("hint: in a terminal you are asked about each of them; loop diff shows what stands there");
    ExitCode::from(ErrorKind::Incomplete.code())
}
