//! What the last snapshot of this process held, so that the next one asks git only about what was
//! changed since; and nothing at all where nothing was.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::marks::{Marked, compare};
use super::walk::{self, Fate};

/// What git's index holds, as far as this process knows.
#[derive(Debug)]
pub(super) struct Known {
    /// The tree of it; none before the first snapshot of this process.
    pub(super) tree: Option<String>,
    /// What the last walk found, in the order of git's index.
    files: Vec<Marked>,
    /// What the index holds besides, in no order: files that are ignored by now.
    beside: Vec<PathBuf>,
    /// When that walk began.
    walked: SystemTime,
}

/// What a snapshot has to do.
#[derive(Debug)]
pub(super) struct News {
    /// What is known when that is done, but for the tree.
    pub(super) known: Known,
    /// Files that are new, that were changed, or that may have been.
    pub(super) changed: Vec<PathBuf>,
    /// Files that are gone.
    pub(super) gone: Vec<PathBuf>,
    /// Files that are too large or cannot be read.
    pub(super) left_out: BTreeSet<PathBuf>,
    /// Permissions that git cannot say, of files that are new.
    pub(super) modes: BTreeMap<PathBuf, u32>,
}

impl Known {
    /// The index as git lists it, and nothing of the files' state on disk.
    pub(super) fn index(tracked: Vec<PathBuf>) -> Self {
        Self {
            tree: None,
            files: Vec::new(),
            beside: tracked,
            walked: SystemTime::UNIX_EPOCH,
        }
    }

    /// Looks at the project; `now` is the time.
    pub(super) fn look(self, project: &Path, now: SystemTime) -> News {
        let found = walk::walk(project);
        let compared = compare(&self.files, &found.files);
        let maybe_changed = compared.both.iter().filter(|(before, now)| {
            before.mark != now.mark || !before.mark.is_settled_at(self.walked)
        });
        let mut changed: Vec<PathBuf> = maybe_changed
            .map(|(_, now)| now)
            .chain(&compared.new)
            .map(|file| file.path.clone())
            .collect();
        let mut modes = found.modes;
        if !modes.is_empty() {
            let held = self.files.iter().map(|file| &file.path);
            let held: HashSet<&PathBuf> = held.chain(&self.beside).collect();
            modes.retain(|path, _| !held.contains(path));
        }
        let mut left_out = found.left_out;
        let (mut beside, mut gone) = (Vec::new(), Vec::new());
        let missing = compared.gone.iter().map(|file| &file.path);
        for path in missing.chain(&self.beside) {
            if walk::finds(&found.files, path) {
                continue;
            }
            match walk::fate(project, path) {
                Fate::Keep => {
                    changed.push(path.clone());
                    beside.push(path.clone());
                }
                Fate::LeaveOut => {
                    left_out.insert(path.clone());
                    beside.push(path.clone());
                }
                Fate::Gone => gone.push(path.clone()),
            }
        }
        News {
            known: Self {
                tree: self.tree,
                files: found.files,
                beside,
                walked: now,
            },
            changed,
            gone,
            left_out,
            modes,
        }
    }
}
