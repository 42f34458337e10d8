//! A quick look at a project: which files there are and when each was last changed, without
//! reading one and without a process. Tells what a command changed, where a snapshot before and
//! after every command would take longer than the command.

use std::path::{Path, PathBuf};

use super::error::GitError;
use super::marks::{Marked, compare};
use super::snapshots::{Snapshots, blocking};
use super::walk::walk;

/// The files of a project at some moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Glance(Vec<Marked>);

impl Snapshots {
    /// Looks at what a snapshot would keep.
    pub async fn glance(&self) -> Result<Glance, GitError> {
        let project = self.project.clone();
        blocking(move || Glance::at(&project)).await
    }
}

impl Glance {
    fn at(project: &Path) -> Self {
        Self(walk(project).files)
    }

    /// The files that came, went or changed until that later look, in the order of their paths.
    pub fn differing(&self, later: &Self) -> Vec<PathBuf> {
        let found = compare(&self.0, &later.0);
        let changed = found.both.iter().filter(|(one, other)| one != other);
        let mut paths: Vec<PathBuf> = changed
            .map(|(_, later)| later)
            .chain(&found.gone)
            .chain(&found.new)
            .map(|file| file.path.clone())
            .collect();
        paths.sort();
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_seen_without_being_read() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        for name in ["stays", "changes", "goes", "is moved"] {
            std::fs::write(root.join(name), "old").unwrap();
        }
        let before = Glance::at(root);
        assert!(before.differing(&Glance::at(root)).is_empty());
        // Written anew beside it, so that its number is another whatever the clock says.
        std::fs::write(root.join("draft"), "new").unwrap();
        std::fs::rename(root.join("draft"), root.join("changes")).unwrap();
        std::fs::remove_file(root.join("goes")).unwrap();
        std::fs::rename(root.join("is moved"), root.join("moved")).unwrap();
        std::fs::create_dir(root.join("__pycache__")).unwrap();
        std::fs::write(root.join("__pycache__/built"), "can be made again").unwrap();
        let names = ["changes", "goes", "is moved", "moved"].map(PathBuf::from);
        assert_eq!(before.differing(&Glance::at(root)), names);
    }
}
