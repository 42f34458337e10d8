//! Looks after the files that make git run programs: what they are before a command is what they
//! are after it. The full wall keeps most of them read-only; this holds for what does not exist
//! yet, and for the other walls. All paths are opened below the project, never through links.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, PermissionsExt};

use super::folders::{Kind, each_folder};
use super::git_config::Setting;
use super::git_state::{Entry, Form, GitState, Repository, is_worktree};

/// The state before a command, for whoever comes after a process that was killed during one.
const BEFORE: &str = "before.json";

/// A repository that a command put in the place of another goes here, below the project.
const DISPLACED: &str = "git-set-aside";

/// The state before a command.
#[derive(Debug)]
pub(super) struct GitGuard {
    path: PathBuf,
    project: Dir,
    /// What is taken away is kept here.
    aside: PathBuf,
    before: GitState,
}

/// What makes git run programs in a project, for a person: a line for each file.
pub fn git_programs(project: &Path) -> io::Result<Vec<String>> {
    let open = Dir::open_ambient_dir(project, ambient_authority())?;
    Ok(GitState::of(project, &open).findings())
}

impl GitGuard {
    /// Looks at the project before a command. The folder `aside` is the session's own, and no
    /// command's.
    pub(super) fn look(project: &Path, aside: &Path) -> io::Result<Self> {
        let open = Dir::open_ambient_dir(project, ambient_authority())?;
        let before = GitState::of(project, &open);
        fs::create_dir_all(aside)?;
        // silent-ok: a name that JSON cannot hold; then only this process can put back.
        if let Ok(state) = serde_json::to_vec(&before) {
            fs::write(aside.join(BEFORE), state)?;
        }
        Ok(Self {
            path: project.to_owned(),
            project: open,
            aside: aside.to_owned(),
            before,
        })
    }

