//! The beginning of a run: a new session, or one that goes on. Everything is checked before the
//! first line is written; the first line freezes what the session depends on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::answers::Answers;
use super::catalog::Catalog;
use super::driver::{Attendance, Parts, Run, Unattended};
use super::health::{Check, Chosen, choose};
use super::interrupt::Interrupt;
use super::landing::{self, make_workplace, worktree};
use super::perform::sha256;
use crate::engine::artifact::{ArtifactName, Prd};
use crate::engine::event::{Event, SCHEMA, SessionStarted};
use crate::engine::floor::Floor;
use crate::engine::manner::{Manners, Patience};
use crate::engine::neutral::neutral;
use crate::engine::phase::Pipeline;
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::{FoldError, Session};
use crate::engine::settings::{Landing, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Git, Snapshots};
use crate::ollama::Server;
use crate::sandbox::{Policy, fetched_crates};
use crate::store::{Appended, Cards, OpenSession, ProjectLock, Redactor, SessionFolder, Sessions};
use crate::tools::Surroundings;
use crate::tools::Workspace;

/// What every run needs, new or resumed.
#[derive(Debug)]
pub struct Setup {
    /// The folder of all sessions.
    pub sessions: PathBuf,
    /// Folders and files of this program's own, that of all sessions among them: no project may
    /// hold them.
    pub state: Vec<PathBuf>,
    /// The project.
    pub project: PathBuf,
    /// What an administrator demands, as it is now: no journal says it.
    pub floor: Floor,
    /// Names and values that must never be written.
    pub secrets: Vec<(String, String)>,
    /// Answers known beforehand.
    pub answers: Answers,
    /// What happens to a question that nobody answers.
    pub unattended: Unattended,
    /// Whether somebody could answer a question.
    pub attendance: Attendance,
    /// How long a server that went away is waited for.
    pub server_wait: Duration,
    /// Told to stop.
    pub interrupt: Interrupt,
    /// What the machine offers: search path, home folder.
    pub surroundings: Surroundings,
}

/// What a new session is.
#[derive(Debug)]
pub struct NewSession {
    /// What the person asked for.
    pub task: String,
    /// What decisions depend on.
    pub settings: Settings,
    /// The whole configuration, without secrets.
    pub config: Value,
    /// Skills and pipeline in force.
    pub catalog: Catalog,
    /// First phase to run.
    pub from: Option<String>,
    /// Last phase to run.
    pub until: Option<String>,
}

/// Makes the wall around commands of the project (first path) for the session whose folder is the
/// second path.
pub trait MakeWall<C>: FnOnce(&Path, &Path) -> Result<C> {}

impl<C, F: FnOnce(&Path, &Path) -> Result<C>> MakeWall<C> for F {}

/// Checks the server and the names of phases, then starts a session.
pub async fn start<O: Operator, C: Confine>(
    setup: Setup,
    new: NewSession,
    mut server: Server,
    look: (Check, &Cards),
    operator: O,
    confine: impl MakeWall<C>,
) -> Result<Run<Server, O, C>> {
    // Before the server is asked, and once more when the session begins.
    open_project(&setup.project, &setup)?;
    landing::check(new.settings.landing, &setup.project, &setup.surroundings).await?;
    let (check, cards) = look;
    let chosen = choose(&mut server, &new.settings.model, check, cards).await?;
    server.wait_at_least(&patience(&chosen.manners));
    let warning = chosen.warning.clone();
    let created = create(&setup, new, chosen)?;
    let (session, folder) = (&created.session, &created.store.folder);
    let root = match make_workplace(session, folder, &setup.surroundings).await {
        Ok(root) => root,
        Err(error) => {
            let folder = folder.clone();
            drop(created);
            Sessions::at(&setup.sessions).delete(&folder)?;
            return Err(error);
        }
    };
    let mut run = begin(setup, created, &root, server, operator, confine)?;
    if let Some(text) = warning {
        run.append(Event::Warned { text })?;
    }
    Ok(run)
}

/// The patience that the slowest of these models needs.
pub fn patience(manners: &Manners) -> Patience {
    let most = |of: fn(&Patience) -> u64| {
        let all = manners.models.values().map(|manner| of(&manner.patience));
        all.max().unwrap_or_default()
    };
    Patience {
        first_byte_seconds: most(|patience| patience.first_byte_seconds),
        idle_seconds: most(|patience| patience.idle_seconds),
    }
}

