//! `loop watch`: the live screen, or one frame of it as text. Brings together what the journals
//! say, the terminal, and the acts that a person chooses; decides nothing about a session.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::args::{RunOptions, WatchArgs};
use super::compose::{self, block_on, print, print_dressed};
use super::diff::file_lines;
use crate::config::Loaded;
use crate::engine::event::{Event, Interruption, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::run::history::History;
use crate::run::store::{Change, Listed, SessionFolder, SessionState, Sessions, Tail, clock, look};
use crate::run::watch::{Follower, Which, open};
use crate::ui::watch::{Act, Entered, Glass, Head, Life, Scope, Watch, Watched, text};
use crate::ui::{Colour, FileLine, results_width};

/// Between two drawings at least, so that a fast run does not keep the machine busy.
const FRAME: Duration = Duration::from_millis(50);

/// Shows it.
pub(super) fn watch(args: &WatchArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions {
        color: args.color,
        ..RunOptions::default()
    })?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let (which, scope) = match &args.id {
        Some(id) => (Which::One(sessions.find(id)?), Scope::One),
        None => (Which::All(sessions), Scope::All),
    };
    if args.once {
        return once(&loaded, &which, scope, args);
    }
    let Some(glass) = Glass::take().map_err(cannot_show)? else {
        return Err(Error::usage("loop watch needs a terminal, and there is none here")
            .hint("loop watch --once prints one frame as text; loop sessions show prints where a session stands"));
    };
    let colour = compose::colour(loaded.config.screen.color).unwrap_or(Colour::On);
    let watch = Watch::new(scope, colour, compose::glyphs());
    let live = Live {
        tails: HashMap::new(),
        reading: None,
        difference: None,
        which,
        watch,
    };
    block_on(live.run(glass))
}

fn cannot_show(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Incomplete,
        format!("cannot show anything on this terminal: {error}"),
    )
}

