//! What a project contained at some moment, kept as trees in a repository of our own. Works the
//! same whether the project is a repository or not, and never looks into the one it may have.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tokio::process::Command;

use super::change::{self, Change, Difference, FileStat};
use super::command::{Git, run};
use super::error::GitError;
use super::known::Known;
use super::walk;

/// Below a session's folder.
const FOLDER: &str = "snapshots.git";

/// Bytes are kept as they are, whatever the project's own attributes say.
const ATTRIBUTES: &str = "* -text -eol -filter -ident -working-tree-encoding !diff !merge\n";

/// So many new contents go into one pack.
const MANY: usize = 500;

/// The snapshots of one session.
#[derive(Debug)]
pub struct Snapshots {
    git: Git,
    git_dir: PathBuf,
    /// What git remembers of the files' state on disk, so that it need not read them again.
    index: PathBuf,
    pub(super) project: PathBuf,
    clock: fn() -> SystemTime,
    /// What the last snapshot held; none where that is not known.
    known: Option<Known>,
    /// Files that were once too large or not readable. What was in them is not known, so they are
    /// never written back or removed.
    pub(super) left_out: BTreeSet<PathBuf>,
    /// The permissions that files had when they were first seen, where git cannot say them: what
    /// was closed to others must not come back open.
    pub(super) modes: BTreeMap<PathBuf, u32>,
    /// The folders of which no snapshot tells, as they were at first; see `walk::folders`.
    pub(super) folders: BTreeMap<PathBuf, u32>,
}

impl Snapshots {
    /// The snapshots in that session's folder. Nothing is made before the first one is taken.
    pub fn open(git: Git, session: &Path, project: &Path) -> Self {
        let git_dir = session.join(FOLDER);
        let index = git_dir.join("index");
        let left_out = std::fs::read(git_dir.join("left-out")).unwrap_or_default();
        let modes = std::fs::read(git_dir.join("modes")).unwrap_or_default();
        let folders = std::fs::read(git_dir.join("folders")).unwrap_or_default();
        Self {
            git,
            modes: parse_modes(&modes),
            folders: parse_modes(&folders),
            git_dir,
            index,
            clock: SystemTime::now,
            known: None,
            project: project.to_owned(),
            left_out: split(&left_out).collect(),
        }
    }

    /// The same for somebody who only looks, beside a run that may be taking snapshots meanwhile.
    pub fn open_to_look(git: Git, session: &Path, project: &Path) -> Self {
        let mut snapshots = Self::open(git, session, project);
        let own = snapshots
            .git_dir
            .join(format!("index.look-{}", std::process::id()));
        // silent-ok: without what is remembered, everything is read again.
        let _ = std::fs::copy(&snapshots.index, &own);
        snapshots.index = own;
        snapshots
    }

    /// Copies everything that they keep into another session's folder, which has none yet. What is
    /// remembered of files on disk is not copied: it is of this project's.
    pub async fn copy_to(&self, session: &Path) -> Result<(), GitError> {
        let (from, to) = (self.git_dir.clone(), session.join(FOLDER));
        let place = to.clone();
        blocking(move || copy(&from, &to))
            .await?
            .map_err(GitError::io(&place))
    }

    /// The repository that holds them.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Keeps what the project contains now: tracked or not, but nothing that is ignored. Gives the
    /// id of its tree, which is the same whenever the content is the same.
    pub async fn take(&mut self) -> Result<String, GitError> {
        self.prepare().await?;
        self.remember_folders().await?;
        // Taken out until it is true again: a snapshot that breaks off leaves nothing known.
        let known = match self.known.take() {
            Some(known) => known,
            None => Known::index(self.tracked().await?),
        };
        let (project, now) = (self.project.clone(), (self.clock)());
        let news = blocking(move || known.look(&project, now)).await?;
        let mut known = news.known;
        self.leave_out(news.left_out)?;
        self.remember_modes(news.modes)?;
        let tree = match known.tree.take() {
            Some(tree) if news.gone.is_empty() && news.changed.is_empty() => tree,
            _ => self.write(&news.gone, &news.changed).await?,
        };
        known.tree = Some(tree.clone());
        self.known = Some(known);
        Ok(tree)
    }

    /// What the index holds.
    async fn tracked(&self) -> Result<Vec<PathBuf>, GitError> {
        if !self.index.exists() {
            return Ok(Vec::new());
        }
        let options = ["-z", "--cached"];
        let tracked = self.git("ls-files", &options, Vec::new()).await?;
        Ok(split(&tracked).collect())
    }

