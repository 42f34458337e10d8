//! A recording while a run repeats it: which line comes next, what it has to say, and why the run
//! stops following it. Shared by the run and by everyone who plays a part in it (`run/cast.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::engine::call::ToolCall;
use crate::engine::event::{Event, NoteKind, Record};
use crate::engine::recording::{
    By, Content, Difference, File, FileKind, Names, Origin, Recording, Redacted, as_recorded,
    first_difference, from_hex, origins, with_recorded_ids,
};
use crate::git::{Kept, KeptKind};

/// A recording that is followed.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    state: Arc<Mutex<State>>,
    halted: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    recording: Recording,
    origins: Vec<Origin>,
    calls: BTreeMap<String, ToolCall>,
    /// The place of the line that comes next.
    next: usize,
    names: Option<Names>,
    end: Option<End>,
    /// Texts of the run that repeats, and what stands for them in the recording.
    paths: Vec<(String, String)>,
    /// Where files of the project stand, and which of them the recording does not hold.
    project: PathBuf,
    unkept: BTreeSet<PathBuf>,
}

/// Why a recording is not followed any further.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// The process that was recorded ended here; another one goes on.
    Process,
    /// There is nothing more.
    Over,
    /// Something else happened.
    Differs(Box<Difference>),
}

/// Where the run that repeats a session works.
#[derive(Debug)]
pub(super) struct Places {
    /// The scratch copy of the project.
    pub(super) project: PathBuf,
    /// The session's folder.
    pub(super) session: PathBuf,
    /// Files that were in the project and are not in the recording.
    pub(super) unkept: BTreeSet<PathBuf>,
}

/// What a line that the run has come to is to the recording.
pub(super) enum Settled {
    /// The line as it is to be written.
    Written(Box<Event>),
    /// A warning about this machine: the recording has none, so it is left out.
    LeftOut,
    /// It is not what the recording has; the run ends.
    Differs,
}

