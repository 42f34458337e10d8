//! `loop watch`: the live screen, or one frame of it as text. Brings together what the journals
//! say, the terminal, and the acts that a person chooses; decides nothing about a session.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::answer::sender;
use super::args::{RunOptions, WatchArgs};
use super::compose::{self, block_on, print, print_dressed};
use super::diff::file_lines;
use crate::config::Loaded;
use crate::engine::event::{Event, Interruption, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::run::history::History;
use crate::run::listening::Scope;
use crate::run::post::{self, Sender};
use crate::run::store::{Follower, Listed, SessionFolder, SessionState, Sessions, clock, look};
use crate::run::watch::{Changes, Lookout, open};
use crate::run::with_document;
use crate::ui::watch::{Act, Glass, Head, Life, Root, Watch, Watched, text};
use crate::ui::{Colour, FileLine, results_width};

/// Between two drawings at least, so that a fast run does not keep the machine busy.
const FRAME: Duration = Duration::from_millis(50);
/// While something runs, its clock is drawn so often.
const CLOCK: Duration = Duration::from_secs(1);

/// Shows it.
pub(super) fn watch(args: &WatchArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions {
        color: args.color,
        ..RunOptions::default()
    })?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let (scope, root) = match &args.id {
        Some(id) => (Scope::One(sessions.find(id)?), Root::Session),
        None => (Scope::All(sessions), Root::List),
    };
    if args.once {
        return once(&loaded, &scope, root, args);
    }
    let Some(glass) = Glass::take().map_err(cannot_show)? else {
        return Err(Error::usage("loop watch needs a terminal, and there is none here")
            .hint("loop watch --once prints one frame as text; loop sessions show prints where a session stands"));
    };
    let colour = compose::colour(loaded.config.screen.color).unwrap_or(Colour::On);
    let watch = Watch::new(root, (colour, compose::glyphs()), with_document);
    let sender = sender(loaded.secrets());
    block_on(Live::new(scope, watch, sender).run(glass))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn cannot_show(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Incomplete,
        format!("cannot show anything on this terminal: {error}"),
    )
}

