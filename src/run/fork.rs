//! Makes a new session of another one's first lines, with the project of that moment in a folder of
//! its own. The other session is only read. What goes on from there is an ordinary resume.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::landing::workplace;
use super::perform::rendered;
use crate::engine::artifact::ArtifactName;
use crate::engine::event::{Event, ForkedFrom, Record};
use crate::engine::fork::{Cut, Point, cut};
use crate::engine::manner::Manners;
use crate::engine::session::Session;
use crate::engine::settings::{Landing, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Git, Repository, Snapshots, write_files};
use crate::store::{Durability, Entry, OpenSession, Redactor, SessionFolder, Sessions, read};
use crate::tools::Surroundings;

/// What is wanted.
#[derive(Debug)]
pub struct Wanted {
    /// Where the session is cut: a line's number, a phase or a ticket.
    pub at: String,
    /// Another model for what follows.
    pub model: Option<String>,
    /// The folder for the project, which is empty or not there yet; one beside the project if absent.
    pub into: Option<PathBuf>,
}

/// A session that was made of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forked {
    /// The new session's id.
    pub id: String,
    /// Its project.
    pub project: PathBuf,
    /// The last line that both have.
    pub seq: u64,
    /// What the person should know, a line each.
    pub remarks: Vec<String>,
}

/// Makes it.
pub async fn fork(
    sessions: &Sessions,
    folder: &SessionFolder,
    wanted: &Wanted,
    surroundings: &Surroundings,
) -> Result<Forked> {
    let content = read(&folder.journal())?;
    let session = Session::fold(&content.records).map_err(|error| {
        let what = format!("{}: {error}", folder.journal().display());
        Error::new(ErrorKind::Session, what)
    })?;
    let cut = find(&content.records, &session, &wanted.at)?;
    let id = sessions.free_id();
    // Where it works, and the person's own folder, if that is another one.
    let places = [
        workplace(&session, folder),
        PathBuf::from(&session.started.project),
    ];
    let [old_project, persons] = &places;
    let project = match &wanted.into {
        Some(into) => into.clone(),
        None => beside(&outermost(persons, surroundings).await?, persons, &id),
    };
    let project = empty_folder(&project, &places)?;
    let lines = usize::try_from(cut.seq).unwrap_or(usize::MAX);
    let kept = &content.records[..lines.min(content.records.len())];
    let records = taken_over(kept, folder, (&id, &project), &places);
    let mut remarks = remarks(&session, &wanted.at, &cut);
    let home = surroundings.home.clone();
    let git = Git::find(&surroundings.search_path, home, &project)?;
    let made = make(sessions, &records, (&id, &project), async |staged| {
        let old = Snapshots::open(git.clone(), &folder.path, &project);
        old.copy_to(&staged.path).await?;
        let tree = match &cut.tree {
            Some(tree) => tree.clone(),
            // Nothing was kept: said in the remarks.
            None => {
                Snapshots::open(git.clone(), &staged.path, old_project)
                    .take()
                    .await?
            }
        };
        let new = Snapshots::open(git.clone(), &staged.path, &project);
        Ok(new.files_of(&tree).await?)
    });
    let mut store = match made.await {
        Ok(store) => store,
        Err(error) => {
            // silent-ok: an empty folder that stays says nothing wrong.
            let _ = std::fs::remove_dir(&project);
            return Err(error);
        }
    };
    if let Some(model) = &wanted.model {
        remarks.push(another_model(&mut store, &records, model)?);
    }
    Ok(Forked {
        id,
        project,
        seq: cut.seq,
        remarks,
    })
}

/// The place that a word of the command line means.
fn find(records: &[Record], session: &Session, at: &str) -> Result<Cut> {
    let point = if let Ok(seq) = at.parse() {
        Point::Line(seq)
    } else if session.pipeline.position(at).is_some() {
        Point::Phase(at.to_owned())
    } else {
        Point::Ticket(at.to_uppercase())
    };
    cut(records, &point).ok_or_else(|| {
        let tickets = session.tickets.keys().map(String::as_str);
        let known: Vec<&str> = session
            .pipeline
            .names()
            .into_iter()
            .chain(tickets)
            .collect();
        Error::usage(format!(
            "session {} was never at '{at}'",
            session.started.id
        ))
        .hint(format!(
            "name a line from 1 to {}, or one of {} that it has come to",
            records.len(),
            known.join(", ")
        ))
    })
}

/// The folder that nothing of the person's is to be put into: the repository that the project is
/// part of, or the project.
async fn outermost(project: &Path, surroundings: &Surroundings) -> Result<PathBuf> {
    if !project.is_dir() {
        return Ok(project.to_owned());
    }
    let git = Git::find(
        &surroundings.search_path,
        surroundings.home.clone(),
        project,
    )?;
    let repository = Repository::find(&git, project).await?;
    let top = repository.map(|repository| repository.top().to_owned());
    // Whoever keeps their whole home in git has projects of their own in it.
    let top = top.filter(|top| Some(top.as_path()) != surroundings.home.as_deref());
    Ok(top.unwrap_or_else(|| project.to_owned()))
}

/// `PROJECT-fork-ab12`, beside that folder.
fn beside(outermost: &Path, project: &Path, id: &str) -> PathBuf {
    let name = project.file_name().unwrap_or_default().to_string_lossy();
    let suffix = id.rsplit('-').next().unwrap_or(id);
    outermost.with_file_name(format!("{name}-fork-{suffix}"))
}

