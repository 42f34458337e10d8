//! A snapshot written into a folder of its own, with some files as another snapshot has them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::contents::write_files;
use super::error::GitError;
use super::snapshots::{Snapshots, blocking};

impl Snapshots {
    /// Writes everything that the snapshot `from` holds into a new folder, and over it these
    /// files as `to` has them. One that `to` does not have is not there.
    pub async fn lay_out(
        &self,
        (from, to): (&str, &str),
        files: &BTreeSet<PathBuf>,
        folder: &Path,
    ) -> Result<(), GitError> {
        // An id comes out of a journal: the comparison refuses what is none.
        let mut over = self.files_between(from, to).await?;
        over.retain(|file| files.contains(&file.path));
        std::fs::create_dir(folder).map_err(GitError::io(folder))?;
        let index = self.other_index();
        let written = self.write_tree_to(from, &index, folder).await;
        // silent-ok: one that stays is a few bytes beside the session.
        let _ = std::fs::remove_file(&index);
        written?;
        let place = folder.to_owned();
        blocking(move || write_files(&place, &over))
            .await?
            .map_err(GitError::io(folder))
    }

    async fn write_tree_to(&self, tree: &str, index: &Path, folder: &Path) -> Result<(), GitError> {
        self.git_with(index, "read-tree", &[tree], Vec::new())
            .await?;
        let prefix = format!("--prefix={}/", folder.display());
        let options = ["--all", "--force", "--quiet", &prefix];
        self.git_with(index, "checkout-index", &options, Vec::new())
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::Git;
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[tokio::test]
    async fn a_snapshot_stands_in_a_folder_of_its_own_with_files_of_another() {
        let place = tempfile::tempdir().unwrap();
        let [project, session, folder] = ["p", "s", "o"].map(|name| place.path().join(name));
        for folder in [&project, &session] {
            std::fs::create_dir(folder).unwrap();
        }
        let write = |name: &str, text: &str| std::fs::write(project.join(name), text).unwrap();
        write("a.txt", "one\r\n");
        write("gone_test.sh", "old");
        write(".gitattributes", "* text eol=lf\n");
        std::fs::set_permissions(
            project.join("gone_test.sh"),
            std::fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        symlink("a.txt", project.join("link")).unwrap();
        let search = std::env::var_os("PATH").unwrap();
        let git = Git::find(&search, None, &project).unwrap();
        let mut snapshots = Snapshots::open(git, &session, &project);
        let before = snapshots.take().await.unwrap();
        write("a.txt", "two");
        write("a_test.txt", "new");
        std::fs::remove_file(project.join("gone_test.sh")).unwrap();
        let now = snapshots.take().await.unwrap();

        let files = ["a_test.txt", "gone_test.sh"].map(PathBuf::from).into();
        let pair = (before.as_str(), now.as_str());
        snapshots.lay_out(pair, &files, &folder).await.unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(read("a.txt"), "one\r\n");
        assert_eq!(read("a_test.txt"), "new");
        assert!(!folder.join("gone_test.sh").exists());
        assert!(folder.join("link").is_symlink());
        assert_eq!(snapshots.take().await.unwrap(), now);
        let paths = [".gitattributes", "a.txt", "a_test.txt", "link"].map(PathBuf::from);
        assert_eq!(snapshots.paths_of(&now).await.unwrap(), paths.into());
        let other = place.path().join("other");
        let no_id = ("--all", now.as_str());
        assert!(snapshots.lay_out(no_id, &files, &other).await.is_err());
    }
}