    /// Brings the index up to date, and gives its tree.
    async fn write(&self, gone: &[PathBuf], changed: &[PathBuf]) -> Result<String, GitError> {
        if !gone.is_empty() {
            let options = ["-z", "--force-remove", "--stdin"];
            self.git("update-index", &options, join(gone)).await?;
        }
        if !changed.is_empty() {
            self.add(changed).await?;
        }
        let tree = self.git("write-tree", &[], Vec::new()).await?;
        Ok(String::from_utf8_lossy(&tree).trim().to_owned())
    }

    /// Files that no snapshot holds because they are too large or cannot be read.
    pub fn left_out(&self) -> impl Iterator<Item = &Path> {
        self.left_out.iter().map(PathBuf::as_path)
    }

    /// The files that differ between two snapshots, in the order of their paths.
    pub async fn changed(&self, from: &str, to: &str) -> Result<Vec<Change>, GitError> {
        let found = self.differences(from, to).await?;
        Ok(found.iter().map(Difference::change).collect())
    }

    /// How much of each file differs.
    pub async fn stat(&self, from: &str, to: &str) -> Result<Vec<FileStat>, GitError> {
        let said = self.compare(&["--numstat", "-z"], from, to).await?;
        change::parse_numstat(&said).ok_or_else(unexpected)
    }

    /// The difference as unified text.
    pub async fn diff(&self, from: &str, to: &str) -> Result<String, GitError> {
        let options = ["-p", "--no-color", "--no-ext-diff", "--no-textconv"];
        let said = self.compare(&options, from, to).await?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    pub(super) async fn differences(
        &self,
        from: &str,
        to: &str,
    ) -> Result<Vec<Difference>, GitError> {
        let said = self
            .compare(&["--raw", "-z", "--no-abbrev"], from, to)
            .await?;
        change::parse_raw(&said).ok_or_else(unexpected)
    }

    /// The contents with these ids, in their order.
    pub(super) async fn contents(&self, ids: &[String]) -> Result<Vec<Vec<u8>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let input = ids.join("\n") + "\n";
        let said = self
            .git("cat-file", &["--batch"], input.into_bytes())
            .await?;
        parse_batch(&said, ids.len()).ok_or_else(|| GitError::Unexpected {
            what: "cat-file".to_owned(),
        })
    }

    async fn compare(&self, options: &[&str], from: &str, to: &str) -> Result<Vec<u8>, GitError> {
        for tree in [from, to] {
            // It comes out of a journal: it must not be read as an option.
            if tree.is_empty() || !tree.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(GitError::Failed {
                    what: "diff-tree".to_owned(),
                    detail: format!("'{tree}' is not the id of a snapshot"),
                });
            }
        }
        let options = [&["-r", "--no-renames"], options, &[from, to]].concat();
        self.git("diff-tree", &options, Vec::new()).await
    }

    /// Makes our repository, and clears away what a git of ours that was killed left behind.
    async fn prepare(&self) -> Result<(), GitError> {
        let info = self.git_dir.join("info");
        let attributes = info.join("attributes");
        if !attributes.exists() {
            let mut command: Command = self.git.sealed();
            command
                .args(["init", "--quiet", "--bare", "--template="])
                .arg(&self.git_dir);
            run(command, "init", Vec::new()).await?;
            // The attributes come last and whole: they say that everything else is there.
            let draft = info.join("attributes.new");
            std::fs::create_dir_all(&info)
                .and_then(|()| std::fs::write(&draft, ATTRIBUTES))
                .and_then(|()| std::fs::rename(&draft, &attributes))
                .map_err(GitError::io(&attributes))?;
        }
        let lock = self.git_dir.join(lock_name(&self.index));
        match std::fs::remove_file(&lock) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(GitError::io(&lock)(error))
            }
            _ => Ok(()),
        }
    }

    /// Keeps the content of these files. Git writes a file for each content; many at once go into
    /// one pack instead, which takes a third of the time where the disk is busy and a tenth of the
    /// room.
    async fn add(&self, files: &[PathBuf]) -> Result<(), GitError> {
        let mut command = self.git.command(&self.git_dir, &self.project);
        command.env("GIT_INDEX_FILE", &self.index);
        if files.len() >= MANY {
            // Git streams what is larger than this into a pack.
            command.args(["-c", "core.bigFileThreshold=1", "-c", "core.compression=1"]);
            // The C library gives the memory of each content back to the kernel and asks for it
            // again, which is half of the time, unless it may keep so much.
            command.env("MALLOC_TRIM_THRESHOLD_", "268435456");
        }
        command.args(["update-index", "-z", "--add", "--remove", "--replace"]);
        command.arg("--stdin");
        run(command, "update-index", join(files)).await.map(drop)
    }

    fn leave_out(&mut self, found: BTreeSet<PathBuf>) -> Result<(), GitError> {
        let before = self.left_out.len();
        self.left_out.extend(found);
        if self.left_out.len() == before {
            return Ok(());
        }
        let path = self.git_dir.join("left-out");
        std::fs::write(&path, join(&self.left_out)).map_err(GitError::io(&path))
    }

    fn remember_modes(&mut self, found: BTreeMap<PathBuf, u32>) -> Result<(), GitError> {
        let before = self.modes.len();
        for (path, mode) in found {
            self.modes.entry(path).or_insert(mode);
        }
        if self.modes.len() == before {
            return Ok(());
        }
        let path = self.git_dir.join("modes");
        std::fs::write(&path, write_modes(&self.modes)).map_err(GitError::io(&path))
    }

    /// Once, before anything was done.
    async fn remember_folders(&mut self) -> Result<(), GitError> {
        let path = self.git_dir.join("folders");
        if path.exists() {
            return Ok(());
        }
        let project = self.project.clone();
        self.folders = blocking(move || walk::folders(&project)).await?;
        std::fs::write(&path, write_modes(&self.folders)).map_err(GitError::io(&path))
    }

    pub(super) async fn git(
        &self,
        what: &str,
        options: &[&str],
        input: Vec<u8>,
    ) -> Result<Vec<u8>, GitError> {
        self.git_with(&self.index, what, options, input).await
    }

    /// The same with another index.
    pub(super) async fn git_with(
        &self,
        index: &Path,
        what: &str,
        options: &[&str],
        input: Vec<u8>,
    ) -> Result<Vec<u8>, GitError> {
        let mut command = self.git.command(&self.git_dir, &self.project);
        command.env("GIT_INDEX_FILE", index).arg(what).args(options);
        run(command, what, input).await
    }

    /// A name for an index that is needed for a moment.
    pub(super) fn other_index(&self) -> PathBuf {
        let name = format!("index.pair-{}", std::process::id());
        self.git_dir.join(name)
    }
}

