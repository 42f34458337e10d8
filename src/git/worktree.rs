//! A worktree of the session's own beside the person's: made, merged when the person says so, and
//! taken away. The person's checkout is written by nothing but that merge, which is tried out
//! first and stops before it begins if anything conflicts.

use std::path::Path;

use super::command::run;
use super::error::GitError;
use super::repository::Repository;

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It is merged.
    Done,
    /// These files conflict; nothing was changed.
    Conflicts(Vec<String>),
}

impl Repository {
    /// Makes a worktree there, on a branch of its own that begins where the person's stands. One
    /// that was lost is made again from its branch.
    pub async fn add_worktree(&self, folder: &Path, branch: &str) -> Result<(), GitError> {
        let is_known = self.has_branch(branch).await;
        let mut command = self.git.as_the_person(&self.top);
        command.args(["worktree", "add", "--quiet", "--force"]);
        if is_known {
            command.arg(folder).arg(branch);
        } else {
            command.args(["-b", branch]).arg(folder).arg("HEAD");
        }
        run(command, "worktree add", Vec::new()).await.map(drop)
    }

    /// Whether there is that branch.
    pub async fn has_branch(&self, branch: &str) -> bool {
        let name = format!("refs/heads/{branch}");
        self.plain(&["rev-parse", "--verify", "--quiet", &name])
            .await
            .is_ok()
    }

    /// How many commits of the branch are not in what the person has checked out.
    pub async fn unmerged(&self, branch: &str) -> Result<u64, GitError> {
        let range = format!("HEAD..refs/heads/{branch}");
        let said = self.plain(&["rev-list", "--count", &range]).await?;
        said.parse().map_err(|_| GitError::Unexpected {
            what: "rev-list".to_owned(),
        })
    }

    /// Merges the branch into what the person has checked out.
    pub async fn merge(&self, branch: &str) -> Result<Merged, GitError> {
        let mut command = self.sealed();
        command.args([
            "merge-tree",
            "--write-tree",
            "--name-only",
            "--no-messages",
            "-z",
        ]);
        command.args(["HEAD", branch]);
        match run(command, "merge-tree", Vec::new()).await {
            Ok(_) => {}
            // What is said then stands in the output, which names the files.
            Err(GitError::Conflicts { files }) => return Ok(Merged::Conflicts(files)),
            Err(error) => return Err(error),
        }
        let mut command = self.git.as_the_person(&self.top);
        command.args(["merge", "--quiet", "--no-edit", branch]);
        let merged = run(command, "merge", Vec::new()).await;
        if merged.is_err() && self.git_dir.join("MERGE_HEAD").exists() {
            let mut command = self.git.as_the_person(&self.top);
            command.args(["merge", "--abort"]);
            run(command, "merge --abort", Vec::new()).await?;
        }
        merged.map(|_| Merged::Done)
    }

    /// Takes the worktree away. Its branch goes only if everything on it is merged.
    pub async fn remove_worktree(&self, folder: &Path, branch: &str) -> Result<(), GitError> {
        if folder.exists() {
            let mut command = self.sealed();
            command.args(["worktree", "remove", "--force", "--force"]);
            command.arg(folder);
            run(command, "worktree remove", Vec::new()).await?;
        }
        if self.has_branch(branch).await && self.unmerged(branch).await? == 0 {
            let name = format!("refs/heads/{branch}");
            self.plain(&["update-ref", "-d", &name]).await?;
        }
        Ok(())
    }
}
