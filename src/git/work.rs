//! Whose a change is: what stretches of work made of each file, whether it still stands as they
//! left it, and taking exactly that back. A file that somebody else changed in between or since is
//! named, and left alone unless it is asked for by name.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::change::{self, Blob, BlobKind, Difference};
use super::error::GitError;
use super::restore::{LeftAlone, Restored, apply};
use super::snapshots::{Snapshots, blocking};

/// From one snapshot to another, and which of the files that differ were the work's doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The snapshot before.
    pub from: String,
    /// The snapshot after.
    pub to: String,
    /// The work's own files.
    pub paths: BTreeSet<PathBuf>,
}

/// What was done to the project in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Work.
    Work(Stretch),
    /// Something was taken back.
    Back {
        /// The files.
        stretch: Stretch,
        /// Whether that was all of the work that is looked at.
        is_whole: bool,
    },
    /// What was taken back was put there again.
    Again(Stretch),
}

/// What the work made of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Below the project.
    pub path: PathBuf,
    /// How it stands now.
    pub standing: Standing,
    before: Option<Blob>,
    after: Option<Blob>,
    now: Option<Blob>,
    /// As the last step left it.
    left: Option<Blob>,
    /// What it held with nothing in it but what was there before and the work's own.
    own: Vec<Option<Blob>>,
    /// Nothing of the work is in it any more.
    is_taken: bool,
}

/// How a file stands to what the work made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As the work left it.
    AsLeft,
    /// As it was before the work.
    AsBefore,
    /// Somebody else changed it, in between or since.
    ChangedSince,
    /// As the work left it; but nothing says that all of it is the work's doing.
    Doubtful,
}

/// Which end of the work a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As the work left it.
    Left,
    /// As it is now.
    Now,
}

impl Snapshots {
    /// What these stretches, oldest first, made of the project, in the order of paths.
    pub async fn touched(&mut self, stretches: &[Stretch]) -> Result<Vec<Touched>, GitError> {
        let steps: Vec<Step> = stretches.iter().cloned().map(Step::Work).collect();
        self.touched_by(&steps).await
    }

    /// What the work among these steps, oldest first, made of the project, in the order of paths.
    /// What was taken back of it and put there again was nobody else's doing.
    pub async fn touched_by(&mut self, steps: &[Step]) -> Result<Vec<Touched>, GitError> {
        let mut found: BTreeMap<PathBuf, Touched> = BTreeMap::new();
        for step in steps {
            let (Step::Work(stretch) | Step::Back { stretch, .. } | Step::Again(stretch)) = step;
            let differences = self.differences(&stretch.from, &stretch.to).await?;
            let own = differences
                .into_iter()
                .filter(|difference| is_among(&stretch.paths, &difference.path));
            for difference in own {
                match (found.get_mut(&difference.path), step) {
                    (Some(known), Step::Work(_)) => known.go_on(difference),
                    (Some(known), Step::Back { is_whole, .. }) => {
                        known.back(difference, *is_whole);
                    }
                    (Some(known), Step::Again(_)) => known.again(difference),
                    (None, Step::Work(_)) => {
                        found.insert(difference.path.clone(), Touched::new(difference));
                    }
                    (None, _) => {}
                }
            }
        }
        let now = self.take().await?;
        let listed = self
            .git("ls-tree", &["-r", "-z", "--full-tree", &now], Vec::new())
            .await?;
        let mut listed = parse_tree(&listed).ok_or_else(|| GitError::Unexpected {
            what: "ls-tree".to_owned(),
        })?;
        Ok(found
            .into_values()
            .map(|touched| {
                let now = listed.remove(&touched.path);
                touched.stands(now)
            })
            .collect())
    }

    /// Gives these files the content from before the work. Whatever changed since they were looked
    /// at is left alone.
    pub async fn put_back(&mut self, files: Vec<Touched>) -> Result<Restored, GitError> {
        let now = self.take().await?;
        let listed = self
            .git("ls-tree", &["-r", "-z", "--full-tree", &now], Vec::new())
            .await?;
        let listed = parse_tree(&listed).unwrap_or_default();
        let mut outcome = Restored::default();
        let mut wanted = Vec::new();
        for file in files {
            let why = if self.left_out.contains(&file.path) {
                "it is too large to be kept, or cannot be read"
            } else if listed.get(&file.path) != file.now.as_ref() {
                "it was changed just now"
            } else {
                wanted.push(Difference {
                    path: file.path,
                    before: file.before,
                    after: file.now,
                });
                continue;
            };
            let (path, why) = (file.path, why.to_owned());
            outcome.left_alone.push(LeftAlone { path, why });
        }
        let steps = self.steps(wanted).await?;
        let (project, folders) = (self.project.clone(), self.folders.clone());
        blocking(move || apply(&project, steps, &folders, &mut outcome).map(|()| outcome))
            .await?
            .map_err(GitError::io(&self.project))
    }

