//! What a snapshot holds, looked up without comparing it to another: which paths, and what is in a
//! few of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::change::{Blob, BlobKind};
use super::error::GitError;
use super::snapshots::Snapshots;
use super::work::parse_tree;

/// A larger text is not read.
const LARGEST: usize = 1 << 18;

impl Snapshots {
    /// The paths of all its files.
    pub async fn paths_of(&self, tree: &str) -> Result<BTreeSet<PathBuf>, GitError> {
        Ok(self.listed(tree).await?.into_keys().collect())
    }

    /// What is in these files of it, where that is text and not long.
    pub async fn texts_of(
        &self,
        tree: &str,
        paths: &BTreeSet<PathBuf>,
    ) -> Result<Vec<String>, GitError> {
        let mut listed = self.listed(tree).await?;
        listed.retain(|path, blob| paths.contains(path) && blob.kind != BlobKind::Symlink);
        let ids: Vec<String> = listed.into_values().map(|blob| blob.id).collect();
        let contents = self.contents(&ids).await?.into_iter();
        let short = contents.filter(|content| content.len() <= LARGEST);
        let texts = short.filter_map(|content| String::from_utf8(content).ok()); // silent-ok: no text
        Ok(texts.collect())
    }

    /// What is in that file of it: none if there is no such file, and nothing in it that could be
    /// told if it is a link.
    pub async fn content_of(
        &self,
        tree: &str,
        path: &Path,
    ) -> Result<Option<Option<Vec<u8>>>, GitError> {
        let path = path.to_string_lossy();
        let options = ["-r", "-z", "--full-tree", tree, "--", &*path];
        let said = self.git("ls-tree", &options, Vec::new()).await?;
        let mut listed = parse_tree(&said).ok_or_else(unexpected)?;
        let Some(blob) = listed.remove(Path::new(&*path)) else {
            return Ok(None);
        };
        if blob.kind == BlobKind::Symlink {
            return Ok(Some(None));
        }
        Ok(Some(self.contents(&[blob.id]).await?.pop()))
    }

    /// Files that had the same content in the one snapshot, and have the same other content in the
    /// other, as hard links to one file do.
    pub async fn twins(&self, from: &str, to: &str) -> Result<Vec<BTreeSet<PathBuf>>, GitError> {
        let mut alike: BTreeMap<(String, String), BTreeSet<PathBuf>> = BTreeMap::new();
        for one in self.differences(from, to).await? {
            if let (Some(before), Some(after)) = (one.before, one.after) {
                let twins = alike.entry((before.id, after.id)).or_default();
                twins.insert(one.path);
            }
        }
        Ok(alike
            .into_values()
            .filter(|twins| twins.len() > 1)
            .collect())
    }

    async fn listed(&self, tree: &str) -> Result<BTreeMap<PathBuf, Blob>, GitError> {
        // An id comes out of a journal: the comparison refuses what is none.
        self.changed(tree, tree).await?;
        let options = ["-r", "-z", "--full-tree", tree];
        let said = self.git("ls-tree", &options, Vec::new()).await?;
        parse_tree(&said).ok_or_else(unexpected)
    }
}

fn unexpected() -> GitError {
    GitError::Unexpected {
        what: "ls-tree".to_owned(),
    }
}
