//! Repeats a recorded session without a model: in a scratch copy of its project, line by line,
//! until it is over or something else happens. Nothing is asked, sent or started; what today's
//! program decides and writes is compared with what was recorded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::answers::Answers;
use super::begin::{Setup, assemble, open_project, unreadable};
use super::cast::{RecordedModel, RecordedPerson, RecordedShell};
use super::driver::{Attendance, Ending, Run, Unattended};
use super::interrupt::Interrupt;
use super::tape::{End, Places, Tape};
use crate::engine::ask::{AnsweredBy, AskId, Verdict};
use crate::engine::event::{Event, NoteKind, Record};
use crate::engine::floor::Floor;
use crate::engine::picture::Picture;
use crate::engine::recording::{By, Difference, Recording};
use crate::engine::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::git::write_files;
use crate::store::{OpenSession, Redactor, Sessions};
use crate::tools::Surroundings;

/// What repeating a session came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// How many lines were the same, the first included.
    pub same: usize,
    /// How many lines the recording has.
    pub lines: usize,
    /// The first difference; none if there is none.
    pub difference: Option<Difference>,
}

/// Repeats a session in that folder, which is empty and the caller's to remove.
pub async fn replay(
    recording: Recording,
    surroundings: Surroundings,
    scratch: &Path,
) -> Result<Repeated> {
    let cannot = |error: std::io::Error| {
        let what = format!("cannot prepare {}: {error}", scratch.display());
        Error::new(ErrorKind::Incomplete, what)
    };
    let scratch = scratch.canonicalize().map_err(cannot)?;
    let project = scratch.join("project");
    std::fs::create_dir(&project).map_err(cannot)?;
    let lines = recording.records.len();
    let (mut run, tape) = stage(recording, surroundings, &scratch, &project).map_err(unusable)?;
    let difference = follow(&mut run, &tape).await.map_err(unusable)?;
    Ok(Repeated {
        same: tape.place(),
        lines,
        difference,
    })
}

/// Nothing can be said of it: that is no difference.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn unusable(error: Error) -> Error {
    Error::usage(format!("cannot repeat the session: {error}"))
        .hint("the recording is damaged, or another version of the program made it")
}

/// The names of sessions are made of these letters; anything else may lead elsewhere.
fn is_a_name(id: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    (1..=64).contains(&id.len()) && id.chars().all(is_letter)
}

type Repeating = Run<RecordedModel, RecordedPerson, RecordedShell>;

/// Everything in its place, with the first line written.
fn stage(
    recording: Recording,
    surroundings: Surroundings,
    scratch: &Path,
    project: &Path,
) -> Result<(Repeating, Tape)> {
    let sessions = Sessions::at(scratch.join("sessions"));
    let Some(Event::SessionStarted(started)) =
        recording.records.first().map(|record| record.event.clone())
    else {
        return Err(Error::usage("the recording does not begin with a session"));
    };
    if !is_a_name(&started.id) {
        let what = format!("'{}' is no name of a session", started.id.escape_debug());
        return Err(Error::usage(what));
    }
    let (_stop, interrupt) = Interrupt::new();
    let setup = Setup {
        sessions: sessions.root().to_owned(),
        state: vec![sessions.root().to_owned()],
        project: project.to_owned(),
        // What was allowed then is in the recording.
        floor: Floor::default(),
        secrets: Vec::new(),
        answers: answers(&recording.records),
        unattended: Unattended::Stop,
        attendance: Attendance::Person,
        server_wait: Duration::ZERO,
        interrupt,
        surroundings,
    };
    let claim = sessions.claim(project, &started.id)?;
    let (store, first) = OpenSession::create(&sessions, *started, Redactor::default())?;
    let session =
        Session::begin(&first.record).map_err(|error| unreadable(&store.folder, &error))?;
    let places = Places {
        unkept: unkept(&recording, project)?,
        session: store.folder.path.clone(),
        project: project.to_owned(),
    };
    let tape = Tape::new(recording, places);
    let (_, files) = tape.files_at(1, By::Command);
    write_files(project, &files).map_err(|error| {
        Error::usage(format!(
            "a file of the recording cannot be written: {error}"
        ))
    })?;
    let workspace = open_project(project, &setup)?;
    let mut run = assemble(
        setup,
        session,
        store,
        RecordedModel::new(tape.clone()),
        RecordedPerson(tape.clone()),
        RecordedShell(tape.clone()),
        (claim, workspace),
    )?;
    run.tape = Some(tape.clone());
    run.look_for_secrets();
    Ok((run, tape))
}

