//! Commits on the person's branch, made without running anything that the project could name: the
//! tree is put together with an index and a configuration of our own, and the person's repository
//! only gets its objects, the branch one step further, and the entries of these files in its
//! index. No hook runs here; what is about to be committed can be looked at before. Refuses to
//! commit any other file.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::change;
use super::command::run;
use super::error::GitError;
use super::repository::{Head, Repository};

/// A name that is no commit.
const NOTHING: &str = "0000000000000000000000000000000000000000";

/// What is about to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staged {
    /// Something differs from what is committed; an index of ours has it.
    Open {
        /// That index.
        index: PathBuf,
    },
    /// Nothing does.
    Same,
}

impl Repository {
    /// Looks what a commit of these files would have in it, without making it.
    pub async fn stage(&self, own: &Path, files: &[PathBuf]) -> Result<Staged, GitError> {
        let Head::Branch { commit, .. } = self.head().await? else {
            return Ok(Staged::Same);
        };
        let (tree, _) = self.put_together(own, commit.as_deref(), files).await?;
        let before = match &commit {
            Some(commit) => Some(self.tree_of(commit).await?),
            None => None,
        };
        Ok(if before.as_deref() == Some(tree.as_str()) {
            Staged::Same
        } else {
            Staged::Open {
                index: own.join("index"),
            }
        })
    }

    async fn tree_of(&self, commit: &str) -> Result<String, GitError> {
        let tree = format!("{commit}^{{tree}}");
        self.plain(&["rev-parse", &tree]).await
    }

    /// The tree of the last commit with these files as they are now, and the files below the top.
    async fn put_together(
        &self,
        own: &Path,
        commit: Option<&str>,
        files: &[PathBuf],
    ) -> Result<(String, BTreeSet<PathBuf>), GitError> {
        self.prepare(own).await?;
        match commit {
            Some(commit) => self.own(own, "read-tree", &[commit], Vec::new()).await?,
            None => self.own(own, "read-tree", &["--empty"], Vec::new()).await?,
        };
        let files = self.own_files(own, files).await?;
        let options = ["-z", "--add", "--remove", "--replace", "--stdin"];
        self.own(own, "update-index", &options, join(&files))
            .await?;
        let tree = text(&self.own(own, "write-tree", &[], Vec::new()).await?);
        Ok((tree, files))
    }

    /// Commits these files of the project, and no others, with the content they have now. `own` is
    /// a folder of ours. A commit of the same content whose message has the same `mark` was made
    /// before a kill and is not made again. None: nothing differs from what is committed.
    pub async fn commit(
        &self,
        own: &Path,
        files: &[PathBuf],
        message: &str,
        mark: &str,
    ) -> Result<Option<String>, GitError> {
        let Head::Branch { name, commit } = self.head().await? else {
            return Err(GitError::Failed {
                what: "commit".to_owned(),
                detail: "no branch is checked out".to_owned(),
            });
        };
        let (tree, files) = self.put_together(own, commit.as_deref(), files).await?;
        if let Some(commit) = &commit
            && self.tree_of(commit).await? == tree
        {
            let said = self.plain(&["log", "-1", "--format=%B", commit]).await?;
            if !said.contains(mark) {
                return Ok(None);
            }
            self.show_in_index(commit, &files).await?;
            return Ok(Some(commit.clone()));
        }
        let mut options = vec![tree.as_str()];
        if let Some(commit) = &commit {
            options.extend(["-p", commit]);
        }
        if self.signs {
            options.push("-S");
        }
        let made = self
            .own(own, "commit-tree", &options, message.as_bytes().to_vec())
            .await?;
        let made = text(&made);
        let reason = format!("commit: {}", message.lines().next().unwrap_or_default());
        let branch = format!("refs/heads/{name}");
        let nothing = NOTHING.repeat(2);
        let nothing = &nothing[..made.len().min(nothing.len())];
        let before = commit.as_deref().unwrap_or(nothing);
        self.plain(&["update-ref", "-m", &reason, &branch, &made, before])
            .await?;
        self.show_in_index(&made, &files).await?;
        Ok(Some(made))
    }

