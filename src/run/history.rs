//! What a session changed, seen from outside of a run: shown, taken back, put there again. Nothing
//! is asked here; whoever calls decides about files that somebody else has changed since.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::landing::workplace;
use super::perform::write_summary;
use super::stretch::{listed, stretch};
use super::whose::{Doubts, doubtful};
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::recording::TAKEN_BACK;
use crate::engine::session::{Moved, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::git::{ChangeKind, End, Git, LeftAlone, Snapshots, Standing, Step, Stretch, Touched};
use crate::store::{Durability, Entry, OpenSession, Redactor, SessionFolder, read};
use crate::tools::Surroundings;

/// Whose changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// The whole session's.
    All,
    /// A ticket's, or those of a phase that works without tickets.
    One(String),
}

impl Of {
    /// As it is said on the command line.
    pub fn word(&self) -> &str {
        match self {
            Self::All => "all",
            Self::One(name) => name,
        }
    }
}

/// A session's changes.
#[derive(Debug)]
pub struct History {
    /// The session.
    pub session: Session,
    pub(super) snapshots: Snapshots,
    /// Where it worked.
    pub(super) project: PathBuf,
    /// Files that were looked at and of which nothing says that all of it is the session's doing.
    doubts: Doubts,
}

/// A session's changes, to be taken back: nobody else works on the session meanwhile.
#[derive(Debug)]
pub struct OpenHistory {
    /// What there is to see.
    pub history: History,
    store: OpenSession,
}

/// A change as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Below the project.
    pub path: PathBuf,
    /// How the file differs.
    pub kind: ChangeKind,
    /// Lines added and removed; none for a binary file.
    pub lines: Option<(u64, u64)>,
    /// Whether somebody else has changed the file as well.
    pub standing: Standing,
}

/// What was taken back, or put there again, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// These files.
    pub files: Vec<PathBuf>,
    /// These stay as they are.
    pub left_alone: Vec<LeftAlone>,
}

impl History {
    /// The changes of the session in that folder, to look at, even while it runs.
    pub fn look(folder: &SessionFolder, surroundings: &Surroundings) -> Result<Self> {
        let content = read(&folder.journal())?;
        let session = fold(folder, &content.records)?;
        let (git, project) = places(&session, folder, surroundings)?;
        Ok(Self {
            snapshots: Snapshots::open_to_look(git, &folder.path, &project),
            project,
            session,
            doubts: Doubts::new(),
        })
    }

    /// Whose changes a word of the command line means.
    pub fn named(&self, word: Option<&str>) -> Result<Of> {
        let Some(word) = word.filter(|word| !word.eq_ignore_ascii_case("all")) else {
            return Ok(Of::All);
        };
        let tickets = self.session.ticket_ids().into_iter();
        let works = self.session.works.iter().map(|work| work.name.as_str());
        let known: BTreeSet<&str> = tickets.chain(works).collect();
        match known.iter().find(|name| name.eq_ignore_ascii_case(word)) {
            Some(name) => Ok(Of::One((*name).to_owned())),
            None => Err(
                Error::usage(format!("there is no ticket '{word}' in this session")).hint(
                    if known.is_empty() {
                        "no ticket was begun yet".to_owned()
                    } else {
                        let known: Vec<&str> = known.into_iter().collect();
                        format!("there are {}, and all", known.join(", "))
                    },
                ),
            ),
        }
    }

    /// The phase from which a resume does these steps again.
    pub fn phase_to_do_again(&self, of: &Of) -> &str {
        let phase = self.session.phase_to_do_again(of.word());
        phase.unwrap_or("PHASE")
    }

    /// The files that these steps changed.
    pub async fn files(&mut self, of: &Of) -> Result<Vec<Touched>> {
        let steps = self.steps(of).await?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let mut files = self.snapshots.touched_by(&steps).await?;
        for file in &mut files {
            if self.doubts.contains_key(&file.path) {
                file.doubt();
            }
        }
        Ok(files)
    }

