//! What a list of sessions shows, read from a journal's first line and its last few: quick, and
//! without folding anything.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::error::StoreError;
use super::folder::SessionFolder;
use super::journal::{self, read_from};
use super::redact::Redactor;
use crate::engine::event::{Event, ForkedFrom, Interruption, Outcome};

/// How much of the end is looked at first; long lines double it.
const END_BYTES: u64 = 32 * 1024;

/// One entry of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    /// A session.
    Readable(Box<SessionHead>),
    /// A folder whose journal cannot be read: shown, never hidden.
    Damaged {
        /// Where it stands.
        folder: SessionFolder,
        /// What is wrong.
        reason: String,
    },
}

/// What a list shows of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionHead {
    /// Where it stands.
    pub folder: SessionFolder,
    /// When it began.
    pub started_at: String,
    /// When the last thing happened.
    pub last_at: String,
    /// What was asked for.
    pub task: String,
    /// The project folder.
    pub project: String,
    /// The model.
    pub model: String,
    /// Where it stands with it.
    pub state: SessionState,
    /// The phase of the last line.
    pub phase: Option<String>,
    /// The ticket of the last line.
    pub ticket: Option<String>,
    /// How many lines the journal has.
    pub lines: u64,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// A process works on it now.
    Running,
    /// A process has it, and waits for a person's answer.
    Waiting,
    /// It is over.
    Finished(Outcome),
    /// It did the phases that were wanted of it, and can be resumed.
    PhaseDone,
    /// It was made of another one, and nothing has gone on in it yet.
    Forked,
    /// It was stopped (by a person, if the cause is a signal), and can be resumed.
    Interrupted(Interruption),
    /// Its process ended without a word, and it can be resumed.
    Stopped,
}

impl SessionState {
    /// One or two words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waits for you",
            Self::Finished(Outcome::Completed) => "completed",
            Self::Finished(Outcome::Blocked) => "blocked",
            Self::Finished(Outcome::Refused) => "refused",
            Self::Finished(Outcome::Skipped) => "skipped",
            Self::PhaseDone => "phase done",
            Self::Forked => "forked",
            Self::Interrupted(Interruption::Signal) => "stopped",
            // Killed, or the machine went down: for a person the same.
            Self::Stopped => "interrupted",
            Self::Interrupted(Interruption::Limit) => "limit reached",
            Self::Interrupted(Interruption::NeedsInput) => "needs input",
            Self::Interrupted(Interruption::ServerGone) => "server gone",
        }
    }
}

impl SessionState {
    /// The same for a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            other => other.words(),
        }
    }
}

/// What a later line says about the state; anything else says "under way".
#[derive(Deserialize)]
struct Glance {
    seq: u64,
    at: String,
    phase: Option<String>,
    ticket: Option<String>,
    event: String,
    outcome: Option<Outcome>,
    why: Option<Interruption>,
}

/// Whether the session in that folder is one of that project. Only the opening is read, and its
/// checksum is not looked at: whoever goes on with the session reads it as a whole.
pub(super) fn is_of(folder: &SessionFolder, project: &Path) -> bool {
    #[derive(Deserialize)]
    struct Opening {
        project: String,
    }
    first_line(&folder.journal(), u64::MAX)
        .ok() // silent-ok: what cannot be read belongs to no project
        .and_then(|line| serde_json::from_slice::<Opening>(&line).ok()) // silent-ok: the same
        .is_some_and(|opening| Path::new(&opening.project) == project)
}

/// Looks at the session in that folder.
pub fn look(folder: SessionFolder) -> Listed {
    match read_head(&folder) {
        Ok(head) => Listed::Readable(Box::new(head)),
        Err(reason) => Listed::Damaged { folder, reason },
    }
}