    /// Two snapshots with nothing but these files: before the work, and at that end of it.
    pub async fn pair(&self, files: &[Touched], end: End) -> Result<(String, String), GitError> {
        let before = self.tree(files, |file| file.before.as_ref()).await?;
        let after = self
            .tree(files, |file| match end {
                End::Left => file.after.as_ref(),
                End::Now => file.now.as_ref(),
            })
            .await?;
        Ok((before, after))
    }

    async fn tree<'a>(
        &self,
        files: &'a [Touched],
        content: impl Fn(&'a Touched) -> Option<&'a Blob>,
    ) -> Result<String, GitError> {
        let mut entries = Vec::new();
        for file in files {
            if let Some(blob) = content(file) {
                entries.extend_from_slice(mode(blob.kind).as_bytes());
                entries.push(b' ');
                entries.extend_from_slice(blob.id.as_bytes());
                entries.push(b'\t');
                entries.extend_from_slice(file.path.as_os_str().as_bytes());
                entries.push(0);
            }
        }
        let index = self.other_index();
        let built = self.build(&index, entries).await;
        // silent-ok: it was needed for a moment.
        let _ = std::fs::remove_file(&index);
        built
    }

    async fn build(&self, index: &Path, entries: Vec<u8>) -> Result<String, GitError> {
        self.git_with(index, "read-tree", &["--empty"], Vec::new())
            .await?;
        self.git_with(index, "update-index", &["-z", "--index-info"], entries)
            .await?;
        let tree = self.git_with(index, "write-tree", &[], Vec::new()).await?;
        Ok(String::from_utf8_lossy(&tree).trim().to_owned())
    }
}

/// Whether a path is among those of the work. A journal holds text, so a name that is none stands
/// there with a mark in place of what cannot be written.
pub fn is_among(paths: &BTreeSet<PathBuf>, path: &Path) -> bool {
    paths.contains(path)
        || (path.to_str().is_none() && paths.contains(Path::new(&*path.to_string_lossy())))
}

impl Touched {
    /// Whether it was not there before.
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether it is a file now, and one that can be executed.
    pub fn is_executable(&self) -> bool {
        self.is_now(BlobKind::Executable)
    }

    /// Whether it is a file now, and none that can be executed.
    pub fn is_plain(&self) -> bool {
        self.is_now(BlobKind::Plain)
    }

    /// Nothing says that all of it is the work's doing. What is gone can be put back all the same:
    /// that takes nothing from anybody.
    pub fn doubt(&mut self) {
        if self.standing == Standing::AsLeft && self.now.is_some() {
            self.standing = Standing::Doubtful;
        }
    }

    fn is_now(&self, kind: BlobKind) -> bool {
        self.now.as_ref().is_some_and(|blob| blob.kind == kind)
    }

    fn new(difference: Difference) -> Self {
        Self {
            path: difference.path,
            standing: Standing::AsLeft,
            own: vec![difference.before.clone(), difference.after.clone()],
            left: difference.after.clone(),
            before: difference.before,
            after: difference.after,
            now: None,
            is_taken: false,
        }
    }

    /// The work went on. What it found is what it had left, or what was there before it.
    fn go_on(&mut self, difference: Difference) {
        if difference.before != self.left && difference.before != self.before {
            self.standing = Standing::ChangedSince;
        } else if self.standing == Standing::AsLeft {
            self.own.push(difference.after.clone());
        }
        self.left.clone_from(&difference.after);
        self.after = difference.after;
        self.is_taken = false;
    }

    /// It was given an earlier content.
    fn back(&mut self, difference: Difference, is_whole: bool) {
        if is_whole {
            self.standing = Standing::AsLeft;
            self.is_taken = true;
            self.left = difference.after;
        } else {
            let was_taken = self.is_taken;
            self.again(difference);
            // Of what had been taken out already, nothing comes back so.
            self.is_taken |= was_taken;
        }
    }

    /// It was given a content that it once had.
    fn again(&mut self, difference: Difference) {
        let is_own = self.own.contains(&difference.after);
        self.is_taken = is_own && difference.after == self.before;
        self.standing = if is_own {
            Standing::AsLeft
        } else {
            Standing::ChangedSince
        };
        self.left = difference.after;
    }

    fn stands(mut self, now: Option<Blob>) -> Self {
        if now == self.before || self.is_taken {
            self.standing = Standing::AsBefore;
        } else if now != self.left {
            self.standing = Standing::ChangedSince;
        }
        self.now = now;
        self
    }
}

const fn mode(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Plain => "100644",
        BlobKind::Executable => "100755",
        BlobKind::Symlink => "120000",
    }
}

/// `MODE blob ID TAB path NUL`, as `ls-tree -r -z` writes it.
pub(super) fn parse_tree(said: &[u8]) -> Option<BTreeMap<PathBuf, Blob>> {
    said.split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let tab = entry.iter().position(|byte| *byte == b'\t')?;
            let head = std::str::from_utf8(&entry[..tab]).ok()?;
            let mut words = head.split(' ');
            let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
            let blob = change::blob(mode, id)??;
            Some((change::path(&entry[tab + 1..]), blob))
        })
        .collect()
}
