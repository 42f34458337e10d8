//! What in a project decides which programs git runs: every repository in it, nested and bare ones
//! too, and the files git reads to find out. Looks and follows no link; changes nothing.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use cap_std::fs::{Dir, Metadata, MetadataExt, PermissionsExt};
use serde::{Deserialize, Serialize};

use super::folders::{self, Kind, each_folder};
use super::git_config::{Setting, settings};

/// Larger files are not kept in memory; that they changed is still told.
const MOST_BYTES: u64 = 1 << 20;

/// Submodules inside submodules, and files that include files, are followed this deep.
const DEEPEST: usize = 4;

/// Below a git folder: what git reads to find out what to run.
const FILES: &[&str] = &["config", "config.worktree", "commondir", "info/attributes"];

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Entry {
    File { text: Vec<u8>, mode: u32 },
    Large { bytes: u64, changed: i64 },
    Link { target: PathBuf },
    Other,
}

/// The shape in which a repository stands in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Form {
    /// A folder `.git`.
    Folder,
    /// A folder of another name that git takes for a repository when it stands in it.
    Bare,
    /// A file `.git` that says where the repository is.
    Pointer,
    /// A link `.git`.
    Link,
}

/// A repository of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) form: Form,
    /// Device and number: stays the same when it is moved.
    pub(super) node: (u64, u64),
}

/// The state of a project; paths are relative to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GitState {
    pub(super) repositories: BTreeMap<PathBuf, Repository>,
    pub(super) files: BTreeMap<PathBuf, Entry>,
}

impl GitState {
    /// Looks at a project, whose folder is open.
    pub(super) fn of(project: &Path, open: &Dir) -> Self {
        let mut forms = Vec::new();
        each_folder(project, &mut |folder, entries| {
            forms.extend(repositories_in(folder, entries));
        });
        let mut state = Self::default();
        for (path, form) in forms {
            let Ok(metadata) = open.symlink_metadata(&path) else {
                continue;
            };
            let node = (metadata.dev(), metadata.ino());
            match form {
                Form::Folder | Form::Bare => state.git_folder(open, &path, 0),
                Form::Pointer | Form::Link => state.add(open, &path),
            }
            state.repositories.insert(path, Repository { form, node });
        }
        state
    }

    fn git_folder(&mut self, project: &Dir, git: &Path, depth: usize) {
        for name in FILES {
            self.add(project, &git.join(name));
        }
        for hook in names(project, &git.join("hooks")) {
            // What git brings along as an example, and does not run.
            if Path::new(&hook).extension() != Some(OsStr::new("sample")) {
                self.add(project, &git.join("hooks").join(hook));
            }
        }
        for tree in names(project, &git.join("worktrees")) {
            for name in ["config.worktree", "commondir"] {
                self.add(project, &git.join("worktrees").join(&tree).join(name));
            }
        }
        if let Some(Entry::File { text, .. }) = self.files.get(&git.join("commondir"))
            && let Some(common) = inside(git, &String::from_utf8_lossy(text))
            && depth < DEEPEST
            && common != git
        {
            self.git_folder(project, &common, depth + 1);
        }
        for name in ["config", "config.worktree"] {
            self.follow_includes(project, &git.join(name), 0);
        }
        if depth < DEEPEST {
            self.modules(project, &git.join("modules"), depth);
        }
    }

    /// Files of the project that a configuration includes are part of it.
    fn follow_includes(&mut self, project: &Dir, config: &Path, depth: usize) {
        let Some(folder) = config.parent().filter(|_| depth < DEEPEST) else {
            return;
        };
        for setting in self.settings_of(config) {
            if let Some(included) = setting.included().and_then(|path| inside(folder, path))
                && !self.files.contains_key(&included)
            {
                self.add(project, &included);
                self.follow_includes(project, &included, depth + 1);
            }
        }
    }

    /// Submodules: each has a git folder of its own, by names that may themselves have parts.
    fn modules(&mut self, project: &Dir, folder: &Path, depth: usize) {
        for name in names(project, folder) {
            let module = folder.join(name);
            if project.symlink_metadata(module.join("HEAD")).is_ok() {
                self.git_folder(project, &module, depth + 1);
            } else if depth < DEEPEST {
                self.modules(project, &module, depth + 1);
            }
        }
    }

    fn add(&mut self, project: &Dir, path: &Path) {
        if let Ok(metadata) = project.symlink_metadata(path) {
            let entry = entry(project, path, &metadata);
            self.files.insert(path.to_owned(), entry);
        }
    }

    fn settings_of(&self, path: &Path) -> Vec<Setting> {
        match self.files.get(path) {
            Some(Entry::File { text, .. }) => settings(&String::from_utf8_lossy(text)),
            _ => Vec::new(),
        }
    }

    /// Whether a configuration file makes git run nothing and reads no other file.
    pub(super) fn is_harmless(&self, config: &Path) -> bool {
        self.settings_of(config)
            .iter()
            .all(|setting| setting.disarmed().is_empty() && setting.included().is_none())
    }

