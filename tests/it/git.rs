//! Snapshots of projects of every kind, with the real git.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use loop_orchestration::config::Environment;
use loop_orchestration::error::{Error, ErrorKind};
use loop_orchestration::git::{ChangeKind, FileStat, Git, GitError, Snapshots};
use tempfile::TempDir;

struct Place {
    home: TempDir,
    snapshots: Snapshots,
}

impl Place {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let project = home.path().join("project");
        fs::create_dir(&project).unwrap();
        fs::create_dir(home.path().join("session")).unwrap();
        let snapshots = snapshots(&home);
        Self { home, snapshots }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join("project").join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The person's own git, in the project.
    fn git(&self, arguments: &[&str]) {
        self.git_in("", arguments);
    }

    fn git_in(&self, folder: &str, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=P", "-c", "user.email=p@example.org"])
            .args(arguments)
            .current_dir(self.path(folder))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    async fn take(&mut self) -> String {
        self.snapshots.take().await.unwrap()
    }

    /// What changed, as `+added ~modified -removed`.
    async fn changed(&self, from: &str, to: &str) -> Vec<String> {
        let changes = self.snapshots.changed(from, to).await.unwrap();
        changes
            .into_iter()
            .map(|change| {
                let sign = match change.kind {
                    ChangeKind::Added => '+',
                    ChangeKind::Modified => '~',
                    ChangeKind::Removed => '-',
                };
                format!("{sign}{}", change.path.display())
            })
            .collect()
    }

    /// Everything below the project: path to type, mode and content.
    fn picture(&self) -> BTreeMap<PathBuf, String> {
        fn add(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                let mode = metadata.permissions().mode();
                if metadata.is_symlink() {
                    let target = fs::read_link(&path).unwrap();
                    found.insert(path, format!("-> {}", target.display()));
                } else if metadata.is_dir() {
                    found.insert(path.clone(), "folder".to_owned());
                    add(&path, found);
                } else {
                    let content = fs::read(&path).unwrap();
                    found.insert(path, format!("{mode:o} {}", content.escape_ascii()));
                }
            }
        }
        let mut found = BTreeMap::new();
        add(&self.path(""), &mut found);
        found
    }
}

fn git(home: &TempDir) -> Git {
    let search_path = Environment::of_process().search_path();
    let home = home.path();
    Git::find(&search_path, Some(home.to_owned()), &home.join("project")).unwrap()
}

fn snapshots(home: &TempDir) -> Snapshots {
    let path = home.path();
    Snapshots::open(git(home), &path.join("session"), &path.join("project"))
}

#[tokio::test]
async fn bytes_modes_and_links_come_back_exactly() {
    let mut place = Place::new();
    place.write(
        ".gitattributes",
        "* text=auto eol=lf filter=evil ident working-tree-encoding=UTF-16\n",
    );
    place.write("crlf.txt", "one\r\ntwo\n$Id$\r\n");
    place.write("binary", [0, 159, 146, 150, 13, 10]);
    place.write("run.sh", "#!/bin/sh\n");
    place.set_mode("run.sh", 0o755);
    place.write("private", "x");
    place.set_mode("private", 0o600);
    place.write("folder/deep/file", "deep");
    place.write("was-file", "file");
    place.write("was-folder/inside", "inside");
    symlink("folder/deep", place.path("link")).unwrap();
    symlink("/nowhere", place.path("dangling")).unwrap();
    let odd = Path::new(std::ffi::OsStr::new("sp ace\n\"quote\" ü"));
    fs::write(place.path("").join(odd), "odd").unwrap();
    let before_picture = place.picture();
    let before = place.take().await;
    assert_eq!(
        place.take().await,
        before,
        "the same content is the same tree"
    );

    place.write("crlf.txt", "one\ntwo\n");
    place.write("binary", "text");
    place.set_mode("run.sh", 0o644);
    place.write("private", "y");
    fs::remove_dir_all(place.path("folder")).unwrap();
    fs::remove_file(place.path("was-file")).unwrap();
    place.write("was-file/now/folder", "x");
    fs::remove_dir_all(place.path("was-folder")).unwrap();
    place.write("was-folder", "x");
    fs::remove_file(place.path("link")).unwrap();
    place.write("link", "a file");
    fs::remove_file(place.path("dangling")).unwrap();
    symlink("/elsewhere", place.path("dangling")).unwrap();
    fs::remove_file(place.path("").join(odd)).unwrap();
    place.write("new/one", "new");
    let after = place.take().await;
    let expected = [
        "~binary",
        "~crlf.txt",
        "~dangling",
        "-folder/deep/file",
        "~link",
        "+new/one",
        "~private",
        "~run.sh",
        "-sp ace\n\"quote\" ü",
        "-was-file",
        "+was-file/now/folder",
        "+was-folder",
        "-was-folder/inside",
    ];
    assert_eq!(place.changed(&before, &after).await, expected);

    let outcome = place.snapshots.restore(&before, &after).await.unwrap();
    assert_eq!(outcome.left_alone, []);
    assert_eq!(outcome.restored.len(), expected.len());
    assert_eq!(place.picture(), before_picture);
    assert_eq!(place.take().await, before);
}