    /// The entries of these files in the person's index become those of the commit.
    async fn show_in_index(&self, commit: &str, files: &BTreeSet<PathBuf>) -> Result<(), GitError> {
        let mut command = self.sealed();
        command.args(["ls-tree", "-r", "-z", "--full-tree", commit]);
        let listed = run(command, "ls-tree", Vec::new()).await?;
        let mut there = BTreeSet::new();
        let mut entries = Vec::new();
        for entry in listed.split(|byte| *byte == 0) {
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            let path = change::path(&entry[tab + 1..]);
            if files.contains(&path) {
                entries.extend_from_slice(entry);
                entries.push(0);
                there.insert(path);
            }
        }
        // What is gone makes room first.
        let mut input = Vec::new();
        for path in files.difference(&there) {
            input.extend_from_slice(format!("0 {NOTHING}\t").as_bytes());
            input.extend_from_slice(path.as_os_str().as_bytes());
            input.push(0);
        }
        input.extend(entries);
        let mut command = self.sealed();
        command.args(["update-index", "-z", "--replace", "--index-info"]);
        run(command, "update-index", input).await.map(drop)
    }

    /// A repository of ours that shares the objects of the person's.
    async fn prepare(&self, own: &Path) -> Result<(), GitError> {
        if !own.join("HEAD").exists() {
            let mut command = self.git.sealed();
            command
                .args(["init", "--quiet", "--bare", "--template="])
                .arg(format!("--object-format={}", self.object_format))
                .arg(own);
            run(command, "init", Vec::new()).await?;
        }
        for left in ["index", "index.lock"] {
            let path = own.join(left);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(GitError::io(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The files below the top folder, without those of repositories inside this one.
    async fn own_files(
        &self,
        own: &Path,
        files: &[PathBuf],
    ) -> Result<BTreeSet<PathBuf>, GitError> {
        let listed = self.own(own, "ls-files", &["-s", "-z"], Vec::new()).await?;
        let inside: Vec<PathBuf> = listed
            .split(|byte| *byte == 0)
            .filter(|entry| entry.starts_with(b"160000 "))
            .filter_map(|entry| {
                let tab = entry.iter().position(|byte| *byte == b'\t')?;
                Some(change::path(&entry[tab + 1..]))
            })
            .collect();
        let mut files: BTreeSet<PathBuf> = files
            .iter()
            .map(|file| self.below.join(file))
            .filter(|file| !inside.iter().any(|module| file.starts_with(module)))
            .collect();
        // By all of the person's rules: those of folders above the project, of the repository and
        // of the person. What is tracked all the same is not named here.
        let mut command = self.sealed();
        self.git.at_home(&mut command);
        let mut settings = self.settings.iter().rev();
        if let Some((key, value)) = settings.find(|(key, _)| key == "core.excludesfile") {
            command.args(["-c", &format!("{key}={value}")]);
        }
        command.args(["check-ignore", "-z", "--stdin"]);
        // silent-ok: a path through a link cannot be asked about, and cannot be committed either.
        let ignored = run(command, "check-ignore", join(&files)).await;
        for path in ignored.unwrap_or_default().split(|byte| *byte == 0) {
            files.remove(&change::path(path));
        }
        Ok(files)
    }

    async fn own(
        &self,
        own: &Path,
        what: &str,
        options: &[&str],
        input: Vec<u8>,
    ) -> Result<Vec<u8>, GitError> {
        let mut command: Command = self.git.command(own, &self.top);
        self.git.at_home(&mut command);
        self.as_author(&mut command);
        command
            .env("GIT_OBJECT_DIRECTORY", self.common.join("objects"))
            .env("GIT_INDEX_FILE", own.join("index"))
            // Large files go where the person's own git would keep them.
            .arg("-c")
            .arg(format!("lfs.storage={}", self.common.join("lfs").display()));
        for (key, value) in &self.settings {
            let setting = if value.is_empty() {
                key.clone()
            } else {
                format!("{key}={value}")
            };
            command.args(["-c", &setting]);
        }
        command.arg(what).args(options);
        run(command, what, input).await
    }
}

fn text(said: &[u8]) -> String {
    String::from_utf8_lossy(said).trim().to_owned()
}

fn join(files: &BTreeSet<PathBuf>) -> Vec<u8> {
    let mut list = Vec::new();
    for file in files {
        list.extend_from_slice(file.as_os_str().as_bytes());
        list.push(0);
    }
    list
}