impl Drop for Snapshots {
    fn drop(&mut self) {
        if self.index.file_name() != Some("index".as_ref()) {
            // silent-ok: one that stays is a few bytes beside the session.
            let _ = std::fs::remove_file(&self.index);
        }
    }
}

/// Runs something that waits for the disk where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, GitError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| GitError::Start(error.into()))
}

/// Copies a folder, but for indexes and locks.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let place = to.join(&name);
        let text = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else if !text.starts_with("index") && !text.ends_with(".lock") {
            std::fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

fn lock_name(index: &Path) -> OsString {
    let mut name = index.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    name
}

fn unexpected() -> GitError {
    GitError::Unexpected {
        what: "diff-tree".to_owned(),
    }
}

/// `octal SPACE path NUL`; what cannot be read is not known.
fn parse_modes(list: &[u8]) -> BTreeMap<PathBuf, u32> {
    list.split(|byte| *byte == 0)
        .filter_map(|entry| {
            let space = entry.iter().position(|byte| *byte == b' ')?;
            let mode = std::str::from_utf8(&entry[..space]).ok()?; // silent-ok: as said above
            let mode = u32::from_str_radix(mode, 8).ok()?; // silent-ok: as said above
            Some((change::path(&entry[space + 1..]), mode))
        })
        .collect()
}

fn write_modes(modes: &BTreeMap<PathBuf, u32>) -> Vec<u8> {
    let mut list = Vec::new();
    for (path, mode) in modes {
        list.extend_from_slice(format!("{mode:o} ").as_bytes());
        list.extend_from_slice(path.as_os_str().as_bytes());
        list.push(0);
    }
    list
}

fn split(list: &[u8]) -> impl Iterator<Item = PathBuf> {
    list.split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(change::path)
}

fn join<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Vec<u8> {
    let mut list = Vec::new();
    for path in paths {
        list.extend_from_slice(path.as_os_str().as_bytes());
        list.push(0);
    }
    list
}

/// `ID blob SIZE LF content LF`, as `cat-file --batch` writes it.
fn parse_batch(mut said: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    (0..count)
        .map(|_| {
            let end = said.iter().position(|byte| *byte == b'\n')?;
            let head = std::str::from_utf8(&said[..end]).ok()?;
            let size: usize = head.split(' ').nth(2)?.parse().ok()?;
            let rest = &said[end + 1..];
            let content = rest.get(..size)?.to_vec();
            said = rest.get(size + 1..)?;
            Some(content)
        })
        .collect()
}

#[cfg(test)]
mod tests;
