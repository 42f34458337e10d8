//! What commands do to git's files, and what becomes of it.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A project with a repository in it and one nested in a folder, and a place for what is taken away.
struct Ground {
    root: tempfile::TempDir,
    project: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("p");
        let ground = Self { root, project };
        for git in [".git", "sub/.git"] {
            ground.repository(git, "old");
            ground.write(&format!("{git}/hooks/a"), "old");
        }
        ground
    }

    /// Files as `git init` makes them.
    fn repository(&self, git: &str, config: &str) {
        for folder in ["hooks", "info", "objects", "refs"] {
            fs::create_dir_all(self.project.join(git).join(folder)).unwrap();
        }
        self.write(&format!("{git}/HEAD"), "ref: refs/heads/main");
        self.write(&format!("{git}/config"), config);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.project.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn aside(&self) -> PathBuf {
        self.root.path().join("guard")
    }

    fn has(&self, path: &str) -> bool {
        self.project.join(path).symlink_metadata().is_ok()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.project.join(path)).unwrap_or_default()
    }

    /// What is told after `change`: a line for each of these, in their order.
    #[track_caller]
    fn check(&self, change: impl Fn(&Self), expected: &[&str]) {
        let guard = GitGuard::look(&self.project, &self.aside()).unwrap();
        change(self);
        let told = guard.put_back();
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told}");
        }
        assert!(!self.aside().join(BEFORE).exists());
    }

    #[track_caller]
    fn is_as_it_was(&self) {
        for git in [".git", "sub/.git"] {
            for file in ["config", "hooks/a"] {
                assert_eq!(self.read(&format!("{git}/{file}")), "old", "{git}/{file}");
            }
        }
    }
}

#[test]
fn nothing_is_told_of_ordinary_work() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            ground.write(".git/HEAD", "ref");
            ground.write(".git/hooks/pre-push.sample", "example");
            // A worktree, a submodule, and a repository that a tool makes.
            ground.write(".git/worktrees/w/commondir", "../..\n");
            ground.write(
                "w/.git",
                &format!("gitdir: {}/.git/worktrees/w\n", ground.project.display()),
            );
            ground.write(".git/modules/m/HEAD", "ref");
            ground.write(".git/modules/m/config", "[core]\n\tworktree = ../../../m\n");
            ground.write("m/.git", "gitdir: ../.git/modules/m\n");
            ground.repository("made/.git", "[core]\n\tbare = false\n[user]\n\tname = A\n");
            ground.repository("bare", "[core]\n\tbare = true\n");
        },
        &[],
    );
    ground.is_as_it_was();
    assert!(ground.has("made/.git/config") && ground.has("w/.git") && ground.has("m/.git"));
}

#[test]
fn what_was_changed_or_removed_comes_back() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            ground.write(".git/config", "new");
            ground.write("sub/.git/config", "new");
            fs::remove_dir_all(ground.project.join(".git/hooks")).unwrap();
        },
        &[
            "`.git/config` was put back",
            "`.git/hooks/a` was put back",
            "`sub/.git/config`",
        ],
    );
    ground.is_as_it_was();
}

#[test]
fn what_is_new_is_taken_away_and_kept() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            ground.write(".git/commondir", "../evil");
            ground.write(".git/hooks/pre-commit", "evil");
            ground.write("sub/.git/info/attributes", "* filter=x");
        },
        &[
            "`.git/commondir` was taken away",
            "`.git/hooks/pre-commit`",
            "`sub/.git/info/attributes`",
        ],
    );
    ground.is_as_it_was();
    assert!(!ground.has(".git/commondir") && !ground.has(".git/hooks/pre-commit"));
    let kept = ground.aside().join("aside.git_commondir");
    assert_eq!(fs::read_to_string(kept).unwrap(), "../evil");
}