fn read_head(folder: &SessionFolder) -> Result<SessionHead, String> {
    let path = folder.journal();
    let words = |error: StoreError| error.to_string();
    let length = fs::metadata(&path)
        .map_err(StoreError::io("read", &path))
        .map_err(words)?
        .len();
    let first = first_line(&path, length).map_err(words)?;
    let opening = journal::parse(&first, &path).map_err(words)?;
    let Some(record) = opening.records.into_iter().next() else {
        return Err(format!("{}: the journal is empty", path.display()));
    };
    let Event::SessionStarted(started) = record.event else {
        return Err(format!("{}: does not begin a session", path.display()));
    };
    let glances = last_lines(&path, length).map_err(words)?;
    let newest = glances
        .first()
        .ok_or_else(|| format!("{}: its last lines cannot be read", path.display()))?;
    let state = match (folder.is_running(), asked(&glances)) {
        (true, Some(asked)) if !is_answered(folder, asked) => SessionState::Waiting,
        (true, _) => SessionState::Running,
        (false, _) if is_fresh(started.forked_from.as_ref(), &glances) => SessionState::Forked,
        (false, _) => state(&glances),
    };
    Ok(SessionHead {
        started_at: record.at,
        last_at: newest.at.clone(),
        task: started.task,
        project: started.project,
        model: started.model,
        state,
        phase: newest.phase.clone(),
        ticket: newest.ticket.clone(),
        lines: newest.seq,
        folder: folder.clone(),
    })
}

/// Lines that say nothing about the state: they may follow the end of a session.
const BESIDE: [&str; 3] = ["note", "warned", "artifact_written"];

fn telling(newest_first: &[Glance]) -> Option<&Glance> {
    let mut lines = newest_first.iter();
    lines.find(|line| !BESIDE.contains(&line.event.as_str()))
}

/// Whether nothing was added to what a session took over from another one, but maybe that it goes
/// on with another model.
fn is_fresh(forked: Option<&ForkedFrom>, newest_first: &[Glance]) -> bool {
    let (Some(forked), Some(last)) = (forked, telling(newest_first)) else {
        return false;
    };
    last.seq <= forked.seq || (last.seq == forked.seq + 1 && last.event == "resumed")
}

/// The question that was the last thing that happened.
fn asked(newest_first: &[Glance]) -> Option<u64> {
    let line = telling(newest_first)?;
    (line.event == "asked").then_some(line.seq)
}

/// Whether an answer is on its way.
fn is_answered(folder: &SessionFolder, asked: u64) -> bool {
    let mailbox = folder.mailbox(Redactor::default());
    matches!(mailbox.find_answer(asked), Ok(Some(_)))
}

/// What was said last about the state.
fn state(newest_first: &[Glance]) -> SessionState {
    match telling(newest_first).map(|line| (line.event.as_str(), line.outcome, line.why)) {
        Some(("session_finished", Some(outcome), _)) => SessionState::Finished(outcome),
        Some(("interrupted", _, Some(why))) => SessionState::Interrupted(why),
        // The next one would be entered at once.
        Some(("phase_finished", Some(Outcome::Completed | Outcome::Skipped), _)) => {
            SessionState::PhaseDone
        }
        _ => SessionState::Stopped,
    }
}

fn first_line(path: &Path, length: u64) -> Result<Vec<u8>, StoreError> {
    let mut limit = END_BYTES;
    loop {
        let mut bytes = read_from(path, 0, limit)?;
        if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            bytes.truncate(end + 1);
            return Ok(bytes);
        }
        if limit >= length || (bytes.len() as u64) < limit {
            return Ok(bytes);
        }
        limit *= 4;
    }
}

/// The last lines, newest first, back to one that tells the state. A torn last line is left out.
fn last_lines(path: &Path, length: u64) -> Result<Vec<Glance>, StoreError> {
    let mut window = END_BYTES;
    loop {
        let start = length.saturating_sub(window);
        let bytes = read_from(path, start, window)?;
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        // What follows the last newline is torn or empty; what precedes the first may be cut.
        lines.pop();
        let whole = if start == 0 { 0 } else { 1.min(lines.len()) };
        let glances: Vec<Glance> = lines[whole..]
            .iter()
            .rev()
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        let telling = glances
            .iter()
            .any(|line| !BESIDE.contains(&line.event.as_str()));
        if telling || start == 0 {
            return Ok(glances);
        }
        window *= 4;
    }
}
