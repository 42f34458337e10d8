//! Looks after the files that make git run programs: what they are before a command is what they
//! are after it. The full wall keeps most of them read-only; this holds for what does not exist
//! yet, and for the other walls. All paths are opened below the project, never through links.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions, PermissionsExt};

/// Larger files are not kept in memory; that they changed is still told.
const MOST_BYTES: u64 = 1 << 20;

/// Submodules inside submodules are followed this deep.
const DEEPEST: usize = 4;

/// Below a git folder: what git reads to find out what to run.
const FILES: &[&str] = &["config", "config.worktree", "commondir", "info/attributes"];

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    File { text: Vec<u8>, mode: u32 },
    Large { bytes: u64 },
    Link { target: PathBuf },
    Other,
}

/// The state before a command.
pub(super) struct GitGuard {
    project: Dir,
    /// Files set aside go here.
    aside: PathBuf,
    had_folder: bool,
    before: BTreeMap<PathBuf, Entry>,
}

impl GitGuard {
    /// Looks at the project before a command.
    pub(super) fn look(project: &Path, aside: &Path) -> io::Result<Self> {
        let project = Dir::open_ambient_dir(project, ambient_authority())?;
        Ok(Self {
            had_folder: is_folder(&project),
            before: entries(&project),
            aside: aside.to_owned(),
            project,
        })
    }

    /// Looks again, puts back what has changed, and says so: a line for each.
    pub(super) fn put_back(self) -> Vec<String> {
        if self.had_folder && self.project.symlink_metadata(".git").is_err() {
            return vec!["`.git` is gone: it was moved or removed".to_owned()];
        }
        if !self.had_folder && is_folder(&self.project) && self.before.is_empty() {
            // A repository that the command itself has made.
            return Vec::new();
        }
        let after = entries(&self.project);
        let paths: BTreeSet<&PathBuf> = self.before.keys().chain(after.keys()).collect();
        paths
            .into_iter()
            .filter(|path| self.before.get(*path) != after.get(*path))
            .filter(|path| !is_usual(path, after.get(*path)))
            .map(|path| {
                let shown = path.display();
                match self.restore(path, after.get(path)) {
                    Ok(()) => format!(
                        "`{shown}` was put back as it was: it decides what git runs on this machine"
                    ),
                    Err(error) => format!(
                        "`{shown}` has changed and could not be put back ({error}): \
                         it decides what git runs on this machine, so look at it first"
                    ),
                }
            })
            .collect()
    }

    fn restore(&self, path: &Path, after: Option<&Entry>) -> io::Result<()> {
        if let Some(after) = after {
            self.set_aside(path, after)?;
        }
        match self.before.get(path) {
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

    /// Takes away what stands at a path; a file's text is kept beside the session.
    fn set_aside(&self, path: &Path, entry: &Entry) -> io::Result<()> {
        if let Entry::File { text, .. } = entry {
            let aside = Dir::open_ambient_dir(&self.aside, ambient_authority())?;
            let name = path.to_string_lossy().replace('/', "_");
            // silent-ok: the copy is for curiosity; the file goes away in any case.
            let _ = aside
                .remove_file(format!("aside{name}"))
                .or(Ok::<(), io::Error>(()))
                .and_then(|()| aside.write(format!("aside{name}"), text));
        }
        match entry {
            Entry::Other => self.project.remove_dir_all(path),
            Entry::Large { .. } => Err(io::Error::other("too large to be judged")),
            Entry::File { .. } | Entry::Link { .. } => self.project.remove_file(path),
        }
    }
}

fn is_folder(project: &Dir) -> bool {
    project
        .symlink_metadata(".git")
        .is_ok_and(|metadata| metadata.is_dir())
}

/// What git itself writes when a working tree is added.
fn is_usual(path: &Path, after: Option<&Entry>) -> bool {
    let in_worktree = path.starts_with(".git/worktrees") && path.ends_with("commondir");
    let usual = match after {
        None => true,
        Some(Entry::File { text, .. }) => text == b"../..\n",
        Some(_) => false,
    };
    in_worktree && usual
}

fn entries(project: &Dir) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let git = Path::new(".git");
    if is_folder(project) {
        git_folder(project, git, 0, &mut found);
    } else {
        add(project, git, &mut found);
    }
    found
}

fn git_folder(project: &Dir, git: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Entry>) {
    for name in FILES {
        add(project, &git.join(name), found);
    }
    for hook in names(project, &git.join("hooks")) {
        add(project, &git.join("hooks").join(hook), found);
    }
    for tree in names(project, &git.join("worktrees")) {
        for name in ["config.worktree", "commondir"] {
            add(
                project,
                &git.join("worktrees").join(&tree).join(name),
                found,
            );
        }
    }
    if depth < DEEPEST {
        modules(project, &git.join("modules"), depth, found);
    }
}

/// Submodules: each has a git folder of its own, by names that may themselves have parts.
fn modules(project: &Dir, folder: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Entry>) {
    for name in names(project, folder) {
        let module = folder.join(name);
        if project.symlink_metadata(module.join("HEAD")).is_ok() {
            git_folder(project, &module, depth + 1, found);
        } else if depth < DEEPEST {
            modules(project, &module, depth + 1, found);
        }
    }
}

fn names(project: &Dir, folder: &Path) -> Vec<std::ffi::OsString> {
    let entries = project.read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).collect()
}

