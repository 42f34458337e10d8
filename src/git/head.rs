//! What is checked out in the repository in which a folder stands, read from its files: no process
//! is started, so that it can be looked at around every command.

use std::path::{Path, PathBuf};

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedOut {
    /// The branch by its full name; empty on none.
    pub branch: String,
    /// The commit; empty before the first.
    pub commit: String,
}

impl CheckedOut {
    /// None: the folder stands in no repository, or in one that is written in another way.
    pub fn at(folder: &Path) -> Option<Self> {
        let git = folder.ancestors().find_map(|folder| {
            let found = folder.join(".git");
            found.symlink_metadata().is_ok().then_some(found)
        })?;
        let git_dir = if git.is_dir() {
            git
        } else {
            let text = read(&git)?;
            let place = text.strip_prefix("gitdir:")?.trim().to_owned();
            git.parent()?.join(place)
        };
        let head = read(&git_dir.join("HEAD"))?;
        let Some(branch) = head.strip_prefix("ref:").map(str::trim) else {
            return Some(Self {
                branch: String::new(),
                commit: head,
            });
        };
        Some(Self {
            commit: commit_of(&git_dir, branch).unwrap_or_default(),
            branch: branch.to_owned(),
        })
    }
}

fn commit_of(git_dir: &Path, branch: &str) -> Option<String> {
    let shared: PathBuf = match read(&git_dir.join("commondir")) {
        Some(place) => git_dir.join(place),
        None => git_dir.to_owned(),
    };
    let loose = [git_dir, &shared]
        .into_iter()
        .find_map(|folder| read(&folder.join(branch)));
    loose.or_else(|| {
        let packed = read(&shared.join("packed-refs"))?;
        let line = packed
            .lines()
            .find(|line| line.split(' ').nth(1) == Some(branch))?;
        line.split(' ').next().map(str::to_owned)
    })
}

fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?; // silent-ok: it is not there
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_out_is_read_from_files() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        assert_eq!(CheckedOut::at(root), None);
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let seen = |folder: &str| {
            CheckedOut::at(&root.join(folder)).map(|head| (head.branch, head.commit))
        };
        let told = |branch: &str, commit: &str| Some((branch.to_owned(), commit.to_owned()));
        write("main/.git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(seen("main"), told("refs/heads/main", ""));
        write(
            "main/.git/packed-refs",
            "# pack-refs\nabc refs/heads/main\n",
        );
        assert_eq!(seen("main/below/it"), told("refs/heads/main", "abc"));
        write("main/.git/refs/heads/main", "def\n");
        assert_eq!(seen("main"), told("refs/heads/main", "def"));
        write("main/.git/HEAD", "123\n");
        assert_eq!(seen("main"), told("", "123"));
        write("main/.git/worktrees/w/HEAD", "ref: refs/heads/main\n");
        write("main/.git/worktrees/w/commondir", "../..\n");
        write("w/.git", "gitdir: ../main/.git/worktrees/w\n");
        assert_eq!(seen("w"), told("refs/heads/main", "def"));
    }
}