#[tokio::test]
async fn only_what_differs_is_written_and_later_work_is_kept() {
    let mut place = Place::new();
    place.write("same", "same");
    place.write("one", "1");
    place.write("two", "1");
    place.write("three", "1");
    let before = place.take().await;
    place.write("one", "2");
    place.write("two", "2");
    place.write("three", "2");
    place.write("added", "2");
    let after = place.take().await;
    place.write("two", "by hand");
    place.write("three", "1");
    place.write("mine", "by hand");
    let untouched = fs::metadata(place.path("same"))
        .unwrap()
        .modified()
        .unwrap();
    let outcome = place.snapshots.restore(&before, &after).await.unwrap();
    assert_eq!(outcome.restored, ["added", "one"].map(PathBuf::from));
    let left: Vec<_> = outcome
        .left_alone
        .iter()
        .map(|left| (left.path.to_str().unwrap(), left.why.as_str()))
        .collect();
    assert_eq!(left, [("two", "it was changed since then")]);
    let read = |name: &str| fs::read_to_string(place.path(name)).ok();
    assert_eq!(read("one").as_deref(), Some("1"));
    assert_eq!(read("two").as_deref(), Some("by hand"));
    assert_eq!(read("three").as_deref(), Some("1"));
    assert_eq!(read("mine").as_deref(), Some("by hand"));
    assert_eq!(read("added"), None);
    let modified = fs::metadata(place.path("same"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(modified, untouched);
}

#[tokio::test]
async fn the_persons_repository_is_not_touched() {
    let mut place = Place::new();
    place.git(&["init", "-q"]);
    place.write("committed", "1");
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.write("committed", "2");
    place.write("staged", "1");
    place.git(&["add", "staged"]);
    place.write("untracked", "1");
    let kept = |place: &Place| -> BTreeMap<_, _> {
        let mut all = place.picture();
        all.retain(|path, _| path.starts_with(place.path(".git")));
        all
    };
    let repository = kept(&place);
    let before = place.take().await;
    place.write("committed", "3");
    place.write("untracked", "2");
    let after = place.take().await;
    assert_eq!(
        place.changed(&before, &after).await,
        ["~committed", "~untracked"]
    );
    place.snapshots.restore(&before, &after).await.unwrap();
    assert_eq!(fs::read_to_string(place.path("committed")).unwrap(), "2");
    assert_eq!(kept(&place), repository);
}

#[tokio::test]
async fn ignored_files_are_left_out_and_never_lost() {
    let mut place = Place::new();
    place.write(".gitignore", ".env\n*.log\n");
    place.write(".env", "secret");
    place.write("kept", "1");
    place.write("node_modules/x/index.js", "x");
    place.write("src/__pycache__/a.pyc", "x");
    place.write("environment/pyvenv.cfg", "x");
    place.write("rust/Cargo.toml", "x");
    place.write("rust/target/debug/x", "x");
    place.write("target/mine", "x");
    let empty = place.take().await;
    let nothing = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    assert_eq!(
        place.changed(nothing, &empty).await,
        ["+.gitignore", "+kept", "+rust/Cargo.toml", "+target/mine"]
    );
    // The rules change: what was hidden looks added, what was kept stays kept.
    place.write(".gitignore", "kept\n");
    place.write("new", "x");
    let after = place.take().await;
    assert_eq!(
        place.changed(&empty, &after).await,
        ["+.env", "~.gitignore", "+new"]
    );
    let outcome = place.snapshots.restore(&empty, &after).await.unwrap();
    assert_eq!(outcome.restored, [".gitignore", "new"].map(PathBuf::from));
    assert_eq!(outcome.left_alone[0].path, Path::new(".env"));
    assert_eq!(fs::read_to_string(place.path(".env")).unwrap(), "secret");
}

#[tokio::test]
async fn repositories_inside_are_files_like_others_and_start_nothing() {
    let mut place = Place::new();
    place.git(&["init", "-q"]);
    let trap = place.home.path().join("sprung");
    let spring = format!("sh -c 'touch {}; cat'", trap.display());
    for folder in ["nested", "without-commit", "sub"] {
        fs::create_dir(place.path(folder)).unwrap();
        place.git_in(folder, &["init", "-q"]);
        place.write(&format!("{folder}/file"), "1");
    }
    for folder in ["nested", "sub"] {
        place.git_in(folder, &["add", "."]);
        place.git_in(folder, &["commit", "-qm", "one"]);
    }
    for folder in ["", "nested", "without-commit"] {
        place.git_in(folder, &["config", "core.fsmonitor", &spring]);
        place.git_in(folder, &["config", "filter.evil.clean", &spring]);
        place.git_in(folder, &["config", "diff.evil.textconv", &spring]);
        place.git_in(folder, &["config", "diff.external", &spring]);
    }
    place.write(".gitattributes", "* filter=evil diff=evil\n");
    // A submodule has a file that points to its repository.
    fs::create_dir_all(place.path(".git/modules")).unwrap();
    fs::rename(place.path("sub/.git"), place.path(".git/modules/sub")).unwrap();
    place.write("sub/.git", "gitdir: ../.git/modules/sub\n");
    place.write(
        ".gitmodules",
        "[submodule \"sub\"]\n\tpath = sub\n\turl = x\n",
    );

    let before = place.take().await;
    for folder in ["nested", "without-commit", "sub"] {
        place.write(&format!("{folder}/file"), "2");
    }
    let after = place.take().await;
    let expected = ["~nested/file", "~sub/file", "~without-commit/file"];
    assert_eq!(place.changed(&before, &after).await, expected);
    let text = place.snapshots.diff(&before, &after).await.unwrap();
    assert!(text.contains("--- a/sub/file\n+++ b/sub/file\n"), "{text}");
    place.snapshots.restore(&before, &after).await.unwrap();
    assert_eq!(fs::read_to_string(place.path("sub/file")).unwrap(), "1");
    let identity = git(&place.home).identity(&place.path("")).await.unwrap();
    assert_eq!(identity.name, None);
    assert!(!trap.exists());
}

#[tokio::test]
async fn nothing_is_written_through_a_link() {
    let mut place = Place::new();
    let outside = place.home.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "theirs").unwrap();
    place.write("folder/file", "1");
    let before = place.take().await;
    fs::remove_dir_all(place.path("folder")).unwrap();
    let after = place.take().await;
    symlink(&outside, place.path("folder")).unwrap();
    let outcome = place.snapshots.restore(&before, &after).await.unwrap();
    assert_eq!(outcome.restored, Vec::<PathBuf>::new());
    assert_eq!(outcome.left_alone[0].path, Path::new("folder/file"));
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "theirs");
}

