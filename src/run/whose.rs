//! Of which files that the work under way changed nothing says that they are its own doing: they
//! changed while one of its commands ran, and a person works beside it. Reads what speaks for a
//! command out of the session's own copies of the project; what counts is said in `engine/whose`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::engine::session::{By, Left, Session, Work};
use crate::engine::settings::Landing;
use crate::engine::whose::{Came, Suspect, words};
use crate::error::Result;
use crate::git::{ChangeKind, Snapshots, Stretch};
use crate::tools::sha256;

/// Why a file may not be the work's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It appeared or changed while a command ran, and nothing says that the command did it.
    Meanwhile,
    /// The work wrote it, but found it otherwise than the work had left it.
    Mixed,
}

/// The files that are in doubt.
pub(super) type Doubts = BTreeMap<PathBuf, Doubt>;

/// How many programs of the project are read at most to find what speaks for a command.
const READ: usize = 64;
/// How often programs name further programs that are read.
const ROUNDS: usize = 3;

impl Doubt {
    /// Why, in words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Meanwhile => "it changed while a command ran, which may not have done it",
            Self::Mixed => "somebody else changed it while it was worked on",
        }
    }
}

/// The files of that stretch of work that are in doubt. Where the session has a worktree of its
/// own, nobody else works, and nothing is.
pub(super) async fn doubtful(
    session: &Session,
    snapshots: &Snapshots,
    work: &Work,
    stretch: &Stretch,
) -> Result<Doubts> {
    if session.settings.landing == Landing::Worktree {
        return Ok(Doubts::new());
    }
    let mut doubts: Doubts = mixed_up(snapshots, work)
        .await?
        .into_iter()
        .map(|path| (path, Doubt::Mixed))
        .collect();
    let open = open_to_doubt(session, snapshots, work, stretch).await?;
    if open.is_empty() {
        return Ok(doubts);
    }
    let ground: BTreeSet<PathBuf> = snapshots.paths_of(&stretch.from).await?;
    let folders: BTreeSet<PathBuf> = ground
        .iter()
        .flat_map(|path| path.ancestors().skip(1).map(Path::to_owned))
        .collect();
    let mut texts = said_by_ticket(session, &work.name);
    texts.extend(programs_run(snapshots, &stretch.to, work, &open).await?);
    let twins = snapshots.twins(&stretch.from, &stretch.to).await?;
    for (path, (came, by)) in &open {
        let is_own = by.iter().any(|(command, output)| {
            let suspect = Suspect {
                command,
                output,
                texts: &texts,
                folders: &folders,
            };
            suspect.did(path, *came)
        });
        if !is_own {
            doubts.insert(path.clone(), Doubt::Meanwhile);
        }
    }
    // What changed just as a file of the work did is the same file by another name.
    let own: BTreeSet<PathBuf> = stretch
        .paths
        .iter()
        .filter(|path| !doubts.contains_key(*path))
        .cloned()
        .collect();
    doubts.retain(|path, doubt| {
        *doubt != Doubt::Meanwhile
            || !twins
                .iter()
                .any(|twins| twins.contains(path) && !twins.is_disjoint(&own))
    });
    Ok(doubts)
}

/// A command and its output.
type Ran<'a> = (&'a str, &'a str);

/// The files that nothing but commands changed, with what became of them and the commands.
async fn open_to_doubt<'a>(
    session: &Session,
    snapshots: &Snapshots,
    work: &'a Work,
    stretch: &Stretch,
) -> Result<BTreeMap<PathBuf, (Came, Vec<Ran<'a>>)>> {
    let mut by: BTreeMap<PathBuf, Vec<Ran<'a>>> = BTreeMap::new();
    let mut certain: BTreeSet<PathBuf> = announced(session, &work.name);
    for step in &work.steps {
        for path in step.paths.iter().map(PathBuf::from) {
            match &step.by {
                By::Command { command, output } => {
                    by.entry(path).or_default().push((command, output));
                }
                By::Tool { .. } | By::Program => {
                    certain.insert(path);
                }
            }
        }
    }
    for check in &work.checks {
        for change in snapshots.changed(&check.before, &check.after).await? {
            let ran = (check.command.as_str(), check.output.as_str());
            by.entry(change.path).or_default().push(ran);
        }
    }
    by.retain(|path, _| !certain.iter().any(|known| path.starts_with(known)));
    if by.is_empty() {
        return Ok(BTreeMap::new());
    }
    let changed = snapshots.changed(&stretch.from, &stretch.to).await?;
    let open = changed.into_iter().filter_map(|change| {
        let came = match change.kind {
            ChangeKind::Added => Came::New,
            ChangeKind::Modified => Came::Changed,
            ChangeKind::Removed => Came::Gone,
        };
        let written = PathBuf::from(change.path.display().to_string());
        let by = by.remove(&change.path).or_else(|| by.remove(&written))?;
        Some((change.path, (came, by)))
    });
    Ok(open.collect())
}

/// What the ticket and its plan say that is to be changed.
fn announced(session: &Session, name: &str) -> BTreeSet<PathBuf> {
    let ticket = session.ticket(name).into_iter();
    let plan = session.planned(name).into_iter();
    let files = plan.flat_map(|plan| plan.files.iter().map(|file| &file.path));
    ticket
        .flat_map(|ticket| &ticket.files)
        .chain(files)
        .map(|path| PathBuf::from(path.trim_start_matches("./").trim_end_matches('/')))
        .filter(|path| !path.as_os_str().is_empty() && path != Path::new("."))
        .collect()
}