    /// The work that is meant, and whatever was taken back and put there again, in order.
    async fn steps(&mut self, of: &Of) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for place in 0..self.session.works.len() {
            steps.extend(self.moves(place, false).map(|moved| moving(moved, of)));
            let wanted = match of {
                Of::All => true,
                Of::One(name) => self.session.works[place].name == *name,
            };
            let mut rest = None;
            if wanted {
                let stretch = stretch(&self.session, &mut self.snapshots, place).await?;
                let work = &self.session.works[place];
                let doubts = doubtful(&self.session, &self.snapshots, work, &stretch).await?;
                self.doubts.extend(doubts);
                rest = Some(stretch);
            }
            // What was moved in the middle of it parts the work in two.
            for moved in self.moves(place + 1, true) {
                if let Some(rest) = &mut rest {
                    let mut done = rest.clone();
                    done.to.clone_from(&moved.from);
                    rest.from.clone_from(&moved.to);
                    steps.push(Step::Work(done));
                }
                steps.push(moving(moved, of));
            }
            steps.extend(rest.map(Step::Work));
        }
        let works = self.session.works.len();
        steps.extend(self.moves(works, false).map(|moved| moving(moved, of)));
        Ok(steps)
    }

    /// What was moved when so many stretches of work had begun, in the middle of one or between.
    fn moves(&self, works: usize, is_amid: bool) -> impl Iterator<Item = &Moved> {
        let moves = self.session.taken.moves.iter();
        moves.filter(move |moved| moved.works == works && moved.is_amid == is_amid)
    }

    /// What is left of these changes: the files, and the difference as unified text.
    pub async fn difference(&mut self, of: &Of) -> Result<(Vec<Seen>, String)> {
        let mut files = self.files(of).await?;
        files.retain(|file| file.standing != Standing::AsBefore);
        if files.is_empty() {
            return Ok((Vec::new(), String::new()));
        }
        let end = match of {
            Of::All => End::Now,
            Of::One(_) => End::Left,
        };
        let (before, after) = self.snapshots.pair(&files, end).await?;
        let stat = self.snapshots.stat(&before, &after).await?;
        let changes = self.snapshots.changed(&before, &after).await?;
        let standing = |path: &Path| {
            files
                .iter()
                .find(|file| file.path == path)
                .map_or(Standing::AsLeft, |file| file.standing)
        };
        let seen = changes
            .into_iter()
            .map(|change| Seen {
                kind: change.kind,
                lines: stat
                    .iter()
                    .find(|stat| stat.path == change.path)
                    .and_then(|stat| stat.lines),
                standing: standing(&change.path),
                path: change.path,
            })
            .collect();
        Ok((seen, self.snapshots.diff(&before, &after).await?))
    }

    /// Why a file does not stand as these steps left it.
    pub fn why_changed(&self, of: &Of, file: (&Path, Standing)) -> String {
        let (path, standing) = file;
        if let (Standing::Doubtful, Some(doubt)) = (standing, self.doubts.get(path)) {
            return doubt.words().to_owned();
        }
        let path = path.display().to_string();
        let Of::One(name) = of else {
            return "somebody else changed it as well".to_owned();
        };
        let works = &self.session.works;
        let last = works.iter().rposition(|work| work.name == *name);
        let later = works[last.map_or(0, |last| last + 1)..]
            .iter()
            .find(|work| work.paths.contains(&path));
        match later {
            Some(later) => format!("{} changed it later", later.name),
            None => "it was changed since then".to_owned(),
        }
    }
}

impl OpenHistory {
    /// The changes of the session in that folder. A session that runs is refused.
    pub fn open(
        folder: SessionFolder,
        secrets: &[(String, String)],
        surroundings: &Surroundings,
    ) -> Result<Self> {
        let (store, content) = OpenSession::open(folder, Redactor::new(secrets.to_vec()))?;
        let session = fold(&store.folder, &content.records)?;
        let (git, project) = places(&session, &store.folder, surroundings)?;
        let snapshots = Snapshots::open(git, &store.folder.path, &project);
        Ok(Self {
            history: History {
                session,
                snapshots,
                project,
                doubts: Doubts::new(),
            },
            store,
        })
    }

    /// Gives these files the content from before the steps; the others are left as they are.
    pub async fn take_back(
        &mut self,
        of: &Of,
        files: Vec<Touched>,
        left: Vec<LeftAlone>,
    ) -> Result<Done> {
        let word = of.word();
        let (from, to, mut done) = self.put(files).await?;
        done.left_alone.extend(left);
        if *of == Of::All {
            self.history.snapshots.remake_folders().await?;
        }
        if done.files.is_empty() {
            return Ok(done);
        }
        self.begin_attempt_afresh(of)?;
        let mut text = format!("Taken back by the person ({word}): {}", listed(&done.files));
        let left: Vec<PathBuf> = done
            .left_alone
            .iter()
            .map(|left| left.path.clone())
            .collect();
        let mut undo = json!({"of": word, "from": from, "to": to, "paths": names(&done.files)});
        if !left.is_empty() {
            text.push_str("; left as it is: ");
            text.push_str(&listed(&left));
            undo["left"] = json!(names(&left));
        }
        self.note(text, json!({"undo": undo}))?;
        Ok(done)
    }

