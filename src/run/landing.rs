//! Where the work lands: in the project's folder as it is, in a commit for each ticket, or in a
//! worktree of the session's own, whose branch is merged when a person says so.

use std::path::{Path, PathBuf};

use super::commit_hooks::Hooked;
use super::driver::Run;
use super::stretch::stretch;
use super::whose::{Doubt, doubtful};
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::recording::NOT_COMMITTED;
use crate::engine::session::Session;
use crate::engine::settings::Landing;
use crate::engine::ticket_receipt::cited;
use crate::error::{Error, Result};
use crate::git::{Git, Head, Merged, Repository, Staged};
use crate::store::SessionFolder;
use crate::tools::Surroundings;

/// The most open files that are named.
const NAMED: usize = 5;

/// Refuses what cannot work before anything is begun.
pub async fn check(landing: Landing, project: &Path, surroundings: &Surroundings) -> Result<()> {
    let flag = match landing {
        Landing::Project => return Ok(()),
        Landing::Commit => "--commit",
        Landing::Worktree => "--worktree",
    };
    let repository = repository(project, surroundings).await?.ok_or_else(|| {
        Error::usage(format!(
            "{flag} needs a git repository, and {} is in none",
            project.display()
        ))
        .hint(format!("make one with git init, or leave {flag} out"))
    })?;
    if repository.identity.name.is_none() || repository.identity.email.is_none() {
        return Err(Error::usage(format!(
            "{flag} needs to know who commits: git has no user.name and user.email here"
        ))
        .hint("git config --global user.name NAME, and the same with user.email"));
    }
    if let (Landing::Commit, Some(what)) = (landing, repository.under_way()) {
        return Err(Error::usage(format!(
            "--commit cannot go between: {what} is under way in {}",
            repository.top().display()
        ))
        .hint("end it first; or use --worktree, which leaves your tree alone"));
    }
    match (landing, repository.head().await?) {
        (_, Head::Detached) => Err(Error::usage(format!(
            "{flag} needs a branch, and none is checked out in {}",
            repository.top().display()
        ))
        .hint("check one out: git switch NAME, or git switch -c NAME")),
        (Landing::Worktree, Head::Branch { commit: None, .. }) => Err(Error::usage(format!(
            "{flag} needs a first commit to begin at, and {} has none",
            repository.top().display()
        ))
        .hint("commit what is there first, or use --commit")),
        (Landing::Worktree, _) if !repository.is_top() => Err(Error::usage(format!(
            "{flag} works on a whole repository, and this is a folder in one"
        ))
        .hint(format!("-C {}", repository.top().display()))),
        (Landing::Commit, _) => clean(&repository).await,
        (Landing::Worktree | Landing::Project, _) => Ok(()),
    }
}

async fn clean(repository: &Repository) -> Result<()> {
    let open = repository.open_changes().await?;
    if open.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = open.iter().take(NAMED).cloned().collect();
    if open.len() > NAMED {
        names.push(format!("and {} more", open.len() - NAMED));
    }
    Err(Error::usage(format!(
        "--commit needs a clean tree, and this is open: {}",
        names.join(", ")
    ))
    .hint("commit or stash it first; or use --worktree, which leaves your tree alone"))
}

async fn repository(project: &Path, surroundings: &Surroundings) -> Result<Option<Repository>> {
    let git = git(project, surroundings)?;
    Ok(Repository::find(&git, project).await?)
}

fn git(project: &Path, surroundings: &Surroundings) -> Result<Git> {
    let home = surroundings.home.clone();
    Ok(Git::find(&surroundings.search_path, home, project)?)
}

/// The folder that a session works in.
pub fn workplace(session: &Session, folder: &SessionFolder) -> PathBuf {
    match session.settings.landing {
        Landing::Project | Landing::Commit => PathBuf::from(&session.started.project),
        Landing::Worktree => worktree(&folder.path),
    }
}

/// The worktree of the session whose folder that is.
pub(super) fn worktree(folder: &Path) -> PathBuf {
    folder.join("worktree")
}

/// The branch of a session's own worktree.
pub fn branch(session: &Session) -> String {
    format!("loop/{}", session.started.id)
}

/// The same, made if it is a worktree that is not there.
pub(super) async fn make_workplace(
    session: &Session,
    folder: &SessionFolder,
    surroundings: &Surroundings,
) -> Result<PathBuf> {
    let place = workplace(session, folder);
    if session.settings.landing == Landing::Worktree && !place.join(".git").exists() {
        let project = Path::new(&session.started.project);
        let Some(repository) = repository(project, surroundings).await? else {
            return Err(Error::usage(format!(
                "{} is no git repository any more, so the session's worktree cannot be made",
                project.display()
            )));
        };
        repository.add_worktree(&place, &branch(session)).await?;
    }
    Ok(place)
}

/// A branch that could be merged.
#[derive(Debug)]
pub struct Offer {
    /// The session's branch.
    pub branch: String,
    /// The person's.
    pub into: String,
    /// How many commits there are to merge.
    pub commits: u64,
    repository: Repository,
}

/// What there is to merge, if the session works in a worktree of its own.
pub async fn merge_offer(session: &Session, surroundings: &Surroundings) -> Result<Option<Offer>> {
    if session.settings.landing != Landing::Worktree {
        return Ok(None);
    }
    let project = Path::new(&session.started.project);
    let Some(repository) = repository(project, surroundings).await? else {
        return Ok(None);
    };
    let branch = branch(session);
    if !repository.has_branch(&branch).await {
        return Ok(None);
    }
    let commits = repository.unmerged(&branch).await?;
    let into = match repository.head().await? {
        Head::Branch { name, .. } => name,
        Head::Detached => "what is checked out".to_owned(),
    };
    Ok(Some(Offer {
        branch,
        into,
        commits,
        repository,
    }))
}