    /// Whether a `.git` file leads into a repository of the project, as those of worktrees and
    /// submodules do.
    pub(super) fn leads_home(&self, project: &Path, pointer: &Path) -> bool {
        let Some(Entry::File { text, .. }) = self.files.get(pointer) else {
            return false;
        };
        let text = String::from_utf8_lossy(text);
        let Some(target) = text.trim().strip_prefix("gitdir:") else {
            return false;
        };
        let target = Path::new(target.trim());
        let target = match target.strip_prefix(project) {
            Ok(below) => Some(below.to_owned()),
            Err(_) => inside(
                pointer.parent().unwrap_or(Path::new("")),
                &target.to_string_lossy(),
            ),
        };
        let folders = self.repositories.iter();
        let mut folders = folders.filter(|(_, repository)| repository.form == Form::Folder);
        target.is_some_and(|target| {
            folders.any(|(git, _)| {
                target.starts_with(git.join("worktrees")) || target.starts_with(git.join("modules"))
            })
        })
    }

    /// Settings that keep git from running what stands in the project, for its command line or
    /// environment; nothing if it would run nothing.
    pub(super) fn disarming(&self) -> Vec<Setting> {
        let mut all = Vec::new();
        for path in self.files.keys().filter(|path| !is_hook(path)) {
            for setting in self.settings_of(path) {
                all.extend(setting.disarmed());
            }
        }
        if self.files.keys().any(|path| is_hook(path)) {
            all.push(Setting {
                key: "core.hookspath".to_owned(),
                value: "/dev/null".to_owned(),
            });
        }
        all.sort_by(|one, other| one.key.cmp(&other.key));
        all.dedup();
        all
    }

    /// What makes git run programs, for a person: a line for each file.
    pub(super) fn findings(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut hooks: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        for path in self.files.keys() {
            let shown = path.display();
            if is_hook(path) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let folder = path.parent().unwrap_or(path).to_owned();
                hooks.entry(folder).or_default().push(name.into_owned());
                continue;
            }
            let keys: Vec<String> = self
                .settings_of(path)
                .into_iter()
                .filter(|setting| !setting.disarmed().is_empty() || setting.included().is_some())
                .map(|setting| setting.key)
                .collect();
            if !keys.is_empty() {
                found.push(format!("`{shown}` sets {}", keys.join(", ")));
            } else if path.ends_with("commondir") && !is_worktree(path) {
                found.push(format!("`{shown}` says that git's settings are elsewhere"));
            }
        }
        for (folder, names) in hooks {
            found.push(format!(
                "hooks in `{}`: {}",
                folder.display(),
                names.join(", ")
            ));
        }
        for (path, repository) in &self.repositories {
            match (repository.form, self.files.get(path)) {
                (Form::Pointer, Some(Entry::File { text, .. })) => {
                    let text = String::from_utf8_lossy(text);
                    let target = text.trim().trim_start_matches("gitdir:").trim();
                    found.push(format!("`{}` leads to `{target}`", path.display()));
                }
                (Form::Link, Some(Entry::Link { target })) => {
                    let target = target.display();
                    found.push(format!("`{}` is a link to `{target}`", path.display()));
                }
                _ => {}
            }
        }
        found
    }
}

fn is_hook(path: &Path) -> bool {
    path.parent()
        .is_some_and(|folder| folder.ends_with("hooks"))
}

/// Whether a file belongs to a working tree that was added to a repository.
pub(super) fn is_worktree(path: &Path) -> bool {
    path.iter().any(|part| part == "worktrees")
}

fn repositories_in(folder: &Path, entries: &[folders::Entry]) -> Vec<(PathBuf, Form)> {
    let mut found = Vec::new();
    let has = |name: &str, kind: Kind| {
        entries
            .iter()
            .any(|entry| entry.name == name && entry.kind == kind)
    };
    if has("HEAD", Kind::File) && has("objects", Kind::Folder) && has("refs", Kind::Folder) {
        found.push((folder.to_owned(), Form::Bare));
    }
    for entry in entries.iter().filter(|entry| entry.name == ".git") {
        let form = match entry.kind {
            Kind::Folder => Form::Folder,
            Kind::Link => Form::Link,
            Kind::File | Kind::Other => Form::Pointer,
        };
        found.push((folder.join(".git"), form));
    }
    found
}

/// Where a path that stands in a file of `folder` leads, by its names; none if out of the project.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut place = PathBuf::new();
    for part in folder.join(path.trim()).components() {
        match part {
            Component::Normal(name) => place.push(name),
            Component::CurDir => {}
            Component::ParentDir if place.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(place)
}

fn names(project: &Dir, folder: &Path) -> Vec<OsString> {
    let entries = project.read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).collect()
}

fn entry(project: &Dir, path: &Path, metadata: &Metadata) -> Entry {
    if metadata.is_symlink() {
        return match project.read_link_contents(path) {
            Ok(target) => Entry::Link { target },
            Err(_) => Entry::Other,
        };
    }
    if !metadata.is_file() {
        return Entry::Other;
    }
    if metadata.len() > MOST_BYTES {
        return Entry::Large {
            bytes: metadata.len(),
            changed: metadata.ctime(),
        };
    }
    match project.read(path) {
        Ok(text) => Entry::File {
            text,
            mode: metadata.permissions().mode() & 0o777,
        },
        Err(_) => Entry::Other,
    }
}