    /// The look of a process that was killed during a command, if there is one.
    pub(super) fn left_over(project: &Path, aside: &Path) -> io::Result<Option<Self>> {
        let state = match fs::read(aside.join(BEFORE)) {
            Ok(state) => state,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // silent-ok: killed while it wrote, and so before the command began.
        let Ok(before) = serde_json::from_slice(&state) else {
            return Ok(None);
        };
        Ok(Some(Self {
            path: project.to_owned(),
            project: Dir::open_ambient_dir(project, ambient_authority())?,
            aside: aside.to_owned(),
            before,
        }))
    }

    /// Settings for the command's git, so that it runs nothing that stands in the project.
    pub(super) fn disarming(&self) -> Vec<Setting> {
        self.before.disarming()
    }

    /// Looks again, puts back what has changed, and says so: a line for each.
    pub(super) fn put_back(self) -> Vec<String> {
        let mut told = self.bring_home();
        let after = GitState::of(&self.path, &self.project);
        let is_gone = |(path, before): &(&PathBuf, &Repository)| {
            let now = after.repositories.get(*path);
            now.is_none_or(|now| now.form != before.form)
        };
        let gone: Vec<&PathBuf> = self
            .before
            .repositories
            .iter()
            .filter(is_gone)
            .map(|(path, _)| path)
            .collect();
        for path in &gone {
            told.push(format!(
                "`{}` is gone: it was moved or removed",
                path.display()
            ));
        }
        let paths: BTreeSet<&PathBuf> =
            self.before.files.keys().chain(after.files.keys()).collect();
        for path in paths {
            // What was in a repository that is gone was told as a whole.
            let went =
                !after.files.contains_key(path) && gone.iter().any(|git| path.starts_with(git));
            if went || self.is_as_it_may_be(path, &after) {
                continue;
            }
            let shown = path.display();
            told.push(
                match (
                    self.restore(path, after.files.get(path)),
                    self.before.files.get(path),
                ) {
                    (Ok(()), Some(_)) => format!(
                        "`{shown}` was put back as it was: it decides what git runs on this machine"
                    ),
                    (Ok(()), None) => format!(
                        "`{shown}` was taken away: it would decide what git runs on this machine"
                    ),
                    (Err(error), _) => format!(
                        "`{shown}` has changed and could not be put back ({error}): \
                     it decides what git runs on this machine, so look at it first"
                    ),
                },
            );
        }
        // silent-ok: what is left is read as a state that nothing differs from.
        let _ = fs::remove_file(self.aside.join(BEFORE));
        told
    }

    /// Whether a file is as it was, or as git's own work would have made it.
    fn is_as_it_may_be(&self, path: &Path, after: &GitState) -> bool {
        let (old, new) = (self.before.files.get(path), after.files.get(path));
        if old == new {
            return true;
        }
        let usual = match new {
            None => true,
            Some(Entry::File { text, .. }) => text == b"../..\n",
            Some(_) => false,
        };
        if usual && is_worktree(path) && path.ends_with("commondir") {
            return true;
        }
        if old.is_some() || !matches!(new, Some(Entry::File { .. })) {
            return false;
        }
        match path.file_name().and_then(|name| name.to_str()) {
            Some("config" | "config.worktree") => after.is_harmless(path),
            Some(".git") => after.leads_home(&self.path, path),
            _ => false,
        }
    }

    /// A repository that was moved away comes back, and what was put in its place goes.
    fn bring_home(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (path, repository) in &self.before.repositories {
            let is_there = |place: &Path| {
                use cap_std::fs::MetadataExt;
                let found = self.project.symlink_metadata(place);
                found.is_ok_and(|found| (found.dev(), found.ino()) == repository.node)
            };
            if repository.form != Form::Folder || is_there(path) {
                continue;
            }
            let mut moved_to = None;
            each_folder(&self.path, &mut |folder, entries| {
                for entry in entries.iter().filter(|entry| entry.kind == Kind::Folder) {
                    let place = folder.join(&entry.name);
                    if moved_to.is_none() && is_there(&place) {
                        moved_to = Some(place);
                    }
                }
            });
            let Some(from) = moved_to else {
                continue;
            };
            let brought = self
                .make_room(path)
                .and_then(|()| self.project.rename(&from, &self.project, path));
            let (shown, from) = (path.display(), from.display());
            told.push(match brought {
                Ok(()) => format!("`{shown}` was moved to `{from}` and is back in its place"),
                Err(error) => {
                    format!("`{shown}` was moved to `{from}` ({error}): look at it first")
                }
            });
        }
        told
    }

    /// Takes away what stands in a repository's place.
    fn make_room(&self, path: &Path) -> io::Result<()> {
        match self.project.symlink_metadata(path) {
            Ok(found) if found.is_dir() => {
                let names = (1..100).map(|number| format!("{DISPLACED}-{number}"));
                let free = |name: &String| self.project.symlink_metadata(name).is_err();
                let name = names
                    .into_iter()
                    .find(free)
                    .ok_or(io::ErrorKind::AlreadyExists)?;
                self.project.rename(path, &self.project, name)
            }
            Ok(_) => self.project.remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn restore(&self, path: &Path, after: Option<&Entry>) -> io::Result<()> {
        if let Some(after) = after {
            self.set_aside(path, after)?;
        }
        match self.before.files.get(path) {
            None => Ok(()),
            Some(Entry::File { text, mode }) => {
                if let Some(folder) = path.parent() {
                    self.project.create_dir_all(folder)?;
                }
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                let mut file = self.project.open_with(path, &options)?;
                io::Write::write_all(&mut file, text)?;
                file.set_permissions(cap_std::fs::Permissions::from_mode(*mode))
            }
            Some(Entry::Link { target }) => self.project.symlink_contents(target, path),
            Some(Entry::Large { .. } | Entry::Other) => {
                Err(io::Error::other("too large to have been kept"))
            }
        }
    }

    /// Takes away what stands at a path; a file is kept beside the session.
    fn set_aside(&self, path: &Path, entry: &Entry) -> io::Result<()> {
        if let Entry::File { .. } | Entry::Large { .. } = entry {
            let name = path.to_string_lossy().replace('/', "_");
            // silent-ok: the copy is for curiosity; the file goes away in any case.
            let _ = fs::File::create(self.aside.join(format!("aside{name}")))
                .and_then(|mut copy| io::copy(&mut self.project.open(path)?, &mut copy));
        }
        match entry {
            Entry::Other => self.project.remove_dir_all(path),
            Entry::File { .. } | Entry::Large { .. } | Entry::Link { .. } => {
                self.project.remove_file(path)
            }
        }
    }
}

#[cfg(test)]
mod tests;
