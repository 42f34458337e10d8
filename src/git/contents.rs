//! The files of a snapshot with what is in them, to be handed over or written into another folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::change::{Blob, BlobKind};
use super::error::GitError;
use super::restore::{Step, take_step};
use super::snapshots::Snapshots;
use super::work::parse_tree;

/// A file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Below the project.
    pub path: PathBuf,
    /// What it is.
    pub kind: KeptKind,
    /// What is in it, or where a link leads; none if it is not there any more.
    pub content: Option<Vec<u8>>,
}

/// What a snapshot tells of a file's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptKind {
    /// A file.
    Plain,
    /// A file that can be executed.
    Executable,
    /// A symbolic link.
    Link,
}

impl Snapshots {
    /// Everything that a snapshot holds, in the order of paths.
    pub async fn files_of(&self, tree: &str) -> Result<Vec<Kept>, GitError> {
        // An id comes out of a journal: the comparison refuses what is none.
        self.changed(tree, tree).await?;
        let options = ["-r", "-z", "--full-tree", tree];
        let listed = self.git("ls-tree", &options, Vec::new()).await?;
        let listed = parse_tree(&listed).ok_or_else(|| GitError::Unexpected {
            what: "ls-tree".to_owned(),
        })?;
        let files = listed.into_iter().map(|(path, blob)| (path, Some(blob)));
        self.with_contents(files.collect()).await
    }

    /// What became of the files that differ between two snapshots, as the second has them.
    pub async fn files_between(&self, from: &str, to: &str) -> Result<Vec<Kept>, GitError> {
        let differences = self.differences(from, to).await?;
        let files = differences.into_iter().map(|one| (one.path, one.after));
        self.with_contents(files.collect()).await
    }

    async fn with_contents(
        &self,
        files: BTreeMap<PathBuf, Option<Blob>>,
    ) -> Result<Vec<Kept>, GitError> {
        let ids: Vec<String> = files
            .values()
            .flatten()
            .map(|blob| blob.id.clone())
            .collect();
        let mut contents = self.contents(&ids).await?.into_iter();
        let with_content = |(path, blob): (PathBuf, Option<Blob>)| match blob {
            None => Kept {
                path,
                kind: KeptKind::Plain,
                content: None,
            },
            Some(blob) => Kept {
                path,
                kind: match blob.kind {
                    BlobKind::Plain => KeptKind::Plain,
                    BlobKind::Executable => KeptKind::Executable,
                    BlobKind::Symlink => KeptKind::Link,
                },
                content: contents.next(),
            },
        };
        Ok(files.into_iter().map(with_content).collect())
    }
}

/// Writes these files into a folder, after those that are gone have made room. A path that leads
/// out of it is refused, and no symbolic link is followed.
pub fn write_files(folder: &Path, files: &[Kept]) -> io::Result<()> {
    let root = Dir::open_ambient_dir(folder, ambient_authority())?;
    let (gone, written): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.content.is_none());
    for file in gone.into_iter().chain(written) {
        let kind = match file.kind {
            KeptKind::Plain => BlobKind::Plain,
            KeptKind::Executable => BlobKind::Executable,
            KeptKind::Link => BlobKind::Symlink,
        };
        let step = Step {
            path: file.path.clone(),
            content: file.content.clone().map(|content| (kind, content)),
            mode: None,
        };
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", file.path.display()))
        };
        match take_step(&root, &step, &BTreeMap::new()) {
            // What is to go may stand in a folder that is gone as well.
            Err(error) if step.content.is_none() && error.kind() == io::ErrorKind::NotFound => {}
            done => done.map_err(named)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(path: &str, kind: KeptKind, content: Option<&str>) -> Kept {
        Kept {
            path: PathBuf::from(path),
            kind,
            content: content.map(|text| text.as_bytes().to_vec()),
        }
    }

    #[test]
    fn files_are_written_below_the_folder_and_nowhere_else() {
        let place = tempfile::tempdir().unwrap();
        let (inside, outside) = (place.path().join("in"), place.path().join("out"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::create_dir(&outside).unwrap();
        let link = outside.display().to_string();
        let files = [
            kept("a/b.txt", KeptKind::Plain, Some("one")),
            kept("run.sh", KeptKind::Executable, Some("two")),
            kept("away", KeptKind::Link, Some(&link)),
        ];
        write_files(&inside, &files).unwrap();
        // What goes makes room for what comes, whatever their order.
        let changed = [
            kept("a", KeptKind::Plain, Some("a file now")),
            kept("a/b.txt", KeptKind::Plain, None),
            kept("never/was", KeptKind::Plain, None),
        ];
        write_files(&inside, &changed).unwrap();
        assert!(inside.join("a").is_file());
        assert_eq!(
            std::fs::read_to_string(inside.join("run.sh")).unwrap(),
            "two"
        );
        assert!(inside.join("away").is_symlink());
        for path in ["../out/x", "/etc/x", "away/x", "a/../../out/x", ""] {
            let file = kept(path, KeptKind::Plain, Some("x"));
            assert!(write_files(&inside, &[file]).is_err(), "{path}");
        }
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    }
}