impl Tape {
    /// From the line after the first.
    pub(super) fn new(recording: Recording, places: Places) -> Self {
        let mut calls = BTreeMap::new();
        for record in &recording.records {
            if let Event::ToolStarted { call, .. } = &record.event {
                calls.insert(call.id.0.clone(), call.clone());
            }
        }
        let recorded_project = match recording.records.first().map(|record| &record.event) {
            Some(Event::SessionStarted(started)) => started.project.clone(),
            _ => String::new(),
        };
        let text = |path: &PathBuf| path.display().to_string();
        let state = State {
            origins: origins(&recording.records),
            calls,
            next: 1,
            names: (recording.head.redacted != Redacted::Nothing).then(Names::default),
            end: None,
            paths: vec![
                (text(&places.session), recording.head.folder.clone()),
                (text(&places.project), recorded_project),
            ],
            project: places.project,
            unkept: places.unkept,
            recording,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            halted: Arc::new(Notify::new()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many lines were followed.
    pub(super) fn place(&self) -> usize {
        self.state().next
    }

    /// The line that comes next.
    pub(super) fn next(&self) -> Option<Record> {
        let state = self.state();
        state.recording.records.get(state.next).cloned()
    }

    /// Whether the next line keeps the whole project after a tool: an earlier version did so after
    /// each file that was written.
    pub(super) fn keeps_a_tree_next(&self) -> bool {
        let state = self.state();
        let next = state.recording.records.get(state.next);
        next.is_some_and(|record| {
            matches!(&record.event, Event::ToolFinished { tree: Some(_), .. })
        })
    }

    /// The line so many places later.
    pub(super) fn later(&self, by: usize) -> Option<Record> {
        let state = self.state();
        state.recording.records.get(state.next + by).cloned()
    }

    /// The next line that is no warning.
    pub(super) fn next_but_warnings(&self) -> Option<Record> {
        let state = self.state();
        let mut rest = state.recording.records.iter().skip(state.next);
        rest.find(|record| !matches!(record.event, Event::Warned { .. }))
            .cloned()
    }

    /// The lines from the next on for which that holds, and the first for which it does not.
    pub(super) fn until(&self, goes_on: impl Fn(&Event) -> bool) -> Vec<Record> {
        let state = self.state();
        let rest = &state.recording.records[state.next.min(state.recording.records.len())..];
        let length = rest
            .iter()
            .take_while(|record| goes_on(&record.event))
            .count();
        rest[..rest.len().min(length + 1)].to_vec()
    }

    /// Takes the next line if it comes from outside.
    pub(super) fn take_outside(&self) -> Option<Record> {
        let mut state = self.state();
        let is_outside = state.origins.get(state.next)?.is_outside();
        if !is_outside {
            return None;
        }
        state.next += 1;
        state.recording.records.get(state.next - 1).cloned()
    }

    /// Whether the recorded process ended before it wrote another line of its own.
    pub(super) fn process_ends(&self) -> bool {
        let state = self.state();
        state.origins[state.next.min(state.origins.len())..]
            .iter()
            .take_while(|origin| origin.is_outside())
            .any(|origin| *origin == Origin::NewProcess)
    }

    /// The request got no reply: the lines that tell of it are taken as they stand. False if the
    /// next line is none of these.
    pub(super) fn take_fault(&self) -> bool {
        let mut state = self.state();
        let from = state.next;
        let length = state.recording.records[from.min(state.recording.records.len())..]
            .iter()
            .take_while(|record| tells_of_a_fault(&record.event))
            .count();
        state.origins[from..from + length]
            .iter_mut()
            .filter(|origin| **origin == Origin::Program)
            .for_each(|origin| *origin = Origin::Outside);
        length > 0
    }

    /// Compares a line that the run has come to with the next one of the recording, and gives it
    /// what only the recording can know. Moves on if they are the same.
    pub(super) fn settle(
        &self,
        phase: Option<&String>,
        ticket: Option<&String>,
        event: Event,
    ) -> Settled {
        let mut state = self.state();
        let Some(recorded) = state.recording.records.get(state.next).cloned() else {
            state.end = Some(End::Over);
            return Settled::Differs;
        };
        if matches!(event, Event::Warned { .. })
            && !matches!(recorded.event, Event::Warned { .. })
            && state.is_after_facts_of_the_machine()
        {
            return Settled::LeftOut;
        }
        let call = match &recorded.event {
            Event::ToolFinished { id, .. } => state.calls.get(&id.0),
            _ => None,
        };
        let is_kept = |path: &str| state.is_kept(path);
        let is_of_the_machine = state.origins[state.next].is_outside();
        let event = match (&recorded.event, event) {
            (Event::Warned { .. }, Event::Warned { .. }) if is_of_the_machine => {
                recorded.event.clone()
            }
            (_, event) => as_recorded(&recorded.event, event, call, &is_kept),
        };
        let event = match state.names {
            Some(_) => with_recorded_ids(&recorded.event, event),
            None => event,
        };
        let now = Record {
            phase: phase.cloned(),
            ticket: ticket.cloned(),
            event,
            ..recorded.clone()
        };
        let mut names = state.names.take();
        let difference = first_difference(&recorded, &now, names.as_mut());
        state.names = names;
        if let Some(difference) = difference {
            state.end = Some(End::Differs(Box::new(difference)));
            return Settled::Differs;
        }
        state.next += 1;
        Settled::Written(Box::new(now.event))
    }

    /// The event with the recorded places instead of those of this run; none if it names none.
    pub(super) fn with_recorded_places(&self, event: &Event) -> Option<Event> {
        let text = serde_json::to_string(event).ok()?; // silent-ok: the journal will say so
        let state = self.state();
        let is_named = |(here, _): &(&String, &String)| text.contains(here.as_str());
        let paths = state.paths.iter().map(|(here, there)| (here, there));
        // A text that names a content names it as the recording does.
        let ids = state.names.iter().flat_map(Names::pairs);
        let ids = ids.filter(|_| matches!(event, Event::ArtifactWritten { .. }));
        let named: Vec<_> = paths.chain(ids).filter(is_named).collect();
        if named.is_empty() {
            return None;
        }
        let replace =
            |text: String, (here, there): (&String, &String)| text.replace(here.as_str(), there);
        let text = named.into_iter().fold(text.clone(), replace);
        serde_json::from_str(&text).ok() // silent-ok: it differs then, and is told
    }

    /// The recorded reply's request, if the recording knows it.
    pub(super) fn request(&self, seq: u64) -> Option<String> {
        self.state().recording.requests.get(&seq).cloned()
    }

    /// The files that were changed just before that line other than by the session's file tools.
    pub(super) fn files_at(&self, seq: u64, by: By) -> (PathBuf, Vec<Kept>) {
        let state = self.state();
        let files = state.recording.files.iter();
        let files = files.filter(|file| file.seq == seq && file.by == by);
        (state.project.clone(), files.map(kept).collect())
    }

    /// Whether the next line comes from outside.
    pub(super) fn is_told(&self) -> bool {
        let state = self.state();
        let origin = state.origins.get(state.next);
        origin.is_some_and(|origin| origin.is_outside())
    }

    /// The tier of the sandbox that was recorded at this place.
    pub(super) fn tier(&self) -> String {
        let state = self.state();
        let tier = |record: &Record| match &record.event {
            Event::Note(note) if note.kind == NoteKind::Wall => {
                note.data.as_str().map(str::to_owned)
            }
            _ => None,
        };
        let records = &state.recording.records;
        let next = state.next.min(records.len());
        let coming = records[next..]
            .iter()
            .find(|record| !matches!(record.event, Event::Warned { .. }))
            .and_then(tier);
        coming
            .or_else(|| records[..next].iter().rev().find_map(tier))
            .or_else(|| records[next..].iter().find_map(tier))
            .unwrap_or_default()
    }

    /// Nothing more will come: whoever plays a part waits, and the run is ended from outside.
    pub(super) async fn halt<T>(&self, end: End) -> T {
        self.state().end.get_or_insert(end);
        self.halted.notify_one();
        std::future::pending().await
    }

    /// Waits until somebody has nothing more to say.
    pub(super) async fn halted(&self) {
        self.halted.notified().await;
    }

    /// The run ends for this reason.
    pub(super) fn end(&self, end: End) {
        self.state().end.get_or_insert(end);
    }

    /// Why the run has ended, once.
    pub(super) fn take_end(&self) -> Option<End> {
        self.state().end.take()
    }

    /// The difference between the next line and what happens instead.
    pub(super) fn differs(&self, field: &str, recorded: &str, now: &str) -> End {
        match self.next() {
            Some(record) => End::Differs(Box::new(Difference::at(&record, field, recorded, now))),
            None => End::Over,
        }
    }
}

impl State {
    /// What is known of the machine was just told.
    fn is_after_facts_of_the_machine(&self) -> bool {
        let before = self.recording.records[..self.next].iter().rev();
        let mut before = before.filter(|record| !matches!(record.event, Event::Warned { .. }));
        before.next().is_some_and(|record| {
            matches!(&record.event, Event::Note(note) if matches!(note.kind, NoteKind::Wall | NoteKind::Window))
        })
    }

    fn is_kept(&self, path: &str) -> bool {
        let path = path.trim_start_matches("./");
        !self.unkept.contains(&PathBuf::from(path)) && self.project.join(path).exists()
    }
}

/// What is written down when a request got no reply.
fn tells_of_a_fault(event: &Event) -> bool {
    match event {
        Event::Warned { .. } => true,
        Event::Note(note) => matches!(
            note.kind,
            NoteKind::Correction
                | NoteKind::Ladder
                | NoteKind::Loop
                | NoteKind::Window
                | NoteKind::Counted
        ),
        _ => false,
    }
}

fn kept(file: &File) -> Kept {
    let raw = file.raw.as_deref().and_then(from_hex);
    Kept {
        path: match raw {
            Some(bytes) => PathBuf::from(OsString::from_vec(bytes)),
            None => PathBuf::from(&file.path),
        },
        kind: match file.kind {
            FileKind::Plain => KeptKind::Plain,
            FileKind::Executable => KeptKind::Executable,
            FileKind::Link => KeptKind::Link,
        },
        content: match &file.content {
            Content::Gone => None,
            content => Some(content.bytes().unwrap_or_default()),
        },
    }
}
