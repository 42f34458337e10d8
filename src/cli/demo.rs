//! `loop demo`: an ordinary run with a scripted model, in a folder of its own. Owns where it
//! happens and what is left of it: nothing, unless it was asked to stay.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tempfile::TempDir;

use super::args::{ColorChoice, DemoArgs, RunOptions};
use super::compose::{self, Show, say};
use super::{card, signals};
use crate::config::{Color, Config, Environment, POLICY_FILE, frozen, read_floor};
use crate::engine::artifact::ArtifactName;
use crate::engine::ask::Ask;
use crate::engine::event::{Event, Interruption, Outcome};
use crate::engine::floor::Floor;
use crate::engine::ports::{Operator, Response, Update};
use crate::engine::settings::Switch;
use crate::error::{Error, ErrorKind, Result};
use crate::run::begin::{NewSession, Setup, start_with};
use crate::run::catalog::{Places, Trust, catalog};
use crate::run::health::{Chosen, DEFAULT_NUM_CTX};
use crate::run::scripted::{Pace, Scripted};
use crate::run::{Attendance, Ending, Interrupt, Surroundings, Unattended, demo as content};
use crate::ui::{Detail, Mode, Screen};

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
    let done = compose::block_on(work(args, &stage, &environment, floor));
    stage.clear()?;
    done
}

/// Where the demo happens.
struct Stage {
    project: PathBuf,
    sessions: PathBuf,
    temporary: Option<TempDir>,
}

impl Stage {
    fn set(args: &DemoArgs) -> Result<Self> {
        let Some(folder) = &args.keep else {
            return Self::temporary();
        };
        // The one part of a person's configuration that matters here: where sessions are kept.
        let loaded = compose::configuration(&RunOptions::default())?;
        Ok(Self {
            project: empty_folder(folder)?,
            sessions: loaded.paths.sessions,
            temporary: None,
        })
    }

    fn temporary() -> Result<Self> {
        let cannot = |error: std::io::Error| {
            Error::usage(format!("cannot make a temporary folder: {error}"))
                .hint("name a folder with --keep DIR, or another place with TMPDIR")
        };
        let folder = tempfile::Builder::new()
            .prefix("loop-demo-")
            .tempdir()
            .map_err(cannot)?;
        let project = folder.path().join("todo");
        std::fs::create_dir(&project).map_err(cannot)?;
        Ok(Self {
            project: project.canonicalize().map_err(cannot)?,
            sessions: folder.path().join("sessions"),
            temporary: Some(folder),
        })
    }

    fn clear(self) -> Result<()> {
        let Some(folder) = self.temporary else {
            return Ok(());
        };
        let path = folder.path().to_owned();
        folder.close().map_err(|error| {
            Error::new(
                ErrorKind::Incomplete,
                format!("cannot remove {}: {error}", path.display()),
            )
            .hint("remove it by hand")
        })
    }
}

/// The folder to build in and to keep: made if it is not there, refused if something is in it.
fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let cannot = |error: std::io::Error| {
        Error::usage(format!(
            "cannot use the folder {}: {error}",
            folder.display()
        ))
        .hint("name an empty folder, or one that does not exist yet")
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    if std::fs::read_dir(folder).map_err(cannot)?.next().is_some() {
        return Err(
            Error::usage(format!("the folder {} is not empty", folder.display()))
                .hint("name an empty folder, or one that does not exist yet"),
        );
    }
    folder.canonicalize().map_err(cannot)
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
    let show = show(args);
    let pace = if show.mode == Mode::Terminal && std::io::stderr().is_terminal() {
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
    let mut audience = Audience {
        screen: compose::screen(color(args, environment), Switch::Off, show),
        mode: show.mode,
    };
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
    let (reason, code) = match ending {
        Ending::Finished(Outcome::Completed, _) => {
            let kept = stage.temporary.is_none().then_some(stage.project.as_path());
            let card = card::card(session.session(), kept);
            tell(&card, session.operator())?;
            return Ok(ExitCode::SUCCESS);
        }
        Ending::Stopped(Interruption::Signal, reason) => (reason, ErrorKind::Interrupted.code()),
        Ending::Finished(_, reason) | Ending::Stopped(_, reason) | Ending::Reached(reason) => {
            (reason, ErrorKind::Incomplete.code())
        }
    };
    say(&format!(
        "the demo stopped before its end: {reason}\nhint: loop demo begins anew"
    ));
    Ok(ExitCode::from(code))
}

/// A result: dressed for a person, as it is for a program.
fn tell(card: &str, audience: &mut Audience) -> Result<()> {
    let is_read_here = std::io::stderr().is_terminal() && std::io::stdout().is_terminal();
    match audience.mode {
        Mode::Terminal | Mode::Plain if is_read_here => {
            audience.screen.show(Update::Say(card));
            audience.screen.settle();
            Ok(())
        }
        Mode::Terminal | Mode::Plain | Mode::Quiet => compose::print(card),
        Mode::Json => Ok(()),
    }
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

fn show(args: &DemoArgs) -> Show {
    Show {
        mode: match (args.json, args.quiet) {
            (true, _) => Mode::Json,
            (false, true) => Mode::Quiet,
            (false, false) => Mode::Terminal,
        },
        detail: Detail::Normal,
        may_ask: false,
    }
}

fn color(args: &DemoArgs, environment: &Environment) -> Color {
    match args.color {
        ColorChoice::Auto if environment.value("NO_COLOR").is_some() => Color::Never,
        ColorChoice::Auto => Color::Auto,
        ColorChoice::Always => Color::Always,
        ColorChoice::Never => Color::Never,
    }
}

/// The screen of the demo. The summary, and the advice to resume, speak of a session that is gone
/// a moment later; the card at the end stands for both. Questions answer themselves, so somebody
/// who wants only results does not want them.
struct Audience {
    screen: Screen,
    mode: Mode,
}

impl Audience {
    fn is_left_out(&self, event: &Event) -> bool {
        match event {
            Event::ArtifactWritten { name, .. } => *name == ArtifactName::Summary,
            Event::Interrupted { .. } => true,
            Event::Asked { .. } => self.mode == Mode::Quiet,
            _ => false,
        }
    }
}

impl Operator for Audience {
    async fn ask(&mut self, ask: &Ask) -> Response {
        self.screen.ask(ask).await
    }

    fn show(&mut self, update: Update<'_>) {
        if let Update::Recorded(record) = &update
            && self.mode != Mode::Json
            && self.is_left_out(&record.event)
        {
            return;
        }
        self.screen.show(update);
    }
}
