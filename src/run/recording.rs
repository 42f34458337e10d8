//! Makes a recording of a session: its lines, the files that its project began with, what commands
//! and other people made of them, and which request each reply answered. Reads everything and
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::cast::request_id;
use super::known::known;
use super::landing::workplace;
use crate::engine::artifact::schema;
use crate::engine::decide::{Effect, decide};
use crate::engine::event::{Event, Gate, NoteKind, Record, RequestKind};
use crate::engine::recording::{
    By, Content, FORMAT, File, FileKind, Head, Recording, Redacted, masked, private_words, redact,
    to_hex, trees,
};
use crate::engine::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Git, Kept, KeptKind, Snapshots};
use crate::store::{Redactor, SessionFolder, read};
use crate::tools::{Surroundings, secrets_in};

/// What is to be taken out of a recording.
#[derive(Clone, Debug, Default)]
pub struct TakenOut {
    /// Besides secrets.
    pub what: Redacted,
    /// The secrets that are configured.
    pub secrets: Redactor,
    /// The variables of the environment: the values of those that the session names go as well.
    pub variables: BTreeMap<String, String>,
}

/// Records the session in that folder.
pub async fn record(
    folder: &SessionFolder,
    surroundings: &Surroundings,
    taken_out: &TakenOut,
) -> Result<Recording> {
    let content = read(&folder.journal())?;
    let unreadable = |error: &dyn std::fmt::Display| {
        let what = format!("{}: {error}", folder.journal().display());
        Error::new(ErrorKind::Session, what)
    };
    let session = Session::fold(&content.records).map_err(|error| unreadable(&error))?;
    let project = workplace(&session, folder);
    let home = surroundings.home.clone();
    let git = Git::find(&surroundings.search_path, home.clone(), &project)?;
    // Nothing there is changed; git wants some folder to stand in.
    let place = if project.is_dir() {
        &project
    } else {
        &folder.path
    };
    let snapshots = Snapshots::open_to_look(git, &folder.path, place);
    let records = &content.records;
    let files = match (Files { records }).find(&snapshots).await? {
        Some(files) => files,
        None => as_it_is(surroundings, &project).await?,
    };
    let mut recording = Recording {
        head: Head {
            replay: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            session: folder.id.clone(),
            folder: folder.path.display().to_string(),
            redacted: Redacted::Nothing,
        },
        requests: BTreeMap::new(),
        files,
        records: content.records,
    };
    take_secrets_out(&mut recording, &taken_out.secrets);
    if taken_out.what != Redacted::Nothing {
        let known = known(&session, folder, surroundings, &taken_out.variables).await;
        let words = private_words(&recording.records, &known);
        redact(&mut recording, &words, taken_out.what);
    }
    // Without contents it is not repeated.
    if taken_out.what != Redacted::Contents {
        recording.requests = requests(&recording.records).map_err(|error| unreadable(&error))?;
    }
    Ok(recording)
}

/// The project of a session that has kept nothing of it, and so has changed nothing: it is as it was.
async fn as_it_is(surroundings: &Surroundings, project: &Path) -> Result<Vec<File>> {
    if !project.is_dir() {
        return Ok(Vec::new());
    }
    let cannot = |error| {
        Error::new(
            ErrorKind::Incomplete,
            format!("no temporary folder: {error}"),
        )
    };
    let place = tempfile::tempdir().map_err(cannot)?;
    let home = surroundings.home.clone();
    let git = Git::find(&surroundings.search_path, home, project)?;
    let mut snapshots = Snapshots::open(git, place.path(), project);
    let tree = snapshots.take().await?;
    let files = snapshots.files_of(&tree).await?.into_iter();
    Ok(files.map(|file| named(1, By::Command, file)).collect())
}

/// The journal holds no secrets; files may. A value keeps its length and its place, so that it is
/// taken for a secret when the session is repeated, too.
fn take_secrets_out(recording: &mut Recording, configured: &Redactor) {
    let mut is_changed = false;
    for file in &mut recording.files {
        let Content::Text(text) = &mut file.content else {
            continue;
        };
        let before = text.clone();
        let name = file.path.rsplit('/').next().unwrap_or_default();
        for (name, value) in secrets_in(name, &before) {
            let own = value.strip_prefix(&format!("{name}="));
            let stand_in = match own {
                Some(own) => format!("{name}={}", masked(own)),
                None => masked(&value),
            };
            *text = text.replace(&value, &stand_in);
        }
        *text = configured.text(text).into_owned();
        is_changed |= *text != before;
    }
    if is_changed && recording.head.redacted == Redacted::Nothing {
        recording.head.redacted = Redacted::Private;
    }
}

/// Which request each reply of a conversation answered, found out by folding.
fn requests(
    records: &[Record],
) -> std::result::Result<BTreeMap<u64, String>, crate::engine::session::FoldError> {
    let mut requests = BTreeMap::new();
    let Some((first, rest)) = records.split_first() else {
        return Ok(requests);
    };
    let mut session = Session::begin(first)?;
    for record in rest {
        if let Event::Replied(replied) = &record.event
            && replied.to == RequestKind::Turn
            && let Some(conversation) = &session.conversation
            && let Effect::CallModel { format } = decide(&session)
        {
            let format = format.map(schema);
            let id = request_id(
                &conversation.messages,
                conversation.offered_natively(),
                format.as_ref(),
            );
            requests.insert(record.seq, id);
        }
        session.apply(record);
    }
    Ok(requests)
}

/// What became of some files other than by the session's own file tools.
struct Change {
    /// The content before; the last one that is known, if none.
    from: Option<String>,
    /// The content after.
    to: String,
    /// These files alone; all that differ, if none.
    only: Option<Vec<String>>,
}

