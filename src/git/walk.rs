//! Which files of a project belong to a snapshot: what git would track, and nothing that can be
//! made again. Folders with a repository of their own are looked into like any other, except for
//! what git keeps there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Walk, WalkBuilder};
use rustix::fs::{Access, access};
use rustix::process::{Uid, geteuid};

use super::marks::{Mark, Marked, in_order};

/// A larger file is data, not work, and would be copied with every change.
pub(super) const LARGEST: u64 = 64 * 1024 * 1024;

/// Beside the permissions of a folder: there is nothing in it.
pub(super) const EMPTY: u32 = 0o10000;

/// What a walk found. Paths are relative to the project.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Files and symbolic links to keep, in the order of git's index.
    pub(super) files: Vec<Marked>,
    /// The permissions of files that are more open or more closed than git can say.
    pub(super) modes: BTreeMap<PathBuf, u32>,
    /// Files that are too large or cannot be read.
    pub(super) left_out: BTreeSet<PathBuf>,
}

/// Whether a path is among these files, which are in the order of git's index.
pub(super) fn finds(files: &[Marked], path: &Path) -> bool {
    let found = files.binary_search_by(|known| in_order(&known.path, path));
    found.is_ok()
}

/// What becomes of one path.
pub(super) enum Fate {
    Keep,
    LeaveOut,
    Gone,
}

/// Walks through the project.
pub(super) fn walk(project: &Path) -> Found {
    let mut found = Found::default();
    let user = geteuid();
    let walker = walker(project);
    // What cannot be listed cannot be kept, and cannot be changed by the model either.
    for entry in walker.flatten() {
        let Ok(relative) = entry.path().strip_prefix(project) else {
            continue;
        };
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        match fate_of(entry.path(), &metadata, user) {
            Fate::Keep => {
                if let Some(mode) = unusual(&metadata) {
                    found.modes.insert(relative.to_owned(), mode);
                }
                found.files.push(Marked {
                    path: relative.to_owned(),
                    mark: Mark::of(&metadata),
                });
            }
            Fate::LeaveOut => {
                found.left_out.insert(relative.to_owned());
            }
            Fate::Gone => {}
        }
    }
    found
        .files
        .sort_unstable_by(|one, other| in_order(&one.path, &other.path));
    found
}

fn walker(project: &Path) -> Walk {
    WalkBuilder::new(project)
        .standard_filters(false)
        .git_ignore(rules_can_be_read(project))
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            entry.depth() == 0
                || (!can_be_made_again(entry) && (!is_folder || rules_can_be_read(entry.path())))
        })
        .build()
}

/// Folders of which no snapshot tells, since they are empty or more open or more closed than usual,
/// with their permissions. An empty one has `EMPTY` besides.
pub(super) fn folders(project: &Path) -> BTreeMap<PathBuf, u32> {
    let folders = walker(project).flatten().filter_map(|entry| {
        let relative = entry.path().strip_prefix(project).ok()?; // silent-ok: there is none
        let metadata = entry.metadata().ok()?; // silent-ok: it is gone
        if !metadata.is_dir() || relative.as_os_str().is_empty() {
            return None;
        }
        let mode = metadata.permissions().mode() & 0o777;
        let is_empty = entry
            .path()
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_none());
        let empty = if is_empty { EMPTY } else { 0 };
        (is_empty || mode != 0o755).then(|| (relative.to_owned(), mode | empty))
    });
    folders.collect()
}

/// What becomes of a path that is in the last snapshot but that a walk did not find: it may be
/// ignored by now, and stays tracked, as with git.
pub(super) fn fate(project: &Path, relative: &Path) -> Fate {
    let parents_are_folders = relative.ancestors().skip(1).all(|parent| {
        parent.as_os_str().is_empty()
            || project
                .join(parent)
                .symlink_metadata()
                .is_ok_and(|metadata| metadata.is_dir())
    });
    let path = project.join(relative);
    match path.symlink_metadata() {
        Ok(metadata) if parents_are_folders => fate_of(&path, &metadata, geteuid()),
        _ => Fate::Gone,
    }
}

fn unusual(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.permissions().mode() & 0o777;
    (metadata.is_file() && !matches!(mode, 0o644 | 0o755)).then_some(mode)
}

fn fate_of(path: &Path, metadata: &Metadata, user: Uid) -> Fate {
    if metadata.is_symlink() {
        Fate::Keep
    } else if !metadata.is_file() {
        Fate::Gone
    } else if metadata.len() > LARGEST || !can_be_read(path, metadata, user) {
        Fate::LeaveOut
    } else {
        Fate::Keep
    }
}

/// What its owner may read is read without asking the kernel once more.
fn can_be_read(path: &Path, metadata: &Metadata, user: Uid) -> bool {
    let is_owners = metadata.uid() == user.as_raw() && metadata.mode() & 0o400 != 0;
    is_owners || access(path, Access::READ_OK).is_ok()
}

/// To open a pipe is to wait for whoever writes it, so a folder whose rules are one is not entered.
fn rules_can_be_read(folder: &Path) -> bool {
    match folder.join(".gitignore").metadata() {
        Ok(metadata) => metadata.is_file(),
        Err(_) => true,
    }
}

/// Results of tools, and git's own folders.
fn can_be_made_again(entry: &DirEntry) -> bool {
    let Some(name) = entry.file_name().to_str() else {
        return false;
    };
    // A repository's pointer file is a file.
    if name.eq_ignore_ascii_case(".git") {
        return true;
    }
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        let is_bytecode = Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "pyc");
        return is_bytecode || matches!(name, ".DS_Store" | ".coverage");
    }
    match name {
        "__pycache__" | "node_modules" | ".pytest_cache" | ".mypy_cache" | ".ruff_cache"
        | ".hypothesis" | ".tox" | ".venv" | ".gradle" => true,
        "target" => ["Cargo.toml", "pom.xml", "build.sbt"]
            .iter()
            .any(|manifest| entry.path().with_file_name(manifest).exists()),
        _ => entry.path().join("pyvenv.cfg").exists(),
    }
}