/// Drives the run through all processes of the recording. The first difference, if there is one.
async fn follow(run: &mut Repeating, tape: &Tape) -> Result<Option<Difference>> {
    let mut place = usize::MAX;
    loop {
        let came = tokio::select! {
            biased;
            () = tape.halted() => None,
            came = run.drive() => Some(came),
        };
        let is_stuck = std::mem::replace(&mut place, tape.place()) == tape.place();
        match (tape.take_end(), came) {
            (Some(End::Over), _) => return Ok(None),
            (Some(End::Differs(difference)), _) => return Ok(Some(*difference)),
            (Some(End::Process), _) if !is_stuck => {}
            (None, Some(Err(error))) => return Err(error),
            (None, Some(Ok(_))) if tape.is_told() && !is_stuck => {}
            (_, came) => {
                let now = match came {
                    Some(Ok(ending)) => format!("the run ends here: {}", words(&ending)),
                    _ => "the run does not go on here".to_owned(),
                };
                let recorded = tape.next().map(|record| format!("{:?}", record.event));
                return Ok(
                    match tape.differs("event", &recorded.unwrap_or_default(), &now) {
                        End::Differs(difference) => Some(*difference),
                        End::Over | End::Process => None,
                    },
                );
            }
        }
    }
}

fn words(ending: &Ending) -> String {
    match ending {
        Ending::Finished(_, reason) | Ending::Stopped(_, reason) => reason.clone(),
        Ending::Reached(phase) => format!("the phase {phase} is done, as asked"),
    }
}

/// What a file of answers said about commands: the only answers that count where nobody was there.
fn answers(records: &[Record]) -> Answers {
    let answer = |record: &Record| match &record.event {
        Event::Answered { id, answer } if answer.answered_by == AnsweredBy::File => {
            let text = match &answer.verdict {
                Some(Verdict::Approve) => "yes".to_owned(),
                Some(Verdict::Reject { why }) => why.clone(),
                _ => return None,
            };
            is_about_a_command(id).then(|| (id.0.clone(), text))
        }
        _ => None,
    };
    Answers::new(records.iter().filter_map(answer).collect())
}

fn is_about_a_command(id: &AskId) -> bool {
    id.0.starts_with("allow-")
}

/// Files that were in the project and that no snapshot holds: ignored ones, too large ones. Their
/// names stand in the picture of the project, so empty ones are put there.
fn unkept(recording: &Recording, project: &Path) -> Result<BTreeSet<PathBuf>> {
    let picture = recording
        .records
        .iter()
        .find_map(|record| match &record.event {
            Event::Note(note) if note.kind == NoteKind::Picture => {
                serde_json::from_value::<Picture>(note.data["picture"].clone()).ok() // silent-ok: no picture
            }
            _ => None,
        });
    let is_held = |path: &str| {
        recording
            .files
            .iter()
            .any(|file| file.seq == 1 && file.path == path)
    };
    let names: Vec<PathBuf> = picture
        .map(|picture| picture.layout)
        .unwrap_or_default()
        .into_iter()
        .filter(|name| !name.contains("/ (") && !name.contains('\\') && !is_held(name))
        .map(PathBuf::from)
        .collect();
    let empty: Vec<crate::git::Kept> = names
        .iter()
        .map(|path| crate::git::Kept {
            path: path.clone(),
            kind: crate::git::KeptKind::Plain,
            content: Some(Vec::new()),
        })
        .collect();
    write_files(project, &empty).map_err(|error| {
        Error::usage(format!(
            "a file of the recording cannot be written: {error}"
        ))
    })?;
    Ok(names.into_iter().collect())
}