impl Offer {
    /// Merges it.
    pub async fn merge(&self) -> Result<Merged> {
        Ok(self.repository.merge(&self.branch).await?)
    }

    /// Takes the worktree away; a branch that is not merged stays.
    pub async fn remove(&self, session: &Session, folder: &SessionFolder) -> Result<()> {
        let place = workplace(session, folder);
        let removed = self.repository.remove_worktree(&place, &self.branch).await;
        removed.map_err(Error::from)
    }
}

/// What became of a commit.
pub(super) enum Committed {
    /// It is there.
    As(String),
    /// There is none: nothing differs, none was wanted, or it was told why it could not be made.
    No,
    /// The person interrupted: it is made on the next resume.
    Interrupted,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// The repository that commits go to, known before the first command of a model.
    pub(super) async fn find_repository(&mut self) -> Result<()> {
        // A session that is repeated commits nothing, wherever its scratch copy stands.
        if self.session.settings.landing == Landing::Project
            || self.repository.is_some()
            || self.tape.is_some()
        {
            return Ok(());
        }
        self.repository = repository(self.workspace.root(), &self.surroundings).await?;
        Ok(())
    }

    /// Commits what a ticket changed; gives the commit. What cannot be committed is told, stays in
    /// the folder, and does not make the ticket fail.
    pub(super) async fn commit_ticket(
        &mut self,
        id: &str,
        changed: &[String],
    ) -> Result<Committed> {
        let title = self.session.ticket(id).map(|ticket| ticket.title.clone());
        let criteria = self.session.ticket(id).map(|ticket| {
            let criteria = ticket.acceptance_criteria.iter();
            criteria.map(|line| format!("- {line}")).collect::<Vec<_>>()
        });
        let receipts = cited(&self.session, id);
        let mut parts = vec![title.unwrap_or_else(|| id.to_owned())];
        for lines in [criteria.unwrap_or_default(), receipts] {
            if !lines.is_empty() {
                parts.push(lines.join("\n"));
            }
        }
        let files: Vec<PathBuf> = changed.iter().map(PathBuf::from).collect();
        self.commit(id, &parts.join("\n\n"), &files).await
    }

    async fn commit(&mut self, name: &str, message: &str, files: &[PathBuf]) -> Result<Committed> {
        let Some(repository) = self.repository.take() else {
            return self.take_recorded_commit().map(|()| Committed::No);
        };
        let made = self.commit_to(&repository, name, message, files).await;
        self.repository = Some(repository);
        made
    }

    async fn commit_to(
        &mut self,
        repository: &Repository,
        name: &str,
        message: &str,
        files: &[PathBuf],
    ) -> Result<Committed> {
        let mark = format!("Loop-Session: {} {name}", self.session.started.id);
        let message = format!("{message}\n\n{mark}\n");
        let own = self.store.folder.path.join("commit.git");
        let staged = match repository.stage(&own, files).await {
            Ok(staged) => staged,
            Err(error) => return self.tell_uncommitted(name, &error.to_string()),
        };
        let mut message = match self.hooks_before(repository, &staged, message).await? {
            Hooked::Message(message) => message,
            Hooked::Refused(why) => return self.tell_uncommitted(name, &why),
            Hooked::Interrupted => return Ok(Committed::Interrupted),
        };
        if !message.contains(&mark) {
            // By this it is known after a kill; a hook may have left it out.
            message = format!("{}\n\n{mark}\n", message.trim_end());
        }
        match repository.commit(&own, files, &message, &mark).await {
            Ok(Some(commit)) => {
                if staged != Staged::Same {
                    self.hooks_after(repository).await?;
                }
                Ok(Committed::As(commit))
            }
            Ok(None) => Ok(Committed::No),
            Err(error) => self.tell_uncommitted(name, &error.to_string()),
        }
    }

    fn tell_uncommitted(&mut self, name: &str, error: &str) -> Result<Committed> {
        let text = format!("{name}{NOT_COMMITTED}{error}");
        self.append(Event::Warned { text: text.clone() })?;
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: serde_json::Value::Null,
        }))?;
        Ok(Committed::No)
    }

    /// A repair that stays is committed before it is written down. None: interrupted.
    pub(super) async fn committed(&mut self, event: Event) -> Result<Option<Event>> {
        let Event::Note(mut note) = event else {
            return Ok(Some(event));
        };
        let under_way = self.session.work_under_way().map(|work| work.name.clone());
        if note.kind == NoteKind::Kept
            && self.repository.is_some()
            && let Some(name) = under_way
        {
            let place = self.session.works.len() - 1;
            let stretch = stretch(&self.session, &mut self.snapshots, place).await?;
            let work = &self.session.works[place];
            let doubts = doubtful(&self.session, &self.snapshots, work, &stretch).await?;
            let (beside, files): (Vec<PathBuf>, Vec<PathBuf>) = stretch
                .paths
                .into_iter()
                .partition(|path| doubts.get(path) == Some(&Doubt::Meanwhile));
            self.tell_of_doubtful_ones(&name, &beside)?;
            let findings = self.session.under_repair().into_iter();
            let titles: Vec<&str> = findings.map(|found| found.title.as_str()).collect();
            let message = format!("Repair what the review found: {}", titles.join("; "));
            // Each step has a mark of its own: two may leave the same content.
            let name = match note.data["finding"].as_u64() {
                Some(finding) => format!("{name} {}", finding + 1),
                None => name,
            };
            match self.commit(&name, &message, &files).await? {
                Committed::As(commit) => {
                    note.text = format!("{} Commit: {commit}", note.text.trim_end());
                }
                Committed::No => {}
                Committed::Interrupted => return Ok(None),
            }
        }
        Ok(Some(Event::Note(note)))
    }
}
