//! `loop start`: a new session, from the sentence to the exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::RunOptions;
use super::compose::{self, Show, can_ask, confirm, say};
use super::detach::detach;
use super::{landing, pull, signals, tell};
use crate::config::{Environment, Loaded, frozen};
use crate::engine::ask::AskId;
use crate::engine::event::{Interruption, Outcome};
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::Session;
use crate::engine::settings::Approval;
use crate::error::{Error, ErrorKind, Result};
use crate::run::begin::{NewSession, start as begin_session};
use crate::run::catalog::catalog;
use crate::run::health::{Check, remote_warning};
use crate::run::store::Cards;
use crate::run::{Ending, Interrupt, Run, identity, model_port};

/// Starts a session and works until it is over or stops.
pub(super) fn start(task: &str, run: &RunOptions) -> Result<ExitCode> {
    let task = task.trim();
    if task.is_empty() {
        return Err(Error::usage("the task is empty")
            .hint("say what you want: loop start \"Build a todo app\""));
    }
    if run.detach {
        return detach();
    }
    let loaded = compose::configuration(run)?;
    let project = project(task, run)?;
    let places = compose::places(&loaded, &project);
    let trust = compose::trust(&places, run)?;
    let catalog = catalog(&places, trust)?;
    let mut settings = loaded.config.settings();
    let mut config = frozen(&loaded.config);
    if let Some(landing) = run.landing() {
        settings.landing = landing;
        config["landing"] = serde_json::to_value(landing).unwrap_or_default();
    }
    if let Some(many) = run.best_of {
        settings.best_of = Some(many);
        config["best_of"] = serde_json::to_value(many).unwrap_or_default();
    }
    if let Some(host) = compose::host_to_keep(&loaded, run) {
        config["host"] = host.clone().into();
        settings.host = Some(host);
    }
    if let Some(hooks) = run.hooks(settings.landing)? {
        settings.commit_hooks = hooks;
        config["commit_hooks"] = serde_json::to_value(hooks).unwrap_or_default();
    }
    let new = NewSession {
        task: task.to_owned(),
        settings,
        config,
        catalog,
        from: run.from.clone(),
        until: run.until.clone(),
    };
    compose::block_on(work(&loaded, run, project, new))
}

async fn work(
    loaded: &Loaded,
    run: &RunOptions,
    project: PathBuf,
    new: NewSession,
) -> Result<ExitCode> {
    let (stop, interrupt) = Interrupt::new();
    compose::check_wall(&loaded.config.commands, &loaded.floor, &project)?;
    let setup = compose::setup(loaded, run, project, interrupt)?;
    let check = if run.skip_check {
        Check::Skip
    } else {
        Check::Look
    };
    let mut server = compose::server(loaded)?;
    let mut settings = new.settings.clone();
    if settings.model.name.is_none() && check == Check::Look {
        settings.model.name = pull::offer(&server, run).await?;
        server = compose::server(loaded)?;
    }
    // Until here an interrupt has nothing to save.
    signals::listen(stop);
    let url = server.url().to_owned();
    let screen = compose::screen(
        loaded.config.screen.color,
        loaded.config.screen.bell,
        Show::of(run),
    );
    let new = NewSession { settings, ..new };
    let person = identity(&setup.surroundings, &setup.project).await;
    let mut session = begin_session(
        setup,
        new,
        server,
        (check, &Cards::at(&loaded.paths.models)),
        screen,
        compose::wall(
            Environment::of_process(),
            loaded.config.commands.clone(),
            loaded.floor.clone(),
            compose::Commands {
                person,
                model_port: model_port(&url),
            },
        ),
    )
    .await?;
    let names = session.session().pipeline.names();
    let names = names.into_iter().map(str::to_owned).collect();
    session.operator().set_phases(names);
    session.call_by(compose::hooks(loaded));
    banner(&mut session, &url);
    run.leave_terminal(&session.store().folder)?;
    if run.may_ask_twice(loaded) {
        session.operator().show(Update::Say(TWO_STOPS));
    }
    tell::take_words(&mut session, loaded);
    let ending = session.drive().await?;
    session.operator().leave_keyboard().await;
    let code = end(&mut session, &ending);
    landing::offer(&session, &ending, run).await?;
    Ok(code)
}

/// When a person will be asked.
const TWO_STOPS: &str = "You are asked twice: about what you want, and for the plan. After that nothing planned asks again.";

impl RunOptions {
    fn may_ask_twice(&self, loaded: &Loaded) -> bool {
        let approvals = loaded.config.settings().approvals;
        can_ask(self) && approvals.documents == Approval::Ask && approvals.plan == Approval::Ask
    }
}

/// Where file contents go, if they leave this machine.
pub(super) fn banner<M: Model, C: Confine>(run: &mut Run<M, crate::ui::Screen, C>, url: &str) {
    if let Some(warning) = remote_warning(url) {
        run.operator().show(Update::Say(&warning));
    }
}