/// Starts a session with a model that was chosen already.
pub fn start_with<M: Model, O: Operator, C: Confine>(
    setup: Setup,
    new: NewSession,
    chosen: Chosen,
    model: M,
    operator: O,
    confine: impl MakeWall<C>,
) -> Result<Run<M, O, C>> {
    let created = create(&setup, new, chosen)?;
    let root = setup.project.clone();
    begin(setup, created, &root, model, operator, confine)
}

/// A session whose first line is written.
struct Created {
    session: Session,
    store: OpenSession,
    first: Appended,
    history: Option<String>,
    claim: ProjectLock,
}

fn create(setup: &Setup, new: NewSession, chosen: Chosen) -> Result<Created> {
    let known = new.catalog.skills.keys().cloned().collect();
    let pipeline = Pipeline::parse(&new.catalog.pipeline, &known)
        .map_err(|faults| Error::usage(faults.join("; ")))?;
    check_range(&pipeline, new.from.as_deref(), new.until.as_deref())?;
    if let Some(objection) = setup.floor.objection(&new.settings.commands) {
        return Err(Error::usage(objection.what).hint(objection.hint));
    }
    let sessions = Sessions::at(&setup.sessions);
    let workspace = open_project(&setup.project, setup)?;
    let history = history(&sessions, workspace.root());
    let landing = new.settings.landing;
    let started = frozen(&sessions, workspace.root(), new, chosen);
    let claim = match landing {
        // A folder of its own, which is made once the session is there.
        Landing::Worktree => {
            sessions.claim(&worktree(&sessions.root().join(&started.id)), &started.id)
        }
        Landing::Project | Landing::Commit => sessions.claim(workspace.root(), &started.id),
    }?;
    let (store, first) =
        OpenSession::create(&sessions, started, Redactor::new(setup.secrets.clone()))?;
    let session =
        Session::begin(&first.record).map_err(|error| unreadable(&store.folder, &error))?;
    Ok(Created {
        session,
        store,
        first,
        history,
        claim,
    })
}

fn begin<M: Model, O: Operator, C: Confine>(
    setup: Setup,
    created: Created,
    root: &Path,
    model: M,
    operator: O,
    confine: impl MakeWall<C>,
) -> Result<Run<M, O, C>> {
    let workspace = open_project(root, &setup)?;
    let (session, store) = (created.session, created.store);
    let confine = confine(workspace.root(), &store.folder.path)?;
    let place = (created.claim, workspace);
    let mut run = assemble(setup, session, store, model, operator, confine, place)?;
    run.history = created.history;
    show(&mut run, &created.first);
    run.tell_cautions()?;
    Ok(run)
}

pub(super) fn show<M: Model, O: Operator, C: Confine>(run: &mut Run<M, O, C>, first: &Appended) {
    run.operator.show(Update::Written(&first.line));
    run.operator.show(Update::Recorded(first.shown()));
}

fn frozen(sessions: &Sessions, project: &Path, new: NewSession, chosen: Chosen) -> SessionStarted {
    let mut skills = Map::new();
    let mut hashes = Map::new();
    for (name, skill) in &new.catalog.skills {
        skills.insert(name.clone(), Value::from(skill.text.clone()));
        hashes.insert(name.clone(), Value::from(sha256(skill.text.as_bytes())));
    }
    SessionStarted {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        id: sessions.free_id(),
        task: neutral(&new.task).into_owned(),
        project: project.display().to_string(),
        config: new.config,
        model: chosen.name,
        model_digest: chosen.digest,
        protocol: chosen.protocol,
        num_ctx: chosen.num_ctx,
        manners: chosen.manners,
        pipeline_hash: sha256(new.catalog.pipeline.as_bytes()),
        pipeline: new.catalog.pipeline,
        skills,
        skill_hashes: hashes,
        from: new.from,
        until: new.until,
        forked_from: None,
    }
}

