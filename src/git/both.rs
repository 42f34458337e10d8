//! The contents of files that differ between two snapshots, on both sides.

use std::path::{Path, PathBuf};

use super::change::{Blob, BlobKind};
use super::error::GitError;
use super::snapshots::Snapshots;

/// A larger file is not read: nobody judges it by its lines.
const LARGEST: u64 = 1 << 19;

/// A file that differs, as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    /// Below the project.
    pub path: PathBuf,
    /// None: it was not there.
    pub before: Option<Held>,
    /// None: it is not there any more.
    pub after: Option<Held>,
}

/// What a snapshot holds of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// More than is read.
    Large,
    /// Where a symbolic link leads.
    Link(Vec<u8>),
}

impl Snapshots {
    /// The files that differ and are wanted, with their contents.
    pub async fn both(
        &self,
        from: &str,
        to: &str,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<Vec<Both>, GitError> {
        let mut differences = self.differences(from, to).await?;
        differences.retain(|difference| wanted(&difference.path));
        let blobs: Vec<&Blob> = differences
            .iter()
            .flat_map(|difference| [&difference.before, &difference.after])
            .flatten()
            .collect();
        let ids: Vec<String> = blobs.iter().map(|blob| blob.id.clone()).collect();
        let sizes = self.sizes(&ids).await?;
        let small = |place: &usize| sizes[*place] <= LARGEST;
        let read: Vec<String> = (0..ids.len())
            .filter(small)
            .map(|place| ids[place].clone())
            .collect();
        let mut contents = self.contents(&read).await?.into_iter();
        let mut held = Vec::new();
        for (place, blob) in blobs.iter().enumerate() {
            held.push(match (small(&place), blob.kind) {
                (false, _) => Held::Large,
                (true, BlobKind::Symlink) => Held::Link(contents.next().unwrap_or_default()),
                (true, _) => Held::Bytes(contents.next().unwrap_or_default()),
            });
        }
        let mut held = held.into_iter();
        let mut side = |blob: &Option<Blob>| blob.as_ref().and_then(|_| held.next());
        Ok(differences
            .iter()
            .map(|difference| Both {
                path: difference.path.clone(),
                before: side(&difference.before),
                after: side(&difference.after),
            })
            .collect())
    }

    /// Which of these paths a snapshot holds.
    pub async fn held(&self, tree: &str, paths: &[String]) -> Result<Vec<String>, GitError> {
        let mut options = vec!["-r", "-z", "--full-tree", "--name-only", tree, "--"];
        options.extend(paths.iter().map(String::as_str));
        let said = self.git("ls-tree", &options, Vec::new()).await?;
        let names = said
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        Ok(names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect())
    }

    /// The bytes of each of these contents.
    async fn sizes(&self, ids: &[String]) -> Result<Vec<u64>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let input = ids.join("\n") + "\n";
        let options = ["--batch-check=%(objectsize)"];
        let said = self.git("cat-file", &options, input.into_bytes()).await?;
        let sizes: Option<Vec<u64>> = String::from_utf8_lossy(&said)
            .lines()
            .map(|line| line.trim().parse().ok()) // silent-ok: told below
            .collect();
        sizes
            .filter(|sizes| sizes.len() == ids.len())
            .ok_or_else(|| GitError::Unexpected {
                what: "cat-file".to_owned(),
            })
    }
}
