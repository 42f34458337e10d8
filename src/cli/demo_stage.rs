//! The stage of a demo, whoever plays the model: its folders, its screen, and the words at its end.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::TempDir;

use super::args::{ColorChoice, DemoArgs, RunOptions};
use super::compose::{self, Show, say};
use crate::config::{Color, Environment};
use crate::engine::artifact::ArtifactName;
use crate::engine::ask::Ask;
use crate::engine::event::{Event, Interruption};
use crate::engine::ports::{Operator, Response, Update};
use crate::engine::settings::Switch;
use crate::error::{Error, ErrorKind, Result};
use crate::run::Ending;
use crate::ui::{Detail, Mode, Screen};

/// Where the demo happens.
pub(super) struct Stage {
    pub(super) project: PathBuf,
    pub(super) sessions: PathBuf,
    pub(super) temporary: Option<TempDir>,
}

impl Stage {
    pub(super) fn set(args: &DemoArgs) -> Result<Self> {
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

    pub(super) fn clear(self) -> Result<()> {
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

/// Says that a demo did not come to its end, and why.
pub(super) fn ended(ending: &Ending) -> ExitCode {
    let (reason, code) = match ending {
        Ending::Stopped(Interruption::Signal, reason) => (reason, ErrorKind::Interrupted.code()),
        Ending::Stopped(Interruption::ServerGone, reason) => (reason, ErrorKind::Model.code()),
        Ending::Stopped(Interruption::Limit, reason) => (reason, ErrorKind::Limit.code()),
        Ending::Finished(_, reason) | Ending::Stopped(_, reason) | Ending::Reached(reason) => {
            (reason, ErrorKind::Incomplete.code())
        }
    };
    say(&format!(
        "the demo stopped before its end: {reason}\nhint: loop demo begins anew"
    ));
    ExitCode::from(code)
}

/// A result: dressed for a person, as it is for a program.
pub(super) fn tell(card: &str, audience: &mut Audience) -> Result<()> {
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
pub(super) struct Audience {
    pub(super) screen: Screen,
    pub(super) mode: Mode,
}

impl Audience {
    pub(super) fn new(args: &DemoArgs, environment: &Environment) -> Self {
        let show = show(args);
        Self {
            screen: compose::screen(color(args, environment), Switch::Off, show),
            mode: show.mode,
        }
    }

    pub(super) fn set_phases(&mut self, names: Vec<String>) {
        self.screen.set_phases(names);
    }

    pub(super) fn settle(&mut self) {
        self.screen.settle();
    }

    pub(super) fn say(&mut self, text: &str) {
        self.screen.show(Update::Say(text));
    }

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