impl Change {
    fn new(from: Option<String>, to: String) -> Self {
        Self {
            from,
            to,
            only: None,
        }
    }
}

/// The files of a session's project, as far as its own file tools did not make them.
struct Files<'a> {
    records: &'a [Record],
}

impl Files<'_> {
    /// In the order of the lines; none if the session has kept nothing of its project.
    async fn find(self, snapshots: &Snapshots) -> Result<Option<Vec<File>>> {
        let mut found = Vec::new();
        let trees = |record: &Record| -> Vec<String> {
            let trees = trees(&record.event).into_iter();
            trees.map(str::to_owned).collect()
        };
        let Some(mut known) = self.records.iter().flat_map(trees).next() else {
            return Ok(None);
        };
        let kept = snapshots.files_of(&known).await?;
        found.extend(kept.into_iter().map(|file| named(1, By::Command, file)));
        let mut accounted: BTreeSet<String> = BTreeSet::new();
        for (place, record) in self.records.iter().enumerate() {
            if let Event::ToolFinished { changed, .. } = &record.event {
                accounted.extend(changed.iter().cloned());
            }
            // What differs from the last content, and was not done by the session, others did.
            if let Some(tree) = trees(record).first() {
                for file in snapshots.files_between(&known, tree).await? {
                    let file = named(record.seq, By::Other, file);
                    if !accounted.contains(&file.path) {
                        found.push(file);
                    }
                }
            }
            if let Some(change) = self.trace(place).or_else(|| self.outside(place)) {
                let from = change.from.unwrap_or_else(|| known.clone());
                for file in snapshots.files_between(&from, &change.to).await? {
                    let file = named(record.seq, By::Command, file);
                    let only = change.only.as_ref();
                    if only.is_none_or(|only| only.contains(&file.path)) {
                        accounted.insert(file.path.clone());
                        found.push(file);
                    }
                }
            }
            if let Some(tree) = trees(record).pop() {
                known = tree;
                accounted.clear();
            }
        }
        Ok(Some(found))
    }

    /// What a command has left, or somebody who took changes back.
    fn trace(&self, place: usize) -> Option<Change> {
        match &self.records[place].event {
            Event::ToolFinished { tree, changed, .. } => Some(Change {
                only: Some(changed.clone()),
                ..Change::new(None, tree.clone()?)
            }),
            Event::Checked(receipt) => match receipt.gate {
                Gate::Before | Gate::Run if self.is_last_of_its_kind(place) => Some(Change::new(
                    receipt.tree_before.clone(),
                    self.left_behind(place)?,
                )),
                Gate::Verify => Some(Change::new(
                    receipt.tree_before.clone(),
                    receipt.tree_after.clone()?,
                )),
                _ => None,
            },
            Event::Note(note) if note.kind == NoteKind::Fact => {
                let text = |place: &str| note.data.pointer(place)?.as_str().map(str::to_owned);
                let is_of_checks = text("/undo/of").is_some_and(|of| of == "checks");
                let to = text("/undo/to").or_else(|| text("/redo/to"))?;
                (!is_of_checks).then(|| Change::new(text("/undo/from"), to))
            }
            _ => None,
        }
    }

    /// Whether the checks before the work, or those of the result, are over with this one.
    fn is_last_of_its_kind(&self, place: usize) -> bool {
        let gate = |record: &Record| match &record.event {
            Event::Checked(receipt) => Some(receipt.gate),
            _ => None,
        };
        let own = gate(&self.records[place]);
        let mut later = self.records[place + 1..].iter();
        let end = later.find(|record| gate(record).is_some() || is_end_of_checks(record));
        end.is_none_or(|record| gate(record) != own)
    }

    /// The project as checks outside of any work have left it, before it was put back.
    fn left_behind(&self, place: usize) -> Option<String> {
        let rest = self.records[place + 1..].iter();
        rest.take_while(|record| !is_end_of_checks(record))
            .find_map(|record| match &record.event {
                Event::Note(note) if note.data.pointer("/undo/of")? == "checks" => {
                    let from = note.data.pointer("/undo/from")?.as_str()?;
                    Some(from.to_owned())
                }
                _ => None,
            })
    }

    /// What was done to the project while nothing ran, or by a command without receipts: the next
    /// content that is known, if the session changes nothing before that.
    fn outside(&self, place: usize) -> Option<Change> {
        let is_outside = match &self.records[place].event {
            Event::Resumed { .. } => true,
            Event::Checked(receipt) => receipt.gate == Gate::Packages && receipt.exit.is_some(),
            _ => false,
        };
        if !is_outside {
            return None;
        }
        let rest = self.records[place + 1..].iter();
        let mut unchanged = rest.take_while(|record| {
            !matches!(&record.event, Event::ToolFinished { changed, .. } if !changed.is_empty())
        });
        let tree = unchanged.find_map(|record| {
            let trees = trees(&record.event);
            trees.first().map(|tree| (*tree).to_owned())
        })?;
        Some(Change::new(None, tree))
    }
}

fn is_end_of_checks(record: &Record) -> bool {
    matches!(&record.event, Event::Note(note) if matches!(note.kind, NoteKind::Baseline | NoteKind::Smoked))
}

fn named(seq: u64, by: By, file: Kept) -> File {
    let bytes = file.path.as_os_str().as_bytes();
    File {
        seq,
        path: file.path.display().to_string(),
        raw: file.path.to_str().is_none().then(|| to_hex(bytes)),
        by,
        kind: match file.kind {
            KeptKind::Plain => FileKind::Plain,
            KeptKind::Executable => FileKind::Executable,
            KeptKind::Link => FileKind::Link,
        },
        content: file.content.map_or(Content::Gone, Content::of),
    }
}