    /// The files of the last taking back, if there was one.
    pub async fn taken_back(&mut self) -> Result<Option<Vec<Touched>>> {
        let Some(last) = self.history.session.taken.back.last() else {
            return Ok(None);
        };
        let stretch = Stretch {
            from: last.from.clone(),
            to: last.to.clone(),
            paths: last.paths.iter().map(PathBuf::from).collect(),
        };
        Ok(Some(self.history.snapshots.touched(&[stretch]).await?))
    }

    /// Puts there again what the last taking back took.
    pub async fn put_again(&mut self, files: Vec<Touched>, left: Vec<LeftAlone>) -> Result<Done> {
        let (from, to, mut done) = self.put(files).await?;
        done.left_alone.extend(left);
        let text = format!("Put there again by the person: {}", listed(&done.files));
        let redo = json!({"from": from, "to": to, "paths": names(&done.files)});
        self.note(text, json!({"redo": redo}))?;
        Ok(done)
    }

    async fn put(&mut self, files: Vec<Touched>) -> Result<(String, String, Done)> {
        let snapshots = &mut self.history.snapshots;
        let from = snapshots.take().await?;
        let restored = snapshots.put_back(files).await?;
        let to = snapshots.take().await?;
        let done = Done {
            files: restored.restored,
            left_alone: restored.left_alone,
        };
        Ok((from, to, done))
    }

    /// A conversation about files that are gone is of no use: the next resume begins a fresh one.
    fn begin_attempt_afresh(&mut self, of: &Of) -> Result<()> {
        let session = &self.history.session;
        let Some(id) = session.current_ticket.clone() else {
            return Ok(());
        };
        if matches!(of, Of::One(name) if *name != id) {
            return Ok(());
        }
        let attempt = session
            .tickets
            .get(&id)
            .map_or(1, |progress| progress.attempts);
        let reason = TAKEN_BACK.to_owned();
        self.append(
            Some(id),
            Event::AttemptFailed {
                attempt,
                reason,
                note: None,
            },
        )
    }

    /// A summary that is there already tells of it as well.
    fn note(&mut self, text: String, data: Value) -> Result<()> {
        let kind = NoteKind::Fact;
        self.append(None, Event::Note(Note { kind, text, data }))?;
        let Some((outcome, _)) = self.history.session.finished else {
            return Ok(());
        };
        let event = write_summary(&self.history.session, outcome, &self.store)?;
        self.append(None, event)
    }

    fn append(&mut self, ticket: Option<String>, event: Event) -> Result<()> {
        let phase = self.history.session.phase().map(|phase| phase.name.clone());
        let entry = Entry {
            phase,
            ticket,
            event,
        };
        let appended = self.store.journal.append(entry, Durability::Synced)?;
        self.history.session.apply(&appended.record);
        Ok(())
    }
}

fn moving(moved: &Moved, of: &Of) -> Step {
    let stretch = Stretch {
        from: moved.from.clone(),
        to: moved.to.clone(),
        paths: moved.paths.iter().map(PathBuf::from).collect(),
    };
    match &moved.of {
        None => Step::Again(stretch),
        Some(taken) => Step::Back {
            stretch,
            is_whole: taken == "all" || matches!(of, Of::One(name) if name == taken),
        },
    }
}

fn names(paths: &[PathBuf]) -> Vec<String> {
    let names = paths.iter().map(|path| path.display().to_string());
    names.collect()
}

fn fold(folder: &SessionFolder, records: &[crate::engine::event::Record]) -> Result<Session> {
    Session::fold(records).map_err(|error| {
        Error::new(
            ErrorKind::Session,
            format!("{}: {error}", folder.journal().display()),
        )
    })
}

fn places(
    session: &Session,
    folder: &SessionFolder,
    surroundings: &Surroundings,
) -> Result<(Git, PathBuf)> {
    let project = workplace(session, folder);
    if !project.is_dir() {
        return Err(
            Error::usage(format!("the project folder {} is gone", project.display())).hint(
                "put it back where it was; its changes can be shown and taken back only there",
            ),
        );
    }
    let git = Git::find(
        &surroundings.search_path,
        surroundings.home.clone(),
        &project,
    )?;
    Ok((git, project))
}