#[test]
fn a_new_repository_keeps_only_what_runs_nothing() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            ground.repository("new/.git", "[core]\n\tfsmonitor = ./evil\n");
            ground.write("new/.git/hooks/post-checkout", "evil");
            ground.repository("deep/down/bare", "[diff]\n\texternal = ./evil\n");
            ground.repository("plain/.git", "[include]\n\tpath = ../evil\n");
            ground.write("away/.git", "gitdir: ../evil");
            symlink("../sub/.git", ground.project.join("away/link")).unwrap();
            fs::create_dir(ground.project.join("linked")).unwrap();
            symlink("../evil", ground.project.join("linked/.git")).unwrap();
        },
        &[
            "`away/.git`",
            "`deep/down/bare/config`",
            "`linked/.git`",
            "`new/.git/config`",
            "`new/.git/hooks/post-checkout`",
            "`plain/.git/config`",
        ],
    );
    for gone in [
        "away/.git",
        "linked/.git",
        "new/.git/config",
        "new/.git/hooks/post-checkout",
    ] {
        assert!(!ground.has(gone), "{gone}");
    }
    assert!(ground.has("new/.git/HEAD"));
}

#[test]
fn a_file_that_a_configuration_includes_belongs_to_it() {
    let ground = Ground::new();
    ground.write(".git/config", "[include]\n\tpath = ../shared\n");
    ground.write("shared", "[user]\n\tname = A\n");
    ground.check(
        |ground| ground.write("shared", "[core]\n\tfsmonitor = ./evil\n"),
        &["`shared` was put back"],
    );
}

#[test]
fn links_are_not_followed() {
    let ground = Ground::new();
    let elsewhere = ground.root.path().join("elsewhere");
    fs::write(&elsewhere, "theirs").unwrap();
    ground.check(
        |ground| {
            fs::remove_file(ground.project.join(".git/config")).unwrap();
            symlink(&elsewhere, ground.project.join(".git/config")).unwrap();
        },
        &["`.git/config`"],
    );
    ground.is_as_it_was();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs");
}

#[test]
fn a_repository_that_was_moved_comes_back() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            fs::rename(ground.project.join(".git"), ground.project.join("g")).unwrap();
            ground.write(".git", "gitdir: evil");
        },
        &["`.git` was moved to `g` and is back"],
    );
    ground.is_as_it_was();
    ground.check(
        |ground| {
            fs::rename(ground.project.join(".git"), ground.project.join("sub/g")).unwrap();
            ground.repository(".git", "[core]\n\tfsmonitor = ./evil\n");
        },
        &["is back", "`git-set-aside-1/config` was taken away"],
    );
    ground.is_as_it_was();
}

#[test]
fn a_repository_that_is_gone_is_told() {
    let ground = Ground::new();
    ground.check(
        |ground| {
            fs::remove_dir_all(ground.project.join(".git")).unwrap();
            ground.write(".git", "gitdir: evil");
            fs::remove_dir_all(ground.project.join("sub")).unwrap();
        },
        &[
            "`.git` is gone",
            "`sub/.git` is gone",
            "`.git` was taken away",
        ],
    );
}

#[test]
fn what_a_killed_program_left_is_put_back_by_the_next() {
    let ground = Ground::new();
    assert!(
        GitGuard::left_over(&ground.project, &ground.aside())
            .unwrap()
            .is_none()
    );
    let killed = GitGuard::look(&ground.project, &ground.aside()).unwrap();
    std::mem::forget(killed);
    ground.write(".git/config", "new");
    let guard = GitGuard::left_over(&ground.project, &ground.aside()).unwrap();
    assert_eq!(guard.unwrap().put_back().len(), 1);
    ground.is_as_it_was();
    assert!(
        GitGuard::left_over(&ground.project, &ground.aside())
            .unwrap()
            .is_none()
    );
}

#[test]
fn programs_of_a_project_are_named() {
    let ground = Ground::new();
    ground.write(
        ".git/config",
        "[core]\n\tfsmonitor = ./x\n[alias]\n\ta = !b\n",
    );
    ground.write("sub/.git/config", "[user]\n\tname = A\n");
    let found = git_programs(&ground.project).unwrap();
    assert_eq!(
        found,
        [
            "`.git/config` sets core.fsmonitor, alias.a",
            "hooks in `.git/hooks`: a",
            "hooks in `sub/.git/hooks`: a",
        ]
    );
}
