//! `loop resume`: goes on with a session where its journal ends.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::RunOptions;
use super::compose::{self, Show, can_ask, say};
use super::detach::detach;
use super::start::{banner, end};
use super::{landing, signals, tell};
use crate::config::{Environment, Loaded};
use crate::engine::event::{Interruption, Outcome};
use crate::engine::manner::Manners;
use crate::engine::session::Session;
use crate::engine::settings::{Approval, Landing, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::run::begin::patience;
use crate::run::health::{Check, Chosen, choose};
use crate::run::post::has_answer;
use crate::run::reopen::{Changes, Reopened, gone, reopen};
use crate::run::store::{Cards, SessionFolder, Sessions};
use crate::run::{Answers, Interrupt, identity, model_port};

/// Goes on with the session of that id, or with the newest unfinished one of this project.
pub(super) fn resume(id: Option<&str>, run: &RunOptions) -> Result<ExitCode> {
    if run.detach {
        return detach();
    }
    let loaded = compose::configuration(run)?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, id, run)?;
    let reopened = reopen(folder.clone(), &loaded.secrets())?;
    let loaded = compose::configuration_of(&reopened.session.settings, run)?.unwrap_or(loaded);
    if let Some(named) = &run.project {
        let here = Path::new(&reopened.session.started.project);
        if !here.is_dir() {
            return Err(gone(here, &folder.id));
        }
        same_project(&reopened.session, &compose::existing_project(named)?)?;
    }
    let changes = Changes {
        from: run.from.clone(),
        until: run.until.clone(),
        settings: changed(&reopened.session, &loaded, run)?,
        ..Changes::default()
    };
    let started = &reopened.session.started;
    let over = reopened.is_over(&changes);
    let over = over.filter(|_| !may_be_answered(&reopened.session, &folder, run));
    if let Some(outcome) = over {
        let finished = reopened.session.finished.as_ref();
        let word = match (outcome, finished) {
            (Outcome::Completed, _) => "is complete".to_owned(),
            // What could not be done is a ticket, or a whole phase.
            (Outcome::Blocked, Some((_, reason))) if !reason.is_empty() => {
                format!("is over; {reason}")
            }
            (Outcome::Refused, _) => "is over; a person said no".to_owned(),
            (Outcome::Blocked | Outcome::Skipped, _) => "is over".to_owned(),
        };
        say(&format!(
            "session {} {word}; {}\nto do a phase again: loop resume {} --from PHASE",
            started.id,
            left(&reopened.session),
            started.id
        ));
        return Ok(match outcome {
            Outcome::Completed => ExitCode::SUCCESS,
            Outcome::Blocked | Outcome::Refused | Outcome::Skipped => {
                ExitCode::from(ErrorKind::Incomplete.code())
            }
        });
    }
    let project = PathBuf::from(&started.project);
    if !project.is_dir() {
        return Err(gone(&project, &started.id));
    }
    let project = compose::existing_project(&project)?;
    compose::block_on(work(&loaded, run, project, reopened, changes))
}

/// Whether somebody can say now what becomes of a blocked ticket.
fn may_be_answered(session: &Session, folder: &SessionFolder, run: &RunOptions) -> bool {
    if has_answer(folder, session) {
        return true;
    }
    let mut blocked = session.open_asks.values().map(|open| &open.ask);
    let prepared = match &run.answers {
        Some(path) => compose::answers(path).unwrap_or_default(), // silent-ok: told when it is used
        None => Answers::default(),
    };
    blocked.any(|ask| can_ask(run) || run.may_wait() || prepared.to(ask).is_some())
}

/// What is left to do in a session that is over.
fn left(session: &Session) -> String {
    let open: Vec<&str> = session.open_asks.keys().map(|id| id.0.as_str()).collect();
    let Some(first) = open.first() else {
        return "nothing is left to resume".to_owned();
    };
    format!(
        "a decision of yours is open: {}\ndecide with: loop answer -s {id} {first} \"retry WHAT TO DO DIFFERENTLY\" (or skip), then: loop resume {id}; or resume it in a terminal, or with --answers FILE and a line such as {first}: skip",
        open.join(", "),
        id = session.started.id
    )
}