/// The last words, and the exit code.
pub(super) fn end<M: Model, C: Confine>(
    run: &mut Run<M, crate::ui::Screen, C>,
    ending: &Ending,
) -> ExitCode {
    let id = run.session().started.id.clone();
    let again = open_phase(run.session());
    let folder = run.store().folder.path.display().to_string();
    run.operator().settle();
    let resume = format!("go on with: loop resume {id}");
    let (text, code) = match ending {
        Ending::Finished(Outcome::Completed, _) => {
            (format!("session {id} is complete: {folder}"), 0)
        }
        Ending::Finished(outcome, reason) => {
            let word = match outcome {
                Outcome::Refused => "was refused",
                Outcome::Completed | Outcome::Blocked | Outcome::Skipped => "did not complete",
            };
            let hint = match (blocked(run.session()), again) {
                (Some(ticket), _) => {
                    format!("\nhint: {ticket} waits for a word of yours: loop resume {id}")
                }
                (None, Some(phase)) => {
                    format!("\nhint: do it again from there with: loop resume {id} --from {phase}")
                }
                (None, None) => String::new(),
            };
            (
                format!("session {id} {word}: {reason}\nits documents: {folder}{hint}"),
                ErrorKind::Incomplete.code(),
            )
        }
        Ending::Reached(phase) => (format!("the phase {phase} is done, as asked; {resume}"), 0),
        Ending::Stopped(why, reason) => {
            let (kind, what) = match why {
                Interruption::Signal => (ErrorKind::Interrupted, "stopped"),
                Interruption::Limit => (ErrorKind::Limit, "limit reached"),
                Interruption::NeedsInput => (ErrorKind::NeedsInput, "needs input"),
                Interruption::ServerGone => (ErrorKind::Model, "the model's server went away"),
            };
            let hint = match why {
                Interruption::NeedsInput => {
                    format!(
                        "answer it: loop answer -s {id}; or in a terminal, or with --answers FILE: loop resume {id}"
                    )
                }
                Interruption::Limit => format!("raise the limit, or just {resume}"),
                Interruption::Signal | Interruption::ServerGone => resume,
            };
            (format!("{what}: {reason}\nhint: {hint}"), kind.code())
        }
    };
    say(&text);
    ExitCode::from(code)
}

/// The first ticket that is blocked and may be decided about.
fn blocked(session: &Session) -> Option<&str> {
    let mut open = session.open_asks.keys();
    open.find_map(AskId::blocked_ticket)
}

/// The first phase that did not end well.
fn open_phase(session: &Session) -> Option<String> {
    let mut phases = session.pipeline.phases.iter().zip(&session.phase_outcomes);
    let found =
        phases.find(|(_, outcome)| matches!(outcome, Some(Outcome::Blocked | Outcome::Refused)));
    found.map(|(phase, _)| phase.name.clone())
}

/// The project folder. The first command never bounces: a missing folder is offered to be made,
/// and from the home folder a new one named after the task.
fn project(task: &str, run: &RunOptions) -> Result<PathBuf> {
    let home = Environment::of_process().home();
    let wanted = run.project.clone().unwrap_or_else(|| PathBuf::from("."));
    if run.project.is_some() && !wanted.exists() {
        let question = format!("There is no folder {}. Make it?", wanted.display());
        let what = format!("the project folder {} does not exist", wanted.display());
        return make(&wanted, &question, &what, run);
    }
    let found = compose::existing_project(&wanted)?;
    let is_home = home.is_some_and(|home| home.canonicalize().is_ok_and(|home| home == found));
    if !is_home {
        return Ok(found);
    }
    let named = found.join(folder_name(task));
    make(
        &named,
        &format!(
            "This is your home folder. Work in a new folder {}?",
            named.display()
        ),
        &format!(
            "the home folder is no project folder; {} would be one",
            named.display()
        ),
        run,
    )
}

/// Makes the folder if a person agrees; if nobody can be asked, says what is wrong.
fn make(folder: &Path, question: &str, what: &str, run: &RunOptions) -> Result<PathBuf> {
    if !can_ask(run) {
        return Err(Error::usage(what).hint(format!(
            "make it and name it: mkdir -p {0} && loop -C {0} …",
            shell_words::quote(&folder.display().to_string())
        )));
    }
    if !confirm(question)? {
        return Err(Error::usage("no project folder").hint("name one with -C DIR"));
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::usage(format!(
            "cannot make the folder {}: {error}",
            folder.display()
        ))
    })?;
    compose::existing_project(folder)
}

/// A folder name made of the task's first words.
fn folder_name(task: &str) -> String {
    const SMALL: [&str; 12] = [
        "a", "an", "the", "to", "for", "of", "in", "with", "and", "me", "build", "make",
    ];
    let words: Vec<String> = task
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !SMALL.contains(&word.as_str()))
        .take(4)
        .collect();
    if words.is_empty() {
        "new-project".to_owned()
    } else {
        words.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_after_the_task() {
        assert_eq!(
            folder_name("Build a todo app in Python!"),
            "todo-app-python"
        );
        assert_eq!(folder_name("../../etc"), "etc");
        assert_eq!(folder_name("!!!"), "new-project");
    }
}