/// One frame as text.
fn once(loaded: &Loaded, scope: &Scope, root: Root, args: &WatchArgs) -> Result<ExitCode> {
    let to_terminal = std::io::stdout().is_terminal();
    let by_terminal = if to_terminal { Colour::On } else { Colour::Off };
    let colour = compose::colour(loaded.config.screen.color).unwrap_or(by_terminal);
    let mut watch = Watch::new(root, (colour, compose::glyphs()), with_document);
    let width = results_width().and_then(|columns| u16::try_from(columns).ok());
    let columns = args.width.or(width).unwrap_or(80);
    watch.resized(columns, args.height.unwrap_or(24));
    watch.at(clock::millis());
    watch.listed(heads(scope)?);
    while let Some(id) = watch.unread() {
        match read(&scope.folder(&id)) {
            Ok((watched, _)) => {
                let sent = sent(&scope.folder(&id), &watched);
                watch.read(&id, watched);
                for asked in sent {
                    watch.sent(&id, asked);
                }
            }
            Err(error) => {
                watch.damaged(&id, &without_folder(&error.message, &scope.folder(&id)));
            }
        }
    }
    let frame = text(&watch, colour);
    match colour {
        Colour::On => print_dressed(&frame)?,
        Colour::Off => print(&frame)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Questions whose answer is on its way already.
fn sent(folder: &SessionFolder, watched: &Watched) -> Vec<u64> {
    let open = watched.open_asks();
    open.filter(|asked| post::is_answered(folder, *asked))
        .collect()
}

fn heads(scope: &Scope) -> Result<Vec<Head>> {
    Ok(scope.list()?.iter().map(head).collect())
}

fn head(listed: &Listed) -> Head {
    match listed {
        Listed::Readable(head) => Head {
            id: head.folder.id.clone(),
            task: head.task.clone(),
            project: head.project.clone(),
            life: match head.state {
                SessionState::Running | SessionState::Waiting => Life::Running,
                SessionState::Interrupted(Interruption::NeedsInput) => Life::NeedsInput,
                SessionState::PhaseDone
                | SessionState::Forked
                | SessionState::Interrupted(_)
                | SessionState::Stopped => Life::Paused,
                SessionState::Finished(outcome) => Life::Over(outcome),
            },
            words: match head.state {
                // Whether it waits is told from the journal, which is followed.
                SessionState::Waiting => SessionState::Running.words().to_owned(),
                state => state.words().to_owned(),
            },
            started_at: head.started_at.clone(),
            last_at: head.last_at.clone(),
            phase: head.phase.clone(),
            ticket: head.ticket.clone(),
        },
        Listed::Damaged { folder, reason } => {
            let (life, words, task) = if folder.path.exists() {
                (Life::Damaged, "damaged", without_folder(reason, folder))
            } else {
                (Life::Gone, "deleted", String::new())
            };
            Head {
                id: folder.id.clone(),
                task,
                project: String::new(),
                life,
                words: words.to_owned(),
                started_at: String::new(),
                last_at: String::new(),
                phase: None,
                ticket: None,
            }
        }
    }
}

/// Where the folder is stands beside it.
fn without_folder(why: &str, folder: &SessionFolder) -> String {
    why.replace(&format!("{}/", folder.path.display()), "")
}

fn read(folder: &SessionFolder) -> Result<(Watched, Follower)> {
    open(
        folder,
        |first| Watched::begin(first).map_err(|error| error.to_string()),
        Watched::apply,
    )
}

/// The screen while it stands.
struct Live {
    scope: Scope,
    watch: Watch,
    sender: Sender,
    followers: HashMap<String, Follower>,
    /// The session that is being read.
    reading: Option<String>,
    news: (UnboundedSender<News>, UnboundedReceiver<News>),
}

/// What was done beside the screen.
enum News {
    /// A session was read.
    Read(String, Box<Result<(Watched, Follower)>>),
    /// What a ticket, or the whole session, changed.
    Differs(Result<(Vec<FileLine>, String)>),
    /// A person's answer was sent to the question of that `asked` line.
    Sent(String, u64),
    /// Something else was done.
    Done(String),
    /// It could not be done.
    Refused(Error),
}

impl Live {
    fn new(scope: Scope, watch: Watch, sender: Sender) -> Self {
        Self {
            scope,
            watch,
            sender,
            followers: HashMap::new(),
            reading: None,
            news: unbounded_channel(),
        }
    }

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
        let mut interrupted = signal(SignalKind::interrupt()).map_err(cannot_listen)?;
        let mut lookout = Lookout::new(self.scope.clone());
        let (columns, rows) = glass.size();
        self.watch.resized(columns, rows);
        self.watch.listed(heads(&self.scope)?);
        loop {
            self.read_on();
            self.watch.at(clock::millis());
            let drawn = Instant::now();
            glass.show(&self.watch).map_err(cannot_show)?;
            let has_a_clock = self.watch.has_a_clock();
            tokio::select! {
                acts = glass.typed(&mut self.watch) => {
                    // Without a terminal there is nobody to show anything to.
                    for act in acts.unwrap_or_else(|| vec![Act::Leave]) {
                        match act {
                            Act::Leave => return Ok(ExitCode::SUCCESS),
                            Act::Redraw => glass.forget(),
                            act => self.perform(act),
                        }
                    }
                }
                changes = lookout.changed() => {
                    self.take(changes, &mut lookout)?;
                    tokio::time::sleep_until(drawn + FRAME).await;
                }
                Some(news) = self.news.1.recv() => self.tell(news),
                _ = resized.recv() => {
                    let (columns, rows) = glass.size();
                    self.watch.resized(columns, rows);
                }
                () = tokio::time::sleep(CLOCK), if has_a_clock => self.look_at_running(),
                _ = ended.recv() => return Ok(ExitCode::from(ErrorKind::Interrupted.code())),
                _ = interrupted.recv() => return Ok(ExitCode::from(ErrorKind::Interrupted.code())),
                _ = hung_up.recv() => return Ok(ExitCode::from(ErrorKind::Interrupted.code())),
            }
        }
    }

    /// Does something that takes time beside the screen.
    fn beside(&self, work: impl FnOnce() -> News + Send + 'static) {
        let sender = self.news.0.clone();
        tokio::task::spawn_blocking(move || {
            // silent-ok: a screen that is gone needs no news.
            let _ = sender.send(work());
        });
    }

    /// Begins to read the next session that has to be read.
    fn read_on(&mut self) {
        if self.reading.is_some() {
            return;
        }
        self.reading = self.watch.unread();
        if let Some(id) = self.reading.clone() {
            let folder = self.scope.folder(&id);
            self.beside(move || News::Read(id, Box::new(read(&folder))));
        }
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Read(id, read) => {
                self.reading = None;
                match *read {
                    Ok((watched, follower)) => {
                        let sent = sent(&self.scope.folder(&id), &watched);
                        self.watch.read(&id, watched);
                        for asked in sent {
                            self.watch.sent(&id, asked);
                        }
                        if self.watch.known(&id).is_some() {
                            self.followers.insert(id.clone(), follower);
                        }
                        // What was written meanwhile.
                        self.follow(&id);
                    }
                    Err(error) => self.lose(&id, &error),
                }
            }
            News::Differs(Ok((files, text))) => self.watch.differs(&files, &text),
            News::Differs(Err(error)) => self.watch.differs_unknown(&error.message),
            News::Sent(id, asked) => self.watch.answered(&id, asked),
            News::Done(words) => self.watch.done(&words),
            News::Refused(error) => self.watch.refused(&error.message),
        }
    }

    fn take(&mut self, changes: Changes, lookout: &mut Lookout) -> Result<()> {
        if changes.list {
            lookout.watch();
            self.watch.listed(heads(&self.scope)?);
            self.followers
                .retain(|id, _| self.watch.known(id).is_some());
        }
        let ids: Vec<String> = match changes.sessions {
            Some(ids) => ids.into_iter().collect(),
            None => self.followers.keys().cloned().collect(),
        };
        for id in ids {
            self.follow(&id);
        }
        Ok(())
    }

    /// What was added to a journal, and whether somebody works on it.
    fn follow(&mut self, id: &str) {
        let Some(follower) = self.followers.get_mut(id) else {
            return self.look_again(id);
        };
        let news = follower.news();
        let is_running = follower.folder.is_running();
        let was_running = self.watch.running().any(|running| running == id);
        match news {
            Err(error) => {
                self.followers.remove(id);
                self.lose(id, &error.into());
            }
            Ok(news) => {
                let has_turned = news.iter().any(is_turn);
                self.watch.happened(id, news);
                if has_turned || is_running != was_running {
                    self.look_again(id);
                }
            }
        }
    }

    fn look_again(&mut self, id: &str) {
        if self.watch.lists(id) {
            let listed = look(self.scope.folder(id));
            self.watch.changed(head(&listed));
        }
    }

    /// It cannot be read: somebody has deleted it, or it is damaged.
    fn lose(&mut self, id: &str, error: &Error) {
        let folder = self.scope.folder(id);
        if folder.path.exists() {
            let why = without_folder(&error.message, &folder);
            self.watch.damaged(id, &why);
        } else {
            self.watch.gone(id);
        }
    }

    /// A process that ended without a word is missed.
    fn look_at_running(&mut self) {
        let ids: Vec<String> = self.watch.running().map(str::to_owned).collect();
        for id in ids {
            if !self.scope.folder(&id).is_running() {
                self.look_again(&id);
            }
        }
    }

    /// Does what a person wants by what the verbs do.
    fn perform(&mut self, act: Act) {
        let scope = self.scope.clone();
        let sender = self.sender.clone();
        let refused = News::Refused;
        match act {
            Act::Leave | Act::Redraw => {}
            Act::Diff { session, ticket } => {
                let runtime = tokio::runtime::Handle::current();
                self.beside(move || {
                    let folder = scope.folder(&session);
                    News::Differs(runtime.block_on(differs(&folder, ticket.as_deref())))
                });
            }
            Act::Answer {
                session,
                ask,
                asked,
                said,
            } => self.beside(move || {
                let folder = scope.folder(&session);
                let given = |_: &_| Ok(said);
                post::answer(&folder, (&ask, Some(asked)), given, &sender)
                    .map_or_else(refused, |_| News::Sent(session, asked))
            }),
            Act::Tell { session, to, text } => self.beside(move || {
                let folder = scope.folder(&session);
                let words = |()| {
                    News::Done(if folder.is_running() {
                        "It is on its way to the model.".to_owned()
                    } else {
                        format!(
                            "The session is not running; it is told after: loop resume {session}"
                        )
                    })
                };
                post::tell(&folder, &text, to, &sender).map_or_else(refused, words)
            }),
            Act::Stop { session } => {
                self.watch.done("Stopping; it saves what there is.");
                self.beside(move || {
                    let folder = scope.folder(&session);
                    post::stop(&folder, &sender).map_or_else(refused, |()| {
                        News::Done(format!("It has stopped. Go on with: loop resume {session}"))
                    })
                });
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