#[tokio::test]
async fn special_and_huge_files_do_no_harm() {
    let mut place = Place::new();
    place.write("file", "1");
    fs::create_dir(place.path("trap")).unwrap();
    for name in ["fifo", "trap/.gitignore", ".gitignore"] {
        let made = Command::new("mkfifo").arg(place.path(name)).status();
        assert!(made.unwrap().success());
    }
    let huge = fs::File::create(place.path("huge")).unwrap();
    huge.set_len(65 * 1024 * 1024).unwrap();
    let before = place.take().await;
    huge.set_len(1).unwrap();
    place.write("file", "2");
    let after = place.take().await;
    assert_eq!(place.changed(&before, &after).await, ["~file", "+huge"]);
    let mut again = snapshots(&place.home);
    assert_eq!(again.left_out().collect::<Vec<_>>(), [Path::new("huge")]);
    let outcome = again.restore(&before, &after).await.unwrap();
    assert_eq!(outcome.restored, [PathBuf::from("file")]);
    assert!(place.path("huge").exists());
}

#[tokio::test]
async fn what_a_killed_git_left_behind_is_cleared() {
    let mut place = Place::new();
    place.write("file", "1");
    let before = place.take().await;
    let repository = place.home.path().join("session/snapshots.git");
    fs::write(repository.join("index.lock"), "").unwrap();
    assert_eq!(place.take().await, before);
    fs::remove_file(repository.join("info/attributes")).unwrap();
    assert_eq!(place.take().await, before);
}