fn said_by_ticket(session: &Session, name: &str) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(ticket) = session.ticket(name) {
        said.extend([ticket.title.clone(), ticket.description.clone()]);
        said.extend(ticket.acceptance_criteria.iter().cloned());
    }
    if let Some(plan) = session.planned(name) {
        said.push(plan.approach.clone());
        said.extend(plan.files.iter().map(|file| file.change.clone()));
    }
    said
}

/// What is in the files that the work wrote and in those that its commands run, and what these
/// name. A file that is in doubt speaks for nothing.
async fn programs_run(
    snapshots: &Snapshots,
    tree: &str,
    work: &Work,
    open: &BTreeMap<PathBuf, (Came, Vec<Ran<'_>>)>,
) -> Result<Vec<String>> {
    let there = snapshots.paths_of(tree).await?;
    let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
    for step in &work.steps {
        if matches!(step.by, By::Tool { .. } | By::Program) {
            wanted.extend(step.paths.iter().map(PathBuf::from));
        }
    }
    for (command, _) in open.values().flat_map(|(_, by)| by) {
        wanted.extend(words(command).flat_map(places_of));
        wanted.extend(words(command).flat_map(rules_of).map(PathBuf::from));
    }
    let mut read: BTreeSet<PathBuf> = BTreeSet::new();
    let mut texts = Vec::new();
    for _ in 0..ROUNDS {
        wanted.retain(|path| there.contains(path) && !open.contains_key(path));
        let mut next: BTreeSet<PathBuf> = wanted.difference(&read).cloned().collect();
        while read.len() + next.len() > READ {
            next.pop_last();
        }
        if next.is_empty() {
            break;
        }
        let found = snapshots.texts_of(tree, &next).await?;
        read.append(&mut next);
        let named = found.iter().flat_map(|text| words(text));
        wanted = named.flat_map(places_of).collect();
        texts.extend(found);
    }
    Ok(texts)
}

/// Where a program may stand that a word names: `tools/gen.py`, `./gen`, `package.module`.
fn places_of(word: &str) -> Vec<PathBuf> {
    let word = word
        .trim_start_matches("./")
        .trim_matches(|c| "[]{}".contains(c));
    let mut places = vec![PathBuf::from(word)];
    let is_module = |c: char| c.is_alphanumeric() || "_.-/".contains(c);
    if !word.is_empty() && word.chars().all(is_module) {
        let module = word.replace('.', "/");
        places.push(PathBuf::from(format!("{module}.py")));
        places.push(PathBuf::from(format!("{module}/__main__.py")));
        for ending in ["js", "ts", "mjs", "sh"] {
            places.push(PathBuf::from(format!("{word}.{ending}")));
        }
    }
    places
}

/// The files that say what such a program does.
fn rules_of(word: &str) -> &'static [&'static str] {
    match word {
        "make" | "gmake" => &["Makefile", "makefile", "GNUmakefile"],
        "npm" | "yarn" | "pnpm" | "bun" | "npx" => &["package.json"],
        "just" => &["justfile", "Justfile", ".justfile"],
        "cargo" => &["build.rs", "Cargo.toml"],
        "tox" | "nox" => &["tox.ini", "noxfile.py"],
        _ => &[],
    }
}

/// What stood in a file at some moment.
#[derive(PartialEq, Eq)]
enum Then {
    Absent,
    With(String),
    Unknown,
}

/// The files that a tool found otherwise than the step before it had left them: somebody else
/// changed them in between, and what is in them now is of both.
pub(super) async fn mixed_up(snapshots: &Snapshots, work: &Work) -> Result<BTreeSet<PathBuf>> {
    let mut mixed = BTreeSet::new();
    let mut then: BTreeMap<&str, Then> = BTreeMap::new();
    for step in &work.steps {
        for path in &step.paths {
            if let By::Tool { found } = &step.by {
                let before = match then.remove(path.as_str()) {
                    Some(then) => then,
                    None => content(snapshots, work.ground(), path).await?,
                };
                let found = found.clone().map_or(Then::Absent, Then::With);
                let differs = before != Then::Unknown && before != found;
                if differs && !checked(snapshots, work, path).await? {
                    mixed.insert(PathBuf::from(path));
                }
            }
            let left = match &step.left {
                Left::File { sha256, .. } => Then::With(sha256.clone()),
                Left::InTree(tree) => content(snapshots, tree, path).await?,
                Left::Unknown => Then::Unknown,
            };
            then.insert(path, left);
        }
    }
    Ok(mixed)
}

/// Whether a check changed the file: when that was is not told.
async fn checked(snapshots: &Snapshots, work: &Work, path: &str) -> Result<bool> {
    for check in &work.checks {
        let changed = snapshots.changed(&check.before, &check.after).await?;
        if changed.iter().any(|change| change.path == Path::new(path)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn content(snapshots: &Snapshots, tree: &str, path: &str) -> Result<Then> {
    Ok(match snapshots.content_of(tree, Path::new(path)).await? {
        Some(Some(bytes)) => Then::With(sha256(&bytes)),
        Some(None) => Then::Unknown,
        None => Then::Absent,
    })
}
