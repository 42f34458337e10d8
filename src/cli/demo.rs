//! `loop demo`: an ordinary run with a scripted model, in a folder of its own. Owns where it
//! happens and what is left of it: nothing, unless it was asked to stay.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::args::DemoArgs;
use super::compose::{self};
use super::{card, demo_model, signals};
use crate::config::{Config, Environment, POLICY_FILE, frozen, read_floor};
use crate::engine::event::Outcome;
use crate::engine::floor::Floor;
use crate::engine::ports::{Operator, Update};
use crate::error::{Error, Result};
use crate::run::begin::{NewSession, Setup, start_with};
use crate::run::catalog::{Places, Trust, catalog};
use crate::run::health::{Chosen, DEFAULT_NUM_CTX};
use crate::run::scripted::{Pace, Scripted};
use crate::run::{Attendance, Ending, Interrupt, Surroundings, Unattended, demo as content};
use crate::ui::Mode;

use super::demo_stage::{Audience, Stage, ended, tell};

const BANNER: &str = "loop demo: the model's part is scripted; everything else is real.\nNo Ollama, no network, and the questions are answered for you.";
const TEMPORARY: &str = "It works in a temporary folder and leaves nothing behind.";

/// Runs the demo.
pub(super) fn demo(args: &DemoArgs) -> Result<ExitCode> {
    let environment = Environment::of_process();
    if !environment.has_program(content::NEEDS) {
        return Err(Error::usage(format!(
            "the demo builds a small program in Python, and {} is not installed",
            content::NEEDS
        ))
        .hint(
            "install it and try again, or begin with a task of your own: loop \"what you want\"",
        ));
    }
    let floor = read_floor(Path::new(POLICY_FILE))?;
    let stage = Stage::set(args)?;
    let done = match &args.model {
        Some(name) => compose::block_on(demo_model::work(args, name, &stage)),
        None => compose::block_on(work(args, &stage, &environment, floor)),
    };
    stage.clear()?;
    done
}

async fn work(
    args: &DemoArgs,
    stage: &Stage,
    environment: &Environment,
    floor: Floor,
) -> Result<ExitCode> {
    let (stop, interrupt) = Interrupt::new();
    signals::listen(stop);
    let config = Config::default();
    compose::check_wall(&config.commands, &floor, &stage.project)?;
    let mut audience = Audience::new(args, environment);
    let pace = if audience.mode == Mode::Terminal && std::io::stderr().is_terminal() {
        Pace::Visible
    } else {
        Pace::AtOnce
    };
    let catalog = catalog(
        &Places {
            project: &stage.project,
            // Built-in skills only: the script was written for them.
            skills: &stage.project.join("skills"),
            pipeline: None,
            agreements: stage.project.join("trusted.json"),
        },
        Trust::LeaveOut,
    )?;
    audience.screen.show(Update::Say(BANNER));
    if stage.temporary.is_some() {
        audience.screen.show(Update::Say(TEMPORARY));
    }
    let mut session = start_with(
        setup(stage, environment, interrupt, floor.clone()),
        NewSession {
            task: content::TASK.to_owned(),
            settings: config.settings(),
            config: frozen(&config),
            catalog,
            from: None,
            until: None,
        },
        Chosen {
            name: content::MODEL.to_owned(),
            num_ctx: DEFAULT_NUM_CTX,
            ..Chosen::default()
        },
        Scripted::new(content::script()?, pace),
        audience,
        compose::wall(
            environment.clone(),
            config.commands.clone(),
            floor,
            compose::Commands::default(),
        ),
    )?;
    let names = session.session().pipeline.names();
    let names = names.into_iter().map(str::to_owned).collect();
    session.operator().screen.set_phases(names);
    let ending = session.drive().await?;
    session.operator().screen.settle();
    if matches!(ending, Ending::Finished(Outcome::Completed, _)) {
        let kept = stage.temporary.is_none().then_some(stage.project.as_path());
        let card = card::card(session.session(), kept);
        tell(&card, session.operator())?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ended(&ending))
}

fn setup(stage: &Stage, environment: &Environment, interrupt: Interrupt, floor: Floor) -> Setup {
    Setup {
        sessions: stage.sessions.clone(),
        state: vec![stage.sessions.clone()],
        project: stage.project.clone(),
        floor,
        secrets: Vec::new(),
        answers: content::answers(),
        unattended: Unattended::Stop,
        // The commands are the script's own: they need no wall and nobody's permission.
        attendance: Attendance::Person,
        server_wait: Duration::ZERO,
        interrupt,
        surroundings: Surroundings {
            search_path: environment.search_path(),
            home: environment.home(),
            cargo_home: environment.path("CARGO_HOME"),
            fetched_crates: None,
        },
    }
}