async fn work(
    loaded: &Loaded,
    run: &RunOptions,
    project: PathBuf,
    mut reopened: Reopened,
    mut changes: Changes,
) -> Result<ExitCode> {
    let (stop, interrupt) = Interrupt::new();
    signals::listen(stop);
    let setup = compose::setup(loaded, run, project, interrupt)?;
    reopened
        .find_workplace(&changes, &setup.surroundings)
        .await?;
    let mut server = compose::server(loaded)?;
    if !run.skip_check {
        let mut wanted = reopened.session.settings.model.clone();
        if let Some(changed) = &changes.settings {
            wanted = changed.model.clone();
        }
        wanted
            .name
            .get_or_insert_with(|| reopened.session.started.model.clone());
        let cards = Cards::at(&loaded.paths.models);
        let chosen = choose(&mut server, &wanted, Check::Look, &cards).await?;
        changes.manners = new_manners(&reopened.session, chosen);
    }
    server.wait_at_least(&patience(&reopened.session.manners));
    server.wait_at_least(&patience(&changes.manners));
    let url = server.url().to_owned();
    let mut screen = compose::screen(
        loaded.config.screen.color,
        loaded.config.screen.bell,
        Show::of(run),
    );
    for record in reopened.records() {
        screen.recall(record);
    }
    let names = reopened.session.pipeline.names();
    screen.set_phases(names.into_iter().map(str::to_owned).collect());
    // The frozen settings, unless a flag of this resume says otherwise.
    let settings = changes.settings.as_ref();
    let commands = settings
        .unwrap_or(&reopened.session.settings)
        .commands
        .clone();
    // What a killed run left half done comes first: who commits must not be read out of it.
    let put_back = reopened.recover(&setup.project)?;
    let person = identity(&setup.surroundings, &setup.project).await;
    let mut session = reopened.resume(
        setup,
        changes,
        server,
        screen,
        compose::wall(
            Environment::of_process(),
            commands,
            loaded.floor.clone(),
            compose::Commands {
                person,
                model_port: model_port(&url),
            },
        ),
    )?;
    session.tell_put_back(put_back)?;
    session.call_by(compose::hooks(loaded));
    banner(&mut session, &url);
    run.leave_terminal(&session.store().folder)?;
    tell::take_words(&mut session, loaded);
    let ending = session.drive().await?;
    session.operator().leave_keyboard().await;
    let code = end(&mut session, &ending);
    landing::offer(&session, &ending, run).await?;
    Ok(code)
}

fn find(sessions: &Sessions, id: Option<&str>, run: &RunOptions) -> Result<SessionFolder> {
    if let Some(id) = id {
        return Ok(sessions.find(id)?);
    }
    let project = compose::existing_project(run.project.as_deref().unwrap_or(Path::new(".")))?;
    // A phase can be done again in a session that is over.
    let newest = match run.from {
        Some(_) => sessions.newest(&project)?,
        None => match sessions.newest_unfinished(&project)? {
            None => sessions.newest_if_blocked(&project)?,
            unfinished => unfinished,
        },
    };
    newest.ok_or_else(|| {
        Error::usage(format!(
            "there is no unfinished session of {}",
            project.display()
        ))
        .hint("loop sessions list shows all of them; loop start \"…\" begins one")
    })
}

/// How a model that a person named only now is talked to; what was frozen stays as it is.
fn new_manners(session: &Session, chosen: Chosen) -> Manners {
    let mut manners = chosen.manners;
    let frozen = &session.started.model;
    manners
        .models
        .retain(|name, _| name != frozen && !session.manners.models.contains_key(name));
    if manners.models.is_empty() {
        return Manners::default();
    }
    manners
}

/// A session works in the project it began in, and nowhere else.
fn same_project(session: &Session, named: &Path) -> Result<()> {
    let started = &session.started;
    if Path::new(&started.project) == named {
        return Ok(());
    }
    Err(Error::usage(format!(
        "session {} works in {}, not in {}",
        started.id,
        started.project,
        named.display()
    ))
    .hint(format!(
        "leave -C out: loop resume {}; sessions of that folder: loop resume -C {}",
        started.id,
        shell_words::quote(&named.display().to_string())
    )))
}

/// The frozen settings with what the flags of this resume say; none if they say nothing.
fn changed(session: &Session, loaded: &Loaded, run: &RunOptions) -> Result<Option<Settings>> {
    let frozen = &session.settings;
    let mut settings = frozen.clone();
    if let Some(model) = &run.model {
        settings.model.name = Some(model.clone());
        settings.model.per_phase.clear();
    }
    if run.num_ctx.is_some() {
        settings.model.num_ctx = run.num_ctx;
    }
    // A session that stopped at a limit goes on with the limit that stands in the configuration now.
    if session.interrupted == Some(Interruption::Limit) {
        settings.limits.session_tokens = loaded.config.limits.session_tokens;
        settings.limits.session_minutes = loaded.config.limits.session_minutes;
        settings.limits.phase_tokens = loaded.config.limits.phase_tokens;
        settings.limits.phase_minutes = loaded.config.limits.phase_minutes;
    }
    if run.yes {
        settings.approvals.documents = Approval::Yes;
        settings.approvals.plan = Approval::Yes;
    }
    if let Some(turns) = run.max_turns {
        settings.limits.max_turns = turns;
        settings.limits.max_turns_per_phase.clear();
    }
    if let Some(host) = compose::host_to_keep(loaded, run) {
        settings.host = Some(host);
    }
    if run.best_of.is_some() {
        settings.best_of = run.best_of;
    }
    if !run.verify.is_empty() {
        settings.commands.verify.clone_from(&run.verify);
    }
    if run.sandbox.is_some() {
        settings.commands.sandbox = loaded.config.commands.sandbox;
    }
    if run.allow_network {
        settings.commands.network = loaded.config.commands.network;
    }
    if let Some(landing) = run.landing()
        && frozen.landing == Landing::Project
    {
        settings.landing = landing;
    }
    if let Some(hooks) = run.hooks(settings.landing)? {
        settings.commit_hooks = hooks;
    }
    Ok((settings != *frozen).then_some(settings))
}