/// One frame as text.
fn once(loaded: &Loaded, which: &Which, scope: Scope, args: &WatchArgs) -> Result<ExitCode> {
    let to_terminal = std::io::stdout().is_terminal();
    let by_terminal = if to_terminal { Colour::On } else { Colour::Off };
    let colour = compose::colour(loaded.config.screen.color).unwrap_or(by_terminal);
    let mut watch = Watch::new(scope, colour, compose::glyphs());
    let width = results_width().and_then(|columns| u16::try_from(columns).ok());
    let columns = args.width.or(width).unwrap_or(80);
    watch.resized(columns, args.height.unwrap_or(24));
    watch.at(clock::millis());
    watch.listed(heads(which)?);
    while let Some(id) = watch.unread() {
        let Some(folder) = folder(which, &id) else {
            break;
        };
        match read(&folder) {
            Ok((watched, _)) => watch.read(&id, watched),
            Err(error) => watch.damaged(&id, &error.message),
        }
    }
    let frame = text(&watch, colour);
    match colour {
        Colour::On => print_dressed(&frame)?,
        Colour::Off => print(&frame)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn heads(which: &Which) -> Result<Vec<Head>> {
    Ok(which.list()?.iter().map(head).collect())
}

fn folder(which: &Which, id: &str) -> Option<SessionFolder> {
    match which {
        Which::One(folder) => Some(folder.clone()),
        Which::All(sessions) => Some(SessionFolder {
            id: id.to_owned(),
            path: sessions.root().join(id),
        }),
    }
}

fn head(listed: &Listed) -> Head {
    match listed {
        Listed::Readable(head) => Head {
            id: head.folder.id.clone(),
            task: head.task.clone(),
            project: head.project.clone(),
            life: match head.state {
                SessionState::Running => Life::Running,
                SessionState::Interrupted(Interruption::NeedsInput) => Life::NeedsInput,
                SessionState::Interrupted(_) | SessionState::Stopped => Life::Paused,
                SessionState::Finished(outcome) => Life::Over(outcome),
            },
            words: head.state.words().to_owned(),
            started_at: head.started_at.clone(),
            last_at: head.last_at.clone(),
            phase: head.phase.clone(),
            ticket: head.ticket.clone(),
        },
        Listed::Damaged { folder, reason } => Head {
            id: folder.id.clone(),
            task: reason.clone(),
            project: String::new(),
            life: Life::Damaged,
            words: "damaged".to_owned(),
            started_at: String::new(),
            last_at: String::new(),
            phase: None,
            ticket: None,
        },
    }
}

fn read(folder: &SessionFolder) -> Result<(Watched, Tail)> {
    open(
        folder,
        |first| Watched::begin(first).map_err(|error| error.to_string()),
        Watched::apply,
    )
}

/// The screen while it stands.
struct Live {
    which: Which,
    watch: Watch,
    tails: HashMap<String, Tail>,
    reading: Option<JoinHandle<(String, Result<(Watched, Tail)>)>>,
    difference: Option<JoinHandle<Result<(Vec<FileLine>, String)>>>,
}

impl Live {
    async fn run(mut self, mut glass: Glass) -> Result<ExitCode> {
        let cannot_listen = |error: std::io::Error| {
            Error::new(
                ErrorKind::Bug,
                format!("cannot listen for signals: {error}"),
            )
        };
        let mut resized = signal(SignalKind::window_change()).map_err(cannot_listen)?;
        let mut ended = signal(SignalKind::terminate()).map_err(cannot_listen)?;
        let mut hung_up = signal(SignalKind::hangup()).map_err(cannot_listen)?;
        let mut follower = Follower::new(self.which.clone());
        let (columns, rows) = glass.size();
        self.watch.resized(columns, rows);
        self.watch.listed(heads(&self.which)?);
        loop {
            self.read_on();
            self.watch.at(clock::millis());
            let drawn = Instant::now();
            glass.show(&self.watch).map_err(cannot_show)?;
            let has_a_clock = self.watch.has_a_clock();
            tokio::select! {
                entered = glass.press(&mut self.watch) => match entered {
                    Entered::Nothing => {}
                    Entered::Gone | Entered::Act(Act::Leave) => return Ok(ExitCode::SUCCESS),
                    Entered::Act(Act::Redraw) => glass.clear().map_err(cannot_show)?,
                    Entered::Act(act) => self.perform(act),
                },
                changes = follower.changed() => {
                    for change in changes {
                        self.take(&change, &mut follower)?;
                    }
                    tokio::time::sleep_until(drawn + FRAME).await;
                }
                read = finished(&mut self.reading) => self.was_read(read),
                difference = finished(&mut self.difference) => match difference {
                    Ok((files, text)) => self.watch.differs(&files, &text),
                    Err(error) => self.watch.refused(&error.message),
                },
                _ = resized.recv() => {
                    let (columns, rows) = glass.size();
                    self.watch.resized(columns, rows);
                }
                () = tokio::time::sleep(Duration::from_secs(1)), if has_a_clock => self.look_at_running(),
                _ = ended.recv() => return Ok(ExitCode::from(ErrorKind::Interrupted.code())),
                _ = hung_up.recv() => return Ok(ExitCode::from(ErrorKind::Interrupted.code())),
            }
        }
    }

    /// Begins to read the next session that has to be read.
    fn read_on(&mut self) {
        if self.reading.is_some() {
            return;
        }
        let Some(id) = self.watch.unread() else {
            return;
        };
        if let Some(folder) = folder(&self.which, &id) {
            let work = move || {
                let read = read(&folder);
                (id, read)
            };
            self.reading = Some(tokio::task::spawn_blocking(work));
        }
    }

    fn was_read(&mut self, (id, read): (String, Result<(Watched, Tail)>)) {
        match read {
            Ok((watched, tail)) => {
                self.watch.read(&id, watched);
                self.tails.insert(id.clone(), tail);
                // What was written meanwhile.
                self.follow(&id);
            }
            Err(error) => self.watch.damaged(&id, &error.message),
        }
    }

    fn take(&mut self, change: &Change, follower: &mut Follower) -> Result<()> {
        match change {
            Change::Journal(id) => self.follow(id),
            Change::Lock(id) => self.look_again(id),
            Change::Sessions => {
                follower.watch();
                self.watch.listed(heads(&self.which)?);
                self.tails.retain(|id, _| self.watch.known(id).is_some());
            }
            Change::Everything => {
                self.watch.listed(heads(&self.which)?);
                let ids: Vec<String> = self.tails.keys().cloned().collect();
                for id in ids {
                    self.follow(&id);
                }
            }
        }
        Ok(())
    }

    /// What was added to a journal.
    fn follow(&mut self, id: &str) {
        let Some(tail) = self.tails.get_mut(id) else {
            return self.look_again(id);
        };
        let mut news = Vec::new();
        let followed = tail.follow(|record| news.push(record));
        let turns = news.iter().any(is_turn);
        for record in news {
            self.watch.happened(id, record);
        }
        if let Err(error) = followed {
            self.tails.remove(id);
            self.watch.damaged(id, &Error::from(error).message);
        } else if turns {
            self.look_again(id);
        }
    }

    fn look_again(&mut self, id: &str) {
        if let Some(folder) = folder(&self.which, id) {
            self.watch.changed(head(&look(folder)));
        }
    }

    /// A process that ended without a word is missed.
    fn look_at_running(&mut self) {
        let ids: Vec<String> = self.watch.running().map(str::to_owned).collect();
        for id in ids {
            if folder(&self.which, &id).is_some_and(|folder| !folder.is_running()) {
                self.look_again(&id);
            }
        }
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Leave | Act::Redraw => {}
            Act::Diff { session, ticket } => {
                let Some(folder) = folder(&self.which, &session) else {
                    return;
                };
                let runtime = tokio::runtime::Handle::current();
                let work = move || runtime.block_on(differs(&folder, ticket.as_deref()));
                self.difference = Some(tokio::task::spawn_blocking(work));
            }
            Act::Answer { .. } | Act::Tell { .. } | Act::Stop { .. } => {
                self.watch.refused("This cannot be done from here yet.");
            }
        }
    }
}

/// Whether a session may stand otherwise after this.
fn is_turn(record: &Record) -> bool {
    matches!(
        record.event,
        Event::Interrupted { .. } | Event::Resumed { .. } | Event::SessionFinished { .. }
    )
}

/// What a ticket, or the whole session, changed.
async fn differs(folder: &SessionFolder, ticket: Option<&str>) -> Result<(Vec<FileLine>, String)> {
    let mut history = History::look(folder, &compose::surroundings())?;
    let of = history.named(ticket)?;
    let (files, difference) = history.difference(&of).await?;
    Ok((file_lines(&history, &of, &files), difference))
}

/// Waits for what was begun; for ever if nothing was.
async fn finished<T>(work: &mut Option<JoinHandle<T>>) -> T {
    let Some(handle) = work else {
        return std::future::pending().await;
    };
    let result = handle.await;
    *work = None;
    match result {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