pub(super) fn assemble<M: Model, O: Operator, C: Confine>(
    setup: Setup,
    session: Session,
    store: OpenSession,
    model: M,
    operator: O,
    confine: C,
    (claim, workspace): (ProjectLock, Workspace),
) -> Result<Run<M, O, C>> {
    let surroundings = Surroundings {
        fetched_crates: Some(fetched_crates(&store.folder.path)),
        ..setup.surroundings
    };
    let git = Git::find(
        &surroundings.search_path,
        surroundings.home.clone(),
        workspace.root(),
    )?;
    let snapshots = Snapshots::open(git, &store.folder.path, workspace.root());
    let tmp = store.folder.path.join("tmp");
    let workspace = std::fs::create_dir_all(&tmp)
        .and_then(|()| workspace.with_tmp(&tmp))
        .map_err(|error| {
            Error::new(
                ErrorKind::Incomplete,
                format!("cannot use {}: {error}", tmp.display()),
            )
        })?;
    Ok(Run::new(Parts {
        session,
        store,
        claim,
        floor: setup.floor,
        model,
        operator,
        confine,
        workspace,
        snapshots,
        interrupt: setup.interrupt,
        answers: setup.answers,
        unattended: setup.unattended,
        attendance: setup.attendance,
        server_wait: setup.server_wait,
        history: None,
        surroundings,
        secrets: setup.secrets,
    }))
}

/// The phases a person named: both there, and in the order in which they run.
pub(super) fn check_range(
    pipeline: &Pipeline,
    from: Option<&str>,
    until: Option<&str>,
) -> Result<()> {
    for name in [from, until].into_iter().flatten() {
        check_phase(pipeline, name)?;
    }
    let place = |name: Option<&str>| name.and_then(|name| pipeline.position(name));
    match (place(from), place(until)) {
        (Some(first), Some(last)) if last < first => Err(Error::usage(format!(
            "--until {} comes before --from {}",
            until.unwrap_or_default(),
            from.unwrap_or_default()
        ))
        .hint(format!("the phases are {}", pipeline.names().join(", ")))),
        _ => Ok(()),
    }
}

pub(super) fn check_phase(pipeline: &Pipeline, name: &str) -> Result<()> {
    if pipeline.position(name).is_some() {
        return Ok(());
    }
    Err(Error::usage(format!("there is no phase '{name}'"))
        .hint(format!("the phases are {}", pipeline.names().join(", "))))
}

/// The project folder, opened once. A folder that holds more than a project is refused: its
/// commands could reach everything a person has.
pub(super) fn open_project(project: &Path, setup: &Setup) -> Result<Workspace> {
    let workspace = Workspace::open(project, &setup.state).map_err(|error| {
        Error::usage(format!(
            "cannot open the project folder {}: {error}",
            project.display()
        ))
        .hint("name an existing folder with -C DIR")
    })?;
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let home = setup.surroundings.home.as_ref().map(real);
    let state: Vec<PathBuf> = setup.state.iter().map(real).collect();
    let state: Vec<&Path> = state.iter().map(PathBuf::as_path).collect();
    match Policy::refusal(workspace.root(), home.as_deref(), &state) {
        None => Ok(workspace),
        Some(why) => Err(Error::usage(format!("this is no project folder: {why}"))
            .hint("make a folder for the project and name it with -C DIR")),
    }
}

/// What the newest session of this project built, if it came to an end: its PRD and the first
/// lines of its summary. Anything that cannot be read is no history.
fn history(sessions: &Sessions, project: &Path) -> Option<String> {
    let folder = sessions.newest(project).ok()??; // silent-ok: no history
    let summary = folder.read_artifact(ArtifactName::Summary).ok()??; // silent-ok: no history
    let mut text = String::new();
    let prd = folder.read_artifact(ArtifactName::Prd).ok().flatten(); // silent-ok: a simple task
    if let Some(prd) = prd.and_then(|prd| serde_json::from_str::<Prd>(&prd).ok())
    // silent-ok: none
    {
        let features = prd
            .features
            .iter()
            .map(|feature| format!("- {}: {}\n", feature.title, feature.description));
        text = format!(
            "PRD: {}. {}\n{}",
            prd.title,
            prd.problem,
            features.collect::<String>()
        );
    }
    let lines = summary.lines().filter(|line| !line.trim().is_empty());
    text.push_str("Summary:\n");
    text.push_str(&lines.take(12).collect::<Vec<_>>().join("\n"));
    Some(text)
}

pub(super) fn unreadable(folder: &SessionFolder, error: &FoldError) -> Error {
    Error::new(
        ErrorKind::Session,
        format!("{}: {error}", folder.journal().display()),
    )
    .hint("the session cannot be used by this version of the program")
}