#[tokio::test]
async fn differences_are_counted_and_shown() {
    let mut place = Place::new();
    place.write("text", "one\ntwo\n");
    place.write("binary", [0, 1]);
    let before = place.take().await;
    place.write("text", "one\n2\nthree\n");
    place.write("binary", [0, 2]);
    let after = place.take().await;
    let stat = place.snapshots.stat(&before, &after).await.unwrap();
    let expected = [("binary", None), ("text", Some((2, 1)))];
    let expected = expected.map(|(path, lines)| FileStat {
        path: PathBuf::from(path),
        lines,
    });
    assert_eq!(stat, expected);
    let diff = place.snapshots.diff(&before, &after).await.unwrap();
    assert!(
        diff.contains("@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n"),
        "{diff}"
    );
    let error = place
        .snapshots
        .diff("--output=x", &after)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("--output=x"), "{error}");
}

#[tokio::test]
async fn the_person_is_known_as_git_knows_them() {
    let place = Place::new();
    fs::write(
        place.home.path().join(".gitconfig"),
        "[user]\n\tname = Ada\n\temail = ada@example.org\n",
    )
    .unwrap();
    let git = git(&place.home);
    let identity = git.identity(&place.path("")).await.unwrap();
    assert_eq!(identity.name.as_deref(), Some("Ada"));
    place.git(&["init", "-q"]);
    place.git(&["config", "user.email", "here@example.org"]);
    let identity = git.identity(&place.path("")).await.unwrap();
    assert_eq!(identity.name.as_deref(), Some("Ada"));
    assert_eq!(identity.email.as_deref(), Some("here@example.org"));
    assert!(git.version().await.unwrap().starts_with(char::is_numeric));
}

#[test]
fn a_git_that_is_missing_or_the_projects_own_is_not_run() {
    let place = Place::new();
    place.write("git", "#!/bin/sh\n");
    place.set_mode("git", 0o755);
    for search_path in ["", ".", place.path("").to_str().unwrap()] {
        let error = Git::find(search_path.as_ref(), None, &place.path("")).unwrap_err();
        assert!(matches!(error, GitError::Missing), "{error}");
        let error = Error::from(error);
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.hint.unwrap().contains("install git"));
    }
}
