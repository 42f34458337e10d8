//! Shapes of files and of repositories that are easily forgotten: after a session and its undo all
//! of it is what it was.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::untidy::{git, picture};
use crate::support::project::Project;
use crate::support::todo::{self, Says};

/// A worktree of a repository elsewhere, in the middle of a merge, with line endings that git
/// changes, files that are not checked out and one that git is not to look at.
fn odd(project: &Project) {
    let (root, main) = (project.root(), project.home().join("main"));
    fs::create_dir_all(main.join("left-out")).unwrap();
    let at_main = |arguments: &[&str]| git(&main, arguments);
    at_main(&["init", "-q", "-b", "main"]);
    at_main(&["config", "core.autocrlf", "true"]);
    for (name, text) in [
        ("Case.txt", "case\r\n"),
        ("assumed.txt", "old\n"),
        ("both.txt", "old\n"),
        ("conflict.txt", "base\n"),
        ("dos.txt", "one\r\ntwo\r\n"),
        ("file-to-folder", "a file\n"),
        ("left-out/big.txt", "big\n"),
        ("new\nline.txt", "newline\n"),
        ("quo\"te'.txt", "quote\n"),
    ] {
        fs::write(main.join(name), text).unwrap();
    }
    at_main(&["add", "."]);
    at_main(&["commit", "-q", "-m", "one"]);
    at_main(&["checkout", "-q", "-b", "theirs"]);
    fs::write(main.join("conflict.txt"), "theirs\n").unwrap();
    at_main(&["commit", "-q", "-a", "-m", "theirs"]);
    at_main(&["checkout", "-q", "main"]);
    let path = root.display().to_string();
    at_main(&["worktree", "add", "-q", "-b", "mine", &path]);

    let here = |arguments: &[&str]| git(&root, arguments);
    here(&["sparse-checkout", "set", "--no-cone", "/*", "!/left-out/"]);
    fs::write(root.join("conflict.txt"), "mine\n").unwrap();
    here(&["commit", "-q", "-a", "-m", "mine"]);
    here(&["update-index", "--assume-unchanged", "assumed.txt"]);
    let merge = ["-c", "user.name=P", "-c", "user.email=p@example.org"];
    let merged = std::process::Command::new("git")
        .args(merge)
        .args(["merge", "-q", "theirs"])
        .current_dir(&root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(!merged.status.success());
    fs::write(root.join("assumed.txt"), "changed unseen\n").unwrap();
    fs::write(root.join("both.txt"), "staged\n").unwrap();
    here(&["add", "both.txt"]);
    fs::write(root.join("both.txt"), "and then changed\n").unwrap();
    fs::write(root.join(OsStr::from_bytes(b"caf\xe9.txt")), "coffee\n").unwrap();
    fs::write(root.join("one.txt"), "linked\n").unwrap();
    fs::hard_link(root.join("one.txt"), root.join("two.txt")).unwrap();
    for folder in [
        "empty",
        "filled",
        "deep/empty",
        "folder-to-file/er",
        "private",
        "ro",
    ] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("folder-to-file/er/in.txt"), "in\n").unwrap();
    fs::write(root.join("private/in.txt"), "private\n").unwrap();
    fs::write(root.join("ro/in.txt"), "read only\n").unwrap();
    fs::write(root.join("readonly.txt"), "read only\n").unwrap();
    for (name, mode) in [
        ("private", 0o700),
        ("ro/in.txt", 0o444),
        ("readonly.txt", 0o444),
        ("ro", 0o555),
    ] {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

/// What the model does to it.
const HAVOC: &str = "mv Case.txt case.txt; rm file-to-folder && mkdir file-to-folder && echo x > file-to-folder/in.txt; \
    rm -r folder-to-file && echo x > folder-to-file; echo more >> 'quo\"te'\\''.txt'; \
    for f in new*line.txt caf*.txt; do echo more >> \"$f\"; done; echo more >> one.txt; \
    rmdir empty; rm -r private deep; rm both.txt; echo x > filled/x; echo x >> assumed.txt; \
    tr -d '\\r' < dos.txt > x && cat x > dos.txt && rm x; echo solved > conflict.txt; \
    chmod u+w ro ro/in.txt readonly.txt; echo more >> ro/in.txt; echo more >> readonly.txt; \
    mkdir -p left-out && echo x > left-out/big.txt; mkdir -p made/deep && echo x > made/deep/x";

#[test]
fn whatever_its_shape_it_is_byte_for_byte_what_it_was() {
    let server = todo::server(|asked| {
        if asked.form().is_some() {
            return None;
        }
        match (asked.ticket(), asked.turn()) {
            (Some("T1"), 1) => Some(Says::call(
                "run_command",
                json!({"command": format!("{HAVOC}; python3 -m unittest test_add")}),
            )),
            (Some("T2"), 0) => Some(Says::call(
                "run_command",
                json!({"command": "echo again >> one.txt; rm -r ro"}),
            )),
            (Some("T2"), _) => Some(Says::text("[TASK_COMPLETE]")),
            _ => None,
        }
    });
    let project = Project::with(&server);
    odd(&project);
    let main = project.home().join("main");
    let status = || git(&project.root(), &["status", "--porcelain=v2", "--branch"]);
    let before = (picture(&project.root()), picture(&main), status());
    project.start_unattended(&[]).exits(1);
    let tickets = project.journal().tickets().len();
    assert_eq!(tickets, 2);
    let during = picture(&project.root());
    assert!(during.contains_key(std::path::Path::new("case.txt")));
    assert!(!during.contains_key(std::path::Path::new("deep")));
    assert_eq!(picture(&main), before.1);
    let ran = project.run(&["undo", "all"]);
    let after = picture(&project.root());
    for (path, text) in &before.0 {
        assert_eq!(
            after.get(path),
            Some(text),
            "{}\n{}",
            path.display(),
            ran.stderr
        );
    }
    assert_eq!(after, before.0, "{}", ran.stderr);
    assert_eq!((picture(&main), status()), (before.1, before.2));
    ran.exits(0);
}