fn empty_folder(folder: &Path, projects: &[PathBuf]) -> Result<PathBuf> {
    let cannot = |why: &str| {
        Error::usage(format!(
            "cannot put the project into {}: {why}",
            folder.display()
        ))
        .hint("name an empty folder, or one that is not there yet, with --into DIR")
    };
    let failed = |error: std::io::Error| cannot(&error.to_string());
    let real = resolved(&std::path::absolute(folder).map_err(failed)?);
    if projects
        .iter()
        .any(|project| real.starts_with(resolved(project)))
    {
        return Err(cannot("it is part of the project itself"));
    }
    std::fs::create_dir_all(&real).map_err(failed)?;
    let mut entries = std::fs::read_dir(&real).map_err(failed)?;
    // A worktree without its files (`git worktree add --no-checkout`) has nothing but that.
    if entries.any(|entry| entry.map_or(true, |entry| entry.file_name() != ".git")) {
        return Err(cannot("it is not empty"));
    }
    real.canonicalize().map_err(failed)
}

/// Where an absolute path leads, of which the end may not be there yet.
fn resolved(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(real.pop()),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                real.push(part);
                // silent-ok: what is not there is no link to anywhere.
                real = real.canonicalize().unwrap_or(real);
            }
        }
    }
    real
}

/// The lines that stay, as the new session's own.
fn taken_over(
    records: &[Record],
    from: &SessionFolder,
    (id, project): (&str, &Path),
    places: &[PathBuf],
) -> Vec<Record> {
    let mut records = records.to_vec();
    let seq = records.last().map_or(0, |last| last.seq);
    for record in &mut records {
        match &mut record.event {
            Event::SessionStarted(started) => {
                id.clone_into(&mut started.id);
                started.project = project.display().to_string();
                let before = started.forked_from.take().map(|before| before.places);
                let mut named = before.unwrap_or_default();
                named.extend(places.iter().map(|place| place.display().to_string()));
                named.dedup();
                started.forked_from = Some(ForkedFrom {
                    session: from.id.clone(),
                    seq,
                    places: named,
                });
                // Where the other one was to stop is nothing to this one.
                started.until = None;
                // The folder is nobody's repository yet, and no commit of it is known.
                if started.config.get("landing").is_some() {
                    started.config["landing"] = serde_json::json!(Landing::Project);
                }
            }
            Event::Resumed {
                settings, until, ..
            } => {
                *until = None;
                if let Some(settings) = settings {
                    settings.landing = Landing::Project;
                }
            }
            _ => {}
        }
    }
    records
}

/// Writes the session's folder and then its project.
async fn make(
    sessions: &Sessions,
    records: &[Record],
    (id, project): (&str, &Path),
    files: impl AsyncFnOnce(&SessionFolder) -> Result<Vec<crate::git::Kept>>,
) -> Result<OpenSession> {
    let prepare = async |staged: &SessionFolder| {
        let files = files(staged).await?;
        write_files(project, &files).map_err(|error| {
            Error::usage(format!("cannot write into {}: {error}", project.display()))
        })?;
        write_artifacts(records, staged)
    };
    OpenSession::create_from(sessions, id, records, prepare).await
}

/// The documents as they stood then.
fn write_artifacts(records: &[Record], folder: &SessionFolder) -> Result<()> {
    let mut last: BTreeMap<ArtifactName, &serde_json::Value> = BTreeMap::new();
    for record in records {
        if let Event::ArtifactWritten { name, content, .. } = &record.event {
            last.insert(*name, content);
        }
    }
    for (name, content) in last {
        let text = rendered(name, content);
        folder.write_artifact(name, content, text.as_deref(), &Redactor::default())?;
    }
    Ok(())
}

/// What follows is done with that model.
fn another_model(store: &mut OpenSession, records: &[Record], model: &str) -> Result<String> {
    let unreadable = |error: crate::engine::session::FoldError| {
        Error::new(ErrorKind::Session, error.to_string())
    };
    let session = Session::fold(records).map_err(unreadable)?;
    let mut settings: Settings = session.settings.clone();
    settings.model.name = Some(model.to_owned());
    settings.model.per_phase.clear();
    let entry = Entry {
        phase: session.phase().map(|phase| phase.name.clone()),
        ticket: session.current_ticket.clone(),
        event: Event::Resumed {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            from: None,
            until: None,
            settings: Some(Box::new(settings)),
            manners: Manners::default(),
        },
    };
    store.journal.append(entry, Durability::Synced)?;
    Ok(format!("it goes on with the model {model}"))
}

fn remarks(session: &Session, at: &str, cut: &Cut) -> Vec<String> {
    let mut remarks = Vec::new();
    let seq = cut.seq;
    if at.parse::<u64>().is_ok_and(|asked| asked != seq) {
        remarks.push(format!(
            "cut after line {seq}: the last one before {at} at which nothing was under way and the files are known"
        ));
    }
    if cut.tree.is_none() {
        remarks.push(
            "the project is as it is now: the session has kept nothing of it from then".to_owned(),
        );
    }
    if session.settings.landing != Landing::Project {
        remarks.push(
            "it goes on without commits, in that folder alone: your repository and its branches stay as they are"
                .to_owned(),
        );
    }
    remarks.push("files that git ignores, and git's own, are not in the new folder".to_owned());
    remarks
}
