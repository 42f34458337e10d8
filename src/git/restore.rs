//! Taking changes back: exactly the files that differ between two snapshots get their earlier
//! content, and nothing else is touched. A file that was changed since then is left alone and
//! named. Never writes through a symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use cap_fs_ext::DirExt as _;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _, Permissions, PermissionsExt as _};

use super::change::{BlobKind, Difference};
use super::error::GitError;
use super::snapshots::{Snapshots, blocking};
use super::walk;

/// What was taken back and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files that have their earlier content again, or are gone again.
    pub restored: Vec<PathBuf>,
    /// Files that stay as they are.
    pub left_alone: Vec<LeftAlone>,
}

/// A file that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// Below the project.
    pub path: PathBuf,
    /// Why, in words.
    pub why: String,
}

/// One step back.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) path: PathBuf,
    /// What is to stand there; none removes it.
    pub(super) content: Option<(BlobKind, Vec<u8>)>,
    /// The permissions it had, where they are known.
    pub(super) mode: Option<u32>,
}

impl Snapshots {
    /// Takes back what changed from the snapshot `before` to the snapshot `after`.
    pub async fn restore(&mut self, before: &str, after: &str) -> Result<Restored, GitError> {
        let now = self.take().await?;
        let paths = |found: Vec<Difference>| -> BTreeSet<PathBuf> {
            found.into_iter().map(|one| one.path).collect()
        };
        let since = paths(self.differences(after, &now).await?);
        let open = paths(self.differences(before, &now).await?);
        let mut outcome = Restored::default();
        let mut wanted = Vec::new();
        for difference in self.differences(before, after).await? {
            let path = difference.path.clone();
            // Already as it was before.
            if !open.contains(&path) {
                continue;
            }
            if since.contains(&path) {
                let why = "it was changed since then".to_owned();
                outcome.left_alone.push(LeftAlone { path, why });
            } else if self.left_out.contains(&path) {
                let why = "it is too large to be kept, or cannot be read".to_owned();
                outcome.left_alone.push(LeftAlone { path, why });
            } else {
                wanted.push(difference);
            }
        }
        let steps = self.steps(wanted).await?;
        let (project, folders) = (self.project.clone(), self.folders.clone());
        blocking(move || apply(&project, steps, &folders, &mut outcome).map(|()| outcome))
            .await?
            .map_err(GitError::io(&self.project))
    }

    /// Puts the folders there again that were empty at first, and gives back the permissions of
    /// those that are more open or more closed than usual.
    pub async fn remake_folders(&self) -> Result<(), GitError> {
        let (project, folders) = (self.project.clone(), self.folders.clone());
        let remake = move || {
            let root = Dir::open_ambient_dir(&project, ambient_authority())?;
            remake(&root, &folders)
        };
        blocking(remake).await?.map_err(GitError::io(&self.project))
    }

    pub(super) async fn steps(&self, wanted: Vec<Difference>) -> Result<Vec<Step>, GitError> {
        let ids: BTreeSet<String> = wanted
            .iter()
            .filter_map(|one| one.before.as_ref().map(|blob| blob.id.clone()))
            .collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let contents = self.contents(&ids).await?;
        let contents: BTreeMap<String, Vec<u8>> = ids.into_iter().zip(contents).collect();
        Ok(wanted
            .into_iter()
            .map(|one| Step {
                mode: self.modes.get(&one.path).copied(),
                path: one.path,
                content: one.before.map(|blob| {
                    (
                        blob.kind,
                        contents.get(&blob.id).cloned().unwrap_or_default(),
                    )
                }),
            })
            .collect())
    }
}

pub(super) fn apply(
    project: &Path,
    steps: Vec<Step>,
    folders: &Folders,
    outcome: &mut Restored,
) -> io::Result<()> {
    let root = Dir::open_ambient_dir(project, ambient_authority())?;
    let mut note = |step: &Step, result: io::Result<()>| match result {
        Ok(()) => outcome.restored.push(step.path.clone()),
        Err(error) => outcome.left_alone.push(LeftAlone {
            path: step.path.clone(),
            why: error.to_string(),
        }),
    };
    // The rules of what is ignored come first: a file that they cover was there before, unseen,
    // and only looks as if it had been added.
    let (rules, others): (Vec<_>, Vec<_>) = steps
        .into_iter()
        .partition(|step| step.path.file_name() == Some(OsStr::new(".gitignore")));
    for step in &rules {
        note(step, take_step(&root, step, folders));
    }
    let visible = (!rules.is_empty()).then(|| walk::walk(project));
    let (removals, writes): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|step| step.content.is_none());
    // Removals make room: a file may stand where a folder was.
    for step in &removals {
        let hidden = visible
            .as_ref()
            .is_some_and(|visible| !walk::finds(&visible.files, &step.path));
        if hidden {
            note(
                step,
                Err(io::Error::other(
                    "it was ignored before, so it may be older",
                )),
            );
        } else {
            note(step, take_step(&root, step, folders));
        }
    }
    for step in &writes {
        note(step, take_step(&root, step, folders));
    }
    outcome.restored.sort();
    outcome.left_alone.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}