fn add(project: &Dir, path: &Path, found: &mut BTreeMap<PathBuf, Entry>) {
    let Ok(metadata) = project.symlink_metadata(path) else {
        return;
    };
    found.insert(path.to_owned(), entry(project, path, &metadata));
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
    let bytes = metadata.len();
    if bytes > MOST_BYTES {
        return Entry::Large { bytes };
    }
    match project.read(path) {
        Ok(text) => Entry::File {
            text,
            mode: metadata.permissions().mode() & 0o777,
        },
        Err(_) => Entry::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A repository's files, changed by `change`; what is told, and the state after.
    fn check(change: impl Fn(&Path), expected: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let (project, aside) = (root.path().join("p"), root.path().join("aside"));
        for folder in [".git/hooks", ".git/info"] {
            fs::create_dir_all(project.join(folder)).unwrap();
        }
        fs::create_dir(&aside).unwrap();
        fs::write(project.join(".git/config"), "old").unwrap();
        fs::write(project.join(".git/hooks/a"), "old").unwrap();
        let guard = GitGuard::look(&project, &aside).unwrap();
        change(&project);
        let told = guard.put_back();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told}");
        }
        let text = |name: &str| fs::read_to_string(project.join(name)).unwrap_or_default();
        if !expected.iter().any(|line| line.contains("is gone")) {
            assert_eq!(
                (text(".git/config"), text(".git/hooks/a")),
                ("old".into(), "old".into())
            );
        }
        root
    }

    #[test]
    fn nothing_is_told_of_ordinary_work() {
        check(
            |project| {
                fs::write(project.join(".git/HEAD"), "ref").unwrap();
                let tree = project.join(".git/worktrees/w");
                fs::create_dir_all(&tree).unwrap();
                fs::write(tree.join("commondir"), "../..\n").unwrap();
            },
            &[],
        );
    }

    #[test]
    fn changed_and_removed_files_come_back() {
        check(
            |project| fs::write(project.join(".git/config"), "new").unwrap(),
            &["`.git/config`"],
        );
        check(
            |project| fs::remove_dir_all(project.join(".git/hooks")).unwrap(),
            &["`.git/hooks/a`"],
        );
    }

    #[test]
    fn new_files_are_set_aside() {
        let root = check(
            |project| {
                fs::write(project.join(".git/commondir"), "../evil").unwrap();
                fs::write(project.join(".git/hooks/pre-commit"), "evil").unwrap();
            },
            &["`.git/commondir`", "`.git/hooks/pre-commit`"],
        );
        assert!(!root.path().join("p/.git/commondir").exists());
        assert!(!root.path().join("p/.git/hooks/pre-commit").exists());
        let aside = root.path().join("aside/aside.git_commondir");
        assert_eq!(fs::read_to_string(aside).unwrap(), "../evil");
    }

    #[test]
    fn links_are_not_followed() {
        let root = check(
            |project| {
                let elsewhere = project.parent().unwrap().join("elsewhere");
                fs::write(&elsewhere, "theirs").unwrap();
                fs::remove_file(project.join(".git/config")).unwrap();
                std::os::unix::fs::symlink(elsewhere, project.join(".git/config")).unwrap();
            },
            &["`.git/config`"],
        );
        let elsewhere = fs::read_to_string(root.path().join("elsewhere")).unwrap();
        assert_eq!(elsewhere, "theirs");
    }

    #[test]
    fn a_repository_that_is_gone_is_told() {
        check(
            |project| fs::rename(project.join(".git"), project.join("g")).unwrap(),
            &["`.git` is gone"],
        );
    }

    #[test]
    fn a_pointer_in_place_of_the_folder_is_told() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path();
        fs::create_dir_all(project.join(".git/hooks")).unwrap();
        fs::write(project.join(".git/config"), "old").unwrap();
        let guard = GitGuard::look(project, project).unwrap();
        fs::rename(project.join(".git"), project.join("g")).unwrap();
        fs::write(project.join(".git"), "gitdir: g").unwrap();
        let told = guard.put_back();
        assert!(!told.is_empty());
        assert!(!project.join(".git").is_file(), "{told:?}");
    }
}
