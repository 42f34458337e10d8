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
use super::landing::{self, make_workplace};
use super::perform::sha256;
use crate::engine::artifact::{ArtifactName, Prd};
use crate::engine::event::{Event, Outcome, SCHEMA, SessionStarted};
use crate::engine::manner::{Manners, Patience};
use crate::engine::phase::Pipeline;
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::{FoldError, Session};
use crate::engine::settings::{Landing, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Git, Snapshots};
use crate::ollama::Server;
use crate::sandbox::Policy;
use crate::store::{Appended, Cards, OpenSession, ReadJournal, Redactor, SessionFolder, Sessions};
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

/// What a person changed for a session that goes on.
#[derive(Debug, Default)]
pub struct Changes {
    /// Do this phase and all after it again.
    pub from: Option<String>,
    /// Stop after this phase.
    pub until: Option<String>,
    /// Settings that replace the frozen ones.
    pub settings: Option<Settings>,
    /// How models that are new to the session are talked to.
    pub manners: Manners,
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
}

fn create(setup: &Setup, new: NewSession, chosen: Chosen) -> Result<Created> {
    let known = new.catalog.skills.keys().cloned().collect();
    let pipeline = Pipeline::parse(&new.catalog.pipeline, &known)
        .map_err(|faults| Error::usage(faults.join("; ")))?;
    check_range(&pipeline, new.from.as_deref(), new.until.as_deref())?;
    let sessions = Sessions::at(&setup.sessions);
    let workspace = open_project(&setup.project, setup)?;
    let history = history(&sessions, workspace.root());
    let started = frozen(&sessions, workspace.root(), new, chosen);
    let (store, first) =
        OpenSession::create(&sessions, started, Redactor::new(setup.secrets.clone()))?;
    let session =
        Session::begin(&first.record).map_err(|error| unreadable(&store.folder, &error))?;
    Ok(Created {
        session,
        store,
        first,
        history,
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
    let mut run = assemble(setup, session, store, model, operator, confine, workspace)?;
    run.history = created.history;
    show(&mut run, &created.first);
    Ok(run)
}

fn show<M: Model, O: Operator, C: Confine>(run: &mut Run<M, O, C>, first: &Appended) {
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
        task: new.task,
        project: project.display().to_string(),
        config: new.config,
        model: chosen.name,
        model_digest: chosen.digest,
        num_ctx: chosen.num_ctx,
        manners: chosen.manners,
        pipeline_hash: sha256(new.catalog.pipeline.as_bytes()),
        pipeline: new.catalog.pipeline,
        skills,
        skill_hashes: hashes,
        from: new.from,
        until: new.until,
    }
}

/// A session that goes on, folded, and not yet changed.
#[derive(Debug)]
pub struct Reopened {
    /// What the journal says.
    pub session: Session,
    /// What had to be cut off or is odd.
    pub warnings: Vec<String>,
    store: OpenSession,
    content: ReadJournal,
    root: Option<PathBuf>,
}

/// Opens a session for more work: takes its lock, reads its journal, changes nothing but a torn
/// last line.
pub fn reopen(folder: SessionFolder, secrets: &[(String, String)]) -> Result<Reopened> {
    let (store, content) = OpenSession::open(folder, Redactor::new(secrets.to_vec()))?;
    let session =
        Session::fold(&content.records).map_err(|error| unreadable(&store.folder, &error))?;
    let warnings = content.warnings.clone();
    Ok(Reopened {
        session,
        warnings,
        store,
        content,
        root: None,
    })
}

impl Reopened {
    /// Whether there is nothing to resume: the session is over and nobody asked for a phase again.
    pub fn is_over(&self, changes: &Changes) -> Option<Outcome> {
        match (&self.session.finished, &changes.from) {
            (Some((outcome, _)), None) => Some(*outcome),
            _ => None,
        }
    }

    /// Where the session goes on: refuses what cannot work, and finds or makes its worktree.
    pub async fn find_workplace(
        &mut self,
        changes: &Changes,
        surroundings: &Surroundings,
    ) -> Result<()> {
        let before = self.session.settings.landing;
        let landing = match &changes.settings {
            Some(settings) => settings.landing,
            None => before,
        };
        let mut session = self.session.clone();
        session.settings.landing = landing;
        if landing != before {
            if landing == Landing::Worktree && !self.session.works.is_empty() {
                return Err(Error::usage(
                    "this session has begun its work in the project's own folder",
                )
                .hint("--worktree is for a session that has not begun to build; --commit is not"));
            }
            let project = PathBuf::from(&self.session.started.project);
            landing::check(landing, &project, surroundings).await?;
        }
        let root = make_workplace(&session, &self.store.folder, surroundings).await?;
        self.root = Some(root);
        Ok(())
    }

    /// The records of before, for a screen that has to know them.
    pub fn records(&self) -> impl Iterator<Item = &crate::engine::event::Record> {
        self.content.records.iter()
    }

    /// Goes on.
    pub fn resume<M: Model, O: Operator, C: Confine>(
        self,
        setup: Setup,
        changes: Changes,
        model: M,
        operator: O,
        confine: impl MakeWall<C>,
    ) -> Result<Run<M, O, C>> {
        let (from, until) = (changes.from.as_deref(), changes.until.as_deref());
        check_range(&self.session.pipeline, from, until)?;
        let project = self
            .root
            .unwrap_or_else(|| PathBuf::from(&self.session.started.project));
        let workspace = open_project(&project, &setup)?;
        let confine = confine(workspace.root(), &self.store.folder.path)?;
        let mut run = assemble(
            setup,
            self.session,
            self.store,
            model,
            operator,
            confine,
            workspace,
        )?;
        for text in self.warnings {
            run.append(Event::Warned { text })?;
        }
        run.append(Event::Resumed {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            from: changes.from,
            until: changes.until,
            settings: changes.settings.map(Box::new),
            manners: changes.manners,
        })?;
        Ok(run)
    }
}

fn assemble<M: Model, O: Operator, C: Confine>(
    setup: Setup,
    session: Session,
    store: OpenSession,
    model: M,
    operator: O,
    confine: C,
    workspace: Workspace,
) -> Result<Run<M, O, C>> {
    let surroundings = setup.surroundings;
    let git = Git::find(
        &surroundings.search_path,
        surroundings.home.clone(),
        workspace.root(),
    )?;
    let snapshots = Snapshots::open(git, &store.folder.path, workspace.root());
    Ok(Run::new(Parts {
        session,
        store,
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
    }))
}

/// The phases a person named: both there, and in the order in which they run.
fn check_range(pipeline: &Pipeline, from: Option<&str>, until: Option<&str>) -> Result<()> {
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

fn check_phase(pipeline: &Pipeline, name: &str) -> Result<()> {
    if pipeline.position(name).is_some() {
        return Ok(());
    }
    Err(Error::usage(format!("there is no phase '{name}'"))
        .hint(format!("the phases are {}", pipeline.names().join(", "))))
}

/// The project folder, opened once. A folder that holds more than a project is refused: its
/// commands could reach everything a person has.
fn open_project(project: &Path, setup: &Setup) -> Result<Workspace> {
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

fn unreadable(folder: &SessionFolder, error: &FoldError) -> Error {
    Error::new(
        ErrorKind::Session,
        format!("{}: {error}", folder.journal().display()),
    )
    .hint("the session cannot be used by this version of the program")
}