pub(super) fn take_step(root: &Dir, step: &Step, folders: &Folders) -> io::Result<()> {
    let parent = step.path.parent().unwrap_or(Path::new(""));
    let name = step
        .path
        .file_name()
        .ok_or_else(|| io::Error::other("it has no name"))?;
    match &step.content {
        None => {
            match open_folder(root, parent, Missing::Fail)?.remove_file(name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            prune(root, parent, folders);
            Ok(())
        }
        Some((kind, content)) => {
            let folder = open_folder(root, parent, Missing::Make(folders))?;
            put(&folder, name, (*kind, step.mode), content)
        }
    }
}

/// Folders whose permissions are known, and whether they were empty.
pub(super) type Folders = BTreeMap<PathBuf, u32>;

#[derive(Clone, Copy)]
enum Missing<'a> {
    /// It is made, with the permissions that it had.
    Make(&'a Folders),
    Fail,
}

/// Opens a folder step by step, so that no symbolic link leads anywhere else.
fn open_folder(root: &Dir, path: &Path, missing: Missing<'_>) -> io::Result<Dir> {
    let mut folder = root.try_clone()?;
    let mut here = PathBuf::new();
    for component in path.components() {
        let Component::Normal(name) = component else {
            return Err(io::Error::other("its path leads out of the project"));
        };
        here.push(name);
        folder = match (folder.open_dir_nofollow(name), missing) {
            (Err(error), Missing::Make(known)) if error.kind() == io::ErrorKind::NotFound => {
                folder.create_dir(name)?;
                if let Some(mode) = known.get(&here) {
                    // It may be closed to its owner as well once everything is in it.
                    folder.set_permissions(name, Permissions::from_mode((mode & 0o777) | 0o700))?;
                }
                folder.open_dir_nofollow(name)?
            }
            (opened, _) => opened?,
        };
    }
    Ok(folder)
}

/// Makes the folders again of which no snapshot tells, and gives them their permissions.
fn remake(root: &Dir, folders: &Folders) -> io::Result<()> {
    for (path, mode) in folders {
        let (parent, Some(name)) = (path.parent().unwrap_or(Path::new("")), path.file_name())
        else {
            continue;
        };
        let Ok(parent) = open_folder(root, parent, Missing::Make(folders)) else {
            continue;
        };
        match parent.symlink_metadata(name) {
            Ok(found) if !found.is_dir() => continue,
            Ok(found) if found.permissions().mode() & 0o777 == mode & 0o777 => continue,
            Ok(_) => {}
            Err(_) if mode & walk::EMPTY == 0 => continue,
            Err(_) => parent.create_dir(name)?,
        }
        parent.set_permissions(name, Permissions::from_mode(mode & 0o777))?;
    }
    Ok(())
}

/// Removes folders that are empty now, but for those that always were.
fn prune(root: &Dir, folder: &Path, folders: &Folders) {
    for path in folder
        .ancestors()
        .filter(|path| !path.as_os_str().is_empty())
    {
        if folders
            .get(path)
            .is_some_and(|mode| mode & walk::EMPTY != 0)
        {
            return;
        }
        let Some(name) = path.file_name() else { return };
        let parent = path.parent().unwrap_or(Path::new(""));
        let removed =
            open_folder(root, parent, Missing::Fail).and_then(|parent| parent.remove_dir(name));
        if removed.is_err() {
            return;
        }
    }
}

/// Puts a file or a link in place with one rename.
fn put(
    folder: &Dir,
    name: &OsStr,
    (kind, mode): (BlobKind, Option<u32>),
    content: &[u8],
) -> io::Result<()> {
    make_room(folder, name);
    let mut draft = OsString::from(".restoring-");
    draft.push(name);
    // silent-ok: usually there is none; one that stays makes the next line fail.
    let _ = folder.remove_file(&draft);
    let written = match kind {
        BlobKind::Symlink => folder.symlink_contents(OsString::from_vec(content.to_vec()), &draft),
        BlobKind::Plain | BlobKind::Executable => {
            write_draft(folder, name, &draft, (kind, mode), content)
        }
    };
    written
        .and_then(|()| folder.rename(&draft, folder, name))
        .inspect_err(|_| {
            // silent-ok: the first error is the one to tell.
            let _ = folder.remove_file(&draft);
        })
}

/// Folders that hold nothing but folders are content to nobody: one that stands where a file is to
/// stand again makes room. Whatever holds a file stays, and the file is left alone.
fn make_room(folder: &Dir, name: &OsStr) {
    let Ok(inside) = folder.open_dir_nofollow(name) else {
        return;
    };
    for entry in inside.entries().into_iter().flatten().flatten() {
        make_room(&inside, &entry.file_name());
    }
    // silent-ok: one that is not empty stays, and the next step says so.
    let _ = folder.remove_dir(name);
}

fn write_draft(
    folder: &Dir,
    name: &OsStr,
    draft: &OsStr,
    (kind, mode): (BlobKind, Option<u32>),
    content: &[u8],
) -> io::Result<()> {
    // As the person's own git would write it: the process's mask takes away what it does.
    let standard = if kind == BlobKind::Executable {
        0o777
    } else {
        0o666
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(standard);
    let mut file = folder.open_with(draft, &options)?;
    file.write_all(content)?;
    // A file that was closed to others stays so.
    let current = folder.symlink_metadata(name).ok(); // silent-ok: there is none
    let current = current.filter(cap_std::fs::Metadata::is_file);
    let current = current.map(|current| current.permissions().mode() & 0o777);
    if let Some(mode) = mode.or(current) {
        let mode = match kind {
            BlobKind::Executable => mode | ((mode & 0o444) >> 2),
            BlobKind::Plain | BlobKind::Symlink => mode & !0o111,
        };
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    file.sync_all()
}
