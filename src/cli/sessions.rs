//! `loop sessions`: list, show, delete, export.

use std::fmt::Write as _;
use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{RunOptions, SessionsAction};
use super::compose::{self, confirm, print, print_dressed, print_json, say};
use super::figures::{show_stats, show_stats_of_all, show_timeline};
use super::landing;
use super::record::write_recording;
use crate::config::Loaded;
use crate::engine::artifact::ArtifactName;
use crate::engine::event::Outcome;
use crate::engine::session::Session;
use crate::engine::summary::{Places, summary};
use crate::engine::ticket_receipt::{TicketReceipt, standing};
use crate::engine::trace::trace;
use crate::error::{Error, Result};
use crate::run::landing::workplace;
use crate::run::store::{
    Listed, Redactor, SessionFolder, SessionHead, SessionState, Sessions, archive, clock, markdown,
    read,
};
use crate::ui::{Colour, dressed, results_width};

/// Does what was asked.
pub(super) fn sessions(action: SessionsAction) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    match action {
        SessionsAction::List { json } => list(&sessions, json)?,
        SessionsAction::Show { figures, json, .. } if figures.all => {
            show_stats_of_all(&sessions, json)?;
        }
        SessionsAction::Show {
            id,
            figures,
            trace,
            json,
        } => {
            let folder = find(&sessions, id.as_deref())?;
            let colour = compose::colour(loaded.config.screen.color);
            match (figures.timeline, figures.stats, trace) {
                (true, _, _) => show_timeline(&folder, colour)?,
                (_, true, _) => show_stats(&folder, json, colour)?,
                (_, _, true) => show_trace(&session(&folder)?, json, colour)?,
                _ => show(&folder, json, colour)?,
            }
        }
        SessionsAction::Delete { ids, yes } => return delete(&sessions, &ids, yes),
        SessionsAction::Export {
            id,
            replay: Some(file),
            redact,
            ..
        } => write_recording(&loaded, &find(&sessions, id.as_deref())?, &file, redact)?,
        SessionsAction::Export { id, output, .. } => {
            let folder = find(&sessions, id.as_deref())?;
            write_export(&loaded, &folder, output.as_deref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The session with that in its id, or the newest of this project.
pub(super) fn find(sessions: &Sessions, id: Option<&str>) -> Result<SessionFolder> {
    if let Some(id) = id {
        return Ok(sessions.find(id)?);
    }
    let project = compose::existing_project(Path::new("."))?;
    sessions.newest(&project)?.ok_or_else(|| {
        Error::usage(format!("there is no session of {}", project.display()))
            .hint("loop sessions list shows all of them")
    })
}

fn list(sessions: &Sessions, json: bool) -> Result<()> {
    let listed = sessions.list()?;
    if json {
        let entries: Vec<serde_json::Value> = listed.iter().map(as_json).collect();
        return print_json(&serde_json::Value::from(entries).to_string());
    }
    if listed.is_empty() {
        say("there are no sessions yet; loop \"what you want\" begins one");
    }
    let columns = results_width();
    let mut text = String::new();
    for entry in &listed {
        let _ = writeln!(text, "{}", as_line(entry, columns)); // silent-ok: writing to a String
    }
    print(&text)?;
    if let Some(id) = listed.iter().find_map(resumable) {
        say(&format!(
            "go on with one that is not over: loop resume {id}"
        ));
    }
    Ok(())
}

/// The id of a session that waits to be gone on with.
fn resumable(entry: &Listed) -> Option<&str> {
    match entry {
        Listed::Readable(head) => match head.state {
            SessionState::PhaseDone
            | SessionState::Forked
            | SessionState::Interrupted(_)
            | SessionState::Stopped => Some(&head.folder.id),
            SessionState::Running | SessionState::Waiting | SessionState::Finished(_) => None,
        },
        Listed::Damaged { .. } => None,
    }
}

fn as_json(entry: &Listed) -> serde_json::Value {
    match entry {
        Listed::Readable(head) => json!({
            "id": head.folder.id,
            "state": head.state.name(),
            "started_at": head.started_at,
            "last_at": head.last_at,
            "phase": head.phase,
            "ticket": head.ticket,
            "task": head.task,
            "project": head.project,
            "model": head.model,
            "folder": head.folder.path,
        }),
        Listed::Damaged { folder, reason } => json!({
            "id": folder.id,
            "state": "damaged",
            "reason": reason,
            "folder": folder.path,
        }),
    }
}

/// In a narrow terminal the task has a line of its own.
fn as_line(entry: &Listed, columns: Option<usize>) -> String {
    match entry {
        Listed::Readable(head) => {
            let place = match (&head.phase, &head.ticket) {
                (Some(phase), Some(ticket)) => format!("{phase} {ticket}"),
                (Some(phase), None) => phase.clone(),
                (None, _) => "-".to_owned(),
            };
            let (before, room) = match columns {
                Some(columns) if columns < 90 => ("\n    ", columns.saturating_sub(5)),
                _ => (" ", 60),
            };
            let words: Vec<&str> = head.task.split_whitespace().collect();
            let task = console::truncate_str(&words.join(" "), room, "…").into_owned();
            format!(
                "{}  {:>4}  {:<13} {place:<14}",
                head.folder.id,
                age(head),
                head.state.words()
            )
            .trim_end()
            .to_owned()
                + before
                + &task
        }
        Listed::Damaged { folder, reason } => format!("{}  damaged: {reason}", folder.id),
    }
}

fn age(head: &SessionHead) -> String {
    match clock::seconds_since(&head.started_at) {
        None => "?".to_owned(),
        Some(seconds) if seconds < 60 => format!("{}s", seconds.max(0)),
        Some(seconds) if seconds < 3_600 => format!("{}m", seconds / 60),
        Some(seconds) if seconds < 86_400 => format!("{}h", seconds / 3_600),
        Some(seconds) => format!("{}d", seconds / 86_400),
    }
}

fn show(folder: &SessionFolder, json: bool, colour: Option<Colour>) -> Result<()> {
    let content = read(&folder.journal())?;
    let session = session(folder)?;
    if json {
        return print_json(&session_json(folder, &session).to_string());
    }
    for warning in &content.warnings {
        say(warning);
    }
    let text = match folder.read_artifact(ArtifactName::Summary)? {
        Some(summary) if session.finished.is_some() => summary,
        _ => {
            let places = Places {
                snapshots: folder.snapshots().display().to_string(),
                project: workplace(&session, folder).display().to_string(),
            };
            let standing = summary(&session, Outcome::Blocked, &places);
            format!(
                "session {} of {} is not over\ngo on with: loop resume {}\n\n{standing}",
                folder.id, session.started.project, folder.id
            )
        }
    };
    print_dressed(&dressed(&text, colour))
}

fn show_trace(session: &Session, json: bool, colour: Option<Colour>) -> Result<()> {
    let trace = trace(session);
    if json {
        return print_json(&json!(trace).to_string());
    }
    print_dressed(&dressed(&trace.render(), colour))
}

fn session(folder: &SessionFolder) -> Result<Session> {
    let content = read(&folder.journal())?;
    Session::fold(&content.records).map_err(|error| {
        Error::new(
            crate::error::ErrorKind::Session,
            format!("{}: {error}", folder.journal().display()),
        )
    })
}

fn session_json(folder: &SessionFolder, session: &Session) -> serde_json::Value {
    let tickets: Vec<serde_json::Value> = session
        .ticket_ids()
        .into_iter()
        .map(|id| {
            let progress = session.tickets.get(id);
            let end = progress.and_then(|progress| progress.ended.as_ref());
            json!({
                "id": id,
                "title": session.ticket(id).map(|ticket| &ticket.title),
                "attempts": progress.map_or(0, |progress| progress.attempts),
                "outcome": end.map(|end| end.outcome),
                "reason": end.map(|end| &end.reason),
                "proof": end.map(|end| end.proof),
                "changed": end.map(|end| &end.changed),
                "commit": end.and_then(|end| end.commit.as_ref()),
                "taken_back": session.is_taken_back(id),
                "left_as_it_is": session.left_of(id).unwrap_or_default(),
                "standing": standing(session, id),
                "receipt": TicketReceipt::of(session, id),
                "receipts": session.receipts.iter().filter(|(of, _)| of.as_deref() == Some(id)).map(|(_, receipt)| receipt).collect::<Vec<_>>(),
            })
        })
        .collect();
    let phases: Vec<serde_json::Value> = session
        .pipeline
        .names()
        .into_iter()
        .zip(&session.phase_outcomes)
        .map(|(name, outcome)| json!({"name": name, "outcome": outcome}))
        .collect();
    json!({
        "id": folder.id,
        "task": session.started.task,
        "project": session.started.project,
        "model": session.started.model,
        "started_at": session.started_at,
        "finished": session.finished.as_ref().map(|(outcome, reason)| json!({"outcome": outcome, "reason": reason})),
        "interrupted": session.interrupted,
        "open_ask": session.open_ask(),
        "open_asks": session.open_asks.values().map(|open| &open.ask).collect::<Vec<_>>(),
        "phases": phases,
        "tickets": tickets,
        "prompt_tokens": session.totals.prompt_tokens,
        "eval_tokens": session.totals.eval_tokens,
        "model_ms": session.totals.model_ms,
        "tool_ms": session.totals.tool_ms,
        "events": session.last_seq,
        "folder": folder.path,
    })
}

fn delete(sessions: &Sessions, ids: &[String], yes: bool) -> Result<ExitCode> {
    let folders = ids
        .iter()
        .map(|id| Ok(sessions.find(id)?))
        .collect::<Result<Vec<_>>>()?;
    let names: Vec<&str> = folders.iter().map(|folder| folder.id.as_str()).collect();
    let mut question = format!(
        "Delete {}? The copies of the project from before the session go with it: its changes can then no longer be taken back",
        names.join(", ")
    );
    // A session that cannot be read is deleted all the same.
    let worktrees: Vec<(&SessionFolder, Session)> = folders
        .iter()
        .filter(|folder| folder.path.join("worktree").exists() && !folder.is_running())
        .filter_map(|folder| Some((folder, session(folder).ok()?))) // silent-ok: as said above
        .collect();
    for (_, session) in &worktrees {
        if let Some(words) = compose::block_on(landing::what_goes(session))? {
            question = format!("{question}. {}", words.trim_end_matches('.'));
        }
    }
    if !yes {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(
                Error::new(crate::error::ErrorKind::NeedsInput, format!("{question}?"))
                    .hint("say so with --yes, or do it in a terminal"),
            );
        }
        if !confirm(&question)? {
            say("nothing was deleted");
            return Ok(ExitCode::from(1));
        }
    }
    for (folder, session) in &worktrees {
        compose::block_on(landing::remove_worktree(session, folder))?;
    }
    for folder in &folders {
        sessions.delete(folder)?;
        say(&format!("deleted {}", folder.id));
    }
    Ok(ExitCode::SUCCESS)
}

fn write_export(loaded: &Loaded, folder: &SessionFolder, output: Option<&Path>) -> Result<()> {
    let redactor = Redactor::new(loaded.secrets());
    let Some(path) = output else {
        return print(&markdown(folder, &redactor)?);
    };
    let cannot = |error: std::io::Error| {
        Error::usage(format!("cannot write {}: {error}", path.display()))
            .hint("name another file with --output")
    };
    let name = path.to_string_lossy();
    if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
        archive(folder, &redactor, File::create(path).map_err(cannot)?)?;
    } else {
        std::fs::write(path, markdown(folder, &redactor)?).map_err(cannot)?;
    }
    say(&format!("wrote {}", path.display()));
    Ok(())
}
