//! How much git is asked: a git that writes down what it is called with, and stands in front of the
//! real one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::Snapshots;
use crate::git::Git;

struct Place {
    home: TempDir,
    snapshots: Snapshots,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["project", "session", "bin"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join("git"))
            .find(|program| program.is_file())
            .unwrap();
        let called = home.path().join("called");
        let program = home.path().join("bin/git");
        let script = format!(
            "#!/bin/sh\nfor word; do case $word in init|ls-files|update-index|write-tree) echo $word;; esac; done >> '{}'\nexec '{}' \"$@\"\n",
            called.display(),
            real.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let project = home.path().join("project");
        let git = Git::find(home.path().join("bin").as_os_str(), None, &project).unwrap();
        let snapshots = Snapshots::open(git, &home.path().join("session"), &project);
        Self { home, snapshots }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.path().join("project").join(name)
    }

    /// The tree, and what git was asked for it.
    async fn take(&mut self) -> (String, Vec<String>) {
        let called = self.home.path().join("called");
        fs::write(&called, "").unwrap();
        let tree = self.snapshots.take().await.unwrap();
        let words = fs::read_to_string(&called).unwrap();
        (tree, words.lines().map(str::to_owned).collect())
    }
}

/// A time at which everything was changed long ago.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

#[tokio::test]
async fn where_nothing_changed_git_is_not_asked() {
    let mut place = Place::new();
    for name in ["a", "b"] {
        fs::write(place.file(name), name).unwrap();
    }
    place.snapshots.clock = later;
    let (first, asked) = place.take().await;
    assert_eq!(asked, ["init", "update-index", "write-tree"]);
    let (again, asked) = place.take().await;
    assert_eq!((&again, asked.len()), (&first, 0));
    fs::write(place.file("a"), "changed").unwrap();
    let (changed, asked) = place.take().await;
    assert_ne!(changed, first);
    assert_eq!(asked, ["update-index", "write-tree"]);
    fs::remove_file(place.file("a")).unwrap();
    fs::write(place.file("c"), "new").unwrap();
    let (_, asked) = place.take().await;
    assert_eq!(asked, ["update-index", "update-index", "write-tree"]);
    // A file that is ignored by now stays, as with git.
    fs::write(place.file(".gitignore"), "b\n").unwrap();
    let (ignored, _) = place.take().await;
    fs::write(place.file("b"), "not seen by a walk").unwrap();
    assert_ne!(place.take().await.0, ignored);
}

#[tokio::test]
async fn a_change_within_one_tick_of_the_clock_is_seen() {
    let mut place = Place::new();
    fs::write(place.file("a"), "0").unwrap();
    let mut trees = vec![place.take().await.0];
    for content in ["1", "2", "3"] {
        fs::write(place.file("a"), content).unwrap();
        trees.push(place.take().await.0);
    }
    trees.dedup();
    assert_eq!(trees.len(), 4, "{trees:?}");
    // What was just changed is looked at once more.
    assert_eq!(place.take().await.1, ["update-index", "write-tree"]);
}

#[tokio::test]
async fn another_process_goes_on_from_the_index() {
    let mut place = Place::new();
    for name in ["a", "b"] {
        fs::write(place.file(name), name).unwrap();
    }
    let (first, _) = place.take().await;
    let git = place.snapshots.git.clone();
    let session = place.home.path().join("session");
    place.snapshots = Snapshots::open(git, &session, &place.home.path().join("project"));
    let (again, asked) = place.take().await;
    assert_eq!(again, first);
    assert_eq!(asked, ["ls-files", "update-index", "write-tree"]);
    // Gone while nobody looked.
    fs::remove_file(place.file("b")).unwrap();
    assert_ne!(place.take().await.0, first);
}
