//! The person's own repository, looked at: where it is, what is checked out, whether anything is
//! open in it, and who the person is to git. What is known of its configuration is read as data,
//! before the first command of a model; of what could start a program only what stands outside of
//! the project counts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::change;
use super::command::{Git, Identity, run};
use super::error::GitError;

/// A repository in which a project stands.
#[derive(Debug)]
pub struct Repository {
    pub(super) git: Git,
    pub(super) top: PathBuf,
    pub(super) git_dir: PathBuf,
    /// What all its worktrees share.
    pub(super) common: PathBuf,
    /// How its objects are named, such as `sha1`.
    pub(super) object_format: String,
    /// The project below the top folder; empty for the top folder itself.
    pub(super) below: PathBuf,
    /// What of the person's configuration holds for commits.
    pub(super) settings: Vec<(String, String)>,
    /// Who the person is.
    pub identity: Identity,
    pub(super) signs: bool,
    /// Where the person's hooks are.
    hooks: PathBuf,
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch.
    Branch {
        /// Its name, such as `main`.
        name: String,
        /// Its last commit; none before the first.
        commit: Option<String>,
    },
    /// A commit, on no branch.
    Detached,
}

impl Repository {
    /// The repository in which that project stands, if it stands in one.
    pub async fn find(git: &Git, project: &Path) -> Result<Option<Self>, GitError> {
        let mut command = git.as_the_person(project);
        command.args([
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--absolute-git-dir",
            "--git-common-dir",
            "--show-object-format",
        ]);
        let said = match run(command, "rev-parse", Vec::new()).await {
            Err(GitError::Failed { detail, .. })
                if detail.contains("not a git repository") || detail.contains("work tree") =>
            {
                return Ok(None);
            }
            said => said?,
        };
        let mut lines = said.split(|byte| *byte == b'\n');
        let mut path = || lines.next().map(change::path);
        let (Some(top), Some(git_dir), Some(common), Some(format)) =
            (path(), path(), path(), path())
        else {
            return Err(GitError::Unexpected {
                what: "rev-parse".to_owned(),
            });
        };
        let project = project.canonicalize().map_err(GitError::io(project))?;
        let below = project.strip_prefix(&top).unwrap_or(Path::new(""));
        let mut command = git.as_the_person(&project);
        command.args(["config", "--list", "--null", "--show-scope"]);
        let said = run(command, "config", Vec::new()).await?;
        let settings = trusted(&said);
        let last = |name: &str| {
            let found = settings.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let signs = last("commit.gpgsign").is_some_and(|value| {
            matches!(
                value.to_lowercase().as_str(),
                "" | "true" | "yes" | "on" | "1"
            )
        });
        let identity = Identity {
            name: last("user.name"),
            email: last("user.email"),
        };
        let hooks = match last_of(&said, "core.hookspath") {
            // A path is meant from the top folder, or from home.
            Some(path) => match (path.strip_prefix("~/"), &git.home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => top.join(path),
            },
            None => common.join("hooks"),
        };
        Ok(Some(Self {
            hooks,
            git: git.clone(),
            below: below.to_owned(),
            top,
            git_dir,
            common,
            object_format: format.display().to_string(),
            settings,
            identity,
            signs,
        }))
    }

    /// The person's hook of that name, if there is one that can be run.
    pub fn hook(&self, name: &str) -> Option<PathBuf> {
        let path = self.hooks.join(name);
        let can_run = std::fs::metadata(&path)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
        can_run.then_some(path)
    }

    /// Whether the project is the repository's top folder.
    pub fn is_top(&self) -> bool {
        self.below.as_os_str().is_empty()
    }

    /// The repository's top folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// What is checked out.
    pub async fn head(&self) -> Result<Head, GitError> {
        let branch = self.plain(&["symbolic-ref", "--quiet", "HEAD"]).await;
        let Ok(branch) = branch else {
            return Ok(Head::Detached);
        };
        let Some(name) = branch.strip_prefix("refs/heads/") else {
            return Ok(Head::Detached);
        };
        let commit = self
            .plain(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
            .await;
        Ok(Head::Branch {
            name: name.to_owned(),
            // silent-ok: a branch without a commit is one that has yet to get its first.
            commit: commit.ok(),
        })
    }

    /// What the person is in the middle of, if anything: a commit would be taken for a part of it.
    pub fn under_way(&self) -> Option<&'static str> {
        let marks = [
            ("MERGE_HEAD", "a merge"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase"),
        ];
        let found = marks
            .iter()
            .find(|(mark, _)| self.git_dir.join(mark).exists());
        found.map(|(_, what)| *what)
    }

    /// What is open: changed, staged or not tracked, in git's own order.
    pub async fn open_changes(&self) -> Result<Vec<String>, GitError> {
        let mut command = self.git.as_the_person(&self.top);
        command.args(["status", "--porcelain", "-z", "--no-renames"]);
        let said = run(command, "status", Vec::new()).await?;
        Ok(said
            .split(|byte| *byte == 0)
            .filter_map(|entry| entry.get(3..))
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect())
    }

    /// A question to the repository itself that starts nothing; the answer in one line.
    pub(super) async fn plain(&self, arguments: &[&str]) -> Result<String, GitError> {
        let mut command = self.sealed();
        command.args(arguments);
        let what = arguments.first().copied().unwrap_or_default();
        let said = run(command, what, Vec::new()).await?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// The person's own repository, with no configuration that could start anything.
    pub(super) fn sealed(&self) -> Command {
        let mut command = self.git.command(&self.git_dir, &self.top);
        self.as_author(&mut command);
        command
    }

    pub(super) fn as_author(&self, command: &mut Command) {
        for (role, value) in [
            ("NAME", &self.identity.name),
            ("EMAIL", &self.identity.email),
        ] {
            if let Some(value) = value {
                command.env(format!("GIT_AUTHOR_{role}"), value);
                command.env(format!("GIT_COMMITTER_{role}"), value);
            }
        }
    }
}

/// What the configuration says last of a key, but for what this program itself says of it.
fn last_of(said: &[u8], wanted: &str) -> Option<String> {
    let mut found = None;
    entries(said, |scope, key, value| {
        if key == wanted && scope != b"command" {
            found = Some(value.to_owned());
        }
    });
    found
}

/// `scope NUL key LF value NUL`, weakest first; a key without a value means yes.
fn entries(said: &[u8], mut each: impl FnMut(&[u8], &str, &str)) {
    let mut fields = said.split(|byte| *byte == 0);
    while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
        let entry = String::from_utf8_lossy(entry);
        let (key, value) = entry.split_once('\n').unwrap_or((&entry, ""));
        each(scope, key, value);
    }
}

fn trusted(said: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    entries(said, |scope, key, value| {
        let outside = matches!(scope, b"system" | b"global");
        if counts(key, outside) && !key.contains('=') {
            found.push((key.to_owned(), value.to_owned()));
        }
    });
    found
}

/// What holds for a commit. What names a program counts only where no project can write it.
fn counts(key: &str, outside: bool) -> bool {
    match key {
        "user.name" | "user.email" | "user.signingkey" | "commit.gpgsign" | "gpg.format"
        | "core.autocrlf" | "core.eol" => true,
        "core.attributesfile" | "core.excludesfile" => outside,
        _ => outside && (key.starts_with("filter.") || key.starts_with("gpg.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_says_of_programs_does_not_count() {
        let said = b"global\0filter.lfs.clean\ngit-lfs clean\0local\0filter.evil.clean\nevil\0local\0gpg.program\nevil\0local\0user.name\nAda\0local\0core.fsmonitor\nevil\0global\0commit.gpgsign\0";
        let found = trusted(said);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("filter.lfs.clean", "git-lfs clean"),
                ("user.name", "Ada"),
                ("commit.gpgsign", "")
            ]
        );
    }
}
